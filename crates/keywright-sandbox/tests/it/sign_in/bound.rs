//! Tokens that are bound to a key (RFC 9449), and exchanged tokens (RFC 8693).

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use keywright_sandbox::SandboxFaults;
use reqwest::Response;
use serde_json::{Value, json};

use super::{CALLBACK, VERIFIER, Visit, claims, parameter};
use crate::bench::{START, header, refusal, text};

struct Key(EncodingKey, Jwk);

impl Key {
    fn new() -> Self {
        let pkcs8 =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        let key = EncodingKey::from_ec_der(pkcs8.unwrap().as_ref());
        let jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap();
        Self(key, jwk)
    }

    fn proof(&self, claims: &Value) -> String {
        let mut head = Header::new(Algorithm::ES256);
        head.typ = Some("dpop+jwt".to_owned());
        head.jwk = Some(self.1.clone());
        jsonwebtoken::encode(&head, claims, &self.0).unwrap()
    }
}

fn claims_for(method: &str, url: &str, nonce: &str) -> Value {
    let jti = format!("{method}-{url}-{nonce}");
    json!({ "jti": jti, "htm": method, "htu": url, "iat": START, "nonce": nonce })
}

async fn redeem(visit: &Visit, code: &str, proof: &str) -> Response {
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", visit.id()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
        ("code", code),
    ];
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let request = visit.bench.plain_form("token", &body).header("dpop", proof);
    request.send().await.unwrap()
}

/// A token that is bound to the key, and a nonce.
async fn bound(visit: &Visit, key: &Key) -> (Value, String) {
    let code = parameter(&visit.allowed(&[]).await, "code");
    let place = format!("{}/token", visit.bench.issuer);
    let first = redeem(visit, &code, &key.proof(&claims_for("POST", &place, ""))).await;
    let nonce = header(&first, "dpop-nonce").to_owned();
    assert_eq!(refusal(first).await, (400, "use_dpop_nonce".to_owned()));
    let proof = key.proof(&claims_for("POST", &place, &nonce));
    let response = redeem(visit, &code, &proof).await;
    assert_eq!(response.status(), 200);
    let tokens: Value = response.json().await.unwrap();
    assert_eq!(tokens["token_type"], "DPoP");
    (tokens, nonce)
}

async fn call(visit: &Visit, scheme: &str, token: &str, proof: Option<&str>) -> Response {
    let mut request = visit
        .bench
        .http
        .get(&visit.bench.api)
        .header("authorization", format!("{scheme} {token}"));
    if let Some(proof) = proof {
        request = request.header("dpop", proof);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_bound_token_opens_only_with_its_key() {
    let visit = Visit::new().await;
    let key = Key::new();
    let (tokens, nonce) = bound(&visit, &key).await;
    let token = text(&tokens, "access_token");
    let hash = URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()));
    let with = |change: &dyn Fn(&mut Value)| {
        let mut claims = claims_for("GET", &visit.bench.api, &nonce);
        claims["ath"] = json!(hash);
        change(&mut claims);
        claims
    };
    let right = key.proof(&with(&|_| {}));
    let stolen = call(&visit, "Bearer", token, None).await;
    assert_eq!(stolen.status(), 401);
    assert!(header(&stolen, "www-authenticate").starts_with("DPoP "));
    for (proof, error) in [
        (
            key.proof(&with(&|it| it["htm"] = json!("POST"))),
            "invalid_dpop_proof",
        ),
        (
            key.proof(&with(&|it| it["htu"] = json!("http://a/"))),
            "invalid_dpop_proof",
        ),
        (
            key.proof(&with(&|it| it["ath"] = json!("other"))),
            "invalid_dpop_proof",
        ),
        (
            key.proof(&with(&|it| it["iat"] = json!(START - 301))),
            "invalid_dpop_proof",
        ),
        (
            key.proof(&with(&|it| it["nonce"] = json!("old"))),
            "use_dpop_nonce",
        ),
        (
            Key::new().proof(&with(&|it| it["jti"] = json!("x"))),
            "invalid_token",
        ),
        ("no.jwt.here".to_owned(), "invalid_dpop_proof"),
    ] {
        let response = call(&visit, "DPoP", token, Some(&proof)).await;
        assert_eq!(response.status(), 401, "{error}");
        let said = header(&response, "www-authenticate");
        assert!(said.contains(&format!("error=\"{error}\"")), "{said}");
    }
    let response = call(&visit, "DPoP", token, Some(&right)).await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "set-cookie"), "");
    let again = call(&visit, "DPoP", token, Some(&right)).await;
    assert_eq!(again.status(), 401, "a proof works once");
}

