//! The adapter against a server that answers as Auth0 does.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod journey;
mod managing;
mod proving;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use keywright_oauth::{
    client_metadata::ClientMetadata,
    http::{Exchange, HttpClient, HttpPolicy, Recorder},
    register::ClientInformation,
    secret::{AdminSecret, ClientSecret},
    time::{Clock, ManualClock},
};
use serde_json::{Value, json};
use uuid::Uuid;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use crate::{
    AdminTokens, Checkpoint, CheckpointError, Context, OwnerTag, Provider, ProviderConfig,
    ProviderKind, Registration,
};

const NOW: i64 = 1_700_000_000;
/// `{"scope":"create:clients read:clients …"}` as the payload of a JWT whose signature nobody checks.
const ALL_SCOPES: &[&str] = &[
    "create:clients",
    "read:clients",
    "update:clients",
    "delete:clients",
    "create:client_grants",
    "read:client_grants",
    "update:client_grants",
    "delete:client_grants",
    "update:client_keys",
];

/// A server, a provider for it, and what the journal was told.
struct House {
    server: MockServer,
    provider: Provider,
    clock: ManualClock,
    journal: Arc<Mutex<Vec<String>>>,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
}

impl House {
    /// A tenant whose admin client gets tokens, with an API for new clients.
    async fn new() -> Self {
        let house = Self::with(&[("audience", "https://orders.example")]).await;
        house.grant_admin(ALL_SCOPES).await;
        house
    }

    async fn with(settings: &[(&str, &str)]) -> Self {
        let server = MockServer::start().await;
        let (clock, hand) = Clock::manual(NOW);
        let exchanges = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&exchanges);
        let recorder = Recorder::new(move |exchange| kept.lock().unwrap().push(exchange));
        let mut all = BTreeMap::from([("initial_client_id".to_owned(), "admin".to_owned())]);
        all.extend(
            settings
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let config = ProviderConfig {
            kind: ProviderKind::Auth0,
            issuer: server.uri(),
            settings: all,
            secrets: BTreeMap::from([(
                "initial_client_secret".to_owned(),
                AdminSecret::new("admin-secret-value"),
            )]),
            metadata: None,
        };
        let http = HttpClient::new(HttpPolicy::default(), clock, recorder).unwrap();
        Self {
            provider: Provider::new(config, http, AdminTokens::default()),
            server,
            clock: hand,
            journal: Arc::default(),
            exchanges,
        }
    }

    async fn grant_admin(&self, scopes: &[&str]) {
        let answer = json!({ "access_token": admin_jwt(scopes), "expires_in": 86400, "token_type": "Bearer" });
        self.on("POST", "/oauth/token", 200, &answer).await;
    }

    async fn on(&self, verb: &str, at: &str, status: u16, answer: &Value) {
        let template = match answer {
            Value::Null => ResponseTemplate::new(status),
            answer => ResponseTemplate::new(status).set_body_json(answer),
        };
        self.answer(verb, at, template).await;
    }

    async fn once(&self, verb: &str, at: &str, status: u16, answer: &Value) {
        Mock::given(method(verb))
            .and(path(at))
            .respond_with(ResponseTemplate::new(status).set_body_json(answer))
            .up_to_n_times(1)
            .with_priority(1)
            .mount(&self.server)
            .await;
    }

    async fn answer(&self, verb: &str, at: &str, template: ResponseTemplate) {
        Mock::given(method(verb))
            .and(path(at))
            .respond_with(template)
            .mount(&self.server)
            .await;
    }

    /// What was sent to the Management API, as `METHOD path body`.
    async fn sent(&self) -> Vec<(String, Value)> {
        let requests = self.server.received_requests().await.unwrap();
        requests
            .iter()
            .filter(|request| request.url.path() != "/oauth/token")
            .map(|request| {
                let body = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
                (format!("{} {}", request.method, request.url.path()), body)
            })
            .collect()
    }

