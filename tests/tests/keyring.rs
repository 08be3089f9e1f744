//! The keyring slot with a real Secret Service: gnome-keyring in a session of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

use std::process::Command;

use keywright_tests::{Cli, program};

/// Runs a script with `keywright` on its path, inside a D-Bus session with an unlocked keyring.
fn in_session(cli: &Cli, script: &str) -> (bool, String) {
    let keyring = "printf test | gnome-keyring-daemon --unlock --components=secrets >/dev/null";
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
fn f15_without_its_keyring_the_vault_says_so_and_stays_closed() {
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