#[tokio::test]
async fn a_refresh_token_of_a_public_client_is_bound_too() {
    let visit = Visit::with(&json!({ "dpop_bound_access_tokens": true })).await;
    assert_eq!(visit.client["dpop_bound_access_tokens"], true);
    let code = parameter(&visit.allowed(&[]).await, "code");
    let without = visit.redeem(&code, &[]).await;
    assert_eq!(
        refusal(without).await,
        (400, "invalid_dpop_proof".to_owned())
    );
    let key = Key::new();
    let (tokens, nonce) = bound(&visit, &key).await;
    let place = format!("{}/token", visit.bench.issuer);
    let body = format!(
        "grant_type=refresh_token&client_id={}&refresh_token={}",
        visit.id(),
        text(&tokens, "refresh_token")
    );
    for (key, status) in [(&Key::new(), 400), (&key, 200)] {
        let mut claims = claims_for("POST", &place, &nonce);
        claims["jti"] = json!(format!("refresh {status}"));
        let request = visit.bench.plain_form("token", &body);
        let response = request.header("dpop", key.proof(&claims)).send().await;
        assert_eq!(response.unwrap().status(), status);
    }
}

#[tokio::test]
async fn a_storm_of_nonces_lets_no_proof_pass() {
    let visit = Visit::new().await;
    let code = parameter(&visit.allowed(&[]).await, "code");
    visit.bench.faults(SandboxFaults {
        vendor: BTreeMap::from([("dpop_nonce_storm".to_owned(), 1)]),
        ..SandboxFaults::default()
    });
    let (key, place) = (Key::new(), format!("{}/token", visit.bench.issuer));
    let mut nonce = String::new();
    for _ in 0..3 {
        let response = redeem(
            &visit,
            &code,
            &key.proof(&claims_for("POST", &place, &nonce)),
        )
        .await;
        let next = header(&response, "dpop-nonce").to_owned();
        assert_eq!(refusal(response).await, (400, "use_dpop_nonce".to_owned()));
        assert!(next != nonce && !next.is_empty());
        nonce = next;
    }
}

#[tokio::test]
async fn an_exchanged_token_names_the_user_and_who_acts() {
    let visit = Visit::new().await;
    let tokens = visit.tokens().await;
    let asked = json!({ "grant_types": ["urn:ietf:params:oauth:grant-type:token-exchange"] });
    let service = visit.bench.registered(&asked).await;
    let subject = text(&tokens, "access_token");
    let body = |more: &str| {
        format!(
            "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token={subject}\
             &subject_token_type=urn:ietf:params:oauth:token-type:access_token{more}"
        )
    };
    let exchanged = visit
        .bench
        .form("token", &service, &body("&scope=orders:read"))
        .await;
    let exchanged: Value = exchanged.json().await.unwrap();
    let kind = "urn:ietf:params:oauth:token-type:access_token";
    assert_eq!(exchanged["issued_token_type"], kind);
    let access = text(&exchanged, "access_token");
    assert_eq!(claims(access)["sub"], "demo-user-2");
    assert_eq!(claims(access)["act"]["sub"], service["client_id"]);
    assert_eq!(claims(access)["scope"], "orders:read");
    assert_eq!(visit.bench.with_bearer(access).await.status(), 200);
    for (more, code) in [
        ("&scope=admin", "invalid_scope"),
        ("&audience=https://elsewhere.example", "invalid_target"),
        ("&actor_token=x", "invalid_request"),
    ] {
        let response = visit.bench.form("token", &service, &body(more)).await;
        assert_eq!(refusal(response).await, (400, code.to_owned()), "{more}");
    }
    // It ends with the sign-in that it came from.
    let token = text(&tokens, "refresh_token");
    let fields = [("token", token), ("client_id", visit.id())];
    visit.post("revoke", &fields).await;
    assert_eq!(visit.bench.with_bearer(access).await.status(), 401);
}
