//! Registering, the plan and the sheet.

use super::*;

#[test]
fn the_domain_fills_in_issuer_and_token_endpoint() {
    let of = |domain: &str| {
        prefill(&BTreeMap::from([("domain".to_owned(), domain.to_owned())]))
            .map(|it| (it.issuer, it.token_endpoint))
    };
    let wanted = Some((
        "https://idsvr.example.com:8443/oauth/v2/oauth-anonymous".to_owned(),
        "https://idsvr.example.com:8443/oauth/v2/oauth-token".to_owned(),
    ));
    assert_eq!(of("idsvr.example.com:8443"), wanted);
    assert_eq!(of(" https://idsvr.example.com:8443/ "), wanted);
    for wrong in [
        "",
        "a b",
        "me@evil.example",
        "idsvr.example.com/x",
        "a?b",
        "a#b",
    ] {
        assert_eq!(of(wrong), None, "{wrong}");
    }
}

#[tokio::test]
async fn each_registration_has_a_token_of_its_own() {
    let server = MockServer::start().await;
    gives_tokens(&server).await;
    registers(&server, 201, answer(&server, "s1", "rat-1")).await;
    let (curity, _) = adapter(&server, &[], &[]);
    let kept = Kept::default();
    for _ in 0..2 {
        with!(kept, context => curity.register(context, &wanted())).unwrap();
    }
    let sent = received(&server, "POST", "/oauth/v2/oauth-registration").await;
    let tokens: Vec<&str> = sent
        .iter()
        .map(|request| request.headers["authorization"].to_str().unwrap())
        .collect();
    assert_eq!(tokens.len(), 2);
    assert!(tokens.iter().all(|token| token.starts_with("Bearer once-")));
    assert_ne!(tokens[0], tokens[1]);
    assert_eq!(
        kept.steps()[..2],
        ["sending register", "done register rat-1"]
    );
}

#[tokio::test]
async fn the_answer_is_the_truth_and_its_lifetimes_become_handles() {
    let server = MockServer::start().await;
    gives_tokens(&server).await;
    registers(&server, 200, answer(&server, "s1", "rat-1")).await;
    let (curity, _) = adapter(&server, &[], &[]);
    let kept = Kept::default();
    let made = with!(kept, context => curity.register(context, &wanted())).unwrap();
    assert_eq!(made.client_id, "c-1");
    assert_eq!(made.client_secret.as_ref().unwrap().expose(), "s1");
    assert_eq!(made.client_secret_expires_at, Some(0));
    assert_eq!(
        made.handles["registration_token_ends_at"],
        (NOW + 365 * DAY).to_string()
    );
    assert_eq!(
        made.handles["registration_read_write_ends_at"],
        (NOW + 28 * DAY).to_string()
    );
    assert!(
        !made
            .metadata
            .members()
            .contains_key("registration_access_token_expires_in")
    );
    assert!(
        made.metadata
            .members()
            .contains_key("token_endpoint_auth_methods")
    );
}

#[tokio::test]
async fn a_registration_is_sent_as_asked_or_as_the_template_alone() {
    let server = MockServer::start().await;
    registers(&server, 201, answer(&server, "s1", "rat-1")).await;
    let open = ("registration_opened_by", "nothing");
    let template = [
        open,
        ("registration_kind", "templatized"),
        ("software_id", "orders-template"),
    ];
    let kept = Kept::default();
    for settings in [&[open][..], &template] {
        let (curity, _) = adapter(&server, settings, &[]);
        with!(kept, context => curity.register(context, &wanted())).unwrap();
    }
    let sent = received(&server, "POST", "/oauth/v2/oauth-registration").await;
    let bodies: Vec<Value> = sent.iter().map(|it| it.body_json().unwrap()).collect();
    assert_eq!(
        bodies,
        [
            json!({"client_name": "Orders", "grant_types": ["client_credentials"], "scope": "orders.read", "token_endpoint_auth_method": "client_secret_basic", "response_types": []}),
            json!({"software_id": "orders-template"}),
        ]
    );
    assert!(
        sent.iter()
            .all(|it| !it.headers.contains_key("authorization"))
    );
}

