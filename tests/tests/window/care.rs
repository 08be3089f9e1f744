//! What the window asks or shows before something cannot be taken back, and what it does with work
//! that was cut off.

use std::time::Duration;

use keywright_sandbox::{Personality, SandboxFaults};
use keywright_tests::{Cli, CoreFixture, SandboxProcess, Window};
use serde_json::Value;

async fn opened(cli: &Cli) -> Window {
    let w = Window::open(&cli.home()).await;
    w.fill("unlock-passphrase", "correct horse battery").await;
    w.click("unlock-submit").await;
    w
}

fn shown(cli: &Cli, name: &str) -> Value {
    cli.run(&["app", "show", name, "--reveal"]).json()
}

/// At Curity a read ends the secret and the registration token, so nothing reads by itself.
#[tokio::test(flavor = "multi_thread")]
async fn window_asks_before_a_read_that_ends_the_secret() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    let there = sandbox.named("curity");
    cli.config_of(there, "Curity");
    cli.register_at(there, "orders", "Curity").json();
    let before = shown(&cli, "orders");

    let w = opened(&cli).await;
    w.click("app-row").await;
    w.click("app-tab-registration").await;
    w.click("registration-read").await;
    w.find("registration-read-dialog").await;
    w.click("registration-read-cancel").await;
    assert_eq!(shown(&cli, "orders"), before, "nothing was read");

    w.click("registration-read").await;
    w.click("registration-read-confirm").await;
    w.css("[data-testid=registration-read-at]:has(span)").await;
    w.close().await;
    let after = shown(&cli, "orders");
    assert_ne!(after["client_secret"], before["client_secret"]);
    assert_ne!(after["registration"], before["registration"]);
    assert_eq!(cli.run(&["token", "get", "orders", "--refresh"]).code, 0);
}

/// Killed after the first of two steps: Auth0 has a client without its grant.
#[tokio::test(flavor = "multi_thread")]
async fn window_shows_what_was_cut_off_and_finishes_it() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    let there = sandbox.named("auth0");
    cli.config_of(there, "Auth0");
    let verified = cli.run(&["config", "verify", "Auth0"]).json();
    assert_eq!(verified["ok"], true, "{verified}");
    let cut = cli.run_env(
        &[
            "app",
            "register",
            "cut",
            "--config",
            "Auth0",
            "--grant",
            "client_credentials",
            "--audience",
            there["audience"].as_str().unwrap(),
        ],
        "KEYWRIGHT_FAULT_POINT",
        "after_answer_kept",
    );
    assert_eq!(cut.code, -1, "the process was ended: {cut:?}");

    let w = opened(&cli).await;
    w.says("pending-item", "cut").await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.click("pending-resume").await;
    w.says("app-row", "cut").await;
    w.click("app-row").await;
    w.click("app-tab-tokens").await;
    w.click("token-get").await;
    w.says("token-signature", "erified").await;
    assert!(!w.has("pending").await, "{}", w.page_text().await);
    w.close().await;
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
}

/// Okta keeps two secrets for a while: the window says so, and the new one gets tokens.
#[tokio::test(flavor = "multi_thread")]
async fn window_rotates_with_an_overlap() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    let there = sandbox.named("okta");
    cli.config_of(there, "Okta");
    cli.register_at(there, "orders", "Okta").json();
    let before = shown(&cli, "orders");
    let w = opened(&cli).await;
    w.click("app-row").await;
    w.click("app-rotate").await;
    w.says("rotate-dialog", "orders").await;
    w.says("rotate-how", "stays valid until").await;
    assert_eq!(w.focused().await.as_deref(), Some("rotate-cancel"));
    assert_eq!(w.axe().await, Vec::<String>::new());
    // Enter replaces no secret, not even with the red button in focus.
    w.enter_on("rotate-confirm").await;
    w.press(&["Escape"]).await;
    w.gone("rotate-dialog").await;
    assert_eq!(shown(&cli, "orders"), before);
    w.click("app-rotate").await;
    w.click("rotate-confirm").await;
    w.says("toast-text", "saved in the vault").await;
    w.close().await;
    let after = shown(&cli, "orders");
    assert_ne!(after["client_secret"], before["client_secret"]);
    assert_eq!(cli.run(&["token", "get", "orders", "--refresh"]).code, 0);
}

