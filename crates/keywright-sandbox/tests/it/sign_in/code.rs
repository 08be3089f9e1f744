//! The authorization code flow.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use keywright_sandbox::SandboxFaults;
use oauth2::basic::BasicClient;
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, CsrfToken, PkceCodeChallenge, RedirectUrl, Scope,
    TokenResponse as _, TokenUrl,
};
use serde_json::{Value, json};

use super::{CALLBACK, VERIFIER, Visit, claims, parameter, target};
use crate::bench::{START, refusal, text};

#[tokio::test]
async fn a_library_signs_a_user_in() {
    let visit = Visit::new().await;
    let client = BasicClient::new(ClientId::new(visit.id().to_owned()))
        .set_auth_uri(AuthUrl::new(format!("{}/authorize", visit.bench.issuer)).unwrap())
        .set_token_uri(TokenUrl::new(format!("{}/token", visit.bench.issuer)).unwrap())
        .set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned()).unwrap());
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (address, state) = client
        .authorize_url(CsrfToken::new_random)
        .add_scope(Scope::new("orders:read".to_owned()))
        .set_pkce_challenge(challenge)
        .url();
    let page = visit.open(&address.as_str().parse().unwrap(), &[]).await;
    let page = page.text().await.unwrap();
    let fields = [("user", "carol"), ("decision", "allow")];
    let answer = target(&visit.decide(&page, &fields).await);
    assert_eq!(parameter(&answer, "state"), *state.secret());
    assert_eq!(parameter(&answer, "iss"), visit.bench.issuer);
    // The library's own HTTP client is that of another version.
    let http = async |request: oauth2::HttpRequest| {
        let (parts, body) = request.into_parts();
        let response = visit
            .browser
            .request(parts.method, parts.uri.to_string())
            .headers(parts.headers)
            .body(body)
            .send()
            .await?;
        let mut answer = oauth2::HttpResponse::new(Vec::new());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = response.headers().clone();
        *answer.body_mut() = response.bytes().await?.to_vec();
        Ok::<_, reqwest::Error>(answer)
    };
    let token = client
        .exchange_code(AuthorizationCode::new(parameter(&answer, "code")))
        .set_pkce_verifier(verifier)
        .request_async(&http)
        .await
        .unwrap();
    let access = token.access_token().secret();
    assert_eq!(claims(access)["sub"], "demo-user-3");
    assert_eq!(claims(access)["scope"], "orders:read");
    assert!(token.refresh_token().is_some());
    let api = visit.bench.with_bearer(access).await;
    assert_eq!(api.status(), 200);
    let api: Value = api.json().await.unwrap();
    assert_eq!(api["user"], "demo-user-3");
}

