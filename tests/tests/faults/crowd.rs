//! Many programs over one vault at once: windows, command lines, and what they promise each other.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use keywright_tests::{Cli, Output, SandboxProcess, Window, faults};

const PASSPHRASE: &str = "correct horse battery";
const COMMANDS_AT_ONCE: usize = 10;
/// Rounds that each worker finishes before the restore begins, and again after it ended.
const ROUNDS: u32 = 2;
/// So many refusals of the restore let new changes wait for it.
const REFUSALS: u32 = 3;

/// What all of them did, and what they wait for.
struct Crowd {
    commands: AtomicU32,
    busy: AtomicU32,
    /// Where `KEYWRIGHT_CROWD_SECS` says so, the work goes on until then.
    until: Option<Instant>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Finished rounds of each worker, and those of them that began after the restore had ended.
    rounds: [u32; COMMANDS_AT_ONCE],
    rounds_after: [u32; COMMANDS_AT_ONCE],
    restore_began: bool,
    restored: Option<Instant>,
    /// New changes wait until the restore ended.
    hold: bool,
    /// A thread panicked: nothing is waited for.
    failed: bool,
}

impl Crowd {
    fn new(until: Option<Instant>) -> Self {
        Self {
            commands: AtomicU32::new(0),
            busy: AtomicU32::new(0),
            until,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_all();
    }

    /// Waits for other threads, unless one of them failed.
    fn wait(&self, until: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let state = self
            .changed
            .wait_while(self.state(), |state| !state.failed && !until(state))
            .unwrap_or_else(PoisonError::into_inner);
        let failed = state.failed;
        if failed {
            drop(state);
            panic!("another thread failed");
        }
        state
    }

    fn once(&self, cli: &Cli, arguments: &[&str]) -> Output {
        self.commands.fetch_add(1, Ordering::Relaxed);
        cli.run(arguments)
    }

    /// A command that changes nothing, until it is not told to try again. None where its application is not there.
    fn read(&self, cli: &Cli, arguments: &[&str]) -> Option<Output> {
        self.run(cli, arguments, |_| true)
    }

    /// The same with a command that changes something: it gives way to a restore that was refused.
    fn change(&self, cli: &Cli, arguments: &[&str]) -> Option<Output> {
        self.run(cli, arguments, |state| !state.hold)
    }

    fn run(&self, cli: &Cli, arguments: &[&str], may: fn(&State) -> bool) -> Option<Output> {
        loop {
            drop(self.wait(may));
            let output = self.once(cli, arguments);
            if output.code == 0 {
                return Some(output);
            }
            match output.error()["code"].as_str() {
                Some("busy") => {
                    self.busy.fetch_add(1, Ordering::Relaxed);
                }
                Some("not_found" | "gone_meanwhile") => return None,
                _ => panic!("{arguments:?}: {output:?}"),
            }
        }
    }

    /// Restores in the middle of it all.
    fn restore(&self, cli: &Cli, arguments: &[&str]) {
        drop(self.wait(|state| state.rounds.iter().all(|rounds| *rounds >= ROUNDS)));
        self.set(|state| state.restore_began = true);
        for tried in 1.. {
            let output = self.once(cli, arguments);
            if output.code == 0 {
                output.json();
                break;
            }
            // It waits for changes that are under way.
            let code = output.error()["code"].clone();
            assert!(code == "busy" || code == "restore_unfinished", "{output:?}");
            self.busy.fetch_add(1, Ordering::Relaxed);
            self.set(|state| state.hold = tried >= REFUSALS);
            drop(self.wait(|_| true));
        }
        self.set(|state| {
            state.restored = Some(Instant::now());
            state.hold = false;
        });
    }

    fn finished(&self, worker: usize, begun: Instant) {
        self.set(|state| {
            state.rounds[worker] += 1;
            if state.restored.is_some_and(|restored| begun > restored) {
                state.rounds_after[worker] += 1;
            }
        });
    }

    /// The restore ended, the worker finished enough rounds since, and the time is over that was asked for.
    fn is_done(&self, worker: usize) -> bool {
        let state = self.wait(|_| true);
        state.rounds_after[worker] >= ROUNDS
            && self.until.is_none_or(|until| Instant::now() >= until)
    }

    /// What was made before the restore had ended may be gone with it, and nothing else.
    fn may_be_gone(&self, name: &str, made: Instant) {
        assert!(
            self.state().restore_began,
            "{name} was lost without a restore"
        );
        let restored = self.wait(|state| state.restored.is_some()).restored;
        assert!(
            restored.is_some_and(|restored| made < restored),
            "{name} was lost after the restore"
        );
    }
}

/// Tells the other threads when its own panics, so that none waits for it.
struct Alarm<'a>(&'a Crowd);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.set(|state| state.failed = true);
        }
    }
}

/// One of ten people at a terminal.
struct Worker<'a> {
    cli: &'a Cli,
    number: usize,
    crowd: &'a Crowd,
}

impl Worker<'_> {
    /// The applications that it was told are saved, and that it did not delete, with when it began to make them.
    fn work(self) -> BTreeMap<String, Instant> {
        let _alarm = Alarm(self.crowd);
        let (cli, crowd) = (self.cli, self.crowd);
        let mut kept = BTreeMap::new();
        let mut round = 0;
        while !crowd.is_done(self.number) {
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
            let mut gone = crowd.change(cli, &register).is_none();
            gone |= crowd.read(cli, &["token", "get", &name]).is_none();
            gone |= crowd.change(cli, &["app", "rotate", &name]).is_none();
            crowd.read(cli, &["app", "list", "--limit", "20"]);
            let deletes = round % 3 == 0;
            if deletes {
                let deletion = ["app", "delete", &name, "--yes"];
                gone |= crowd.change(cli, &deletion).is_none();
            }
            if gone {
                crowd.may_be_gone(&name, begun);
            } else if !deletes {
                kept.insert(name, begun);
            }
            crowd.finished(self.number, begun);
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
        .and_then(|text| text.parse().ok());
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

    let begun = Instant::now();
    let crowd = Crowd::new(seconds.map(|seconds| begun + Duration::from_secs(seconds)));
    let kept: BTreeMap<String, Instant> = std::thread::scope(|scope| {
        let _alarm = Alarm(&crowd);
        let workers: Vec<_> = (0..COMMANDS_AT_ONCE)
            .map(|number| {
                let worker = Worker {
                    cli: &cli,
                    number,
                    crowd: &crowd,
                };
                scope.spawn(move || worker.work())
            })
            .collect();
        crowd.restore(
            &cli,
            &[&["restore", &file][..], &passphrase, &["--yes"]].concat(),
        );
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("no command failed"))
            .collect()
    });
    let restored = crowd.state().restored.expect("the restore");
    let after: BTreeSet<String> = kept
        .iter()
        .filter(|(_, made)| **made > restored)
        .map(|(name, _)| name.clone())
        .collect();
    // Of two rounds in a row one at least deletes nothing.
    assert!(after.len() >= COMMANDS_AT_ONCE, "{after:?}");

    // The windows live, and see within a moment what the commands did.
    let total = cli.run(&["app", "list"]).json()["total"].as_u64().unwrap();
    for w in windows {
        if total < 1000 {
            w.says("app-position", &total.to_string()).await;
        }
        w.close().await;
    }
    eprintln!(
        "{} commands in {} s and a restore among them, {} told to try again, {total} applications kept",
        crowd.commands.load(Ordering::Relaxed),
        begun.elapsed().as_secs(),
        crowd.busy.load(Ordering::Relaxed),
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
