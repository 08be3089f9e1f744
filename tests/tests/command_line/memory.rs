//! After a lock, no known secret is in the memory of any process of the program. The search itself
//! is proven: the same secrets are found before.

use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use keywright_core::view::{PendingState, TokenWish, UnlockInput};
use keywright_sandbox::{Personality, SandboxFaults};
use keywright_tests::{CoreFixture, EveryKind, Hunt, Known, program};

/// The core in a process of its own, which stops where it is asked to.
struct LockedCore(Child);

impl LockedCore {
    fn start(all: &EveryKind) -> Self {
        let shape = all.cli.command(&[]);
        let mut command = Command::new(program("locked_core"));
        command
            .arg(all.cli.home())
            .args(["orders", &format!("{}/api", all.server.issuer)])
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

#[tokio::test(flavor = "multi_thread")]
async fn t39_after_a_lock_the_core_holds_none_of_its_secrets() {
    let all = EveryKind::new().await;
    all.work();
    assert_eq!(all.unused(), [""; 0]);
    let hunt = all.hunt();
    let mut core = LockedCore::start(&all);
    let mut seen = BTreeSet::new();
    for stop in ["passphrase", "open"] {
        assert!(core.next_line().contains(stop));
        seen.extend(Hunt::names(&hunt.in_tree(core.0.id()), "locked_core"));
        core.go_on();
    }
    assert!(core.next_line().contains("locked"));
    let left = hunt.left_in_tree(core.0.id());
    assert!(left.is_empty(), "{left:#?}");
    let wanted: BTreeSet<String> = all.forms().into_iter().map(|(name, _)| name).collect();
    assert_eq!(seen, wanted, "the search sees a secret of each kind before");
}

#[tokio::test(flavor = "multi_thread")]
async fn t39_the_agent_holds_the_key_alone_until_it_is_locked() {
    let all = EveryKind::new().await;
    all.work();
    let started = all.cli.run(&["unlock", "--for", "5m"]).json();
    let agent = u32::try_from(started["agent"]["pid"].as_u64().unwrap()).unwrap();
    let hunt = all.hunt();
    let held = Hunt::names(&hunt.in_tree(agent), "keywright");
    let locked = all.cli.run(&["lock"]);
    assert_eq!(locked.code, 0, "{locked:?}");
    assert_eq!(held, BTreeSet::from(["database key".to_owned()]));
    let left = hunt.left_in_tree(agent);
    assert!(left.is_empty(), "{left:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn t38_the_pages_of_an_open_vault_are_locked_in_memory() {
    let all = EveryKind::new().await;
    all.work();
    let mut core = LockedCore::start(&all);
    assert!(core.next_line().contains("passphrase"));
    core.go_on();
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
    // What is locked is the key that SQLCipher works with, and not just any page.
    let pages = locked_parts(core.0.id());
    let hunt = all.hunt();
    let keys: Vec<_> = hunt
        .in_tree(core.0.id())
        .into_iter()
        .filter(|one| one.secret == "database key")
        .collect();
    assert!(
        keys.iter()
            .any(|one| pages.iter().any(|part| part.contains(&one.address))),
        "{keys:?} in none of {pages:x?}"
    );
}

/// The parts of the memory of a process that are locked: their flags have `lo` (proc(5), `smaps`).
fn locked_parts(pid: u32) -> Vec<std::ops::Range<u64>> {
    let maps = std::fs::read_to_string(format!("/proc/{pid}/smaps")).unwrap();
    let number = |text: &str| u64::from_str_radix(text, 16).ok();
    let mut part = 0..0;
    let mut locked = Vec::new();
    for line in maps.lines() {
        if let Some(flags) = line.strip_prefix("VmFlags:") {
            if flags.split_whitespace().any(|flag| flag == "lo") {
                locked.push(part.clone());
            }
        } else if let Some((begin, rest)) = line.split_once('-')
            && let Some(begin) = number(begin)
            && let Some(end) = rest.split(' ').next().and_then(number)
        {
            part = begin..end;
        }
    }
    locked
}

#[tokio::test(flavor = "multi_thread")]
async fn f11_what_is_answered_after_a_lock_is_kept_and_the_vault_closes() {
    let fixture = CoreFixture::new().await;
    let configuration = fixture.configure(Personality::Rfc7591);
    fixture.sandbox.set_faults(
        Personality::Rfc7591,
        SandboxFaults {
            latency_ms: 1_500,
            ..SandboxFaults::default()
        },
    );
    let draft = fixture.draft(Personality::Rfc7591, &configuration.id, "orders");
    let keywright = fixture.keywright.clone();
    let registering = tokio::spawn(async move { keywright.registration().register(draft).await });
    let sent = || {
        fixture
            .keywright
            .registration()
            .pending()
            .unwrap()
            .iter()
            .any(|one| one.state == PendingState::Sent)
    };
    let begun = Instant::now();
    while !sent() {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "nothing was sent"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    fixture.keywright.lock();
    assert!(!fixture.keywright.is_unlocked(), "nothing new begins");
    // Whatever it says of itself, its answer was written before the key went.
    let _ended = registering.await.unwrap();
    let log = fixture.keywright.home().folder().join("vault.db-wal");
    assert!(!log.exists(), "the last connection is closed");

    fixture
        .sandbox
        .set_faults(Personality::Rfc7591, SandboxFaults::default());
    let passphrase = Some(Known::PASSPHRASE.to_owned());
    fixture
        .keywright
        .unlock(UnlockInput { passphrase })
        .await
        .unwrap();
    for left in fixture.keywright.registration().pending().unwrap() {
        assert!(left.can_resume, "{left:?}");
        fixture
            .keywright
            .registration()
            .resume(&left.id)
            .await
            .unwrap();
    }
    let wish = TokenWish {
        application_id: "orders".to_owned(),
        ..TokenWish::default()
    };
    fixture.keywright.tokens().get(&wish).await.unwrap();
}
