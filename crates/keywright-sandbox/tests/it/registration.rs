//! Metadata and registration.

use keywright_sandbox::Registration;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::bench::{Bench, START, header, refusal, text};

#[tokio::test]
async fn the_metadata_is_found_at_all_three_places() {
    let bench = Bench::new().await;
    let origin = bench.sandbox.info().idp;
    for path in [
        "/.well-known/oauth-authorization-server/rfc7591",
        "/rfc7591/.well-known/oauth-authorization-server",
        "/rfc7591/.well-known/openid-configuration",
    ] {
        let response = bench.http.get(format!("{origin}{path}")).send().await;
        let body: Value = response.unwrap().json().await.unwrap();
        assert_eq!(body["issuer"], bench.issuer, "{path}");
        assert_eq!(
            body["registration_endpoint"],
            format!("{}/register", bench.issuer)
        );
        assert_eq!(
            body["grant_types_supported"],
            json!([
                "authorization_code",
                "refresh_token",
                "urn:ietf:params:oauth:grant-type:device_code",
                "urn:ietf:params:oauth:grant-type:token-exchange",
                "client_credentials",
            ])
        );
    }
}

#[tokio::test]
async fn a_registration_gives_credentials_and_the_way_to_manage_them() {
    let bench = Bench::new().await;
    let response = bench
        .register(&json!({
            "client_name": "注文", "redirect_uris": ["https://app.example/cb"],
            "grant_types": ["client_credentials", "implicit", "password"],
            "scope": "orders:read admin", "token_endpoint_auth_method": "client_secret_post",
        }))
        .await;
    assert_eq!(response.status(), 201);
    assert_eq!(header(&response, "cache-control"), "no-store");
    let client: Value = response.json().await.unwrap();
    assert_eq!(client["client_name"], "注文");
    assert_eq!(client["redirect_uris"], json!(["https://app.example/cb"]));
    assert_eq!(client["grant_types"], json!(["client_credentials"]));
    assert_eq!(client["scope"], "orders:read");
    assert_eq!(client["token_endpoint_auth_method"], "client_secret_post");
    assert_eq!(client["client_id_issued_at"], START);
    assert_eq!(client["client_secret_expires_at"], 0);
    let uri = text(&client, "registration_client_uri");
    assert_eq!(
        uri,
        format!("{}/register/{}", bench.issuer, text(&client, "client_id"))
    );
    assert!(!text(&client, "registration_access_token").is_empty());
    assert_eq!(bench.sandbox.client_count(), 1);
}

#[tokio::test]
async fn what_cannot_be_registered_is_refused_with_its_code() {
    let bench = Bench::new().await;
    for (body, code) in [
        (json!({ "redirect_uris": ["/cb"] }), "invalid_redirect_uri"),
        (
            json!({ "grant_types": ["magic"] }),
            "invalid_client_metadata",
        ),
        (
            json!({ "token_endpoint_auth_method": "private_magic" }),
            "invalid_client_metadata",
        ),
        (json!([]), "invalid_client_metadata"),
    ] {
        let response = bench.register(&body).await;
        assert_eq!(refusal(response).await, (400, code.to_owned()), "{body}");
    }
    let text = bench.http.post(format!("{}/register", bench.issuer));
    let response = text.header(CONTENT_TYPE, "text/plain").body("{}").send();
    let response = response.await.unwrap();
    assert_eq!(
        refusal(response).await,
        (400, "invalid_client_metadata".to_owned())
    );
    assert_eq!(bench.sandbox.client_count(), 0);
}

#[tokio::test]
async fn a_closed_registration_wants_the_initial_access_token() {
    let bench = Bench::with(|o| o.registration = Registration::InitialAccessToken).await;
    let token = bench.sandbox.info().personalities[0].secrets["initial_access_token"].clone();
    let info = format!("{:?}", bench.sandbox.info());
    assert!(!info.contains(&token) && info.contains("initial_access_token"));

    let refused = bench.register(&json!({})).await;
    assert!(header(&refused, "www-authenticate").starts_with("Bearer"));
    assert_eq!(refusal(refused).await, (401, "invalid_token".to_owned()));
    for (presented, status) in [("wrong", 401), (token.as_str(), 201)] {
        let request = bench.http.post(format!("{}/register", bench.issuer));
        let response = request.bearer_auth(presented).json(&json!({})).send().await;
        assert_eq!(response.unwrap().status(), status);
    }
}

#[tokio::test]
async fn a_secret_with_a_lifetime_ends_when_it_says() {
    let bench = Bench::with(|o| o.secret_lifetime_secs = 100).await;
    let client = bench.client().await;
    assert_eq!(client["client_secret_expires_at"], START + 100);
    bench.advance(99);
    bench.token(&client).await;
    bench.advance(1);
    let body = "grant_type=client_credentials";
    let response = bench.form("token", &client, body).await;
    assert_eq!(refusal(response).await, (401, "invalid_client".to_owned()));
}
