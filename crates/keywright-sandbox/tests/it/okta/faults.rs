//! Refusals, limits, lost answers and lag.

use std::time::Duration;

use super::*;

#[tokio::test]
async fn each_refusal_of_a_registration_is_told_in_oktas_words() {
    let world = World::new().await;
    for (draft, said) in [
        (json!({}), "`client_name`"),
        (
            json!({ "client_name": "a", "grant_types": ["authorization_code"] }),
            "`redirect_uris`",
        ),
        (
            json!({ "client_name": "a", "grant_types": ["magic"], "redirect_uris": ["https://a/cb"] }),
            "'magic'",
        ),
        (
            json!({ "client_name": "a", "grant_types": ["client_credentials", "refresh_token"] }),
            "'refresh_token'",
        ),
        (
            json!({ "client_name": "a", "token_endpoint_auth_method": "none" }),
            "'none'",
        ),
    ] {
        let refused = world.try_register(&draft).await.unwrap_err();
        let words = words(&refused);
        assert_eq!(words.error.as_deref(), Some("invalid_client_metadata"));
        assert!(words.description.unwrap().contains(said), "{draft}");
    }
    assert_eq!(world.count().await, 0);
}

#[tokio::test]
async fn each_refusal_of_a_token_has_its_advice() {
    let mut world = World::new().await;
    let at = world.service().await;
    for (scope, key) in [
        ("openid", "okta_openid"),
        ("elsewhere", "okta_scope_unknown"),
    ] {
        let refused = world.token_for(&at, Some(scope)).await.unwrap_err();
        assert_eq!(token_code(&refused), (400, "invalid_scope".into()));
        assert_eq!(advice(refused), Some(key));
    }
    let mut other = at.clone();
    other.client_secret = Some(keywright_oauth::secret::ClientSecret::new("wrong"));
    let refused = world.token(&other).await.unwrap_err();
    assert!(refused.is_invalid_client());
    assert_eq!(advice(refused), Some("okta_client_unknown"));

    world.turn(&["no_access_policy"]);
    let refused = world.token(&at).await.unwrap_err();
    assert_eq!(token_code(&refused), (401, "access_denied".into()));
    assert!(!refused.is_invalid_client(), "the client is not to blame");
    assert_eq!(advice(refused), Some("okta_policy"));
    let verification = world.verify().await;
    assert_eq!(
        step(&verification, "okta_policy"),
        (StepState::Warning, "okta_policy_none".into())
    );

    world.turn(&[]);
    world.config.settings.remove("okta_custom_scope");
    let refused = world.token(&at).await.unwrap_err();
    assert_eq!(advice(refused), Some("okta_scope_missing"));

    let user = json!({ "client_name": "a", "redirect_uris": ["https://a.example/cb"], "grant_types": ["authorization_code"] });
    let user = world.registered(&user).await;
    let refused = world
        .token_for(&user, Some("orders:read"))
        .await
        .unwrap_err();
    assert_eq!(advice(refused), Some("okta_grant_off"));
}

#[tokio::test]
async fn the_organisations_own_server_is_not_for_applications() {
    let mut world = World::new().await;
    let at = world.service().await;
    let org = world.config.issuer.replace("/oauth2/default", "");
    world.set("token_endpoint", &format!("{org}/oauth2/v1/token"));
    let refused = world.token(&at).await.unwrap_err();
    assert_eq!(token_code(&refused), (401, "invalid_client".into()));
    assert_eq!(advice(refused), Some("okta_org_server"));
    world.config.issuer = org;
    world.config.settings.remove("token_endpoint");
    let verification = world.verify().await;
    assert_eq!(
        step(&verification, "okta_policy"),
        (StepState::Warning, "okta_org_server".into())
    );
}

#[tokio::test]
async fn f14_what_is_over_the_rate_waits_and_nothing_is_doubled() {
    let world = World::new().await;
    world.faults(SandboxFaults {
        too_many_requests_percent: 50,
        ..SandboxFaults::default()
    });
    for _ in 0..3 {
        world.service().await;
    }
    world.faults(SandboxFaults::default());
    assert_eq!(world.count().await, 3);
    world.faults(SandboxFaults {
        too_many_requests_percent: 100,
        ..SandboxFaults::default()
    });
    let refused = world
        .try_register(&json!({ "client_name": "a" }))
        .await
        .unwrap_err();
    assert_eq!(code(&refused), (429, "E0000047".into()));
    let ProviderError::Registration(RegistrationError::Refused { retry_after, .. }) = refused
    else {
        panic!("{refused:?}");
    };
    assert!(retry_after.is_some());
}

