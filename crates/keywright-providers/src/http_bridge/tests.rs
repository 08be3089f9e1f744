//! Against a bridge that answers as Kong's contract and its reference bridge do.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::{Arc, Mutex};

use keywright_oauth::{
    client_metadata::ClientMetadata,
    http::{HttpClient, Recorder},
    register::RegistrationError,
    secret::{AdminSecret, ClientSecret},
    time::Clock,
    token::TokenError,
};
use serde_json::{Value, json};
use uuid::Uuid;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, header_exists, method, path},
};

use super::HttpBridge;
use crate::{
    AdminTokens, Capability, Checkpoint, CheckpointError, Context, Finding, Mark, Provider,
    ProviderConfig, ProviderError, ProviderKind, Registration, Shortfall, StepState, TokenWish,
    Verdict, Verification, provider::Adapter,
};

const KEY: &str = "kong_key_123456";

struct Bench {
    server: MockServer,
    provider: Provider,
    recorded: Arc<Mutex<Vec<String>>>,
}

async fn bench(settings: &[(&str, &str)]) -> Bench {
    let server = MockServer::start().await;
    let mut config = ProviderConfig {
        kind: ProviderKind::HttpBridge,
        issuer: server.uri(),
        settings: [
            (HttpBridge::DCR_BASE_URL, format!("{}/hb", server.uri())),
            ("token_endpoint", format!("{}/token", server.uri())),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into(),
        secrets: [(HttpBridge::API_KEY.to_owned(), AdminSecret::new(KEY))].into(),
        metadata: None,
    };
    for (key, value) in settings {
        if *key == HttpBridge::API_KEY {
            config
                .secrets
                .insert((*key).to_owned(), AdminSecret::new(*value));
        } else {
            config
                .settings
                .insert((*key).to_owned(), value.replace("SERVER", &server.uri()));
        }
    }
    let recorded = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&recorded);
    let recorder = Recorder::new(move |exchange| {
        into.lock()
            .unwrap()
            .push(serde_json::to_string(&exchange).unwrap());
    });
    let http = HttpClient::new(config.http_policy(), Clock::system(), recorder).unwrap();
    Bench {
        provider: Provider::new(config, http, AdminTokens::default()),
        server,
        recorded,
    }
}

impl Bench {
    async fn answers(&self, on: &str, at: &str, status: u16, body: Value) {
        let answer = if body.is_null() {
            ResponseTemplate::new(status)
        } else {
            ResponseTemplate::new(status).set_body_json(body)
        };
        Mock::given(method(on))
            .and(path(at))
            .and(header("x-api-key", KEY))
            .respond_with(answer)
            .mount(&self.server)
            .await;
    }

    async fn bodies(&self) -> Vec<Value> {
        let sent = self.server.received_requests().await.unwrap();
        sent.iter()
            .map(|request| serde_json::from_slice(&request.body).unwrap_or(Value::Null))
            .collect()
    }
}

fn keep_nothing(_: Checkpoint<'_>) -> Result<(), CheckpointError> {
    Ok(())
}

fn context<'a>(keep: crate::context::Keep<'a>) -> Context<'a> {
    Context {
        flow: Uuid::nil(),
        mark: Mark {
            vault: Uuid::from_u128(1),
            entry: Uuid::from_u128(2),
        },
        keep,
        progress: &|_| {},
    }
}

fn metadata(value: Value) -> ClientMetadata {
    let Value::Object(members) = value else {
        panic!("an object");
    };
    ClientMetadata::from(members)
}

fn wanted() -> ClientMetadata {
    metadata(json!({
        "client_name": "orders", "grant_types": ["client_credentials"], "scope": "read write",
        "token_endpoint_auth_method": "client_secret_post",
    }))
}

fn at(client_id: &str) -> Registration {
    Registration {
        client_id: client_id.to_owned(),
        client_secret: Some(ClientSecret::new("old-secret-1")),
        granted: wanted(),
        ..Registration::default()
    }
}

