//! Register, be cut off, go on.

use keywright_oauth::register::RegistrationError;
use serde_json::json;
use wiremock::ResponseTemplate;

use super::*;
use crate::ProviderError;

#[tokio::test]
async fn a_client_is_made_written_down_and_then_granted_its_api() {
    let house = House::new().await;
    house.on("POST", "/api/v2/clients", 201, &client()).await;
    house
        .on("POST", "/api/v2/client-grants", 201, &grant())
        .await;

    let made = house
        .run(async |provider, context| provider.register(context, &wanted()).await)
        .await
        .unwrap();

    assert_eq!(
        house.sent().await,
        [
            (
                "POST /api/v2/clients".to_owned(),
                json!({
                    "name": "Orders", "grant_types": ["client_credentials"],
                    "token_endpoint_auth_method": "client_secret_post", "app_type": "non_interactive",
                    "client_metadata": {
                        "keywright_vault": "00000000-0000-0000-0000-000000000001",
                        "keywright_entry": "00000000-0000-0000-0000-000000000002",
                    },
                })
            ),
            (
                "POST /api/v2/client-grants".to_owned(),
                json!({ "client_id": "c1", "audience": "https://orders.example", "scope": ["read", "write"] })
            ),
        ]
    );
    assert_eq!(
        house.journal(),
        [
            "sending auth0_client",
            "answered auth0_client c1 secret=true grant=false complete=false",
            "sending auth0_grant",
            "answered auth0_grant c1 secret=true grant=true complete=true",
        ]
    );
    assert_eq!(made.client_secret.as_ref().unwrap().expose(), "the-secret");
    assert_eq!(made.metadata.scopes().unwrap(), ["read", "write"]);
    assert_eq!(made.metadata.client_name().unwrap(), "Orders");
    assert_eq!(kept(&made).handle("auth0_grant_id"), Some("cgr_1"));
}

#[tokio::test]
async fn without_an_api_or_without_client_credentials_there_is_no_grant() {
    for (settings, change) in [
        (&[][..], json!({})),
        (
            &[("audience", "https://orders.example")][..],
            json!({"grant_types": ["authorization_code"]}),
        ),
    ] {
        let house = House::with(settings).await;
        house.grant_admin(ALL_SCOPES).await;
        let mut answer = client();
        for (name, value) in change.as_object().unwrap() {
            answer[name] = value.clone();
        }
        house.on("POST", "/api/v2/clients", 201, &answer).await;
        house
            .run(async |provider, context| provider.register(context, &wanted()).await)
            .await
            .unwrap();
        assert_eq!(house.asked().await, ["POST /api/v2/clients"]);
        assert!(house.journal().last().unwrap().ends_with("complete=true"));
    }
}

#[tokio::test]
async fn the_api_that_is_asked_for_wins_over_the_one_that_is_set() {
    let house = House::new().await;
    house.on("POST", "/api/v2/clients", 201, &client()).await;
    house
        .on("POST", "/api/v2/client-grants", 201, &grant())
        .await;
    let mut wanted = wanted();
    wanted.set("audience", "https://other.example");
    house
        .run(async |provider, context| provider.register(context, &wanted).await)
        .await
        .unwrap();
    let sent = house.sent().await;
    assert_eq!(sent[1].1["audience"], "https://other.example");
    assert!(sent[0].1.get("audience").is_none());
}

#[tokio::test]
async fn a_refused_grant_leaves_the_client_in_the_journal() {
    let house = House::new().await;
    house.on("POST", "/api/v2/clients", 201, &client()).await;
    let answer = refusal(404, "inexistent_resource_server", "The API does not exist.");
    house
        .on("POST", "/api/v2/client-grants", 404, &answer)
        .await;
    let error = house
        .run(async |provider, context| provider.register(context, &wanted()).await)
        .await
        .unwrap_err();
    let ProviderError::Registration(RegistrationError::Refused { words, .. }) = error else {
        panic!("{error:?}");
    };
    assert_eq!(
        words.description.as_deref(),
        Some("The API does not exist.")
    );
    assert_eq!(
        house.journal()[1],
        "answered auth0_client c1 secret=true grant=false complete=false"
    );
}

#[tokio::test]
async fn a_success_without_a_client_id_is_an_unknown_outcome() {
    for template in [
        ResponseTemplate::new(201).set_body_json(json!({"name": "Orders"})),
        ResponseTemplate::new(201).set_body_string("<html><title>Proxy</title></html>"),
        ResponseTemplate::new(504).set_body_string(""),
    ] {
        let house = House::new().await;
        house.answer("POST", "/api/v2/clients", template).await;
        let error = house
            .run(async |provider, context| provider.register(context, &wanted()).await)
            .await
            .unwrap_err();
        let ProviderError::Registration(error) = error else {
            panic!("{error:?}");
        };
        assert!(error.outcome_unknown(), "{error:?}");
    }
}

