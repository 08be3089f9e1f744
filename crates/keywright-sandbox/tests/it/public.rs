//! Public clients and clients of the authorization code grant.

use reqwest::Method;
use serde_json::{Value, json};

use crate::bench::{Bench, refusal, text};

async fn public(bench: &Bench) -> Value {
    bench
        .registered(&json!({
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "client_credentials"],
            "redirect_uris": ["https://app.example/cb"],
        }))
        .await
}

#[tokio::test]
async fn a_public_client_gets_no_secret() {
    let bench = Bench::new().await;
    let client = public(&bench).await;
    assert_eq!(client["token_endpoint_auth_method"], "none");
    assert_eq!(client.get("client_secret"), None);
    assert_eq!(client.get("client_secret_expires_at"), None);
    assert_eq!(client["response_types"], json!(["code"]));
    let read = bench.manage(Method::GET, &client).send().await.unwrap();
    assert_eq!(read.json::<Value>().await.unwrap(), client);
}

#[tokio::test]
async fn a_public_client_is_known_but_gets_no_token_for_itself() {
    let bench = Bench::new().await;
    let client = public(&bench).await;
    let id = text(&client, "client_id");
    for (path, body, status, code) in [
        (
            "token",
            "grant_type=client_credentials",
            400,
            "unauthorized_client",
        ),
        (
            "token",
            "grant_type=authorization_code&code=x",
            400,
            "invalid_grant",
        ),
        ("introspect", "token=x", 401, "invalid_client"),
    ] {
        let body = format!("{body}&client_id={id}");
        let response = bench.plain_form(path, &body).send().await.unwrap();
        assert_eq!(refusal(response).await, (status, code.to_owned()), "{body}");
    }
    let body = format!("token=x&client_id={id}");
    let response = bench.plain_form("revoke", &body).send().await.unwrap();
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn the_id_alone_does_not_pass_for_a_client_with_a_secret() {
    let bench = Bench::new().await;
    let client = bench.client().await;
    let body = format!(
        "grant_type=client_credentials&client_id={}",
        text(&client, "client_id")
    );
    let response = bench.plain_form("token", &body).send().await.unwrap();
    assert_eq!(refusal(response).await, (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn a_client_that_becomes_public_loses_its_secret_and_gets_one_on_the_way_back() {
    let bench = Bench::new().await;
    let client = bench.client().await;
    let secret = text(&client, "client_secret");
    for (method, has_secret) in [("none", false), ("client_secret_basic", true)] {
        let mut body = json!({
            "client_id": client["client_id"], "token_endpoint_auth_method": method,
        });
        if !has_secret {
            body["client_secret"] = json!(secret);
        }
        let request = bench.manage(Method::PUT, &client).json(&body);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        let updated: Value = response.json().await.unwrap();
        assert_eq!(updated.get("client_secret").is_some(), has_secret);
        assert_ne!(updated["client_secret"], client["client_secret"]);
    }
}

#[tokio::test]
async fn the_code_grant_needs_redirect_uris() {
    let bench = Bench::new().await;
    let asked = json!({ "grant_types": ["authorization_code"] });
    let response = bench.register(&asked).await;
    assert_eq!(
        refusal(response).await,
        (400, "invalid_redirect_uri".to_owned())
    );
}
