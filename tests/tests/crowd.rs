//! Many programs over one vault at once: windows, command lines, and what they promise each other.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use keywright_tests::{Cli, Output, SandboxProcess, Window, faults};

const PASSPHRASE: &str = "correct horse battery";
/// How long the crowd works, in seconds, where `KEYWRIGHT_CROWD_SECS` does not say.
const SECONDS: u64 = 20;
const COMMANDS_AT_ONCE: usize = 10;

/// What all of them did.
#[derive(Default)]
struct Counts {
    commands: AtomicU32,
    busy: AtomicU32,
    /// When the restore had ended.
    restored: OnceLock<Instant>,
}

impl Counts {
    /// Runs a command until it is not told to try again. None where it was told that its application is not there.
    fn run(&self, cli: &Cli, arguments: &[&str]) -> Option<Output> {
        loop {
            let output = cli.run(arguments);
            self.commands.fetch_add(1, Ordering::Relaxed);
            if output.code == 0 {
                return Some(output);
            }
            match output.error()["code"].as_str() {
                // A restore waits for registrations that are under way.
                Some("busy" | "restore_unfinished") => {
                    self.busy.fetch_add(1, Ordering::Relaxed);
                }
                Some("not_found") => return None,
                _ => panic!("{arguments:?}: {output:?}"),
            }
        }
    }

    /// What was made before the restore had ended may be gone with it, and nothing else.
    fn may_be_gone(&self, made: Instant) {
        let patience = Instant::now() + Duration::from_secs(20);
        while self.restored.get().is_none() && Instant::now() < patience {
            std::thread::sleep(Duration::from_millis(20));
        }
        let restored = self.restored.get().expect("lost without a restore");
        assert!(made < *restored, "lost after the restore");
    }
}

/// One of ten people at a terminal.
struct Worker<'a> {
    cli: &'a Cli,
    number: usize,
    counts: &'a Counts,
}

impl Worker<'_> {
    /// The applications that it was told are saved, and that it did not delete, with when it began to make them.
    fn work(self, end: Instant) -> BTreeMap<String, Instant> {
        let mut kept = BTreeMap::new();
        let mut round = 0;
        while Instant::now() < end {
            round += 1;
            let name = format!("worker-{}-{round}", self.number);
            let begun = Instant::now();
            let register = [
                "app",
                "register",
                &name,
                "--config",
                "Crowd",
                "--grant",
                "client_credentials",
            ];
            let made = self.counts.run(self.cli, &register);
            if made.is_some() {
                kept.insert(name.clone(), begun);
            }
            let mut gone = made.is_none();
            for arguments in [&["token", "get", &name][..], &["app", "rotate", &name]] {
                gone |= self.counts.run(self.cli, arguments).is_none();
            }
            self.counts.run(self.cli, &["app", "list", "--limit", "20"]);
            if round % 3 == 0 {
                let deletion = ["app", "delete", &name, "--yes"];
                gone |= self.counts.run(self.cli, &deletion).is_none();
                kept.remove(&name);
            }
            if gone {
                self.counts.may_be_gone(begun);
                kept.remove(&name);
            }
        }
        kept
    }
}

/// Two windows, ten command lines, one restore: nothing is lost, nothing is damaged, and the only refusal is to
/// try again.
#[tokio::test(flavor = "multi_thread")]
async fn f09_windows_commands_and_a_restore_over_one_vault_lose_nothing() {
    let seconds = std::env::var("KEYWRIGHT_CROWD_SECS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(SECONDS);
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault().env("BACKUP", "another horse battery");
    cli.config("Crowd", &sandbox.issuer(), &[]);
    cli.register("from-the-start", "Crowd", &[]).json();

    let mut windows = Vec::new();
    for _ in 0..2 {
        let w = Window::open(&cli.home()).await;
        w.fill("unlock-passphrase", PASSPHRASE).await;
        w.click("unlock-submit").await;
        w.click("nav-applications").await;
        w.find("app-row").await;
        windows.push(w);
    }

    let file = cli.folder().join("crowd.keywright").display().to_string();
    let passphrase = ["--passphrase", "env:BACKUP"];
    cli.run(&[&["backup", &file][..], &passphrase].concat())
        .json();

    let counts = Counts::default();
    let begun = Instant::now();
    let end = begun + Duration::from_secs(seconds);
    let kept: BTreeMap<String, Instant> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..COMMANDS_AT_ONCE)
            .map(|number| {
                let worker = Worker {
                    cli: &cli,
                    number,
                    counts: &counts,
                };
                scope.spawn(move || worker.work(end))
            })
            .collect();
        // In the middle of it all.
        std::thread::sleep((end - begun) / 2);
        let restore = [&["restore", &file][..], &passphrase, &["--yes"]].concat();
        let restored = counts.run(&cli, &restore).expect("the restore");
        restored.json();
        counts.restored.set(Instant::now()).expect("one restore");
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("no command failed"))
            .collect()
    });
    let restored = *counts.restored.get().expect("the restore");
    let after: BTreeSet<String> = kept
        .iter()
        .filter(|(_, made)| **made > restored)
        .map(|(name, _)| name.clone())
        .collect();
    assert!(!after.is_empty(), "nothing was made after the restore");

    // The windows live, and see within a moment what the commands did.
    let total = cli.run(&["app", "list"]).json()["total"].as_u64().unwrap();
    for w in windows {
        if total < 1000 {
            w.says("app-position", &total.to_string()).await;
        }
        w.close().await;
    }
    eprintln!(
        "{} commands in {seconds} s and a restore among them, {} told to try again, {total} applications kept",
        counts.commands.load(Ordering::Relaxed),
        counts.busy.load(Ordering::Relaxed),
    );
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
    assert_eq!(cli.run(&["audit", "verify"]).code, 0);
    let keywright = faults::open(&cli.home()).await.expect("the vault opens");
    let there: BTreeSet<String> = faults::names(&keywright);
    assert!(there.is_superset(&after), "{:?}", after.difference(&there));
    assert!(there.contains("from-the-start"));
    let strangers: Vec<&String> = there
        .iter()
        .filter(|name| !kept.contains_key(*name) && *name != "from-the-start")
        .collect();
    assert!(
        strangers.is_empty(),
        "deleted, and back again: {strangers:?}"
    );
    keywright.lock();
    // A secret that was rotated in the crowd is the one that the provider takes.
    for name in after.iter().step_by(7) {
        cli.run(&["token", "get", name, "--refresh"]).json();
    }
}
