//! Against a server that answers as Curity's documentation and its own recordings do.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

use std::{collections::BTreeMap, sync::Mutex};

use keywright_oauth::{
    client_metadata::ClientMetadata,
    http::{HttpClient, HttpPolicy, Recorder},
    register::{ClientInformation, RegistrationError},
    secret::{AdminSecret, ClientSecret, RegistrationAccessToken},
    server_metadata::ServerMetadata,
    time::{Clock, ManualClock},
    token::TokenError,
};
use serde_json::{Value, json};
use uuid::Uuid;
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{body_string_contains, header, method, path},
};

use super::{Curity, advice, prefill};
use crate::{
    Capability, Checkpoint, CheckpointError, Context, Finding, OwnerTag, PlannedBody,
    ProviderConfig, ProviderError, ProviderKind, Registration, Shortfall, StepState, Verdict,
    Verification, settings::key,
};

const NOW: i64 = 1_760_000_000;
const DAY: i64 = 86_400;
/// Basic credentials of the admin client.
const BASIC: &str = "Basic ZGNyLWFkbWluOmFkbWluLXNlY3JldA==";

/// What the adapter wrote into the journal.
#[derive(Default)]
struct Kept(Mutex<Vec<String>>);

impl Kept {
    fn steps(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// Runs an operation with a context that writes down each checkpoint.
macro_rules! with {
    ($kept:ident, $context:ident => $operation:expr) => {{
        let keep = |checkpoint: Checkpoint<'_>| -> Result<(), CheckpointError> {
            $kept.0.lock().unwrap().push(match checkpoint {
                Checkpoint::Sending { step } => format!("sending {step}"),
                Checkpoint::Answered {
                    step,
                    information,
                    complete,
                } => format!(
                    "{} {step} {}",
                    if complete { "done" } else { "so far" },
                    information
                        .registration_access_token
                        .as_ref()
                        .map_or("-", |token| token.expose())
                ),
            });
            Ok(())
        };
        let $context = Context {
            flow: Uuid::now_v7(),
            owner_tag: OwnerTag::default(),
            keep: &keep,
            progress: &|_| {},
        };
        $operation.await
    }};
}

mod management;
mod registration;
mod verify;

fn adapter(
    server: &MockServer,
    settings: &[(&str, &str)],
    secrets: &[(&str, &str)],
) -> (Curity, ManualClock) {
    let base = server.uri();
    let mut all: BTreeMap<String, String> = [
        (
            "registration_endpoint",
            format!("{base}/oauth/v2/oauth-registration"),
        ),
        ("token_endpoint", format!("{base}/oauth/v2/oauth-token")),
        ("initial_client_id", "dcr-admin".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    for (name, value) in settings {
        all.insert((*name).to_owned(), (*value).to_owned());
    }
    let secrets = [("initial_client_secret", "admin-secret")]
        .iter()
        .chain(secrets)
        .map(|(name, value)| ((*name).to_owned(), AdminSecret::new(*value)))
        .collect();
    let config = ProviderConfig {
        kind: ProviderKind::Curity,
        issuer: format!("{base}/oauth/v2/oauth-anonymous"),
        settings: all,
        secrets,
        metadata: None,
    };
    let (clock, hand) = Clock::manual(NOW);
    let http = HttpClient::new(HttpPolicy::default(), clock, Recorder::none()).unwrap();
    (Curity::new(config, http), hand)
}

async fn gives_tokens(server: &MockServer) {
    Mock::given(method("POST"))
        .and(path("/oauth/v2/oauth-token"))
        .and(header("authorization", BASIC))
        .and(body_string_contains("scope=dcr"))
        .respond_with(|_: &Request| {
            let token = format!("once-{}", Uuid::now_v7());
            ResponseTemplate::new(200).set_body_json(json!({
                "access_token": token, "scope": "dcr", "token_type": "bearer", "expires_in": 300,
            }))
        })
        .mount(server)
        .await;
}

fn answer(server: &MockServer, secret: &str, token: &str) -> Value {
    json!({
        "client_id": "c-1", "client_secret": secret, "client_id_issued_at": NOW,
        "client_secret_expires_at": 0, "client_name": "Orders",
        "grant_types": ["client_credentials"], "scope": "orders.read",
        "token_endpoint_auth_method": "client_secret_basic",
        "token_endpoint_auth_methods": ["client_secret_basic", "client_secret_post"],
        "registration_client_uri": format!("{}/oauth/v2/oauth-registration/c-1", server.uri()),
        "registration_access_token": token, "registration_access_token_expires_in": 31_536_000,
    })
}

async fn registers(server: &MockServer, status: u16, body: Value) {
    Mock::given(method("POST"))
        .and(path("/oauth/v2/oauth-registration"))
        .respond_with(ResponseTemplate::new(status).set_body_json(body))
        .mount(server)
        .await;
}

async fn manages(server: &MockServer, verb: &str, token: &str, status: u16, body: Value) {
    Mock::given(method(verb))
        .and(path("/oauth/v2/oauth-registration/c-1"))
        .and(header("authorization", format!("Bearer {token}").as_str()))
        .respond_with(ResponseTemplate::new(status).set_body_json(body))
        .mount(server)
        .await;
}

fn wanted() -> ClientMetadata {
    metadata(
        &json!({"client_name": "Orders", "grant_types": ["client_credentials"], "scope": "orders.read"}),
    )
}

fn metadata(value: &Value) -> ClientMetadata {
    value.as_object().unwrap().clone().into()
}

fn registered(information: &ClientInformation) -> Registration {
    Registration {
        client_id: information.client_id.clone(),
        client_secret: information.client_secret.clone(),
        registration_client_uri: information.registration_client_uri.clone(),
        registration_access_token: information.registration_access_token.clone(),
        handles: information.handles.clone(),
        granted: information.metadata.clone(),
        ..Registration::default()
    }
}

fn managed(server: &MockServer) -> Registration {
    Registration {
        client_id: "c-1".into(),
        client_secret: Some(ClientSecret::new("old-secret")),
        registration_client_uri: Some(
            format!("{}/oauth/v2/oauth-registration/c-1", server.uri())
                .parse()
                .unwrap(),
        ),
        registration_access_token: Some(RegistrationAccessToken::new("rat-1")),
        granted: wanted(),
        ..Registration::default()
    }
}

async fn received(server: &MockServer, verb: &str, at: &str) -> Vec<Request> {
    let all = server.received_requests().await.unwrap();
    all.into_iter()
        .filter(|request| request.method.as_str() == verb && request.url.path() == at)
        .collect()
}

async fn is_discovered(server: &MockServer, endpoint: Option<&str>) -> Value {
    let base = format!("{}/oauth/v2", server.uri());
    let mut document = json!({
        "issuer": format!("{base}/oauth-anonymous"),
        "token_endpoint": format!("{base}/oauth-token"),
        "jwks_uri": format!("{base}/oauth-anonymous/jwks"),
    });
    if let Some(endpoint) = endpoint {
        document["registration_endpoint"] = json!(format!("{base}/{endpoint}"));
    }
    Mock::given(path(
        "/oauth/v2/oauth-anonymous/.well-known/openid-configuration",
    ))
    .respond_with(ResponseTemplate::new(200).set_body_json(&document))
    .mount(server)
    .await;
    Mock::given(path("/oauth/v2/oauth-anonymous/jwks"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"keys": []})))
        .mount(server)
        .await;
    document
}
