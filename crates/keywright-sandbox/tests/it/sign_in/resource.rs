//! What the API says of itself (RFC 9728), and what it asks more scope for (RFC 6750).

use reqwest::header::WWW_AUTHENTICATE;
use serde_json::{Value, json};

use super::{Visit, parameter};
use crate::bench::text;

fn challenges(response: &reqwest::Response) -> Vec<String> {
    let all = response.headers().get_all(WWW_AUTHENTICATE).iter();
    all.map(|value| value.to_str().unwrap().to_owned())
        .collect()
}

fn document(challenge: &str) -> &str {
    let (_, rest) = challenge.split_once("resource_metadata=\"").unwrap();
    rest.split('"').next().unwrap()
}

#[tokio::test]
async fn the_api_says_who_issues_its_tokens() {
    let visit = Visit::new().await;
    let response = visit.bench.http.get(&visit.bench.api).send().await.unwrap();
    assert_eq!(response.status(), 401);
    let said = challenges(&response);
    assert!(said[0].contains("scope=\"orders:read\""), "{said:?}");
    let found = visit.bench.http.get(document(&said[0])).send().await;
    let found: Value = found.unwrap().json().await.unwrap();
    assert_eq!(found["resource"], visit.bench.api);
    assert_eq!(found["authorization_servers"], json!([visit.bench.issuer]));
}

#[tokio::test]
async fn a_user_who_allowed_less_is_asked_for_more() {
    // As a client that registered what the first challenge asked for.
    let visit = Visit::with(&json!({ "scope": "orders:read" })).await;
    let code = parameter(&visit.allowed(&[("scope", "orders:read")]).await, "code");
    let tokens: Value = visit.redeem(&code, &[]).await.json().await.unwrap();
    let token = text(&tokens, "access_token");
    assert_eq!(visit.bench.with_bearer(token).await.status(), 200);
    let request = visit.bench.http.post(&visit.bench.api).bearer_auth(token);
    let response = request
        .json(&json!({ "item": "File" }))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 403);
    let said = challenges(&response);
    assert_eq!(said.len(), 1);
    assert!(said[0].contains("error=\"insufficient_scope\""), "{said:?}");
    assert!(said[0].contains("scope=\"orders:write\""), "{said:?}");
    assert!(document(&said[0]).contains("/.well-known/oauth-protected-resource/"));
    let wider = [("scope", "orders:read orders:write")];
    let code = parameter(&visit.allowed(&wider).await, "code");
    let tokens: Value = visit.redeem(&code, &[]).await.json().await.unwrap();
    let token = text(&tokens, "access_token");
    let request = visit.bench.http.post(&visit.bench.api).bearer_auth(token);
    let response = request.json(&json!({ "item": "File" })).send();
    assert_eq!(response.await.unwrap().status(), 201);
}
