//! The main job in the real window at each kind of provider, against the personality of the Sandbox
//! that answers as it does.

use fantoccini::Locator;
use keywright_tests::{Cli, Window};

const PASSPHRASE: &str = "correct horse battery";
const WAYS: [&str; 3] = ["client-credentials", "bearer", "session"];

/// Sandbox, Use, Verify, Register, Get token, three calls, Delete.
async fn main_job_at(personality: &str) {
    let cli = Cli::new();
    let w = Window::open(&cli.home()).await;
    w.fill("first-run-passphrase", PASSPHRASE).await;
    w.fill("first-run-passphrase-again", PASSPHRASE).await;
    w.click("first-run-sandbox").await;
    w.find("register-name").await;

    w.click("nav-sandbox").await;
    let issuer = w.text(&format!("personality-{personality}-issuer")).await;
    let issuer = issuer.trim();
    w.click(&format!("personality-{personality}-use")).await;
    assert_eq!(
        w.value("config-issuer").await,
        issuer,
        "the configuration leads to the personality"
    );
    w.css("[data-testid^=step-]").await;
    let failed = Locator::Css("[data-testid^=step-][data-state=failed]");
    assert!(
        w.client.find_all(failed).await.unwrap().is_empty(),
        "a step failed:\n{}",
        w.page_text().await
    );
    w.css("[data-testid=capability-register][data-verdict=yes]")
        .await;

    w.click("config-register").await;
    w.fill("register-name", "orders-batch").await;
    w.find("register-preview-step").await;
    w.click("register-submit").await;
    w.find("register-result").await;
    w.click("result-get-token").await;
    w.says("token-signature", "erified").await;

    w.click("nav-console").await;
    for way in WAYS {
        w.click(&format!("console-auth-{way}")).await;
        w.click("console-send").await;
        w.says(&format!("result-{way}"), "200").await;
    }

    w.click("nav-applications").await;
    w.click("app-row").await;
    w.click("app-more").await;
    w.click("app-more-delete").await;
    w.click("delete-at-provider").await;
    w.tick("delete-sure").await;
    w.click("delete-confirm").await;
    w.find("applications-empty").await;
    w.close().await;
    assert_eq!(cli.run(&["app", "list"]).json()["total"], 0);
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn window_main_job_at_rfc7591() {
    main_job_at("rfc7591").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_main_job_at_auth0() {
    main_job_at("auth0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_main_job_at_okta() {
    main_job_at("okta").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_main_job_at_curity() {
    main_job_at("curity").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_main_job_at_entra() {
    main_job_at("entra").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_main_job_at_http_bridge() {
    main_job_at("http-bridge").await;
}
