//! The token endpoint, introspection, revocation and the keys.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};

use crate::bench::{Bench, START, header, refusal, text};

const GRANT: &str = "grant_type=client_credentials";

#[tokio::test]
async fn an_access_token_verifies_against_the_published_keys() {
    let bench = Bench::new().await;
    let client = bench.client().await;
    let response = bench.form("token", &client, GRANT).await;
    assert_eq!(header(&response, "cache-control"), "no-store");
    let token: Value = response.json().await.unwrap();
    assert_eq!(token["expires_in"], 900);
    assert_eq!(token["token_type"], "Bearer");
    assert_eq!(token["scope"], "orders:read orders:write profile");
    assert_eq!(token.get("refresh_token"), None);

    let jwks = bench.http.get(format!("{}/jwks", bench.issuer)).send();
    let jwks: JwkSet = jwks.await.unwrap().json().await.unwrap();
    let access = text(&token, "access_token");
    let head = jsonwebtoken::decode_header(access).unwrap();
    assert_eq!(head.typ.as_deref(), Some("at+jwt"));
    let key = jwks.find(&head.kid.unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_audience(&[&bench.api]);
    validation.set_issuer(&[&bench.issuer]);
    validation.validate_exp = false;
    let key = DecodingKey::from_jwk(key).unwrap();
    let claims = jsonwebtoken::decode::<Value>(access, &key, &validation);
    let claims = claims.unwrap().claims;
    assert_eq!(claims["sub"], client["client_id"]);
    assert_eq!(claims["client_id"], client["client_id"]);
    assert_eq!(claims["iat"], START);
    assert_eq!(claims["exp"], START + 900);
    assert!(!text(&claims, "jti").is_empty());
}

#[tokio::test]
async fn only_the_registered_way_to_authenticate_works() {
    let bench = Bench::new().await;
    for (method, basic, post) in [
        ("client_secret_basic", 200, 401),
        ("client_secret_post", 401, 200),
    ] {
        let asked = json!({ "token_endpoint_auth_method": method });
        let client = bench.registered(&asked).await;
        let response = bench.form("token", &client, GRANT).await;
        assert_eq!(response.status(), basic, "{method} by header");
        let body = format!(
            "{GRANT}&client_id={}&client_secret={}",
            text(&client, "client_id"),
            text(&client, "client_secret")
        );
        let response = bench.plain_form("token", &body).send().await.unwrap();
        assert_eq!(response.status(), post, "{method} by body");
        let both = bench.form("token", &client, &body).await;
        assert_eq!(refusal(both).await, (400, "invalid_request".to_owned()));
    }
}

#[tokio::test]
async fn basic_credentials_are_form_url_decoded() {
    let bench = Bench::new().await;
    let client = bench.client().await;
    let encoded = format!(
        "{}:{}",
        text(&client, "client_id").replace('-', "%2D"),
        text(&client, "client_secret")
    );
    let response = bench
        .plain_form("token", GRANT)
        .header(AUTHORIZATION, format!("Basic {}", STANDARD.encode(encoded)))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn refusals_carry_the_codes_of_the_standard() {
    let bench = Bench::new().await;
    let client = bench.registered(&json!({ "scope": "orders:read" })).await;
    for (body, code) in [
        ("grant_type=password", "unsupported_grant_type"),
        (
            "grant_type=refresh_token&refresh_token=x",
            "unauthorized_client",
        ),
        (
            "grant_type=client_credentials&scope=orders%3Awrite",
            "invalid_scope",
        ),
        ("scope=a", "invalid_request"),
        ("scope=a&scope=b", "invalid_request"),
    ] {
        let response = bench.form("token", &client, body).await;
        assert_eq!(refusal(response).await, (400, code.to_owned()), "{body}");
    }
    let mut wrong = client.clone();
    wrong["client_secret"] = json!("wrong");
    let response = bench.form("token", &wrong, GRANT).await;
    assert!(header(&response, "www-authenticate").starts_with("Basic"));
    assert_eq!(refusal(response).await, (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn a_refresh_token_works_once_and_only_for_its_client() {
    let bench = Bench::new().await;
    let asked = json!({ "grant_types": ["client_credentials", "refresh_token"] });
    let client = bench.registered(&asked).await;
    let other = bench.registered(&asked).await;
    let first = bench.token(&client).await;
    let body = format!(
        "grant_type=refresh_token&refresh_token={}&scope=profile",
        text(&first, "refresh_token")
    );
    let stolen = bench.form("token", &other, &body).await;
    assert_eq!(refusal(stolen).await, (400, "invalid_grant".to_owned()));
    let response = bench.form("token", &client, &body).await;
    assert_eq!(response.status(), 200);
    let second: Value = response.json().await.unwrap();
    assert_eq!(second["scope"], "profile");
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    let again = bench.form("token", &client, &body).await;
    assert_eq!(refusal(again).await, (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn introspection_follows_a_token_to_its_end() {
    let bench = Bench::new().await;
    let client = bench.client().await;
    let token = bench.token(&client).await;
    let body = format!("token={}", text(&token, "access_token"));
    let look = async || -> Value {
        let response = bench.form("introspect", &client, &body).await;
        response.json().await.unwrap()
    };
    let seen = look().await;
    assert_eq!(seen["active"], true);
    assert_eq!(seen["client_id"], client["client_id"]);
    assert_eq!(seen["exp"], START + 900);
    bench.advance(900);
    assert_eq!(look().await, json!({ "active": false }));
    let anonymous = bench.plain_form("introspect", &body).send().await.unwrap();
    assert_eq!(anonymous.status(), 401);
}

#[tokio::test]
async fn a_revoked_token_is_dead_and_only_its_owner_can_revoke_it() {
    let bench = Bench::new().await;
    let client = bench.client().await;
    let other = bench.client().await;
    let token = bench.token(&client).await;
    let access = text(&token, "access_token");
    let body = format!("token={access}");
    let foreign = bench.form("revoke", &other, &body).await;
    assert_eq!(foreign.status(), 400);
    assert_eq!(bench.with_bearer(access).await.status(), 200);
    for body in [body.as_str(), body.as_str(), "token=unknown"] {
        let response = bench.form("revoke", &client, body).await;
        assert_eq!(response.status(), 200);
    }
    assert_eq!(bench.with_bearer(access).await.status(), 401);
    let seen = bench.form("introspect", &client, &body).await;
    assert_eq!(
        seen.json::<Value>().await.unwrap(),
        json!({ "active": false })
    );
}

#[tokio::test]
async fn a_changed_token_does_not_pass_the_gateway() {
    let bench = Bench::new().await;
    let client = bench.client().await;
    let token = bench.token(&client).await;
    let mut parts: Vec<String> = text(&token, "access_token")
        .split('.')
        .map(str::to_owned)
        .collect();
    let claims = URL_SAFE_NO_PAD.decode(&parts[1]).unwrap();
    let mut claims: Value = serde_json::from_slice(&claims).unwrap();
    claims["exp"] = json!(START + 1_000_000);
    parts[1] = URL_SAFE_NO_PAD.encode(claims.to_string());
    assert_eq!(bench.with_bearer(&parts.join(".")).await.status(), 401);
}