fn created() -> Value {
    json!({"client_id": "c-1", "client_secret": "new-secret-1", "client_id_issued_at": "2023-11-24T11:28:56Z"})
}

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
        [Shortfall::Told("bridge_no_place", "client_uri".into())]
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
        .register(context(&keep_nothing), &wanted())
        .await
        .unwrap();
    let mut registration = at("c-1");
    registration.handles = information.handles;
    let mut changed = wanted();
    changed.set("client_name", "orders 2");
    changed.set("redirect_uris", json!(["https://orders.example/back"]));
    changed.set("scope", "everything");
    let mut outside = context(&keep_nothing);
    outside.mark = Mark::default();
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
    let context = context(&keep_nothing);
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
        .rotate(context(&keep_nothing), &at("a b/c"))
        .await
        .unwrap();
    assert_eq!(information.client_secret.unwrap().expose(), "new-secret-2");
    let sent = bench.server.received_requests().await.unwrap();
    assert_eq!(sent[0].url.path(), "/hb/a%20b%2Fc/new-secret");
    assert!(sent[0].body.is_empty() && !sent[0].headers.contains_key("content-type"));
}

#[tokio::test]
async fn a_refused_key_is_not_an_unknown_client() {
    let bench = bench(&[]).await;
    let body = json!({"error": "Wrong API-Key", "error_description": "wrong x-api-key header"});
    bench.answers("DELETE", "/hb/c-1", 401, body).await;
    let error = bench
        .provider
        .delete(context(&keep_nothing), &at("c-1"))
        .await
        .unwrap_err();
    let ProviderError::Admin {
        source: TokenError::Refused { words, .. },
    } = &error
    else {
        panic!("{error:?}");
    };
    assert_eq!(words.error.as_deref(), Some("Wrong API-Key"));
    assert_eq!(super::advice(words), Some("bridge_api_key"));
}

#[tokio::test]
async fn a_client_that_is_gone_is_known_by_the_reference_bridges_words() {
    let bench = bench(&[]).await;
    let body =
        json!({"error": "AxiosError", "error_description": "Request failed with status code 404"});
    bench.answers("DELETE", "/hb/c-1", 400, body.clone()).await;
    bench.answers("POST", "/hb/c-1/new-secret", 400, body).await;
    let upstream =
        json!({"error": "AxiosError", "error_description": "Request failed with status code 403"});
    bench.answers("DELETE", "/hb/c-2", 400, upstream).await;
    let context = context(&keep_nothing);
    let gone = bench
        .provider
        .delete(context, &at("c-1"))
        .await
        .unwrap_err();
    let stale = bench
        .provider
        .rotate(context, &at("c-1"))
        .await
        .unwrap_err();
    let other = bench
        .provider
        .delete(context, &at("c-2"))
        .await
        .unwrap_err();
    for (error, unknown) in [(gone, true), (stale, true), (other, false)] {
        let ProviderError::Registration(error) = error else {
            panic!("{error:?}");
        };
        assert_eq!(error.is_unknown_client(), unknown, "{error:?}");
        let RegistrationError::Refused { words, .. } = &error else {
            panic!("{error:?}");
        };
        assert_eq!(super::advice(words), Some("bridge_upstream"));
    }
}

#[tokio::test]
async fn a_description_that_is_a_list_keeps_its_words() {
    let bench = bench(&[]).await;
    let body = json!({"error": "Bad Request", "error_description": [
        {"keyword": "required", "params": {"missingProperty": "redirect_uris"}}
    ]});
    bench.answers("POST", "/hb/", 400, body).await;
    let error = bench
        .provider
        .register(context(&keep_nothing), &wanted())
        .await
        .unwrap_err();
    let ProviderError::Registration(RegistrationError::Refused { words, .. }) = &error else {
        panic!("{error:?}");
    };
    assert_eq!(words.description.as_deref(), Some("required redirect_uris"));
    assert_eq!(super::advice(words), Some("bridge_contract"));
}

