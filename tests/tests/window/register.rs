//! The form of a registration: what every client needs in sight, the rest by grant.

use std::path::Path;

use keywright_sandbox::Personality;
use keywright_tests::{Cli, CoreFixture, OidcProvider, PickyServer, Window};
use serde_json::json;

async fn opened(fixture: &CoreFixture) -> Window {
    opened_at(&fixture.home()).await
}

async fn opened_at(home: &Path) -> Window {
    let w = Window::unlocked(home).await;
    w.press(&["Control", "n"]).await;
    w.exists("[data-testid=register-grant-client_credentials]")
        .await;
    w
}

/// Is the whole control inside what is seen of the form?
async fn in_sight(w: &Window, id: &str) -> bool {
    let script = "const box = document.querySelector(`[data-testid=\"${arguments[0]}\"]`).getBoundingClientRect();\
        const form = document.querySelector('.regsplit .scroll').getBoundingClientRect();\
        return box.top >= form.top && box.bottom <= form.bottom";
    let found = w.client.execute(script, vec![id.into()]).await.unwrap();
    found.as_bool().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn window_register_folds_what_the_grant_does_not_need() {
    let fixture = CoreFixture::new().await;
    fixture.configure(Personality::Rfc7591);
    let w = opened(&fixture).await;
    w.resize(960, 640).await;
    for id in ["register-name", "register-configuration", "register-scopes"] {
        assert!(in_sight(&w, id).await, "{id}");
    }
    // A service is sent nowhere, and renews nothing.
    w.says("register-redirect-none", "None needed").await;
    assert!(!w.has("register-grant-refresh_token").await);
    assert!(!w.has("register-auth-method").await);
    assert_eq!(w.axe().await, Vec::<String>::new());

    w.tick("register-grant-authorization_code").await;
    w.find("register-redirect-add").await;
    w.gone("register-redirect-none").await;
    w.exists("[data-testid=register-grant-refresh_token]").await;
    w.tick("register-grant-authorization_code").await;
    w.find("register-redirect-none").await;

    w.click("register-auth-change").await;
    assert_eq!(w.focused().await.as_deref(), Some("register-auth-method"));
    assert_eq!(w.axe().await, Vec::<String>::new());

    // A mistake in a folded field opens it. All of the form is in sight, so that nothing is clicked at its edge.
    w.resize(1280, 880).await;
    w.fill("register-name", "orders").await;
    w.click("register-advanced").await;
    w.fill("register-json", "{").await;
    w.click("register-advanced").await;
    w.click("register-submit").await;
    w.find("register-json").await;
    assert_eq!(w.focused().await.as_deref(), Some("register-json"));
    w.close().await;
}

/// A scope that the server filled in does not matter; one that it refused does.
#[tokio::test(flavor = "multi_thread")]
async fn window_marks_only_what_was_refused() {
    let fixture = CoreFixture::new().await;
    fixture.configure(Personality::Rfc7591);
    let w = opened(&fixture).await;
    w.fill("register-name", "filled").await;
    w.click("register-submit").await;
    w.find("register-result").await;
    assert!(!w.has("result-note").await);
    let marks =
        "return [...document.querySelectorAll('[data-testid=register-result] .badge.warn')].length";
    let found = w.client.execute(marks, Vec::new()).await.unwrap();
    assert_eq!(found.as_u64(), Some(0));

    w.click("result-another").await;
    w.fill("register-name", "refused").await;
    w.fill("register-scopes", "orders:read no:such").await;
    w.click("register-submit").await;
    w.says("register-result", "refused").await;
    w.css("[data-testid=result-differences].warn, [data-testid=result-differences] .warn, .badge.warn")
        .await;
    w.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn window_registers_for_tokens_that_are_bound_to_a_key() {
    let server = OidcProvider::with_nonces();
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    let w = opened_at(&cli.home()).await;
    w.fill("register-name", "bound").await;
    w.fill("register-scopes", "orders:read").await;
    w.click("register-advanced").await;
    w.tick("register-dpop").await;
    assert_eq!(w.axe().await, Vec::<String>::new());
    w.click("register-submit").await;
    w.find("register-result").await;
    w.click("result-get-token").await;
    w.find("token-card").await;
    w.close().await;
    let token = cli.run(&["token", "show", "bound"]).json();
    assert_eq!(token["token_type"], "DPoP", "{token}");
}

#[tokio::test(flavor = "multi_thread")]
async fn window_registers_without_what_was_refused() {
    let server = PickyServer::start(json!({}), |asked| {
        let scope = asked["scope"].as_str().unwrap_or_default();
        if scope.contains("orders:admin") {
            let refusal = json!({
                "error": "invalid_client_metadata", "error_description": "scope orders:admin not allowed",
            });
            return Some((400, refusal));
        }
        let mut answer = asked.clone();
        answer["client_id"] = json!("orders-client");
        answer["client_secret"] = json!("a-secret-of-this-test");
        Some((201, answer))
    });
    let cli = Cli::with_vault();
    cli.config("Picky", &server.issuer, &[]);
    let w = opened_at(&cli.home()).await;
    w.fill("register-name", "orders-admin").await;
    w.fill("register-scopes", "orders:read orders:admin").await;
    w.click("register-submit").await;
    w.find("register-error").await;
    w.says("register-submit", "Register without orders:admin")
        .await;
    let field = "return document.querySelector('[data-testid=register-scopes]').getAttribute('aria-invalid')";
    let invalid = w.client.execute(field, Vec::new()).await.unwrap();
    assert_eq!(invalid.as_str(), Some("true"));
    let marked = "return [...document.querySelectorAll('[data-testid=register-preview] pre .bad')].map((one) => one.innerText.trim())";
    let marked = w.client.execute(marked, Vec::new()).await.unwrap();
    assert_eq!(marked, json!(["\"scope\": \"orders:read orders:admin\","]));
    assert_eq!(w.axe().await, Vec::<String>::new());

    w.click("register-submit").await;
    w.find("register-result").await;
    let sent = server.sent();
    assert_eq!(sent.last().unwrap()["scope"], "orders:read");
    w.close().await;
}
