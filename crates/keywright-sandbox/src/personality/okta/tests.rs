//! The token endpoints of Okta.
#![allow(clippy::unwrap_used, reason = "tests")]

use reqwest::header::CONTENT_TYPE;
use serde_json::Value;

use super::{AUDIENCE, SELF, organisation};
use crate::idp;
use crate::personality::bench::{Bench, body, text};

#[tokio::test]
async fn a_custom_scope_is_needed() {
    let bench = Bench::new().await;
    let client = bench.client(SELF);
    let endpoint = SELF
        .provider_behavior()
        .token_request(bench.shared())
        .endpoint;
    for (scope, status, said) in [
        ("", 400, "default scopes, 'scope' must be provided."),
        ("&scope=openid", 400, "Cannot request 'openid' scopes"),
        ("&scope=admin", 400, "scopes are not configured"),
        ("&scope=orders:read", 200, ""),
    ] {
        let response = bench
            .http
            .post(&endpoint)
            .basic_auth(&client.id, Some(&client.secret))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(format!("grant_type=client_credentials{scope}"))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), status, "{scope}");
        let answer = body(response).await;
        if status == 200 {
            assert_eq!(answer["scope"], "orders:read");
            assert_eq!(answer["expires_in"], 3600);
        } else {
            assert_eq!(answer["error"], "invalid_scope", "{scope}");
            assert!(
                text(&answer, "error_description").contains(said),
                "{answer}"
            );
        }
    }
}

#[tokio::test]
async fn the_token_has_the_claims_of_okta() {
    let bench = Bench::new().await;
    let client = bench.client(SELF);
    let token = bench.token(SELF, &client).await;
    let claims = idp::live_token(bench.shared(), SELF, &token).unwrap();
    assert_eq!(claims.aud, AUDIENCE);
    assert_eq!(claims.sub, client.id);
    assert_eq!(claims.text("cid"), Some(client.id.as_str()));
    assert_eq!(claims.scope(), ["orders:read", "orders:write"]);
    assert!(claims.jti.unwrap().starts_with("AT."));
}

#[tokio::test]
async fn the_organisations_own_server_takes_no_secret() {
    let bench = Bench::new().await;
    let client = bench.client(SELF);
    let response = bench
        .http
        .post(format!("{}/oauth2/v1/token", organisation(bench.shared())))
        .basic_auth(&client.id, Some(&client.secret))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials&scope=okta.clients.manage")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 401);
    let answer = body(response).await;
    assert_eq!(answer["error"], "invalid_client");
    assert!(text(&answer, "error_description").contains("private_key_jwt"));
}

#[tokio::test]
async fn only_the_oauth_document_lists_client_credentials() {
    let bench = Bench::new().await;
    let org = organisation(bench.shared());
    for base in [org.clone(), SELF.issuer(bench.shared())] {
        for (name, expected) in [
            ("oauth-authorization-server", true),
            ("openid-configuration", false),
        ] {
            let url = format!("{base}/.well-known/{name}");
            let found = body(bench.http.get(url).send().await.unwrap()).await;
            assert_eq!(found["issuer"], base);
            assert_eq!(
                found["registration_endpoint"],
                format!("{org}/oauth2/v1/clients")
            );
            let grants = found["grant_types_supported"].as_array().unwrap();
            let listed = grants.contains(&Value::from("client_credentials"));
            assert_eq!(listed, expected, "{base} {name}");
        }
    }
}