#[tokio::test]
async fn a_token_from_elsewhere_opens_registration_where_it_is_chosen() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(header("authorization", "Bearer given"))
        .respond_with(ResponseTemplate::new(201).set_body_json(answer(&server, "s1", "rat-1")))
        .mount(&server)
        .await;
    let by_token = [("registration_opened_by", "initial_access_token")];
    let (curity, _) = adapter(&server, &by_token, &[("initial_access_token", "given")]);
    let kept = Kept::default();
    with!(kept, context => curity.register(context, &wanted())).unwrap();
    let (without, _) = adapter(&server, &by_token, &[]);
    let error = with!(kept, context => without.register(context, &wanted())).unwrap_err();
    assert!(
        matches!(error, ProviderError::Missing { key } if key == key::INITIAL_ACCESS_TOKEN),
        "{error}"
    );
}

#[tokio::test]
async fn a_refused_admin_client_sends_nothing_to_the_registration_endpoint() {
    let server = MockServer::start().await;
    Mock::given(path("/oauth/v2/oauth-token"))
        .respond_with(ResponseTemplate::new(401).set_body_json(json!({
            "error": "invalid_client", "error_description": "Client authentication failed",
        })))
        .mount(&server)
        .await;
    let (curity, _) = adapter(&server, &[], &[]);
    let kept = Kept::default();
    let error = with!(kept, context => curity.register(context, &wanted())).unwrap_err();
    let ProviderError::Admin {
        source: TokenError::Refused { words, .. },
    } = error
    else {
        panic!("{error}");
    };
    assert_eq!(words.error.as_deref(), Some("invalid_client"));
    assert!(kept.steps().is_empty(), "{:?}", kept.steps());
    assert!(
        received(&server, "POST", "/oauth/v2/oauth-registration")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn refusals_of_a_registration_keep_their_words_and_have_advice() {
    for (status, error, text, key) in [
        (
            401,
            "invalid_token",
            "used already",
            Some("curity_invalid_token"),
        ),
        (
            403,
            "insufficient_scope",
            "dcr needed",
            Some("curity_insufficient_scope"),
        ),
        (
            400,
            "invalid_client_metadata",
            "client_uri",
            Some("curity_invalid_client_metadata"),
        ),
        (400, "invalid_redirect_uri", "no http", None),
    ] {
        let server = MockServer::start().await;
        gives_tokens(&server).await;
        registers(
            &server,
            status,
            json!({"error": error, "error_description": text}),
        )
        .await;
        let (curity, _) = adapter(&server, &[], &[]);
        let kept = Kept::default();
        let failed = with!(kept, context => curity.register(context, &wanted())).unwrap_err();
        let ProviderError::Registration(RegistrationError::Refused { words, .. }) = &failed else {
            panic!("{failed}");
        };
        assert_eq!(words.status, status);
        assert_eq!(words.error.as_deref(), Some(error));
        assert_eq!(words.description.as_deref(), Some(text));
        assert_eq!(advice(words).map(crate::MessageCode::as_str), key);
        assert_eq!(kept.steps(), ["sending register"]);
    }
}

#[tokio::test]
async fn a_success_without_a_client_is_an_unknown_outcome() {
    let server = MockServer::start().await;
    gives_tokens(&server).await;
    registers(&server, 201, json!({"client_name": "Orders"})).await;
    let (curity, _) = adapter(&server, &[], &[]);
    let kept = Kept::default();
    let error = with!(kept, context => curity.register(context, &wanted())).unwrap_err();
    assert!(
        matches!(&error, ProviderError::Registration(error) if error.outcome_unknown()),
        "{error}"
    );
}

#[tokio::test]
async fn the_plan_shows_both_requests_and_no_secret() {
    let server = MockServer::start().await;
    let (curity, _) = adapter(&server, &[], &[]);
    let asked = metadata(&json!({
        "client_name": "Orders", "grant_types": ["authorization_code"],
        "redirect_uris": ["http://localhost:9/cb"], "client_uri": "https://elsewhere.example/",
    }));
    let plan = curity.plan(&asked).unwrap();
    let steps: Vec<_> = plan.steps.iter().map(|step| step.step).collect();
    assert_eq!(steps, ["curity_dcr_token", "register"]);
    assert_eq!(
        plan.steps[0].body,
        PlannedBody::Form(vec![
            ("grant_type", Some("client_credentials".into())),
            ("scope", Some("dcr".into()))
        ])
    );
    assert_eq!(plan.steps[0].credential.unwrap().scheme, "Basic ");
    assert_eq!(
        plan.shortfalls,
        [Shortfall::Vendor(
            crate::curity::messages::shortfall::OTHER_ORIGIN,
            "https://elsewhere.example/".into()
        )]
    );
    assert!(!format!("{plan:?}").contains("admin-secret"));
}

#[tokio::test]
async fn the_sheet_tells_what_the_settings_mean() {
    let server = MockServer::start().await;
    let of = |settings: &[(&str, &str)], capability| {
        let (curity, _) = adapter(&server, settings, &[("initial_access_token", "given")]);
        let sheet = curity.capabilities();
        let line = sheet.line(capability).unwrap().clone();
        (line.verdict, line.reason.as_str().to_owned())
    };
    let told = |verdict, reason: &str| (verdict, reason.to_owned());
    assert_eq!(
        of(&[], Capability::Register),
        told(Verdict::Yes, "curity_fresh_token")
    );
    assert_eq!(
        of(
            &[("registration_opened_by", "nothing")],
            Capability::Register
        ),
        told(Verdict::Yes, "curity_open")
    );
    assert_eq!(
        of(
            &[("registration_opened_by", "initial_access_token")],
            Capability::Register
        ),
        told(Verdict::Partly, "curity_one_registration")
    );
    assert_eq!(
        of(
            &[("registration_kind", "templatized")],
            Capability::Register
        ),
        told(Verdict::No, "curity_template_missing")
    );
    assert_eq!(
        of(&[("initial_client_id", "")], Capability::Register),
        told(Verdict::No, "curity_admin_client_missing")
    );
    assert_eq!(
        of(&[], Capability::Read),
        told(Verdict::Partly, "curity_read_rotates")
    );
    assert_eq!(
        of(&[], Capability::RotateOverlap),
        told(Verdict::No, "curity_old_secret_ends")
    );
    assert_eq!(
        of(&[("rotated_secret_secs", "60")], Capability::RotateOverlap),
        told(Verdict::Partly, "curity_old_secret_stays")
    );
}

#[tokio::test]
async fn the_form_carries_the_admin_secret_where_the_metadata_offers_nothing_else() {
    let server = MockServer::start().await;
    let mut document = is_discovered(&server, None).await;
    document["token_endpoint_auth_methods_supported"] = json!(["client_secret_post"]);
    Mock::given(path("/oauth/v2/oauth-token"))
        .and(body_string_contains("client_secret=admin-secret"))
        .respond_with(
            ResponseTemplate::new(200)
                .set_body_json(json!({"access_token": "once", "token_type": "bearer"})),
        )
        .mount(&server)
        .await;
    registers(&server, 201, answer(&server, "s1", "rat-1")).await;
    let (mut curity, _) = adapter(&server, &[], &[]);
    curity.config.metadata = ServerMetadata::read(
        document.as_object().unwrap().clone(),
        server.uri().parse().unwrap(),
    );
    let kept = Kept::default();
    with!(kept, context => curity.register(context, &wanted())).unwrap();
}
