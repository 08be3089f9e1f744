//! Refresh tokens of users, and their end.

use serde_json::{Value, json};

use super::{Visit, claims};
use crate::bench::{refusal, text};

async fn refresh(visit: &Visit, token: &str, scope: &str) -> reqwest::Response {
    let mut fields = vec![
        ("grant_type", "refresh_token"),
        ("client_id", visit.id()),
        ("refresh_token", token),
    ];
    if !scope.is_empty() {
        fields.push(("scope", scope));
    }
    visit.post("token", &fields).await
}

#[tokio::test]
async fn a_refresh_token_that_comes_again_ends_the_sign_in() {
    let visit = Visit::new().await;
    let first = visit.tokens().await;
    let old = text(&first, "refresh_token");
    let second: Value = refresh(&visit, old, "").await.json().await.unwrap();
    let access = text(&second, "access_token");
    assert_eq!(claims(access)["sub"], "demo-user-2");
    assert_eq!(claims(text(&second, "id_token"))["sub"], "demo-user-2");
    assert_eq!(visit.bench.with_bearer(access).await.status(), 200);
    let again = refresh(&visit, old, "").await;
    assert_eq!(refusal(again).await, (400, "invalid_grant".to_owned()));
    assert_eq!(visit.bench.with_bearer(access).await.status(), 401);
    let newest = refresh(&visit, text(&second, "refresh_token"), "").await;
    assert_eq!(refusal(newest).await, (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn a_narrower_token_does_not_narrow_the_sign_in() {
    let visit = Visit::new().await;
    let first = visit.tokens().await;
    let narrow = refresh(&visit, text(&first, "refresh_token"), "openid").await;
    let narrow: Value = narrow.json().await.unwrap();
    assert_eq!(narrow["scope"], "openid");
    let wide = refresh(&visit, text(&narrow, "refresh_token"), "").await;
    let wide: Value = wide.json().await.unwrap();
    assert_eq!(wide["scope"], first["scope"]);
    let more = refresh(&visit, text(&wide, "refresh_token"), "admin").await;
    assert_eq!(refusal(more).await, (400, "invalid_scope".to_owned()));
}

#[tokio::test]
async fn a_revoked_refresh_token_takes_its_access_tokens_along() {
    let visit = Visit::new().await;
    let tokens = visit.tokens().await;
    let access = text(&tokens, "access_token");
    let token = text(&tokens, "refresh_token");
    let fields = [("token", token), ("client_id", visit.id())];
    assert_eq!(visit.post("revoke", &fields).await.status(), 200);
    assert_eq!(visit.bench.with_bearer(access).await.status(), 401);
    let late = refresh(&visit, token, "").await;
    assert_eq!(refusal(late).await, (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn a_deleted_client_takes_its_sign_ins_along() {
    let visit = Visit::new().await;
    let tokens = visit.tokens().await;
    let access = text(&tokens, "access_token");
    let deleted = visit.bench.manage(reqwest::Method::DELETE, &visit.client);
    assert_eq!(deleted.send().await.unwrap().status(), 204);
    assert_eq!(visit.bench.with_bearer(access).await.status(), 401);
}

#[tokio::test]
async fn a_client_on_its_own_has_no_user() {
    let visit = Visit::with(&json!({
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": ["authorization_code", "client_credentials"],
    }))
    .await;
    let token = visit.bench.token(&visit.client).await;
    assert_eq!(token["scope"], "orders:read orders:write profile");
    assert_eq!(token.get("id_token"), None);
    let userinfo = format!("{}/userinfo", visit.bench.issuer);
    let access = text(&token, "access_token");
    let response = visit.bench.http.get(userinfo).bearer_auth(access);
    let response = response.send().await.unwrap();
    assert_eq!(
        refusal(response).await,
        (403, "insufficient_scope".to_owned())
    );
}
