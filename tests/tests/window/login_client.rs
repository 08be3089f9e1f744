//! The main job for a confidential login client at the Sandbox, with the keyboard alone: from the first run to the
//! deletion, with a restart in it.

use std::sync::Arc;

use keywright_tests::{Browser, Cli, Opener, Window};
use tokio::task::spawn_blocking;

const PASSPHRASE: &str = "correct horse battery";
const FREE: &str = "http://127.0.0.1/callback";

/// Calls the API with the token of the user.
async fn call(w: &Window) {
    w.find("console-send").await;
    for _ in 0..160 {
        let focused = w.focused().await.unwrap_or_default();
        if focused == "console-auth-bearer" {
            break;
        }
        let inside = focused.starts_with("console-auth-");
        w.press(&[if inside { "Right" } else { "Tab" }]).await;
    }
    w.press(&["Control", "Enter"]).await;
    w.says("result-bearer", "200").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_login_client_main_job_by_keyboard() {
    let cli = Cli::new();
    let opener = Arc::new(Opener::start());
    let path = opener.path();
    let w = Window::open_with(&cli.home(), &[("PATH", &path)], &[]).await;
    for field in ["first-run-passphrase", "first-run-passphrase-again"] {
        w.tab_to(field).await;
        w.type_keys(PASSPHRASE).await;
    }
    w.enter_on("first-run-sandbox").await;

    w.tab_to("register-name").await;
    w.type_keys("login").await;
    w.space_on("register-grant-authorization_code").await;
    w.space_on("register-grant-client_credentials").await;
    w.space_on("register-grant-refresh_token").await;
    w.enter_on("register-redirect-add").await;
    w.retype("register-redirect-0", FREE).await;
    w.retype("register-scopes", "openid orders:read").await;
    w.press(&["Control", "Enter"]).await;
    w.find("register-result").await;
    assert!(
        w.has("secret-client_secret-reveal").await,
        "it is confidential"
    );

    w.says("result-get-token", "Sign in").await;
    w.enter_on("result-get-token").await;
    w.find("sign-in").await;
    let page = spawn_blocking({
        let opener = Arc::clone(&opener);
        move || Browser::new().allow_at_sandbox(&opener.address(), "carol")
    });
    assert!(page.await.unwrap().text.contains("You can close this tab"));
    w.says("live-token-origin", "Signed in as demo-user-3")
        .await;
    w.press(&["Control", "Shift", "a"]).await;
    call(&w).await;

    // A refresh asks nobody.
    w.press(&["Control", "1"]).await;
    w.find("app-tab-tokens").await;
    w.press(&["Control", "Enter"]).await;
    w.says("live-tokens", "2 live tokens").await;
    assert!(opener.is_unused(), "a refresh opens no browser");
    w.close().await;

    // Sign-in and tokens outlive the program.
    let w = Window::open_with(&cli.home(), &[("PATH", &path)], &[]).await;
    w.tab_to("unlock-passphrase").await;
    w.type_keys(PASSPHRASE).await;
    w.press(&["Enter"]).await;
    w.find("nav-applications").await;
    w.press(&["Control", "3"]).await;
    call(&w).await;
    assert!(opener.is_unused());

    w.press(&["Control", "1"]).await;
    w.enter_on("token-sign-out").await;
    let page = spawn_blocking({
        let opener = Arc::clone(&opener);
        move || Browser::new().open(&opener.address())
    });
    assert!(page.await.unwrap().text.contains("Signed out"));

    w.enter_on("app-more").await;
    w.find("app-more-delete").await;
    w.press(&["End"]).await;
    w.press(&["Enter"]).await;
    w.find("delete-dialog").await;
    w.tab_to("delete-forget").await;
    w.press(&["Down"]).await;
    w.space_on("delete-sure").await;
    w.tab_to("delete-confirm").await;
    w.press(&["Space"]).await;
    w.find("applications-empty").await;
    w.close().await;
    assert_eq!(cli.run(&["app", "list"]).json()["total"], 0);
}
