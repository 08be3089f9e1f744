//! After a lock, no known secret is in the memory of any process of the program. The search itself
//! is proven: the same secrets are found before.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use keywright_core::view::{TokenWish, UnlockInput};
use keywright_sandbox::{Personality, SandboxFaults};
use keywright_tests::{Desk, Hunt, Known, program};

/// The core in a process of its own, which stops where it is asked to.
struct LockedCore(Child);

impl LockedCore {
    fn start(known: &Known) -> Self {
        let shape = known.cli.command(&[]);
        let mut command = Command::new(program("locked_core"));
        command
            .arg(known.cli.home())
            .args(["orders", &known.sandbox.api()])
            .envs(
                shape
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        Self(command.spawn().unwrap())
    }

    /// Waits for its next line.
    fn next_line(&mut self) -> String {
        let mut line = String::new();
        BufReader::new(self.0.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        line
    }

    fn go_on(&mut self) {
        self.0.stdin.as_mut().unwrap().write_all(b".").unwrap();
    }
}

impl Drop for LockedCore {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn t39_after_a_lock_the_core_holds_none_of_its_secrets() {
    let mut known = Known::new();
    let mut core = LockedCore::start(&known);
    assert!(core.next_line().contains("open"));
    known.learn();
    let hunt = known.hunt();
    let before = Hunt::names(&hunt.in_tree(core.0.id()), "locked_core");
    core.go_on();
    assert!(core.next_line().contains("locked"));
    let left = hunt.left_in_tree(core.0.id());
    assert!(left.is_empty(), "{left:#?}");
    assert!(
        !before.is_empty(),
        "the search finds an open vault's secrets"
    );
}

#[test]
fn t38_the_pages_of_an_open_vault_are_locked_in_memory() {
    let known = Known::new();
    let mut core = LockedCore::start(&known);
    assert!(core.next_line().contains("open"));
    let status = std::fs::read_to_string(format!("/proc/{}/status", core.0.id())).unwrap();
    let locked: u64 = status
        .lines()
        .find_map(|line| {
            line.strip_prefix("VmLck:")?
                .trim()
                .strip_suffix(" kB")?
                .parse()
                .ok()
        })
        .unwrap();
    assert!(
        locked > 0,
        "what SQLCipher holds is kept out of swap, as far as the limit goes"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn f11_what_is_answered_after_a_lock_is_kept_and_the_vault_closes() {
    let desk = Desk::new().await;
    let configuration = desk.configure(Personality::Rfc7591);
    desk.sandbox.set_faults(
        Personality::Rfc7591,
        SandboxFaults {
            latency_ms: 1_500,
            ..SandboxFaults::default()
        },
    );
    let draft = desk.draft(Personality::Rfc7591, &configuration.id, "orders");
    let keywright = desk.keywright.clone();
    let registering = tokio::spawn(async move { keywright.register(draft).await });
    let sent = || {
        desk.keywright
            .pending()
            .unwrap()
            .iter()
            .any(|one| one.state == "sent")
    };
    let begun = Instant::now();
    while !sent() {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "nothing was sent"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    desk.keywright.lock();
    assert!(!desk.keywright.is_unlocked(), "nothing new begins");
    // Whatever it says of itself, its answer was written before the key went.
    let _ended = registering.await.unwrap();
    let log = desk.keywright.home().folder().join("vault.db-wal");
    assert!(!log.exists(), "the last connection is closed");

    desk.sandbox
        .set_faults(Personality::Rfc7591, SandboxFaults::default());
    let passphrase = Some(Known::PASSPHRASE.to_owned());
    desk.keywright
        .unlock(UnlockInput { passphrase })
        .await
        .unwrap();
    for left in desk.keywright.pending().unwrap() {
        assert!(left.can_resume, "{left:?}");
        desk.keywright.pending_resume(&left.id).await.unwrap();
    }
    let wish = TokenWish {
        application_id: "orders".to_owned(),
        ..TokenWish::default()
    };
    desk.keywright.token_get(&wish).await.unwrap();
}