    async fn asked(&self) -> Vec<String> {
        let sent = self.sent().await;
        sent.into_iter().map(|(line, _)| line).collect()
    }

    fn journal(&self) -> Vec<String> {
        self.journal.lock().unwrap().clone()
    }

    /// Runs an operation with a journal that notes each checkpoint.
    async fn run<T>(&self, operation: impl AsyncFnOnce(&Provider, Context<'_>) -> T) -> T {
        let keep = |checkpoint: Checkpoint<'_>| -> Result<(), CheckpointError> {
            let line = match checkpoint {
                Checkpoint::Sending { step } => format!("sending {step}"),
                Checkpoint::Answered {
                    step,
                    information,
                    complete,
                } => format!(
                    "answered {step} {} secret={} grant={} complete={complete}",
                    information.client_id,
                    information.client_secret.is_some(),
                    information.handles.contains_key("auth0_grant_id"),
                ),
            };
            self.journal.lock().unwrap().push(line);
            Ok(())
        };
        let context = Context {
            flow: Uuid::nil(),
            owner_tag: OwnerTag {
                vault: Uuid::from_u128(1),
                entry: Uuid::from_u128(2),
            },
            keep: &keep,
            progress: &|_| {},
        };
        operation(&self.provider, context).await
    }
}

fn admin_jwt(scopes: &[&str]) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({ "scope": scopes.join(" ") });
    format!("{}.{}.c2ln", part(&json!({"alg": "RS256"})), part(&claims))
}

fn metadata(value: &Value) -> ClientMetadata {
    ClientMetadata::from_answer(value.as_object().unwrap().clone())
}

fn wanted() -> ClientMetadata {
    metadata(&json!({
        "client_name": "Orders", "grant_types": ["client_credentials"], "scope": "read write",
        "token_endpoint_auth_method": "client_secret_post",
    }))
}

/// A client as the Management API answers it.
fn client() -> Value {
    json!({
        "tenant": "t", "global": false, "name": "Orders", "client_id": "c1", "client_secret": "the-secret",
        "app_type": "non_interactive", "grant_types": ["client_credentials"],
        "token_endpoint_auth_method": "client_secret_post", "is_first_party": true,
        "signing_keys": [{"cert": "c", "key": "-----BEGIN RSA PRIVATE KEY-----\nMIIEprivate\n-----END RSA PRIVATE KEY-----"}],
    })
}

fn without_secret(mut client: Value) -> Value {
    client.as_object_mut().unwrap().remove("client_secret");
    client
}

fn grant() -> Value {
    json!({ "id": "cgr_1", "client_id": "c1", "audience": "https://orders.example", "scope": ["read", "write"], "subject_type": "client" })
}

fn grants(all: &[Value]) -> Value {
    json!({ "total": all.len(), "start": 0, "limit": 100, "client_grants": all })
}

/// What the vault keeps of a client.
fn kept(information: &ClientInformation) -> Registration {
    Registration {
        client_id: information.client_id.clone(),
        client_secret: information.client_secret.clone(),
        handles: information.handles.clone(),
        granted: information.metadata.clone(),
        ..Registration::default()
    }
}

/// A registered client with its grant.
fn registered() -> Registration {
    Registration {
        client_id: "c1".into(),
        client_secret: Some(ClientSecret::new("the-secret")),
        handles: BTreeMap::from([
            ("auth0_grant_id".into(), "cgr_1".into()),
            (
                "auth0_grant_audience".into(),
                "https://orders.example".into(),
            ),
            ("auth0_secret_since".into(), NOW.to_string()),
        ]),
        granted: metadata(&json!({
            "client_name": "Orders", "grant_types": ["client_credentials"], "scope": "read write",
            "token_endpoint_auth_method": "client_secret_post", "app_type": "non_interactive",
        })),
        ..Registration::default()
    }
}

fn refusal(status: u16, code: &str, message: &str) -> Value {
    json!({ "statusCode": status, "error": "Words", "message": message, "errorCode": code })
}
