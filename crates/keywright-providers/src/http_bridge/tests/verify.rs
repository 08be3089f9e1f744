//! Verify, good and bad.

use super::*;

/// A bridge and the identity provider behind it.
async fn both(settings: &[(&str, &str)]) -> Bench {
    let bench = bench(settings).await;
    let uri = bench.server.uri();
    Mock::given(method("DELETE"))
        .and(header("x-api-key", KEY))
        .respond_with(ResponseTemplate::new(204))
        .mount(&bench.server)
        .await;
    Mock::given(method("DELETE"))
        .respond_with(ResponseTemplate::new(401).set_body_json(json!({"error": "Wrong API-Key"})))
        .mount(&bench.server)
        .await;
    Mock::given(path("/.well-known/openid-configuration"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({
            "issuer": uri, "token_endpoint": format!("{uri}/token"),
            "jwks_uri": format!("{uri}/jwks"), "grant_types_supported": ["client_credentials"],
        })))
        .mount(&bench.server)
        .await;
    Mock::given(path("/token"))
        .respond_with(ResponseTemplate::new(401).set_body_json(json!({"error": "invalid_client"})))
        .mount(&bench.server)
        .await;
    Mock::given(path("/jwks"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"keys": []})))
        .mount(&bench.server)
        .await;
    bench
}

fn state(verification: &Verification, step: &str) -> (StepState, String) {
    let found = verification
        .steps
        .iter()
        .find(|found| found.name.as_str() == step)
        .unwrap();
    let key = match &found.finding {
        Some(Finding::Told { key, .. }) => key.to_string(),
        other => format!("{other:?}"),
    };
    (found.state, key)
}

#[tokio::test]
async fn verify_asks_with_and_without_the_key_and_changes_nothing() {
    let bench = both(&[]).await;
    let verification = bench.provider.verify(context(&no_checkpoint)).await;
    assert!(verification.ok(), "{:#?}", verification.steps);
    assert_eq!(
        state(&verification, "bridge_base_url"),
        (StepState::Passed, "bridge_guarded".into())
    );
    assert_eq!(
        state(&verification, "bridge_api_key"),
        (StepState::Passed, "bridge_key_taken".into())
    );
    let sent = bench.server.received_requests().await.unwrap();
    let changes = sent
        .iter()
        .filter(|request| !matches!(request.method.as_str(), "GET"))
        .filter(|request| request.url.path() != "/token")
        .map(|request| request.url.path().to_owned());
    for path in changes {
        assert!(path.starts_with("/hb/keywright-verify-"), "{path}");
    }
}

#[tokio::test]
async fn verify_tells_a_wrong_key_a_wrong_address_and_an_open_bridge_apart() {
    type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, StepState, &'a str);
    let cases: [Case<'_>; 4] = [
        (
            &[(HttpBridge::API_KEY, "another_key_12345")],
            "bridge_api_key",
            StepState::Failed,
            "bridge_key_refused",
        ),
        (
            &[(HttpBridge::API_KEY, "too-short")],
            "bridge_api_key",
            StepState::Failed,
            "bridge_key_form",
        ),
        (
            &[(HttpBridge::DCR_BASE_URL, "SERVER/elsewhere")],
            "bridge_base_url",
            StepState::Failed,
            "bridge_not_there",
        ),
        (
            &[(HttpBridge::DCR_BASE_URL, "SERVER/open")],
            "bridge_base_url",
            StepState::Warning,
            "bridge_open",
        ),
    ];
    for (settings, step, wanted, key) in cases {
        let bench = both(settings).await;
        for (folder, status) in [("elsewhere", 404), ("open", 204)] {
            Mock::given(wiremock::matchers::path_regex(format!("^/{folder}/")))
                .respond_with(ResponseTemplate::new(status))
                .with_priority(1)
                .mount(&bench.server)
                .await;
        }
        let verification = bench.provider.verify(context(&no_checkpoint)).await;
        assert_eq!(state(&verification, step), (wanted, key.to_owned()));
        assert_eq!(verification.ok(), wanted == StepState::Warning);
    }
}

#[tokio::test]
async fn t02_another_issuer_ends_verify_and_gets_no_request() {
    let bench = both(&[]).await;
    Mock::given(path("/.well-known/openid-configuration"))
        .respond_with(ResponseTemplate::new(200).set_body_json(
            json!({"issuer": "https://evil.example", "token_endpoint": "https://evil.example/t"}),
        ))
        .with_priority(1)
        .mount(&bench.server)
        .await;
    let verification = bench.provider.verify(context(&no_checkpoint)).await;
    assert_eq!(
        verification.failure,
        Some(crate::verify::FailureKind::Security)
    );
    assert_eq!(state(&verification, "token_endpoint").0, StepState::Skipped);
}

#[tokio::test]
async fn a_bridge_that_is_down_fails_in_its_own_words() {
    let bench = bench(&[]).await;
    Mock::given(method("DELETE"))
        .and(header_exists("accept"))
        .respond_with(ResponseTemplate::new(503).set_body_string("503 upstream not ready"))
        .mount(&bench.server)
        .await;
    let verification = bench.provider.verify(context(&no_checkpoint)).await;
    let step = &verification.steps[0];
    assert_eq!(step.state, StepState::Failed);
    let words = step.words.as_ref().unwrap();
    assert_eq!(words.description.as_deref(), Some("503 upstream not ready"));
}
