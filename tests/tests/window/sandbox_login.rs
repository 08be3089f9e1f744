//! The main job for a login client with the Sandbox alone: no other server, and no account anywhere.

use std::sync::Arc;

use keywright_tests::{Browser, Cli, Opener, Window};
use tokio::task::spawn_blocking;

const PASSPHRASE: &str = "correct horse battery";
const FREE: &str = "http://127.0.0.1/callback";

/// The window with a public client for sign-ins at its own Sandbox, registered by the form.
async fn registered(cli: &Cli, opener: &Opener) -> Window {
    let path = opener.path();
    let w = Window::open_with(&cli.home(), &[("PATH", &path)], &[]).await;
    w.fill("first-run-passphrase", PASSPHRASE).await;
    w.fill("first-run-passphrase-again", PASSPHRASE).await;
    w.click("first-run-sandbox").await;

    // The metadata of the Sandbox lists sign-ins, so the form offers them.
    w.fill("register-name", "login").await;
    w.tick("register-grant-authorization_code").await;
    w.tick("register-grant-client_credentials").await;
    w.tick("register-grant-refresh_token").await;
    w.click("register-auth-change").await;
    let select = w.find("register-auth-method").await;
    select.select_by_value("none").await.unwrap();
    w.click("register-redirect-add").await;
    w.fill("register-redirect-0", FREE).await;
    w.fill("register-scopes", "openid profile orders:read")
        .await;
    w.click("register-submit").await;
    w.find("register-result").await;
    w
}

/// Somebody allows what the window opened the browser for; what the browser shows in the end.
async fn allowed(opener: &Arc<Opener>, user: &'static str) -> String {
    let opener = Arc::clone(opener);
    let page =
        spawn_blocking(move || Browser::new().allow_at_sandbox(&opener.address(), user)).await;
    page.unwrap().text
}

#[tokio::test(flavor = "multi_thread")]
async fn window_login_client_main_job_with_the_sandbox() {
    let cli = Cli::new();
    let opener = Arc::new(Opener::start());
    let w = registered(&cli, &opener).await;

    w.says("result-get-token", "Sign in").await;
    w.click("result-get-token").await;
    w.find("sign-in").await;
    let page = allowed(&opener, "carol").await;
    assert!(page.contains("You can close this tab"), "{page}");
    w.says("live-token-origin", "Signed in as demo-user-3")
        .await;
    w.find("token-card").await;

    // A call with the user's token, then a refresh that asks nobody.
    w.click("app-call").await;
    w.click("console-auth-bearer").await;
    w.click("console-send").await;
    w.says("result-bearer", "200").await;
    w.click("nav-applications").await;
    w.click("app-tab-tokens").await;
    let first = w.find("token-card").await.attr("data-id").await.unwrap();
    w.click("token-get").await;
    let next = format!(
        "[data-testid=token-card]:not([data-id=\"{}\"])",
        first.unwrap()
    );
    w.css(&next).await;
    assert!(opener.is_unused(), "a refresh opens no browser");

    // The sign-in outlives the program.
    w.close().await;
    let w = Window::open_with(&cli.home(), &[("PATH", &opener.path())], &[]).await;
    w.unlock().await;
    w.click("nav-console").await;
    w.click("console-send").await;
    w.says("result-bearer", "200").await;
    assert!(
        opener.is_unused(),
        "a call after a restart opens no browser"
    );

    w.click("nav-applications").await;
    w.click("token-sign-out").await;
    let page = spawn_blocking({
        let opener = Arc::clone(&opener);
        move || Browser::new().open(&opener.address())
    });
    let page = page.await.unwrap();
    assert!(page.text.contains("Signed out"), "{page:?}");

    w.click("app-more").await;
    w.click("app-more-delete").await;
    w.click("delete-at-provider").await;
    w.tick("delete-sure").await;
    w.click("delete-confirm").await;
    w.find("applications-empty").await;
    w.close().await;
    assert_eq!(cli.run(&["app", "list"]).json()["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn window_sign_in_meets_the_faults_of_the_sandbox() {
    let cli = Cli::new();
    let opener = Arc::new(Opener::start());
    let w = registered(&cli, &opener).await;
    w.press(&["Control", "6"]).await;
    w.click("sandbox-custom").await;
    w.tick("fault-wrong_iss").await;
    w.says("nav-faults", "1 fault on").await;

    // Another server's answer is refused, and its code is not used.
    w.press(&["Control", "1"]).await;
    w.click("app-tab-tokens").await;
    w.click("token-get").await;
    w.find("sign-in").await;
    let page = allowed(&opener, "alice").await;
    assert!(page.contains("Not signed in"), "{page}");
    w.says("token-error", "someone-else.example").await;

    w.press(&["Control", "Shift", "0"]).await;
    w.gone("nav-faults").await;
    w.click("token-again").await;
    w.find("sign-in").await;
    allowed(&opener, "alice").await;
    w.says("live-token-origin", "Signed in as demo-user-1")
        .await;
    w.close().await;
}
