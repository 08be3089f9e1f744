//! The keyring slot with a real Secret Service: gnome-keyring in a session of its own.

use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use keywright_tests::{Bus, Cli, Output, program};
use zbus::{
    connection, interface,
    zvariant::{OwnedObjectPath, OwnedValue, Value},
};

const UNLOCKED: &str =
    "printf test | gnome-keyring-daemon --unlock --components=secrets >/dev/null";
const LOCKED: &str = "gnome-keyring-daemon --start --components=secrets >/dev/null";

/// Runs a script with `keywright` on its path, inside a D-Bus session with an unlocked keyring.
fn in_session(cli: &Cli, script: &str) -> (bool, String) {
    in_session_with(cli, UNLOCKED, script)
}

fn in_session_with(cli: &Cli, keyring: &str, script: &str) -> (bool, String) {
    let output = Command::new("dbus-run-session")
        .args(["--", "bash", "-c", &format!("set -e\n{keyring}\n{script}")])
        .env("KW", program("keywright"))
        .env("KEYWRIGHT_HOME", cli.home())
        .env("HOME", cli.folder())
        .env("XDG_DATA_HOME", cli.folder().join("data"))
        .env("XDG_RUNTIME_DIR", cli.folder())
        .env_remove("KEYWRIGHT_KEYRING")
        .env_remove("KEYWRIGHT_PASSPHRASE_FILE")
        .output()
        .expect("dbus-run-session is installed by `cargo xtask test`");
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    (output.status.success(), text)
}

#[test]
fn the_keyring_alone_opens_the_vault() {
    let cli = Cli::new();
    let (ok, text) = in_session(
        &cli,
        "$KW --no-input init --keyring auto && $KW --json --no-input status && $KW --json --no-input app list",
    );
    assert!(ok, "{text}");
    assert!(
        text.contains(r#""state":"unlocked""#)
            && text.contains(r#""has_keyring":true"#)
            && text.contains(r#""total":0"#),
        "{text}"
    );
}

#[test]
fn f21_without_its_keyring_the_vault_says_so_and_stays_closed() {
    let cli = Cli::new();
    let (ok, text) = in_session(&cli, "$KW --no-input init --keyring auto");
    assert!(ok, "{text}");
    let output = cli.run_env(&["app", "list"], "KEYWRIGHT_PASSPHRASE_FILE", "");
    assert_eq!(
        (output.code, output.error()["code"].as_str()),
        (4, Some("keyring_unavailable"))
    );
    // Another session has another, empty keyring.
    std::fs::remove_dir_all(cli.folder().join("data")).unwrap();
    let (ok, text) = in_session(&cli, "$KW --json --no-input app list");
    assert!(!ok && text.contains("keyring_entry"), "{text}");
}

/// A vault with a keyring slot and a passphrase, made in a session that is over.
fn with_both() -> Cli {
    let cli = Cli::new();
    let passphrase = cli.folder().join("passphrase");
    let script = format!(
        "$KW --no-input init --keyring auto --passphrase file:{}",
        passphrase.display()
    );
    let (ok, text) = in_session(&cli, &script);
    assert!(ok, "{text}");
    cli
}

/// Without a passphrase, on this bus.
fn by_keyring(cli: &Cli, bus: &str) -> Output {
    let mut command = cli.command(&["app", "list"]);
    let output = command
        .env("DBUS_SESSION_BUS_ADDRESS", bus)
        .env_remove("KEYWRIGHT_KEYRING")
        .env_remove("KEYWRIGHT_PASSPHRASE_FILE")
        .output()
        .unwrap();
    Output {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// What is said, after it was seen that the passphrase is a way on.
fn said(cli: &Cli, bus: &str) -> (i32, String) {
    let output = by_keyring(cli, bus);
    let error = output.error();
    let hint = error["hint"].as_str().unwrap_or_default();
    assert!(hint.contains("passphrase"), "{error}");
    let passphrase = cli
        .command(&["app", "list"])
        .env("DBUS_SESSION_BUS_ADDRESS", bus)
        .env_remove("KEYWRIGHT_KEYRING")
        .output()
        .unwrap();
    assert!(passphrase.status.success(), "{passphrase:?}");
    (output.code, error["code"].as_str().unwrap().to_owned())
}

#[test]
fn f21_without_a_session_bus_that_is_said() {
    let cli = with_both();
    assert_eq!(
        said(&cli, "unix:path=/nowhere/at/all"),
        (4, "keyring_no_bus".into())
    );
}

#[test]
fn f21_a_bus_that_died_is_said() {
    let cli = with_both();
    let address = Bus::start().address().to_owned();
    assert_eq!(said(&cli, &address), (4, "keyring_no_bus".into()));
}

/// A service that takes every question and gives no answer.
#[derive(Default)]
struct Silent {
    asked: Arc<AtomicBool>,
}

#[interface(name = "org.freedesktop.Secret.Service")]
impl Silent {
    async fn open_session(
        &self,
        algorithm: &str,
        input: Value<'_>,
    ) -> (OwnedValue, OwnedObjectPath) {
        assert!(!algorithm.is_empty(), "{input:?}");
        self.asked.store(true, Ordering::SeqCst);
        std::future::pending().await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f21_a_keyring_that_never_answers_is_waited_for_a_few_seconds_and_then_said() {
    let cli = with_both();
    let bus = Bus::start();
    let silent = Silent::default();
    let asked = Arc::clone(&silent.asked);
    let _service = connection::Builder::address(bus.address())
        .unwrap()
        .name("org.freedesktop.secrets")
        .unwrap()
        .serve_at("/org/freedesktop/secrets", silent)
        .unwrap()
        .build()
        .await
        .unwrap();
    let started = Instant::now();
    assert_eq!(said(&cli, bus.address()), (4, "keyring_silent".into()));
    assert!(started.elapsed() < Duration::from_secs(30));
    assert!(asked.load(Ordering::SeqCst));
}

#[test]
fn f21_a_locked_keyring_that_cannot_ask_is_said() {
    let cli = with_both();
    let (ok, text) = in_session_with(&cli, LOCKED, "$KW --json --no-input app list");
    assert!(!ok, "{text}");
    assert!(
        text.contains("keyring_locked") || text.contains("keyring_prompt_refused"),
        "{text}"
    );
}

#[test]
fn t44_an_old_database_is_noticed_by_the_keyring() {
    let cli = Cli::new();
    let (ok, text) = in_session(
        &cli,
        "$KW --no-input init --keyring auto
         $KW --no-input config add One --issuer https://one.example
         cp $KEYWRIGHT_HOME/vault.db $HOME/old.db
         $KW --no-input config add Two --issuer https://two.example
         cp $HOME/old.db $KEYWRIGHT_HOME/vault.db
         $KW --json --no-input status
         $KW --no-input vault accept --yes
         $KW --json --no-input status",
    );
    assert!(ok, "{text}");
    let states: Vec<serde_json::Value> = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    assert_eq!(states[0]["notices"][0]["code"], "rolled_back", "{text}");
    assert_eq!(states[1]["notices"], serde_json::json!([]), "{text}");
}