#[tokio::test]
async fn an_id_token_verifies_and_names_request_and_token() {
    let visit = Visit::new().await;
    let tokens = visit.tokens().await;
    let id_token = text(&tokens, "id_token");
    let jwks = visit.bench.http.get(format!("{}/jwks", visit.bench.issuer));
    let jwks: JwkSet = jwks.send().await.unwrap().json().await.unwrap();
    let head = jsonwebtoken::decode_header(id_token).unwrap();
    let key = DecodingKey::from_jwk(jwks.find(&head.kid.unwrap()).unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_audience(&[visit.id()]);
    validation.set_issuer(&[&visit.bench.issuer]);
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<Value>(id_token, &key, &validation);
    let claims = claims.unwrap().claims;
    assert_eq!(claims["sub"], "demo-user-2");
    assert_eq!(claims["nonce"], "the nonce");
    assert_eq!(claims["auth_time"], START);
    let half = aws_lc_rs::digest::digest(
        &aws_lc_rs::digest::SHA256,
        text(&tokens, "access_token").as_bytes(),
    );
    let half = URL_SAFE_NO_PAD.encode(&half.as_ref()[..16]);
    assert_eq!(claims["at_hash"], half);
    // It opens nothing.
    assert_eq!(visit.bench.with_bearer(id_token).await.status(), 401);
    let userinfo = format!("{}/userinfo", visit.bench.issuer);
    let userinfo = visit.bench.http.get(userinfo).bearer_auth(id_token);
    assert_eq!(userinfo.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_code_that_comes_again_ends_its_tokens() {
    let visit = Visit::new().await;
    let code = parameter(&visit.allowed(&[]).await, "code");
    let tokens: Value = visit.redeem(&code, &[]).await.json().await.unwrap();
    let access = text(&tokens, "access_token");
    assert_eq!(visit.bench.with_bearer(access).await.status(), 200);
    let again = visit.redeem(&code, &[]).await;
    assert_eq!(refusal(again).await, (400, "invalid_grant".to_owned()));
    assert_eq!(visit.bench.with_bearer(access).await.status(), 401);
    let fields = [
        ("grant_type", "refresh_token"),
        ("client_id", visit.id()),
        ("refresh_token", text(&tokens, "refresh_token")),
    ];
    let refresh = visit.post("token", &fields).await;
    assert_eq!(refusal(refresh).await, (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn a_code_is_redeemed_only_as_it_was_asked_for() {
    let visit = Visit::new().await;
    let asked = json!({
        "token_endpoint_auth_method": "none", "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code"],
    });
    let other = visit.bench.registered(&asked).await;
    let code = parameter(&visit.allowed(&[]).await, "code");
    for (change, error) in [
        (
            ("code_verifier", &*VERIFIER.replace('d', "e")),
            "invalid_grant",
        ),
        (("code_verifier", ""), "invalid_request"),
        (
            ("redirect_uri", "http://127.0.0.1:1/callback"),
            "invalid_grant",
        ),
        (("redirect_uri", ""), "invalid_grant"),
        (("client_id", text(&other, "client_id")), "invalid_grant"),
        (("code", "unknown"), "invalid_grant"),
    ] {
        let response = visit.redeem(&code, &[change]).await;
        assert_eq!(
            refusal(response).await,
            (400, error.to_owned()),
            "{change:?}"
        );
    }
    visit.bench.advance(60);
    let late = visit.redeem(&code, &[]).await;
    assert_eq!(refusal(late).await, (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn a_confidential_client_signs_users_in() {
    for method in ["client_secret_basic", "client_secret_post"] {
        let visit = Visit::with(&json!({ "token_endpoint_auth_method": method })).await;
        let code = parameter(&visit.allowed(&[]).await, "code");
        let without = visit.redeem(&code, &[]).await;
        assert_eq!(refusal(without).await, (401, "invalid_client".to_owned()));
        let secret = text(&visit.client, "client_secret");
        let response = if method == "client_secret_post" {
            visit.redeem(&code, &[("client_secret", secret)]).await
        } else {
            let body = format!(
                "grant_type=authorization_code&code={code}&code_verifier={VERIFIER}&redirect_uri={CALLBACK}"
            );
            visit.bench.form("token", &visit.client, &body).await
        };
        assert_eq!(response.status(), 200, "{method}");
    }
}

#[tokio::test]
async fn a_wrong_request_is_refused_at_the_redirect_uri() {
    let visit = Visit::new().await;
    for (change, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("response_type", ""), "invalid_request"),
        (("response_mode", "fragment"), "invalid_request"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("scope", "orders:read admin"), "invalid_scope"),
        (("resource", "https://elsewhere.example"), "invalid_target"),
        (("request", "a.b.c"), "request_not_supported"),
        (("prompt", "none"), "login_required"),
    ] {
        let response = visit.open(&visit.request(&[change]), &[]).await;
        let answer = target(&response);
        assert_eq!(answer.path(), "/callback");
        assert_eq!(parameter(&answer, "error"), error, "{change:?}");
        assert_eq!(parameter(&answer, "state"), "the state");
        assert_eq!(parameter(&answer, "iss"), visit.bench.issuer);
        assert!(!answer.query().unwrap().contains("code="), "{answer}");
    }
    let page = visit.open(&visit.request(&[]), &[]).await;
    let page = page.text().await.unwrap();
    let denied = target(&visit.decide(&page, &[("decision", "deny")]).await);
    assert_eq!(parameter(&denied, "error"), "access_denied");
}

#[tokio::test]
async fn the_port_of_a_loopback_address_is_free() {
    let visit = Visit::new().await;
    let here = "http://127.0.0.1:4711/callback";
    let answer = visit.allowed(&[("redirect_uri", here)]).await;
    assert_eq!(answer.port(), Some(4711));
    let code = parameter(&answer, "code");
    let response = visit.redeem(&code, &[("redirect_uri", here)]).await;
    assert_eq!(response.status(), 200);
}

async fn with_dial(key: &str) -> Visit {
    let visit = Visit::new().await;
    visit.bench.faults(SandboxFaults {
        vendor: BTreeMap::from([(key.to_owned(), 1)]),
        ..SandboxFaults::default()
    });
    visit
}

#[tokio::test]
async fn dials_spoil_one_thing_each() {
    let answer = with_dial("wrong_iss").await.allowed(&[]).await;
    assert_eq!(parameter(&answer, "iss"), "https://someone-else.example/");
    assert_eq!(parameter(&answer, "state"), "the state");
    let answer = with_dial("wrong_state").await.allowed(&[]).await;
    assert_ne!(parameter(&answer, "state"), "the state");

    let visit = with_dial("code_accepted_twice").await;
    let code = parameter(&visit.allowed(&[]).await, "code");
    for _ in 0..2 {
        assert_eq!(visit.redeem(&code, &[]).await.status(), 200);
    }

    let visit = with_dial("pkce_plain_only").await;
    let refused = target(&visit.open(&visit.request(&[]), &[]).await);
    assert_eq!(parameter(&refused, "error"), "invalid_request");
    let plain = [
        ("code_challenge", VERIFIER),
        ("code_challenge_method", "plain"),
    ];
    let code = parameter(&visit.allowed(&plain).await, "code");
    assert_eq!(visit.redeem(&code, &[]).await.status(), 200);
}

#[tokio::test]
async fn a_late_consent_is_late() {
    let visit = Visit::new().await;
    visit.bench.faults(SandboxFaults {
        vendor: BTreeMap::from([("consent_late_ms".to_owned(), 300)]),
        ..SandboxFaults::default()
    });
    let since = std::time::Instant::now();
    visit.allowed(&[]).await;
    assert!(since.elapsed().as_millis() >= 300);
}