#[tokio::test]
async fn f12_a_lost_registration_is_found_by_its_mark_and_finished() {
    let world = World::new().await;
    let owner_tag = OwnerTag {
        vault: Uuid::now_v7(),
        entry: Uuid::now_v7(),
    };
    let draft = metadata(&json!({ "client_name": "lost", "scope": "orders:read" }));
    world.faults(SandboxFaults {
        drop_after_receiving_percent: 100,
        ..SandboxFaults::default()
    });
    let lost = world
        .run_as(owner_tag, async |okta, context| {
            okta.register(context, &draft).await.unwrap_err()
        })
        .await;
    assert!(matches!(&lost, ProviderError::Registration(error) if error.outcome_unknown()));
    world.faults(SandboxFaults::default());
    let found = world
        .run(async |okta, context| okta.list(context).await.unwrap())
        .await
        .into_iter()
        .find(|one| one.owner_tag == Some(owner_tag))
        .unwrap();
    let so_far = Registration {
        client_id: found.client_id,
        handles: found.handles,
        ..Registration::default()
    };
    for api in [true, false] {
        world.turn(if api { &[] } else { &["no_secrets_api"] });
        let finished = world
            .run_as(owner_tag, async |okta, context| {
                okta.resume(context, &draft, &so_far).await.unwrap()
            })
            .await;
        let at = known(finished);
        let token = world.token(&at).await.unwrap();
        assert_eq!(token.scope.as_deref(), Some("orders:read"));
    }
    assert_eq!(world.count().await, 1);
}

#[tokio::test]
async fn f12_each_other_lost_answer_is_an_unknown_outcome_that_can_be_looked_at() {
    let world = World::new().await;
    let at = world.service().await;
    let cut = SandboxFaults {
        drop_after_receiving_percent: 100,
        ..SandboxFaults::default()
    };
    let unknown = |error: &ProviderError| matches!(error, ProviderError::Registration(error) if error.outcome_unknown());

    world.faults(cut.clone());
    let mut wanted = at.granted.clone();
    wanted.set("client_name", "renamed");
    let lost = world
        .run(async |okta, context| okta.update(context, &at, &wanted).await.unwrap_err())
        .await;
    assert!(unknown(&lost), "{lost:?}");
    world.faults(SandboxFaults::default());
    let read = world.read(&at).await.unwrap();
    assert_eq!(read.metadata.client_name().as_deref(), Some("renamed"));

    world.faults(cut);
    let lost = world.delete(&at).await.unwrap_err();
    assert!(unknown(&lost), "{lost:?}");
    world.faults(SandboxFaults::default());
    let gone = world.delete(&at).await.unwrap_err();
    assert!(matches!(&gone, ProviderError::Registration(error) if error.is_unknown_client()));
}

#[tokio::test]
async fn f17_a_client_that_has_not_arrived_is_settling_and_a_dead_one_is_not() {
    let world = World::new().await;
    world.faults(SandboxFaults {
        replication_lag_ms: 2000,
        ..SandboxFaults::default()
    });
    let at = world.service().await;
    let early = world.token(&at).await.unwrap_err();
    assert!(
        world
            .provider()
            .may_not_have_propagated(&early, &at, world.clock.now())
    );
    tokio::time::sleep(Duration::from_millis(2050)).await;
    world.token(&at).await.unwrap();
    world.hand.advance(60);
    assert!(
        !world
            .provider()
            .may_not_have_propagated(&early, &at, world.clock.now())
    );
}

#[tokio::test]
async fn an_unreadable_answer_of_a_registration_is_an_unknown_outcome() {
    let world = World::new().await;
    world.faults(SandboxFaults {
        truncated_body: true,
        ..SandboxFaults::default()
    });
    let odd = world
        .try_register(&json!({ "client_name": "a" }))
        .await
        .unwrap_err();
    assert!(matches!(&odd, ProviderError::Registration(error) if error.outcome_unknown()));
}
