//! The abrupt end of the whole machine at any moment: what was not made durable is dropped, and what the
//! program had said to be saved is there all the same.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

use std::{fs, path::Path};

use keywright_core::{Keywright, view::TokenWish};
use keywright_tests::{
    Cli, SandboxProcess,
    faults::{Recording, Unsynced, copy_folder, open},
};

/// Every so many events an end is tried, where `KEYWRIGHT_FAULTS` does not say `all`.
const STRIDE: usize = 5;

struct Ends<'a> {
    cli: &'a Cli,
    tried: usize,
}

impl Ends<'_> {
    /// Tries the ends of one command; `promise` is what holds once the command has said that it is done.
    async fn of(&mut self, arguments: &[&str], promise: impl AsyncFn(&Keywright)) {
        let home = self.cli.folder().join("at-work");
        let left = self.cli.folder().join("left");
        copy_folder(&self.cli.home(), &home);
        let mut command = self.cli.command(arguments);
        command.env("KEYWRIGHT_HOME", &home);
        let log = self.cli.folder().join("strace.log");
        let recording = Recording::of(&command, &home, &log);
        let all = std::env::var("KEYWRIGHT_FAULTS").as_deref() == Ok("all");
        let last = recording.ends() - 1;
        for events in 0..=last {
            if !(all || events % STRIDE == 0 || events == last) {
                continue;
            }
            for unsynced in [Unsynced::Dropped, Unsynced::EveryOther] {
                recording.end_after(events, unsynced, &left);
                let keywright = self.opens(&left, events, unsynced).await;
                if events == last {
                    promise(&keywright).await;
                }
                keywright.lock();
                fs::remove_dir_all(&left).expect("a folder");
                self.tried += 1;
            }
        }
        fs::remove_dir_all(&home).expect("a folder");
    }

    async fn opens(&self, left: &Path, events: usize, unsynced: Unsynced) -> Keywright {
        let keywright = match open(left).await {
            Ok(keywright) => keywright,
            Err(error) => panic!("after {events} events, {unsynced:?}: {error:?}"),
        };
        for entry in keywright.pending().expect("the journal") {
            assert!(!entry.message.is_empty(), "{entry:?}");
        }
        keywright
            .application("before")
            .expect("what was saved before stays");
        keywright
    }
}

async fn token(keywright: &Keywright, name: &str) {
    let application = keywright.application(name).expect("an application");
    let wish = TokenWish {
        application_id: application.id,
        refresh: true,
        ..TokenWish::default()
    };
    keywright.token_get(&wish).await.expect("its secret works");
}

fn nothing_pending(keywright: &Keywright) {
    let pending = keywright.pending().expect("the journal");
    assert!(pending.is_empty(), "{pending:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn f27_what_was_said_to_be_saved_outlives_the_machine() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    cli.config("Sandbox", &sandbox.issuer(), &[]);
    cli.register("before", "Sandbox", &[]).json();
    let change = cli.folder().join("change.json");
    fs::write(&change, r#"{"client_name":"changed"}"#).expect("a file");
    let change = change.display().to_string();

    let mut ends = Ends {
        cli: &cli,
        tried: 0,
    };
    let register = [
        "app",
        "register",
        "new",
        "--config",
        "Sandbox",
        "--grant",
        "client_credentials",
    ];
    ends.of(&register, async |keywright| {
        nothing_pending(keywright);
        token(keywright, "new").await;
    })
    .await;
    ends.of(
        &["token", "get", "before", "--refresh"],
        async |keywright| {
            token(keywright, "before").await;
        },
    )
    .await;
    ends.of(
        &["app", "update", "before", "--metadata", &change],
        async |keywright| {
            nothing_pending(keywright);
            let application = keywright.application("before").expect("an application");
            assert_eq!(application.granted["client_name"], "changed");
        },
    )
    .await;
    ends.of(&["app", "rotate", "before"], async |keywright| {
        nothing_pending(keywright);
        token(keywright, "before").await;
    })
    .await;
    eprintln!(
        "{} ends of the machine, nothing lost that was said to be saved",
        ends.tried
    );
}
