//! The abrupt end of the whole machine at any moment: what was not made durable is dropped, and what the
//! program had said to be saved is there anyway.

use std::{fs, panic::AssertUnwindSafe, path::Path, time::Instant};

use futures::FutureExt as _;
use keywright_core::{
    Keywright,
    view::{SessionQuery, TokenWish},
};
use keywright_tests::{
    Cli, SandboxProcess,
    faults::{Line, PartResult, Recording, Results, Unsynced, copy_folder, names, open, reason},
};

const FAULT: &str = "the machine ends";
/// What opens the backup.
const OWN: &str = "a passphrase of its own";

/// A vault with one application at the Sandbox.
struct Ground {
    cli: Cli,
    sandbox: SandboxProcess,
}

impl Ground {
    fn new() -> Self {
        let sandbox = SandboxProcess::start(&[]);
        let cli = Cli::with_vault().env("BACKUP", OWN);
        cli.config("Sandbox", &sandbox.issuer(), &[]);
        cli.register("before", "Sandbox", &[]).json();
        Self { cli, sandbox }
    }

    /// Tries the ends of one command: every one where `KEYWRIGHT_FAULTS` says `all`, else every `stride`th.
    /// `held` is what holds after each of them, given whether the command had said that it is done.
    async fn ends(
        &self,
        step: &'static str,
        arguments: &[&str],
        stride: usize,
        held: impl AsyncFn(&Keywright, bool),
    ) {
        let results = Results::of_environment();
        let part = format!("{FAULT}, {step}");
        let result = if let Some(result) = results.finished(&part) {
            result
        } else {
            let begun = Instant::now();
            let lines = self.tried(step, arguments, stride, held).await;
            let result = PartResult::of(&part, &lines, begun.elapsed());
            results.keep(&result);
            result
        };
        eprintln!(
            "{part}: {} ends of the machine, {} with a loss",
            result.cases,
            result.losses.len()
        );
        assert!(result.cases > 0, "no end was tried");
        assert!(result.losses.is_empty(), "{:#?}", result.losses);
    }

    async fn tried(
        &self,
        step: &'static str,
        arguments: &[&str],
        stride: usize,
        held: impl AsyncFn(&Keywright, bool),
    ) -> Vec<Line> {
        let home = self.cli.folder().join("at-work");
        let left = self.cli.folder().join("left");
        copy_folder(&self.cli.home(), &home);
        let mut command = self.cli.command(arguments);
        command.env("KEYWRIGHT_HOME", &home);
        let recording = Recording::of(&command, &home, &self.cli.folder().join("strace.log"));
        fs::remove_dir_all(&home).expect("a folder");
        let all = std::env::var("KEYWRIGHT_FAULTS").as_deref() == Ok("all");
        let last = recording.ends() - 1;
        let mut lines = Vec::new();
        for events in 0..=last {
            if !(all || events % stride == 0 || events == last) {
                continue;
            }
            for unsynced in [Unsynced::Dropped, Unsynced::EveryOther] {
                recording.end_after(events, unsynced, &left);
                let look = AssertUnwindSafe(looked_at(&left, events == last, &held));
                let failure = look.catch_unwind().await.err();
                fs::remove_dir_all(&left).expect("a folder");
                lines.push(Line {
                    fault: FAULT,
                    provider: "rfc7591",
                    step,
                    call: format!("write {events}/{last}, {unsynced:?}"),
                    outcome: if failure.is_some() { "loss" } else { "kept" }.to_owned(),
                    losses: failure.iter().map(|panic| reason(&**panic)).collect(),
                });
            }
        }
        lines
    }
}

/// Opens what is left as the next start would, and looks.
async fn looked_at(left: &Path, done: bool, held: &impl AsyncFn(&Keywright, bool)) {
    let keywright = open(left).await.expect("the vault opens");
    for entry in keywright.registration().pending().expect("the journal") {
        assert!(!entry.message.is_empty(), "{entry:?}");
    }
    keywright
        .applications()
        .get("before")
        .expect("what was saved before stays");
    let log = keywright.audit_check().expect("the audit log is read");
    assert!(log.ok, "{log:?}");
    if done {
        let pending = keywright.registration().pending().expect("the journal");
        assert!(pending.is_empty(), "{pending:?}");
    }
    held(&keywright, done).await;
    keywright.lock();
}

fn every_session() -> SessionQuery {
    SessionQuery {
        limit: 10,
        ..SessionQuery::default()
    }
}

