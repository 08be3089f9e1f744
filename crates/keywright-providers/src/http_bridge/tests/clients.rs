//! Register, update, rotate: what is sent, and what an answer means.

use super::*;

#[tokio::test]
async fn a_registration_sends_the_members_of_the_contract_and_no_others() {
    let bench = bench(&[(
        HttpBridge::PORTAL_ID,
        "426ac0a7-aeb6-4043-a404-c4bfe24f2705",
    )])
    .await;
    bench.answers("POST", "/hb/", 201, created()).await;
    let kept = Mutex::new(Vec::new());
    let keep = |checkpoint: Checkpoint<'_>| {
        kept.lock().unwrap().push(match checkpoint {
            Checkpoint::Sending { step } => format!("sending {step}"),
            Checkpoint::Answered { complete, .. } => format!("answered {complete}"),
        });
        Ok(())
    };
    let mut asked = wanted();
    asked.set("client_uri", "https://orders.example");
    let information = bench
        .provider
        .register(context(&keep), &asked)
        .await
        .unwrap();

    let body = &bench.bodies().await[0];
    let names: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "redirect_uris",
            "client_name",
            "grant_types",
            "scopes",
            "token_endpoint_auth_method",
            "application_description",
            "portal_id",
            "organization_id",
            "developer_id",
            "auth_strategy_id",
            "dcr_provider_id"
        ]
    );
    assert_eq!(body["scopes"], json!(["read", "write"]));
    assert_eq!(body["redirect_uris"], json!([]));
    assert_eq!(body["portal_id"], "426ac0a7-aeb6-4043-a404-c4bfe24f2705");
    let description = body["application_description"].as_str().unwrap();
    assert!(description.contains(&Uuid::from_u128(2).to_string()));
    for name in &names[6..] {
        Uuid::parse_str(body[name.as_str()].as_str().unwrap()).unwrap();
    }
    assert_eq!(*kept.lock().unwrap(), ["sending register", "answered true"]);
    assert_eq!(information.client_id_issued_at, Some(1_700_825_336));
    assert_eq!(information.client_secret_expires_at, None);
    // What has no place was not sent, and so was not granted.
    assert_eq!(information.metadata.to_value(), wanted().to_value());
    let plan = bench.provider.plan(&asked).unwrap();
    assert_eq!(
        plan.shortfalls,
        [Shortfall::Vendor(
            crate::http_bridge::messages::shortfall::NO_PLACE,
            "client_uri".into()
        )]
    );
}

#[tokio::test]
async fn the_event_of_an_update_names_the_ids_of_its_registration() {
    let bench = bench(&[]).await;
    bench.answers("POST", "/hb/", 201, created()).await;
    bench
        .answers("POST", "/hb/c-1/event-hook", 200, Value::Null)
        .await;
    let information = bench
        .provider
        .register(context(&no_checkpoint), &wanted())
        .await
        .unwrap();
    let mut registration = at("c-1");
    registration.handles = information.handles;
    let mut changed = wanted();
    changed.set("client_name", "orders 2");
    changed.set("redirect_uris", json!(["https://orders.example/back"]));
    changed.set("scope", "everything");
    let mut outside = context(&no_checkpoint);
    outside.owner_tag = OwnerTag::default();
    let answer = bench
        .provider
        .update(outside, &registration, &changed)
        .await
        .unwrap();

    let bodies = bench.bodies().await;
    let (registered, event) = (&bodies[0], &bodies[1]);
    for name in [
        "portal_id",
        "organization_id",
        "developer_id",
        "auth_strategy_id",
        "dcr_provider_id",
        "application_description",
    ] {
        assert_eq!(registered[name], event[name], "{name}");
    }
    assert_eq!(event["event_type"], "update_application");
    assert_eq!(event["application_id"], Uuid::from_u128(2).to_string());
    assert_eq!(event["application_name"], "orders 2");
    assert_eq!(
        event["redirect_uris"],
        json!(["https://orders.example/back"])
    );
    assert_eq!(answer.metadata.client_name().unwrap(), "orders 2");
    // The event has no place for scopes, so they stay what they were.
    assert_eq!(answer.metadata.scopes().unwrap(), ["read", "write"]);
}

