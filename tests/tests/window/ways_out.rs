//! The buttons for what did not work at once: a replaced secret, a client that is registered again, an
//! adapted registration, a server that asks for a login.

use keywright_tests::{Cli, SandboxProcess, Window, real::Server};
use serde_json::Value;

const WRONG: &str = "not-the-secret-of-anyone";

fn shown(cli: &Cli, name: &str) -> Value {
    cli.run(&["app", "show", name, "--reveal"]).json()
}

/// A vault whose one application worked until its secret was replaced elsewhere; and the new secret.
fn with_replaced_secret(sandbox: &SandboxProcess) -> (Cli, String) {
    let cli = Cli::with_vault();
    cli.config_of(&sandbox.personality, "Work");
    cli.register_at(&sandbox.personality, "orders", "Work")
        .json();
    cli.run(&["token", "get", "orders"]).json();
    let secret = cli.replace_secret_elsewhere("orders", "Work");
    (cli, secret)
}

/// By keys alone, from the refusal to the next token.
#[tokio::test(flavor = "multi_thread")]
async fn window_enter_secret_keeps_the_one_that_works() {
    let sandbox = SandboxProcess::start(&[]);
    let (cli, secret) = with_replaced_secret(&sandbox);
    let before = shown(&cli, "orders");

    let w = Window::unlocked(&cli.home()).await;
    w.find("app-detail").await;
    w.tab_to("app-tab-credentials").await;
    w.press(&["Right"]).await;
    w.find("token-get").await;
    w.press(&["Control", "Enter"]).await;
    w.css("[data-testid=token-error-cause][data-cause=replaced]")
        .await;
    w.says("app-health", "Rejected").await;
    assert!(!w.has("app-healing").await, "the cause is shown once");
    w.enter_on("cause-do-enter_secret").await;
    w.find("enter-secret-dialog").await;
    assert_eq!(w.focused().await.as_deref(), Some("enter-secret-value"));
    w.type_keys(WRONG).await;
    w.press(&["Enter"]).await;
    w.find("enter-secret-error").await;
    assert!(!w.page_text().await.contains(WRONG));
    assert_eq!(
        shown(&cli, "orders")["client_secret"],
        before["client_secret"]
    );

    w.press(&["Escape"]).await;
    w.gone("enter-secret-dialog").await;
    w.enter_on("cause-do-enter_secret").await;
    // What was typed before is gone.
    w.find("enter-secret-dialog").await;
    w.type_keys(&secret).await;
    w.press(&["Enter"]).await;
    w.gone("enter-secret-dialog").await;
    w.says("app-health", "Live").await;
    w.gone("token-error").await;
    w.press(&["Control", "Enter"]).await;
    w.says("token-signature", "erified").await;
    w.close().await;
    let after = shown(&cli, "orders");
    assert_eq!(after["client_secret"], secret.as_str());
    assert_eq!(after["client_id"], before["client_id"]);
    assert_eq!(cli.run(&["token", "get", "orders", "--refresh"]).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn window_registers_again_under_the_same_name() {
    let sandbox = SandboxProcess::start(&[]);
    let (cli, _) = with_replaced_secret(&sandbox);
    cli.run(&["token", "get", "orders", "--refresh"]).error();
    let before = shown(&cli, "orders");

    let w = Window::unlocked(&cli.home()).await;
    w.says("app-healing", "no longer accepts").await;
    w.click("app-healing-cause").await;
    w.find("token-error-cause").await;
    w.click("cause-do-register_again").await;
    w.says("register-name-hint", "orders-old").await;
    w.click("register-submit").await;
    w.find("register-result").await;
    w.click("result-get-token").await;
    w.says("token-signature", "erified").await;
    w.close().await;
    let old = shown(&cli, "orders-old");
    assert_eq!(old["client_secret"], before["client_secret"]);
    assert_eq!(old["id"], before["id"]);
    assert_ne!(shown(&cli, "orders")["client_id"], before["client_id"]);
}

/// Glewlwyd insists on a redirect URI, for a client that needs none, too.
#[tokio::test(flavor = "multi_thread")]
async fn window_forgets_what_was_adapted() {
    let glewlwyd = Server::glewlwyd();
    let cli = Cli::with_vault();
    cli.config("Work", &glewlwyd.text("issuer"), &[]);
    let kept = || {
        let shown = cli.run(&["config", "show", "Work"]).json();
        shown["settings"]["adapted.redirect_uris"].clone()
    };
    let w = Window::unlocked(&cli.home()).await;
    register(&w, "one").await;
    w.find("adapted-attempt").await;
    w.find("adapted-accepted").await;
    assert_eq!(kept(), "dummy");
    w.click("adapted-forget").await;
    w.gone("adapted-forget").await;
    w.says("result-adapted", "default request format again")
        .await;
    assert_eq!(kept(), Value::Null);

    register(&w, "two").await;
    w.find("adapted-attempt").await;
    assert_eq!(kept(), "dummy");
    w.click("nav-configurations").await;
    w.click("config-row").await;
    w.find("config-adapted").await;
    w.click("config-adapted-forget").await;
    w.gone("config-adapted").await;
    w.says("toast", "default request format again").await;
    assert_eq!(kept(), Value::Null);
    w.close().await;
    assert_eq!(cli.run(&["app", "list"]).json()["total"], 2);
}

async fn register(w: &Window, name: &str) {
    w.press(&["Control", "n"]).await;
    // The result of the last one is shown until another is asked for.
    w.fill("register-name", name).await;
    w.fill("register-scopes", "orders:read").await;
    w.click("register-submit").await;
    w.find("result-adapted").await;
    w.says("register-result", name).await;
}

/// The router of the MCP SDK has no grant that a client could use by itself.
#[tokio::test(flavor = "multi_thread")]
async fn window_asks_before_a_client_that_gets_no_token() {
    let mcp = Server::mcp();
    let cli = Cli::with_vault();
    cli.config("Work", &mcp.text("issuer"), &[]);
    let w = Window::unlocked(&cli.home()).await;
    w.press(&["Control", "n"]).await;
    w.fill("register-name", "orders").await;
    w.click("register-submit").await;
    w.says("register-question", "only after a user signs in")
        .await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.click("register-question-cancel").await;
    w.gone("register-question").await;
    for list in [["app", "list"], ["app", "pending"]] {
        assert_eq!(cli.run(&list).json()["total"], 0, "nothing was sent");
    }

    w.click("register-submit").await;
    w.click("register-question-confirm").await;
    w.says("result-warning-login_only", "client_credentials")
        .await;
    w.close().await;
    assert_eq!(cli.run(&["app", "list"]).json()["total"], 1);
}