async fn token(keywright: &Keywright, name: &str) {
    let application = keywright.applications().get(name).expect("an application");
    let wish = TokenWish {
        application_id: application.id,
        refresh: true,
        ..TokenWish::default()
    };
    keywright
        .tokens()
        .get(&wish)
        .await
        .expect("its secret works");
}

#[tokio::test(flavor = "multi_thread")]
async fn f27_what_was_said_to_be_saved_outlives_the_machine() {
    let ground = Ground::new();
    let change = ground.cli.folder().join("change.json");
    fs::write(&change, r#"{"client_name":"changed"}"#).expect("a file");
    let change = change.display().to_string();
    let register = [
        "app",
        "register",
        "new",
        "--config",
        "Sandbox",
        "--grant",
        "client_credentials",
    ];
    ground
        .ends("register", &register, 5, async |keywright, done| {
            if done {
                token(keywright, "new").await;
            }
        })
        .await;
    let get = ["token", "get", "before", "--refresh"];
    ground
        .ends("token", &get, 5, async |keywright, done| {
            if done {
                token(keywright, "before").await;
            }
        })
        .await;
    let update = ["app", "update", "before", "--metadata", &change];
    ground
        .ends("update", &update, 5, async |keywright, done| {
            let application = keywright
                .applications()
                .get("before")
                .expect("an application");
            assert!(!done || application.granted["client_name"] == "changed");
        })
        .await;
    let rotate = ["app", "rotate", "before"];
    ground
        .ends("rotate", &rotate, 5, async |keywright, done| {
            if done {
                token(keywright, "before").await;
            }
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f27_a_deletion_outlives_the_machine() {
    let ground = Ground::new();
    ground.cli.register("to-go", "Sandbox", &[]).json();
    let delete = ["app", "delete", "to-go", "--yes"];
    ground
        .ends("delete", &delete, 5, async |keywright, done| {
            for entry in keywright.registration().pending().expect("the journal") {
                if entry.can_resume {
                    let resumed = Box::pin(keywright.registration().resume(&entry.id)).await;
                    resumed.expect("the deletion is finished");
                    assert!(keywright.applications().get("to-go").is_err());
                } else {
                    let discarded = keywright.registration().discard(&entry.id, false).await;
                    discarded.expect("the deletion is given up");
                }
            }
            let there = keywright.applications().get("to-go").is_ok();
            assert!(!(done && there), "deleted, and still here");
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f27_a_restore_outlives_the_machine() {
    let ground = Ground::new();
    ground.cli.register("of-the-backup", "Sandbox", &[]).json();
    let file = ground.cli.folder().join("one.backup").display().to_string();
    let backup = ["backup", &file, "--passphrase", "env:BACKUP"];
    ground.cli.run(&backup).json();
    let forget = ["app", "forget", "of-the-backup", "--yes"];
    ground.cli.run(&forget).json();
    ground.cli.register("later", "Sandbox", &[]).json();
    let restore = ["restore", &file, "--passphrase", "env:BACKUP", "--yes"];
    ground
        .ends("restore", &restore, 15, async |keywright, done| {
            let names = names(keywright);
            let old = names.iter().eq(["before", "later"]);
            let new = names.iter().eq(["before", "of-the-backup"]);
            assert!(new || old && !done, "neither old nor new: {names:?}");
            if new {
                token(keywright, "of-the-backup").await;
            }
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f27_a_session_outlives_the_machine() {
    let ground = Ground::new();
    let api = ground.sandbox.api();
    let first = ["call", &api, "--app", "before", "--auth", "bearer"];
    ground
        .ends("session", &first, 5, async |keywright, done| {
            let sessions = keywright
                .sessions()
                .list(&every_session())
                .expect("the sessions");
            assert!(!done || sessions.items.len() == 1, "{sessions:?}");
            if let Some(session) = sessions.items.first() {
                let again = keywright.sessions().replay(&session.id).await;
                assert_eq!(again.expect("the API answers").status, 200);
            }
        })
        .await;
    ground.cli.run(&first).json();
    let again = ["call", &api, "--app", "before", "--auth", "session"];
    ground
        .ends("session call", &again, 5, async |keywright, _| {
            let sessions = keywright
                .sessions()
                .list(&every_session())
                .expect("the sessions");
            let session = sessions.items.first().expect("the session stays");
            let again = keywright.sessions().replay(&session.id).await;
            assert_eq!(again.expect("the API answers").status, 200);
        })
        .await;
}
