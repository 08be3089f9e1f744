//! Against a bridge that answers as Kong's contract and its reference bridge do.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod clients;
mod refusals;
mod verify;

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

use super::{HttpBridge, advice};
use crate::{
    AdminTokens, Capability, Checkpoint, CheckpointError, Context, Finding, OwnerTag, Provider,
    ProviderConfig, ProviderError, ProviderKind, Registration, Shortfall, StepState, TokenWish,
    Verdict, Verification,
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
    let keeper = Recorder::new(move |exchange| {
        into.lock()
            .unwrap()
            .push(serde_json::to_string(&exchange).unwrap());
    });
    let http = HttpClient::new(config.http_policy(), Clock::system(), keeper).unwrap();
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

#[allow(
    clippy::unnecessary_wraps,
    reason = "the shape of a journal, which may fail"
)]
fn no_checkpoint(_: Checkpoint<'_>) -> Result<(), CheckpointError> {
    Ok(())
}

fn context(keep: crate::context::CheckpointFn<'_>) -> Context<'_> {
    Context {
        flow: Uuid::nil(),
        owner_tag: OwnerTag {
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
