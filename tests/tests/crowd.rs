//! Many programs over one vault at once: windows, command lines, and what they promise each other.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicU32, Ordering},
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
}

/// One of ten people at a terminal.
struct Worker<'a> {
    cli: &'a Cli,
    number: usize,
    counts: &'a Counts,
    /// The applications that it was told are saved, and that it did not delete.
    kept: BTreeSet<String>,
}

impl Worker<'_> {
    /// Runs a command until it is not told that the vault is busy; anything else than success is a failure.
    fn run(&self, arguments: &[&str]) -> Output {
        loop {
            let output = self.cli.run(arguments);
            self.counts.commands.fetch_add(1, Ordering::Relaxed);
            if output.code == 0 {
                return output;
            }
            let error = output.error();
            assert_eq!(error["code"], "busy", "{arguments:?}: {output:?}");
            self.counts.busy.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn work(mut self, end: Instant) -> BTreeSet<String> {
        let mut round = 0;
        while Instant::now() < end {
            round += 1;
            let name = format!("worker-{}-{round}", self.number);
            let made = self.run(&[
                "app",
                "register",
                &name,
                "--config",
                "Crowd",
                "--grant",
                "client_credentials",
            ]);
            assert_eq!(made.json()["name"], name.as_str());
            self.kept.insert(name.clone());
            self.run(&["token", "get", &name]);
            self.run(&["app", "rotate", &name]);
            self.run(&["app", "list", "--limit", "20"]);
            if round % 3 == 0 {
                self.run(&["app", "delete", &name, "--yes"]);
                self.kept.remove(&name);
            }
        }
        self.kept
    }
}

/// Two windows, ten command lines: nothing is lost, nothing is damaged, and the only refusal is "busy".
#[tokio::test(flavor = "multi_thread")]
async fn f09_windows_and_commands_over_one_vault_lose_nothing() {
    let seconds = std::env::var("KEYWRIGHT_CROWD_SECS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(SECONDS);
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
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

    let counts = Counts::default();
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut kept: BTreeSet<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..COMMANDS_AT_ONCE)
            .map(|number| {
                let worker = Worker {
                    cli: &cli,
                    number,
                    counts: &counts,
                    kept: BTreeSet::new(),
                };
                scope.spawn(move || worker.work(end))
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("no command failed"))
            .collect()
    });
    kept.insert("from-the-start".to_owned());

    // The windows live, and see within a moment what the commands did.
    for w in windows {
        if kept.len() < 1000 {
            w.says("app-position", &kept.len().to_string()).await;
        }
        w.close().await;
    }
    eprintln!(
        "{} commands in {seconds} s, {} told that the vault is busy, {} applications kept",
        counts.commands.load(Ordering::Relaxed),
        counts.busy.load(Ordering::Relaxed),
        kept.len()
    );
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
    let keywright = faults::open(&cli.home()).await.expect("the vault opens");
    let there: BTreeSet<String> = faults::names(&keywright);
    assert_eq!(there, kept);
    keywright.lock();
    // A secret that was rotated in the crowd is the one that the provider takes.
    for name in kept.iter().step_by(7) {
        cli.run(&["token", "get", name, "--refresh"]).json();
    }
}
