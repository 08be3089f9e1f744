//! Token requests at servers that differ from the standard.

mod bench;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use keywright_core::view::{CallAuth, SignatureView, TokenWish};
use keywright_sandbox::Personality;
use keywright_testkit::CoreFixture;
use serde_json::{Value, json};
use wiremock::{
    Mock, Request, ResponseTemplate,
    matchers::{header, path},
};

use bench::{Bench, basic, form, invalid_client, token};

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_were_misread_are_sent_in_another_way() {
    let bench = Bench::new(json!({}), json!({ "client_id": "org/c-1" }), &[]).await;
    bench
        .tokens(|request| match basic(request).as_deref() {
            Some("org/c-1:secret") => token("t"),
            _ => invalid_client(),
        })
        .await;
    Mock::given(path("/introspect"))
        .and(header(
            "authorization",
            format!("Basic {}", STANDARD.encode("org/c-1:secret")).as_str(),
        ))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "active": 1 })))
        .mount(&bench.server)
        .await;
    let wish = TokenWish {
        refresh: true,
        ..bench.wish()
    };
    let got = bench.keywright.tokens().get(&wish).await.unwrap();
    bench.keywright.tokens().get(&wish).await.unwrap();
    let written: Vec<_> = bench
        .sent("/token")
        .await
        .iter()
        .filter_map(basic)
        .collect();
    // The second request begins with what worked.
    assert_eq!(
        written,
        ["org%2Fc-1:secret", "org/c-1:secret", "org/c-1:secret"]
    );
    let config = bench.keywright.configurations().get(&bench.config).unwrap();
    assert_eq!(
        config
            .settings
            .get("adapted.client_auth")
            .map(String::as_str),
        Some("raw")
    );
    assert_eq!(config.settings.get("basic_encoding"), None);
    let seen = bench.keywright.tokens().introspect(&got.id).await.unwrap();
    assert_eq!(seen.active, Some(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_of_a_known_client_is_sent_once_more() {
    let methods = json!({ "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"] });
    let bench = Bench::new(methods, json!({ "client_secret": "a+b/c==" }), &[]).await;
    bench.tokens(|_| invalid_client()).await;
    let error = bench
        .keywright
        .tokens()
        .get(&bench.wish())
        .await
        .unwrap_err();
    assert_eq!(error.exit_code(), 5);
    let sent = bench.sent("/token").await;
    assert_eq!(sent.len(), 2);
    assert!(form(&sent[1]).contains(&("client_secret".into(), "a+b/c==".into())));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identifier_with_a_colon_is_not_sent_in_raw_basic() {
    let bench = Bench::new(json!({}), json!({ "client_id": "urn:c-1" }), &[]).await;
    let error = bench
        .keywright
        .calls()
        .send(&bench.call(CallAuth::ClientCredentials))
        .await
        .unwrap_err();
    assert_eq!(error.code().as_str(), "colon_in_client_id");
    assert!(bench.sent("/api").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_the_api_refused_is_not_sent_again() {
    let bench = Bench::new(json!({}), json!({}), &[]).await;
    let made = std::sync::atomic::AtomicU32::new(0);
    bench
        .tokens(move |_| {
            let number = made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            token(&format!("t{number}"))
        })
        .await;
    Mock::given(path("/api"))
        .and(header("authorization", "Bearer t0"))
        .respond_with(
            ResponseTemplate::new(401)
                .insert_header("WWW-Authenticate", "Bearer error=\"invalid_token\""),
        )
        .mount(&bench.server)
        .await;
    Mock::given(path("/api"))
        .and(header("authorization", "Bearer t1"))
        .respond_with(ResponseTemplate::new(200))
        .mount(&bench.server)
        .await;
    for wanted in [401, 200, 200] {
        let answer = bench
            .keywright
            .calls()
            .send(&bench.call(CallAuth::Bearer))
            .await
            .unwrap();
        assert_eq!(answer.status, wanted);
    }
    assert_eq!(bench.sent("/token").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_introspection_found_inactive_is_not_used() {
    let bench = Bench::new(json!({}), json!({}), &[]).await;
    bench.tokens(|_| token("opaque")).await;
    Mock::given(path("/introspect"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "active": false })))
        .mount(&bench.server)
        .await;
    let first = bench.keywright.tokens().get(&bench.wish()).await.unwrap();
    let again = bench.keywright.tokens().get(&bench.wish()).await.unwrap();
    assert!(again.from_cache);
    bench
        .keywright
        .tokens()
        .introspect(&first.id)
        .await
        .unwrap();
    let next = bench.keywright.tokens().get(&bench.wish()).await.unwrap();
    assert!(!next.from_cache);
    assert_eq!(bench.sent("/token").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn resources_are_sent_with_each_token_request() {
    let bench = Bench::new(json!({}), json!({ "scope": "a b admin" }), &["b", "c"]).await;
    bench.tokens(|_| token("t")).await;
    let wish = TokenWish {
        resources: vec!["https://two.example".into(), "https://one.example".into()],
        ..bench.wish()
    };
    bench.keywright.tokens().get(&wish).await.unwrap();
    let other_order = TokenWish {
        resources: vec!["https://one.example https://two.example".into()],
        ..bench.wish()
    };
    assert!(
        bench
            .keywright
            .tokens()
            .get(&other_order)
            .await
            .unwrap()
            .from_cache
    );
    assert!(
        !bench
            .keywright
            .tokens()
            .get(&bench.wish())
            .await
            .unwrap()
            .from_cache
    );
    let sent = bench.sent("/token").await;
    let named = |name: &str, request: &Request| -> Vec<String> {
        let fields = form(request).into_iter();
        fields
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value)
            .collect()
    };
    assert_eq!(
        named("resource", &sent[0]),
        ["https://one.example", "https://two.example"]
    );
    assert!(named("resource", &sent[1]).is_empty());
    // Of what was asked for, what was granted; never all that was granted.
    assert_eq!(named("scope", &sent[0]), ["b"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_earlier_end_of_a_token_counts() {
    let bench = Bench::new(json!({}), json!({}), &[]).await;
    let end = bench.keywright.now() + 300;
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let jwt = format!(
        "{}.{}.AAAA",
        part(json!({ "alg": "ML-DSA-44" })),
        part(json!({ "exp": end }))
    );
    bench.tokens(move |_| token(&jwt)).await;
    let got = bench.keywright.tokens().get(&bench.wish()).await.unwrap();
    assert_eq!(got.expires_at, Some(end));
    assert_eq!(got.signature, SignatureView::NotChecked);
    assert!(got.signature_reason.unwrap().contains("ML-DSA-44"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_version_1_is_verified_under_a_version_2_issuer() {
    let fixture = CoreFixture::new().await;
    let made = fixture.registered(Personality::Entra, "orders").await;
    // Where its keys are is in its metadata.
    let verified = fixture
        .keywright
        .configurations()
        .verify(&made.configuration_id, |_| {});
    verified.await.unwrap();
    let wish = TokenWish {
        application_id: made.id,
        // The tokens of this API are of version 1.
        scope: Some("https://graph.microsoft.com/.default".into()),
        ..TokenWish::default()
    };
    let id = fixture.keywright.tokens().get(&wish).await.unwrap().id;
    let token = fixture.keywright.tokens().checked(&id).await.unwrap();
    let claim = |name: &str| {
        token
            .claims
            .iter()
            .find(|claim| claim.name == name)
            .unwrap()
    };
    assert_eq!(claim("ver").value, "1.0");
    assert_ne!(claim("iss").value, made.issuer);
    assert_eq!(token.signature, SignatureView::Verified, "{token:?}");
}