#[tokio::test]
async fn what_is_switched_off_is_never_sent() {
    let bench = bench(&[
        (HttpBridge::DISABLE_EVENT_HOOKS, "true"),
        (HttpBridge::DISABLE_REFRESH_SECRET, "true"),
    ])
    .await;
    let context = context(&no_checkpoint);
    let at = at("c-1");
    let update = bench.provider.update(context, &at, &wanted()).await;
    let rotate = bench.provider.rotate(context, &at).await;
    let read = bench.provider.read(context, &at).await;
    for (capability, error) in [
        (Capability::Update, update.unwrap_err()),
        (Capability::Rotate, rotate.unwrap_err()),
        (Capability::Read, read.unwrap_err()),
    ] {
        let ProviderError::NotCapable { reason, .. } = &error else {
            panic!("{error:?}");
        };
        let sheet = bench.provider.capabilities();
        let line = sheet.line(capability).unwrap();
        assert_eq!((line.verdict, &line.reason), (Verdict::No, reason));
        assert!(bench.provider.can(capability, &at).is_err());
    }
    assert!(bench.bodies().await.is_empty());
}

#[tokio::test]
async fn a_new_secret_is_asked_for_without_a_body() {
    let bench = bench(&[]).await;
    let answer = json!({"client_id": "a b/c", "client_secret": "new-secret-2"});
    Mock::given(method("POST"))
        .and(header("x-api-key", KEY))
        .respond_with(ResponseTemplate::new(200).set_body_json(answer))
        .mount(&bench.server)
        .await;
    let information = bench
        .provider
        .rotate(context(&no_checkpoint), &at("a b/c"))
        .await
        .unwrap();
    assert_eq!(information.client_secret.unwrap().expose(), "new-secret-2");
    let sent = bench.server.received_requests().await.unwrap();
    assert_eq!(sent[0].url.path(), "/hb/a%20b%2Fc/new-secret");
    assert!(sent[0].body.is_empty() && !sent[0].headers.contains_key("content-type"));
}

#[tokio::test]
async fn a_client_id_that_no_address_can_hold_is_never_sent() {
    let bench = bench(&[]).await;
    for id in ["", ".", ".."] {
        let error = bench
            .provider
            .delete(context(&no_checkpoint), &at(id))
            .await
            .unwrap_err();
        assert!(
            matches!(error, ProviderError::NotCapable { .. }),
            "{error:?}"
        );
    }
    assert!(bench.bodies().await.is_empty());
}

#[tokio::test]
async fn the_token_goes_to_the_identity_provider_as_the_client_was_registered() {
    let bench = bench(&[]).await;
    let request = bench
        .provider
        .token_request(&at("c-1"), TokenWish::default(), Uuid::nil())
        .unwrap();
    assert_eq!(request.endpoint.path(), "/token");
    assert_eq!(request.scopes, ["read", "write"]);
    assert_eq!(
        request.client_auth,
        keywright_oauth::token::ClientAuth::Post
    );
}

#[test]
fn every_capability_has_its_line() {
    let config = ProviderConfig {
        kind: ProviderKind::HttpBridge,
        issuer: "https://id.example".into(),
        settings: std::collections::BTreeMap::new(),
        secrets: std::collections::BTreeMap::new(),
        metadata: None,
    };
    let policy = config.http_policy();
    let http = HttpClient::new(policy, Clock::system(), Recorder::none()).unwrap();
    let sheet = HttpBridge::new(config, http).capabilities();
    let names: Vec<&str> = sheet
        .lines
        .iter()
        .map(|line| line.capability.as_str())
        .collect();
    assert_eq!(names.len(), 16);
    assert_eq!(
        names
            .iter()
            .collect::<std::collections::BTreeSet<_>>()
            .len(),
        16
    );
}
