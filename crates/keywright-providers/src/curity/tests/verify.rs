//! Verify.

use super::*;

fn step(verification: &Verification, name: &str) -> (StepState, Option<String>) {
    let step = verification
        .steps
        .iter()
        .find(|step| step.name.as_str() == name)
        .unwrap_or_else(|| panic!("no step {name}"));
    let key = step.finding.as_ref().map(|finding| match finding {
        Finding::Told { key, .. } => key.to_string(),
        other => format!("{other:?}"),
    });
    (step.state, key)
}

#[tokio::test]
async fn verify_fetches_a_token_and_registers_nothing() {
    let server = MockServer::start().await;
    is_discovered(&server, Some("oauth-registration")).await;
    gives_tokens(&server).await;
    Mock::given(path("/oauth/v2/oauth-token"))
        .respond_with(ResponseTemplate::new(401).set_body_json(json!({"error": "invalid_client"})))
        .mount(&server)
        .await;
    Mock::given(path("/oauth/v2/oauth-registration"))
        .respond_with(ResponseTemplate::new(401).set_body_json(json!({"error": "invalid_token"})))
        .mount(&server)
        .await;
    let (curity, _) = adapter(&server, &[("registration_endpoint", "")], &[]);
    let kept = Kept::default();
    let seen = with!(kept, context => curity.verify(context));
    assert!(seen.ok(), "{:#?}", seen.steps);
    assert_eq!(
        step(&seen, "admin_token"),
        (StepState::Passed, Some("curity_token_fetched".into()))
    );
    assert_eq!(step(&seen, "registration_endpoint").0, StepState::Passed);
    assert_eq!(step(&seen, "token_endpoint").0, StepState::Passed);
    assert!(
        received(&server, "POST", "/oauth/v2/oauth-registration")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn verify_names_what_the_admin_client_lacks() {
    for (status, body, finding) in [
        (
            401,
            json!({"error": "invalid_client"}),
            "curity_admin_unknown",
        ),
        (
            400,
            json!({"error": "invalid_scope"}),
            "curity_scope_refused",
        ),
        (
            400,
            json!({"error": "unauthorized_client"}),
            "curity_grant_refused",
        ),
        (
            200,
            json!({"access_token": "t", "token_type": "bearer", "scope": "read"}),
            "curity_scope_refused",
        ),
        (500, json!({"error": "server_error"}), "refused"),
    ] {
        let server = MockServer::start().await;
        is_discovered(&server, Some("oauth-registration")).await;
        Mock::given(path("/oauth/v2/oauth-token"))
            .respond_with(ResponseTemplate::new(status).set_body_json(body))
            .mount(&server)
            .await;
        let (curity, _) = adapter(&server, &[], &[]);
        let kept = Kept::default();
        let seen = with!(kept, context => curity.verify(context));
        assert_eq!(
            step(&seen, "admin_token"),
            (StepState::Failed, Some(finding.into()))
        );
    }
}

#[tokio::test]
async fn verify_guesses_an_endpoint_that_the_metadata_does_not_name() {
    let server = MockServer::start().await;
    is_discovered(&server, None).await;
    let (curity, _) = adapter(
        &server,
        &[
            ("registration_endpoint", ""),
            ("registration_kind", "templatized"),
            ("token_endpoint", "https://other.example/token"),
        ],
        &[],
    );
    let kept = Kept::default();
    let seen = with!(kept, context => curity.verify(context));
    let endpoint = &seen.steps[3];
    let Some(Finding::Told { key, blanks }) = &endpoint.finding else {
        panic!("{endpoint:?}");
    };
    assert_eq!(key, "curity_endpoint_missing");
    let origin = server.uri();
    assert_eq!(
        blanks["first"],
        format!("{origin}/token-service/oauth-registration")
    );
    assert_eq!(
        blanks["second"],
        format!("{origin}/oauth/v2/oauth-dynamic-client-registration")
    );
    assert_eq!(
        step(&seen, "curity_template"),
        (StepState::Failed, Some("setting_missing".into()))
    );
    assert_eq!(
        step(&seen, "token_endpoint"),
        (
            StepState::Warning,
            Some("curity_token_endpoint_differs".into())
        )
    );
}
