//! Settings: what is not as it should be with the vault's files, and a new key while the vault is in use.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf, time::Duration};

use keywright_tests::{Cli, Window};
use serde_json::Value;

fn database(cli: &Cli) -> PathBuf {
    let header = fs::read(cli.home().join("vault.json")).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    cli.home().join(header["database"].as_str().unwrap())
}

async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    for _ in 0..200 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn f08_window_says_who_can_read_the_vault_and_mends_it_on_demand() {
    let cli = Cli::with_vault();
    fs::set_permissions(cli.home(), fs::Permissions::from_mode(0o755)).unwrap();
    let w = Window::open(&cli.home()).await;
    w.fill("unlock-passphrase", "correct horse battery").await;
    w.click("unlock-submit").await;
    w.says("toast", "Other users").await;
    w.click("nav-settings").await;
    w.says("settings-notice-permissions", "Other users").await;
    w.click("settings-notice-permissions-settle").await;
    until("the notice stays", async || {
        !w.has("settings-notice-permissions").await
    })
    .await;
    let mode = fs::metadata(cli.home()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_replaces_the_key_and_locks_when_another_program_does() {
    let cli = Cli::with_vault();
    cli.config("Kept", "https://id.example", &[]);
    let first = database(&cli);
    let w = Window::open(&cli.home()).await;
    w.fill("unlock-passphrase", "correct horse battery").await;
    w.click("unlock-submit").await;
    w.click("nav-settings").await;
    w.click("settings-key-replace").await;
    w.fill("settings-key-passphrase", "not this one").await;
    w.click("settings-key-confirm").await;
    w.find("settings-key-error").await;
    assert_eq!(database(&cli), first, "nothing was changed");
    w.fill("settings-key-passphrase", "correct horse battery")
        .await;
    w.click("settings-key-confirm").await;
    until("the key stays", async || database(&cli) != first).await;
    until("the old file stays", async || !first.exists()).await;
    // The window goes on under the new key.
    w.click("nav-configurations").await;
    until("the configuration is gone", async || {
        w.page_text().await.contains("Kept")
    })
    .await;

    cli.run(&["vault", "rotate-key"]).json();
    w.find("unlock-passphrase").await;
    w.fill("unlock-passphrase", "correct horse battery").await;
    w.click("unlock-submit").await;
    w.click("nav-configurations").await;
    until("the configuration is gone", async || {
        w.page_text().await.contains("Kept")
    })
    .await;
    w.close().await;
}