#[tokio::test]
async fn f02_a_success_that_says_too_little_is_an_unknown_outcome() {
    let context = context(&keep_nothing);
    for answer in [
        ResponseTemplate::new(201),
        ResponseTemplate::new(201).set_body_string("{\"client_id\":\"c"),
        ResponseTemplate::new(200).set_body_json(json!({"client_id": null, "client_secret": ""})),
    ] {
        let bench = bench(&[]).await;
        Mock::given(method("POST"))
            .respond_with(answer)
            .mount(&bench.server)
            .await;
        for error in [
            bench
                .provider
                .register(context, &wanted())
                .await
                .unwrap_err(),
            bench
                .provider
                .rotate(context, &at("c-1"))
                .await
                .unwrap_err(),
        ] {
            let ProviderError::Registration(error) = error else {
                panic!("{error:?}");
            };
            assert!(error.outcome_unknown(), "{error:?}");
        }
    }
}

#[tokio::test]
async fn nothing_is_sent_that_could_not_be_written_down() {
    let bench = bench(&[]).await;
    let keep = |_: Checkpoint<'_>| {
        Err(CheckpointError {
            source: Arc::new(std::io::Error::other("disk full")),
        })
    };
    let context = context(&keep);
    let at = at("c-1");
    let errors = [
        bench
            .provider
            .register(context, &wanted())
            .await
            .unwrap_err(),
        bench
            .provider
            .update(context, &at, &wanted())
            .await
            .unwrap_err(),
        bench.provider.rotate(context, &at).await.unwrap_err(),
        bench.provider.delete(context, &at).await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, ProviderError::Checkpoint(_)), "{error:?}");
    }
    assert!(bench.bodies().await.is_empty());
}

#[tokio::test]
async fn a_client_id_that_no_address_can_hold_is_never_sent() {
    let bench = bench(&[]).await;
    for id in ["", ".", ".."] {
        let error = bench
            .provider
            .delete(context(&keep_nothing), &at(id))
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
async fn a_refusal_for_the_rate_is_sent_again_after_the_pause() {
    let bench = bench(&[]).await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(429).insert_header("retry-after", "1"))
        .up_to_n_times(1)
        .mount(&bench.server)
        .await;
    bench.answers("POST", "/hb/", 201, created()).await;
    let information = bench
        .provider
        .register(context(&keep_nothing), &wanted())
        .await
        .unwrap();
    assert_eq!(information.client_id, "c-1");
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

#[tokio::test]
async fn t05_neither_the_key_nor_a_secret_is_recorded_or_planned() {
    let bench = bench(&[]).await;
    bench.answers("POST", "/hb/", 201, created()).await;
    let context = context(&keep_nothing);
    let information = bench.provider.register(context, &wanted()).await.unwrap();
    bench.provider.verify(context).await;
    let plan = bench.provider.plan(&wanted()).unwrap();
    let recorded = bench.recorded.lock().unwrap().join("\n");
    let printed = format!("{plan:?} {information:?} {:?}", bench.provider);
    assert!(recorded.contains("x-api-key") && printed.contains("x-api-key"));
    for secret in [KEY, "new-secret-1"] {
        assert!(!recorded.contains(secret), "{secret} is in the exchanges");
        assert!(!printed.contains(secret), "{secret} is in Debug");
    }
}

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
    let verification = bench.provider.verify(context(&keep_nothing)).await;
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
    let cases: [(&[(&str, &str)], &str, StepState, &str); 4] = [
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
        let verification = bench.provider.verify(context(&keep_nothing)).await;
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
    let verification = bench.provider.verify(context(&keep_nothing)).await;
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
    let verification = bench.provider.verify(context(&keep_nothing)).await;
    let step = &verification.steps[0];
    assert_eq!(step.state, StepState::Failed);
    let words = step.words.as_ref().unwrap();
    assert_eq!(words.description.as_deref(), Some("503 upstream not ready"));
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
    assert_eq!(names.len(), 12);
    assert_eq!(
        names
            .iter()
            .collect::<std::collections::BTreeSet<_>>()
            .len(),
        12
    );
}