#[tokio::test]
async fn a_client_without_a_grant_is_finished() {
    let house = House::new().await;
    house
        .on("GET", "/api/v2/clients/c1", 200, &without_secret(client()))
        .await;
    house
        .on("GET", "/api/v2/client-grants", 200, &grants(&[]))
        .await;
    house
        .on("POST", "/api/v2/client-grants", 201, &grant())
        .await;
    let so_far = Registration {
        handles: BTreeMap::new(),
        ..registered()
    };
    let made = house
        .run(async |provider, context| provider.resume(context, &wanted(), &so_far).await)
        .await
        .unwrap();
    assert_eq!(
        house.asked().await,
        [
            "GET /api/v2/clients/c1",
            "GET /api/v2/client-grants",
            "POST /api/v2/client-grants",
        ]
    );
    assert_eq!(made.client_secret.unwrap().expose(), "the-secret");
    assert_eq!(made.handles["auth0_grant_id"], "cgr_1");
}

#[tokio::test]
async fn a_grant_whose_answer_was_lost_is_found_and_not_made_twice() {
    let house = House::new().await;
    house.on("GET", "/api/v2/clients/c1", 200, &client()).await;
    house
        .on("GET", "/api/v2/client-grants", 200, &json!([grant()]))
        .await;
    let so_far = Registration {
        handles: BTreeMap::new(),
        ..registered()
    };
    let made = house
        .run(async |provider, context| provider.resume(context, &wanted(), &so_far).await)
        .await
        .unwrap();
    assert_eq!(house.asked().await.len(), 2);
    assert_eq!(made.handles["auth0_grant_id"], "cgr_1");
    assert_eq!(
        house.journal(),
        ["answered auth0_grant c1 secret=true grant=true complete=true"]
    );
}

#[tokio::test]
async fn a_secret_that_was_lost_and_is_not_shown_again_is_replaced() {
    let house = House::new().await;
    house
        .on("GET", "/api/v2/clients/c1", 200, &without_secret(client()))
        .await;
    let mut rotated = client();
    rotated["client_secret"] = json!("the-new-secret");
    house
        .on("POST", "/api/v2/clients/c1/rotate-secret", 200, &rotated)
        .await;
    house
        .on("GET", "/api/v2/client-grants", 200, &grants(&[grant()]))
        .await;
    // Found by its owner tag: nothing but the id is known.
    let so_far = Registration {
        client_id: "c1".into(),
        ..Registration::default()
    };
    let made = house
        .run(async |provider, context| provider.resume(context, &wanted(), &so_far).await)
        .await
        .unwrap();
    assert_eq!(made.client_secret.unwrap().expose(), "the-new-secret");
    assert_eq!(made.handles["auth0_secret_since"], NOW.to_string());
    assert_eq!(
        house.journal()[..2],
        [
            "sending auth0_secret",
            "answered auth0_secret c1 secret=true grant=false complete=false",
        ]
    );
}

#[tokio::test]
async fn open_registration_sends_what_is_taken_and_shows_what_was_dropped() {
    let house = House::with(&[("auth0_registration", "open")]).await;
    let answer = json!({
        "client_name": "Orders", "client_id": "tpc_1", "client_secret": "s", "client_secret_expires_at": 0,
        "grant_types": ["authorization_code"], "redirect_uris": ["https://a.example/cb"],
        "token_endpoint_auth_method": "client_secret_post",
    });
    house.on("POST", "/oidc/register", 201, &answer).await;
    let mut wanted = wanted();
    wanted.set(
        "grant_types",
        json!(["authorization_code", "client_credentials"]),
    );
    wanted.set("redirect_uris", json!(["https://a.example/cb"]));
    let plan = house.provider.plan(&wanted).unwrap();
    assert_eq!(plan.steps.len(), 1);
    assert!(plan.shortfalls.contains(&crate::Shortfall::Vendor(
        crate::auth0::messages::shortfall::OPEN_DROPS,
        "client_credentials".into()
    )));
    let made = house
        .run(async |provider, context| provider.register(context, &wanted).await)
        .await
        .unwrap();
    let sent = house.sent().await;
    assert_eq!(sent.len(), 1);
    assert!(sent[0].1.get("scope").is_none());
    assert_eq!(made.metadata.grant_types().unwrap(), ["authorization_code"]);
    let capability = crate::Capability::ClientCredentials;
    assert!(house.provider.can(capability, &kept(&made)).is_err());
}

#[tokio::test]
async fn the_plan_shows_three_requests_without_secrets() {
    let house = House::new().await;
    let mut wanted = wanted();
    wanted.set("tos_uri", "https://a.example/tos");
    let plan = house.provider.plan(&wanted).unwrap();
    let lines: Vec<String> = plan
        .steps
        .iter()
        .map(|step| format!("{} {}", step.method, step.url.as_deref().unwrap()))
        .collect();
    let base = house.server.uri();
    assert_eq!(
        lines,
        [
            format!("POST {base}/oauth/token"),
            format!("POST {base}/api/v2/clients"),
            format!("POST {base}/api/v2/client-grants"),
        ]
    );
    assert!(!format!("{plan:?}").contains("admin-secret-value"));
    assert_eq!(
        plan.shortfalls,
        [crate::Shortfall::Vendor(
            crate::auth0::messages::shortfall::NO_PLACE,
            "tos_uri".into()
        )]
    );
    let without_api = House::with(&[]).await.provider.plan(&wanted).unwrap();
    assert_eq!(without_api.steps.len(), 2);
    assert_eq!(without_api.shortfalls.len(), 3);
}
