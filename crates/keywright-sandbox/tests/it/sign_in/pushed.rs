//! Pushed authorization requests (RFC 9126), and clients whose ID is an address.

use axum::Json;
use axum::routing::get;
use serde_json::{Value, json};

use super::{CALLBACK, CHALLENGE, Visit, parameter, target};
use crate::bench::{refusal, text};

const FIELDS: [(&str, &str); 6] = [
    ("response_type", "code"),
    ("redirect_uri", CALLBACK),
    ("state", "pushed"),
    ("scope", "openid"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

#[tokio::test]
async fn a_pushed_request_is_used_once_and_cannot_be_changed() {
    let visit = Visit::new().await;
    let mut fields = vec![("client_id", visit.id())];
    fields.extend(FIELDS);
    let response = visit.post("par", &fields).await;
    assert_eq!(response.status(), 201);
    let pushed: Value = response.json().await.unwrap();
    assert_eq!(pushed["expires_in"], 90);
    let mut url: url::Url = format!("{}/authorize", visit.bench.issuer).parse().unwrap();
    url.query_pairs_mut()
        .append_pair("client_id", visit.id())
        .append_pair("request_uri", text(&pushed, "request_uri"))
        .append_pair("state", "of the browser");
    let page = visit.open(&url, &[]).await;
    assert_eq!(page.status(), 200);
    let page = page.text().await.unwrap();
    let allow = [("user", "alice"), ("decision", "allow")];
    let answer = target(&visit.decide(&page, &allow).await);
    assert_eq!(parameter(&answer, "state"), "pushed");
    let again = visit.open(&url, &[]).await;
    assert_eq!(again.status(), 400);
}

#[tokio::test]
async fn what_cannot_be_pushed_is_refused_with_a_code() {
    let visit = Visit::new().await;
    for (name, value, code) in [
        ("redirect_uri", "https://evil.example", "invalid_request"),
        ("request_uri", "urn:example", "invalid_request"),
        ("response_type", "token", "unsupported_response_type"),
        ("scope", "admin", "invalid_scope"),
    ] {
        let mut fields = vec![("client_id", visit.id()), (name, value)];
        fields.extend(FIELDS.into_iter().filter(|(known, _)| *known != name));
        let response = visit.post("par", &fields).await;
        assert_eq!(refusal(response).await, (400, code.to_owned()), "{name}");
    }
    let unknown = visit.post("par", &[("client_id", "unknown")]).await;
    assert_eq!(refusal(unknown).await, (401, "invalid_client".to_owned()));
}

/// Serves a document at `/client` and gives its address.
async fn served(change: impl FnOnce(&mut Value)) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/client", listener.local_addr().unwrap());
    let mut document = json!({
        "client_id": address, "client_name": "Document", "redirect_uris": [CALLBACK],
    });
    change(&mut document);
    let router = axum::Router::new().route("/client", get(async move || Json(document)));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

#[tokio::test]
async fn a_client_may_be_the_address_of_its_document() {
    let visit = Visit::new().await;
    let id = served(|_| {}).await;
    let change = [("client_id", id.as_str())];
    let answer = visit.allowed(&change).await;
    let response = visit.redeem(&parameter(&answer, "code"), &change).await;
    assert_eq!(response.status(), 200);
    let tokens: Value = response.json().await.unwrap();
    let api = visit.bench.with_bearer(text(&tokens, "access_token")).await;
    let api: Value = api.json().await.unwrap();
    assert_eq!(api["client_id"], id);
}

#[tokio::test]
async fn a_document_that_does_not_hold_is_refused() {
    let visit = Visit::new().await;
    for id in [
        served(|it| it["client_id"] = json!("http://127.0.0.1/other")).await,
        served(|it| it["client_secret"] = json!("x")).await,
        served(|it| it["token_endpoint_auth_method"] = json!("client_secret_basic")).await,
        served(|it| it["client_name"] = json!("x".repeat(6000))).await,
        "http://127.0.0.1:9/client".to_owned(),
        "https://app.example/client".to_owned(),
    ] {
        let response = visit.open(&visit.request(&[("client_id", &id)]), &[]).await;
        assert_eq!(response.status(), 400, "{id}");
    }
}