/// Neither choice is made for the user, and the irreversible one needs a tick.
#[tokio::test(flavor = "multi_thread")]
async fn window_delete_preselects_nothing() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    cli.config_of(&sandbox.personality, "Work");
    cli.register_at(&sandbox.personality, "orders", "Work")
        .json();
    let w = opened(&cli).await;
    w.click("app-row").await;
    w.press(&["Delete"]).await;
    w.find("delete-dialog").await;
    assert_eq!(w.focused().await.as_deref(), Some("delete-cancel"));
    let waits = async |w: &Window| {
        let button = w.find("delete-confirm").await;
        button.attr("aria-disabled").await.unwrap().is_some()
    };
    assert!(waits(&w).await, "nothing is chosen");
    w.click("delete-at-provider").await;
    w.says("delete-confirm", "Delete orders at the provider")
        .await;
    assert!(waits(&w).await, "the tick is off");
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.tick("delete-sure").await;
    assert!(!waits(&w).await);
    w.click("delete-forget").await;
    w.says("delete-confirm", "Forget orders").await;
    w.press(&["Escape"]).await;
    w.gone("delete-dialog").await;
    // Opened again, it starts afresh.
    w.press(&["Delete"]).await;
    w.find("delete-dialog").await;
    assert!(waits(&w).await);
    w.close().await;
    assert_eq!(cli.run(&["app", "list"]).json()["total"], 1);
}

/// Whoever finds the window open cannot lock its owner out.
#[tokio::test(flavor = "multi_thread")]
async fn window_asks_for_the_passphrase_before_a_change() {
    const NEW: &str = "river lamp cobalt fifteen";
    let cli = Cli::with_vault();
    let w = opened(&cli).await;
    w.click("nav-settings").await;
    w.fill("settings-passphrase", NEW).await;
    w.fill("settings-passphrase-again", NEW).await;
    w.click("settings-passphrase-save").await;
    w.says("settings-protection", "Enter the current passphrase")
        .await;
    w.fill("settings-passphrase-current", "wrong").await;
    w.click("settings-passphrase-save").await;
    w.says("settings-protection", "The passphrase is wrong")
        .await;
    assert_eq!(cli.run(&["app", "list"]).code, 0, "the old one opens it");
    w.fill("settings-passphrase-current", "correct horse battery")
        .await;
    w.fill("settings-passphrase-again", "another").await;
    w.click("settings-passphrase-save").await;
    w.says("settings-protection", "do not match").await;
    w.fill("settings-passphrase-again", NEW).await;
    w.says("settings-passphrase-strength", "Strong").await;
    w.click("settings-passphrase-save").await;
    w.says("toast-text", "Passphrase set").await;
    assert!(!w.page_source().await.contains(NEW));
    w.close().await;
    assert_eq!(
        cli.run(&["app", "list"]).error()["code"],
        "wrong_passphrase"
    );
}

/// A provider that has not heard of the new secret yet: the window shows where the rotation stands, and ends it.
#[tokio::test(flavor = "multi_thread")]
async fn f19_window_shows_a_rotation_until_the_new_secret_is_proven() {
    let fixture = CoreFixture::new().await;
    let configuration = fixture.configure(Personality::Entra);
    let draft = fixture.draft(Personality::Entra, &configuration.id, "orders");
    let made = fixture
        .keywright
        .registration()
        .register(draft)
        .await
        .unwrap()
        .application;
    let mut slow = SandboxFaults::default();
    slow.vendor.insert("secret_lag_ms".into(), 600_000);
    fixture.sandbox.set_faults(Personality::Entra, slow);
    // It waits for the provider; a program that is closed meanwhile leaves both secrets.
    let registration = fixture.keywright.registration();
    let rotation = registration.rotate(&made.id);
    let ended = tokio::time::timeout(Duration::from_secs(4), rotation).await;
    assert!(ended.is_err(), "the new secret cannot be proven yet");
    let rotated = fixture.keywright.applications().get(&made.id).unwrap();
    assert!(rotated.rotating, "both secrets are kept");

    let w = Window::open(&fixture.home()).await;
    w.fill("unlock-passphrase", "correct horse battery").await;
    w.click("unlock-submit").await;
    w.click("app-row").await;
    w.says("app-rotation", "has not accepted the new secret yet")
        .await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    fixture
        .sandbox
        .set_faults(Personality::Entra, SandboxFaults::default());
    w.click("app-rotation-prove").await;
    for _ in 0..200 {
        if !w.has("app-rotation").await {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(!w.has("app-rotation").await, "{}", w.page_text().await);
    w.close().await;
    let after = fixture.keywright.applications().get(&made.id).unwrap();
    assert!(!after.rotating, "the old secret is gone");
}
