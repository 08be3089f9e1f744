//! The main job in the real window: with the mouse, with the keyboard alone, at the Sandbox and at
//! an independent server; and what the window may never show.

use keywright_tests::{Cli, OidcProvider, Window};

const PASSPHRASE: &str = "correct horse battery";
const WAYS: [&str; 3] = ["client-credentials", "bearer", "session"];

#[tokio::test(flavor = "multi_thread")]
async fn window_main_job_by_mouse() {
    let cli = Cli::new();
    let w = Window::open(&cli.home()).await;
    w.fill("first-run-passphrase", PASSPHRASE).await;
    w.fill("first-run-passphrase-again", PASSPHRASE).await;
    w.click("first-run-sandbox").await;

    w.fill("register-name", "orders-batch").await;
    w.click("register-submit").await;
    w.find("register-result").await;
    let source = w.page_source().await;
    w.click("secret-client_secret-reveal").await;
    let secret = w.text("secret-client_secret-value").await;
    assert!(secret.len() >= 16, "{secret:?}");
    assert!(
        !source.contains(&secret),
        "a masked secret is not in the page"
    );
    w.click("secret-client_secret-reveal").await;
    assert!(
        !w.page_source().await.contains(&secret),
        "hidden again, it is gone from the page"
    );

    w.click("result-get-token").await;
    w.says("token-signature", "erified").await;

    w.click("nav-console").await;
    for way in WAYS {
        w.click(&format!("console-auth-{way}")).await;
        w.click("console-send").await;
        w.says(&format!("result-{way}"), "200").await;
    }

    // The session outlives the program.
    w.close().await;
    let w = Window::open(&cli.home()).await;
    w.fill("unlock-passphrase", PASSPHRASE).await;
    w.click("unlock-submit").await;
    w.click("nav-sessions").await;
    w.click("session-row").await;
    w.click("session-replay").await;
    w.says("session-replay-status", "200").await;

    // Lock shows nothing of what is inside; unlock brings the place back.
    w.click("lock-now").await;
    w.find("unlock-passphrase").await;
    let locked = w.page_source().await;
    assert!(
        !locked.contains("orders-batch"),
        "no name stands behind the lock"
    );
    w.fill("unlock-passphrase", "wrong").await;
    w.click("unlock-submit").await;
    w.css("[role=alert]").await;
    w.fill("unlock-passphrase", PASSPHRASE).await;
    w.click("unlock-submit").await;
    w.find("session-replay").await;

    w.click("nav-applications").await;
    w.click("app-row").await;
    w.click("app-more").await;
    w.click("app-more-delete").await;
    w.click("delete-at-provider").await;
    w.tick("delete-sure").await;
    w.click("delete-confirm").await;
    w.find("applications-empty").await;
    w.close().await;
    let left = cli.run(&["app", "list"]).json();
    assert_eq!(left["total"], 0);
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn window_main_job_by_keyboard() {
    let cli = Cli::new();
    let w = Window::open(&cli.home()).await;
    w.tab_to("first-run-passphrase").await;
    w.type_keys(PASSPHRASE).await;
    w.tab_to("first-run-passphrase-again").await;
    w.type_keys(PASSPHRASE).await;
    w.enter_on("first-run-sandbox").await;

    w.tab_to("register-name").await;
    w.type_keys("keyboard-only").await;
    w.press(&["Control", "Enter"]).await;
    w.find("register-result").await;
    w.enter_on("secret-client_secret-reveal").await;
    assert!(w.text("secret-client_secret-value").await.len() >= 16);
    w.enter_on("result-get-token").await;
    w.says("token-signature", "erified").await;

    // The third place of the sidebar.
    w.press(&["Control", "3"]).await;
    w.find("console-send").await;
    for way in WAYS {
        walk_to_way(&w, way).await;
        w.press(&["Control", "Enter"]).await;
        w.says(&format!("result-{way}"), "200").await;
    }

    w.close().await;
    let w = Window::open(&cli.home()).await;
    w.tab_to("unlock-passphrase").await;
    w.type_keys(PASSPHRASE).await;
    w.press(&["Enter"]).await;
    w.find("nav-sessions").await;
    w.press(&["Control", "4"]).await;
    w.find("session-row").await;
    w.enter_on("session-replay").await;
    w.says("session-replay-status", "200").await;

    w.press(&["Control", "l"]).await;
    w.tab_to("unlock-passphrase").await;
    w.type_keys(PASSPHRASE).await;
    w.press(&["Enter"]).await;
    w.find("nav-applications").await;

    // The palette finds the application by its name.
    w.press(&["Control", "k"]).await;
    w.find("palette-text").await;
    w.type_keys("keyboard-only").await;
    w.css("[data-testid^=palette-application-]").await;
    w.press(&["Enter"]).await;
    w.enter_on("app-more").await;
    w.find("app-more-delete").await;
    w.press(&["End"]).await;
    w.press(&["Enter"]).await;
    w.find("delete-dialog").await;
    w.tab_to("delete-forget").await;
    w.press(&["Down"]).await;
    // A check box is drawn by its label, and the driver does not see it.
    w.press(&["Tab"]).await;
    assert_eq!(w.focused().await.as_deref(), Some("delete-sure"));
    w.press(&["Space"]).await;
    // Enter deletes nothing, not even with the red button in focus.
    w.enter_on("delete-confirm").await;
    w.find("delete-dialog").await;
    w.press(&["Space"]).await;
    w.find("applications-empty").await;
    w.close().await;
    assert_eq!(cli.run(&["app", "list"]).json()["total"], 0);
}

/// The three ways are one control: Tab reaches it, arrows move in it.
async fn walk_to_way(w: &Window, way: &str) {
    for _ in 0..160 {
        let focused = w.focused().await.unwrap_or_default();
        if focused == format!("console-auth-{way}") {
            w.press(&["Space"]).await;
            return;
        }
        let inside = focused.starts_with("console-auth-");
        w.press(&[if inside { "Right" } else { "Tab" }]).await;
    }
    panic!("the keyboard never reached {way}");
}

#[tokio::test(flavor = "multi_thread")]
async fn window_registers_at_oidc_provider_with_an_initial_access_token() {
    let server = OidcProvider::closed();
    let cli = Cli::with_vault();
    let w = Window::open(&cli.home()).await;
    w.fill("unlock-passphrase", PASSPHRASE).await;
    w.click("unlock-submit").await;
    w.click("nav-configurations").await;
    w.click("config-new").await;
    w.click("config-kind-rfc7591").await;
    w.fill("config-name", "Work").await;
    w.fill("config-issuer", &server.issuer).await;
    w.fill(
        "config-field-initial_access_token",
        OidcProvider::INITIAL_ACCESS_TOKEN,
    )
    .await;
    w.click("config-save").await;
    w.click("config-verify").await;
    w.css("[data-testid=step-token_endpoint][data-state=passed]")
        .await;
    w.click("config-register").await;
    w.fill("register-name", "from the window").await;
    w.click("register-submit").await;
    w.find("register-result").await;
    assert!(
        !w.page_source()
            .await
            .contains(OidcProvider::INITIAL_ACCESS_TOKEN),
        "the token is not in the page"
    );
    w.click("result-get-token").await;
    w.find("token-signature").await;

    w.click("app-tab-registration").await;
    w.click("registration-read").await;
    w.click("registration-update").await;
    // The whole registration is edited: what is left out would be removed.
    let whole = w.value("registration-update-json").await;
    let renamed = whole.replace("\"from the window\"", "\"renamed there\"");
    w.paste("registration-update-json", &renamed).await;
    w.says("registration-update-changes", "renamed there").await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.click("registration-update-submit").await;
    w.css("[data-testid=registration-diff]").await;
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
async fn window_shows_what_the_command_line_changed_within_a_second() {
    let cli = Cli::with_vault();
    let server = OidcProvider::open();
    cli.config("Open", &server.issuer, &[]);
    let w = Window::open(&cli.home()).await;
    w.fill("unlock-passphrase", PASSPHRASE).await;
    w.click("unlock-submit").await;
    w.find("applications-empty").await;
    cli.register("from-the-terminal", "Open", &[]).json();
    w.says("app-row", "from-the-terminal").await;
    w.close().await;
}
