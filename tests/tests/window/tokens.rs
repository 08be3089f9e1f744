//! Tokens in one action: copied as what another program takes, listed, read.

use std::process::Command;

use keywright_tests::{Cli, Clipboard, SandboxProcess, Window};

fn copied(w: &Window) -> String {
    Clipboard::of(&w.display.name)
        .get("UTF8_STRING")
        .unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn window_copies_a_token_in_one_action() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    let there = &sandbox.personality;
    cli.config_of(there, "Work");
    cli.register_at(there, "orders", "Work").json();
    let api = there["api_url"].as_str().unwrap();

    // The head copies a token and fetches it first; the tab stays.
    let w = Window::unlocked(&cli.home()).await;
    w.click("app-row").await;
    w.find("app-credentials").await;
    w.click("app-copy-token").await;
    w.says("toast-text", "Access token copied").await;
    let token = copied(&w);
    assert_eq!(token.split('.').count(), 3, "{token}");
    w.find("app-credentials").await;
    // A live one is not fetched again.
    w.click("app-copy-token").await;
    w.says("toast-text", "Access token copied").await;
    assert_eq!(copied(&w), token);

    w.click("app-tab-tokens").await;
    w.says("token-fetched", "Fetched just now").await;
    w.click("token-copy-curl").await;
    w.says("toast-text", "replace the example address").await;
    cli.run(&["call", "GET", api, "--app", "orders", "--auth", "bearer"])
        .json();
    w.click("token-copy-curl").await;
    w.says("toast-text", api).await;
    // It runs as it is.
    let command = copied(&w);
    let ran = Command::new("sh").args(["-c", &command]).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(said.contains("authenticated_by"), "{command}: {said}");

    w.click("token-copy-as").await;
    w.find("token-copy-menu").await;
    assert_eq!(w.focused().await.as_deref(), Some("token-copy-as-raw"));
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.click("token-copy-as-httpie").await;
    w.says("toast-text", "HTTPie").await;
    let command = copied(&w);
    assert!(command.contains("| http --ignore-stdin GET"), "{command}");
    w.click("token-copy-as").await;
    // By keys: Right chooses the reference, which is remembered.
    w.find("token-copy-menu").await;
    w.press(&["Right"]).await;
    w.gone("token-copy-as-raw").await;
    w.click("token-copy-as-env").await;
    w.says("toast-text", "does not contain").await;
    assert_eq!(copied(&w), "ACCESS_TOKEN=keywright://orders/token\n");
    w.click("token-copy-as").await;
    w.click("token-copy-as-header").await;
    w.says("toast-text", "does not contain").await;
    assert_eq!(copied(&w), "Authorization: Bearer keywright://orders/token");
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_lists_every_live_token() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    let there = &sandbox.personality;
    cli.config_of(there, "Work");
    cli.register_at(there, "orders", "Work").json();
    cli.run(&["token", "get", "orders"]).json();
    let w = Window::unlocked(&cli.home()).await;
    w.click("app-row").await;
    w.click("app-tab-tokens").await;
    w.says("token-get", "Fetch new token").await;
    w.find("token-card").await;
    let first = w.find("token-card").await.attr("data-id").await.unwrap();
    w.click("token-get").await;
    w.says("live-tokens", "2 live tokens").await;
    let second = w.find("token-card").await.attr("data-id").await.unwrap();
    assert_ne!(first, second, "the new one is open");
    let older = format!(
        "[data-testid=live-token][data-id=\"{}\"]",
        first.clone().unwrap()
    );
    w.css(&older).await.click().await.unwrap();
    w.css(&format!(
        "[data-testid=token-card][data-id=\"{}\"]",
        first.unwrap()
    ))
    .await;
    w.says("token-claim-exp-at", "in ").await;
    w.click("token-claim-iss-copy").await;
    w.says("toast-text", "iss").await;
    assert_eq!(copied(&w), there["issuer"].as_str().unwrap());
    assert_eq!(w.axe().await, Vec::<String>::new());

    w.click("token-revoke-all").await;
    w.says("revoke-all-dialog", "Revoke 2 tokens").await;
    w.enter_on("revoke-all-confirm").await;
    assert_eq!(cli.run(&["token", "list", "--app", "orders"]).code, 0);
    w.press(&["Escape"]).await;
    w.gone("revoke-all-dialog").await;
    w.find("live-tokens").await;
    w.click("token-revoke-all").await;
    w.click("revoke-all-confirm").await;
    w.gone("live-tokens").await;
    w.find("token-revoked").await;
    w.close().await;
}
