//! Deletions: what proves that a client is gone, and what does not.

use keywright_tests::{Cli, Output};
use serde_json::json;
use wiremock::ResponseTemplate;

use super::{Issuer, SECRET, delete, secret};

fn kept(cli: &Cli, refused: &Output, words: &str) {
    let error = refused.error();
    assert_eq!(refused.code, 5, "{refused:?}");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(words), "{message}");
    assert!(
        error["hint"]
            .as_str()
            .unwrap()
            .contains("app forget orders")
    );
    assert_eq!(secret(cli), SECRET);
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_deletion_answered_401_keeps_a_living_client() {
    let issuer = Issuer::start().await;
    issuer.accepts(SECRET).await;
    issuer.refuses("DELETE", 401).await;
    let cli = issuer.registered();
    kept(&cli, &delete(&cli), "its secret still works");
    assert_eq!(cli.run(&["token", "get", "orders"]).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_deletion_of_a_gone_client_can_be_undone() {
    for status in [401, 404, 410] {
        let issuer = Issuer::start().await;
        issuer.refuses_tokens().await;
        issuer.refuses("DELETE", status).await;
        let cli = issuer.registered();
        let done = delete(&cli).json();
        assert_eq!(done["deleted"], "orders", "{status}");
        assert_eq!(cli.run(&["app", "list"]).json()["total"], 0);
        cli.run(&["app", "restore", done["forgotten_id"].as_str().unwrap()])
            .json();
        assert_eq!(secret(&cli), SECRET, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_a_404_of_a_gateway_keeps_the_application() {
    let issuer = Issuer::start().await;
    let gateway = json!({"message": "no Route matched with those values"});
    issuer.on("POST", "/token", 404, gateway.clone()).await;
    issuer.manages("DELETE", 404, gateway).await;
    let cli = issuer.registered();
    kept(&cli, &delete(&cli), "does not prove");
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_a_401_that_no_token_request_explains_keeps_the_application() {
    // A proxy in front of both addresses, an outage of the token endpoint, a limit.
    for (status, body) in [(401, ""), (503, ""), (429, r#"{"error":"slow_down"}"#)] {
        let issuer = Issuer::start().await;
        let answer = ResponseTemplate::new(status).set_body_string(body);
        issuer.answers("POST", "/token", answer).await;
        issuer.refuses("DELETE", 401).await;
        let cli = issuer.registered();
        kept(&cli, &delete(&cli), "does not prove");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_an_expired_secret_proves_nothing() {
    let issuer = Issuer::start().await;
    issuer.0.reset().await;
    let expired = issuer.information(&json!({"client_secret_expires_at": 1}));
    let metadata = json!({
        "issuer": issuer.0.uri(),
        "registration_endpoint": format!("{}/register", issuer.0.uri()),
        "token_endpoint": format!("{}/token", issuer.0.uri()),
    });
    issuer
        .on(
            "GET",
            "/.well-known/oauth-authorization-server",
            200,
            metadata,
        )
        .await;
    issuer.on("POST", "/register", 201, expired).await;
    issuer.refuses_tokens().await;
    issuer.refuses("DELETE", 401).await;
    let cli = issuer.registered();
    kept(&cli, &delete(&cli), "does not prove");
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_a_read_refused_with_401_rejects_no_living_client() {
    let issuer = Issuer::start().await;
    issuer.accepts(SECRET).await;
    issuer.refuses("GET", 401).await;
    let cli = issuer.registered();
    cli.run(&["token", "get", "orders"]).json();
    let read = cli.run(&["app", "refresh", "orders"]);
    kept(&cli, &read, "its secret still works");
    assert_eq!(cli.run(&["app", "show", "orders"]).json()["health"], "live");
}

#[tokio::test(flavor = "multi_thread")]
async fn f12_a_deletion_answered_with_a_web_page_is_unknown() {
    let issuer = Issuer::start().await;
    let page = ResponseTemplate::new(200).set_body_string("<html><title>Sign in</title></html>");
    issuer.answers("DELETE", "/register/c-1", page).await;
    let cli = issuer.registered();
    assert_eq!(delete(&cli).code, 7);
    assert_eq!(secret(&cli), SECRET);
}
