//! A tenant with its Graph, made of answers, and a journal that may fail.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use keywright_oauth::{
    client_metadata::ClientMetadata,
    http::{Exchange, HttpClient, Recorder},
    register::ClientInformation,
    secret::AdminSecret,
    time::Clock,
};
use keywright_providers::{
    AdminTokens, Checkpoint, CheckpointError, OwnerTag, Provider, ProviderConfig, ProviderKind,
    Registration, Verification,
};
use serde_json::{Value, json};
use uuid::Uuid;
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{body_string_contains, method, path_regex},
};

pub(crate) const NOW: i64 = 1_800_000_000;
pub(crate) const TENANT: &str = "54826b22-38d6-4fb2-bad9-b7b93a3e9c5a";
pub(crate) const APP: &str = "0610a4a7-3535-4eb5-89ef-7935b1818f2d";
/// Who registers.
pub(crate) const MARK: OwnerTag = OwnerTag {
    vault: Uuid::from_u128(1),
    entry: Uuid::from_u128(2),
};
pub(crate) const SECRET: &str = "q~W8Q_first.secret[1]@+";

/// A tenant with its Graph, one configuration of it, and what was written to the journal.
pub(crate) struct Tenant {
    pub(crate) server: MockServer,
    settings: BTreeMap<String, String>,
    pub(crate) exchanges: Arc<Mutex<Vec<Exchange>>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Written {
    Sending(&'static str),
    Answered(&'static str, bool),
}

#[derive(Debug, thiserror::Error)]
#[error("the disk is full")]
pub(crate) struct DiskFull;

/// A journal that fails after so many lines.
#[derive(Default)]
pub(crate) struct Journal {
    pub(crate) written: Mutex<Vec<Written>>,
    pub(crate) last: Mutex<Option<ClientInformation>>,
    pub(crate) room: Option<usize>,
}

impl Journal {
    pub(crate) fn keep(&self, checkpoint: &Checkpoint<'_>) -> Result<(), CheckpointError> {
        let mut written = self.written.lock().unwrap();
        if self.room == Some(written.len()) {
            return Err(CheckpointError {
                unkept: None,
                source: Arc::new(DiskFull),
            });
        }
        written.push(match checkpoint {
            Checkpoint::Sending { step } => Written::Sending(step),
            Checkpoint::Answered {
                step,
                information,
                complete,
            } => {
                *self.last.lock().unwrap() = Some((*information).clone());
                Written::Answered(step, *complete)
            }
        });
        Ok(())
    }

    pub(crate) fn written(&self) -> Vec<Written> {
        self.written.lock().unwrap().clone()
    }

    /// What a vault would know after the last line.
    pub(crate) fn known(&self) -> Registration {
        registered(self.last.lock().unwrap().as_ref().unwrap())
    }
}

pub(crate) fn registered(made: &ClientInformation) -> Registration {
    Registration {
        client_id: made.client_id.clone(),
        client_secret: made.client_secret.clone(),
        handles: made.handles.clone(),
        granted: made.metadata.clone(),
        ..Registration::default()
    }
}

/// The context of one operation; its journal is the argument.
macro_rules! context {
    ($journal:expr) => {
        keywright_providers::Context {
            flow: uuid::Uuid::now_v7(),
            owner_tag: crate::tenant::MARK,
            keep: &|checkpoint| $journal.keep(&checkpoint),
            progress: &|_: &keywright_providers::VerifyStep| {},
        }
    };
}
pub(crate) use context;

pub(crate) fn wanted() -> ClientMetadata {
    let mut wanted = ClientMetadata::default();
    wanted.set("client_name", "Orders");
    wanted.set("grant_types", json!(["client_credentials"]));
    wanted
}

pub(crate) fn application() -> Value {
    json!({ "id": "object-1", "appId": APP, "displayName": "Orders", "createdDateTime": "2027-01-15T08:00:00.1234567Z" })
}

pub(crate) fn password(key: &str, secret: &str) -> Value {
    json!({ "keyId": key, "secretText": secret, "hint": "q~W", "endDateTime": "2027-07-14T08:00:00Z" })
}

pub(crate) fn graph_error(status: u16, code: &str) -> ResponseTemplate {
    let said = json!({ "error": { "code": code, "message": format!("{code} was said"), "innerError": { "request-id": "r" } } });
    ResponseTemplate::new(status).set_body_json(said)
}

pub(crate) fn not_found() -> ResponseTemplate {
    graph_error(404, "Request_ResourceNotFound")
}

impl Tenant {
    pub(crate) async fn new(settings: &[(&str, &str)]) -> Self {
        let server = MockServer::start().await;
        let mut all: BTreeMap<String, String> = [
            ("login_endpoint", server.uri()),
            ("graph_endpoint", format!("{}/graph", server.uri())),
            ("initial_client_id", "admin-client".to_owned()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into();
        all.extend(
            settings
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned())),
        );
        let tenant = Self {
            server,
            settings: all,
            exchanges: Arc::default(),
        };
        tenant.admin_token(json!("admin-token-0001")).await;
        tenant
    }

    /// A tenant in which everything goes well.
    pub(crate) async fn well(settings: &[(&str, &str)]) -> Self {
        let tenant = Self::new(settings).await;
        let ok = |status| ResponseTemplate::new(status);
        tenant
            .on(
                "POST",
                "/applications$",
                ok(201).set_body_json(application()),
            )
            .await;
        tenant
            .on(
                "POST",
                "/addPassword$",
                ok(200).set_body_json(password("key-1", SECRET)),
            )
            .await;
        tenant
            .on(
                "POST",
                "/servicePrincipals$",
                ok(201).set_body_json(json!({ "id": "principal-1" })),
            )
            .await;
        tenant.on("PATCH", "/applications/object-1$", ok(204)).await;
        tenant
            .on(
                "GET",
                "/applications/object-1$",
                ok(200).set_body_json(application()),
            )
            .await;
        tenant.on("POST", "/removePassword$", ok(204)).await;
        tenant
            .on("DELETE", "/applications/object-1$", ok(204))
            .await;
        tenant
    }

    pub(crate) async fn on(&self, verb: &str, pattern: &str, answer: ResponseTemplate) {
        Mock::given(method(verb))
            .and(path_regex(format!("^/graph/v1.0.*{pattern}")))
            .respond_with(answer)
            .with_priority(5)
            .mount(&self.server)
            .await;
    }

    /// Answers so before anything else, so many times.
    pub(crate) async fn first(
        &self,
        times: u64,
        verb: &str,
        pattern: &str,
        answer: ResponseTemplate,
    ) {
        Mock::given(method(verb))
            .and(path_regex(pattern))
            .respond_with(answer)
            .up_to_n_times(times)
            .with_priority(1)
            .mount(&self.server)
            .await;
    }

    pub(crate) async fn admin_token(&self, token: Value) {
        let answer = json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": token });
        Mock::given(method("POST"))
            .and(path_regex("/oauth2/v2.0/token$"))
            .and(body_string_contains("client_id=admin-client"))
            .respond_with(ResponseTemplate::new(200).set_body_json(answer))
            .with_priority(5)
            .mount(&self.server)
            .await;
    }

    /// The documents and keys that Verify reads.
    pub(crate) async fn discoverable(&self, issuer: &str) {
        let uri = self.server.uri();
        let document = json!({
            "issuer": issuer,
            "token_endpoint": format!("{uri}/{TENANT}/oauth2/v2.0/token"),
            "jwks_uri": format!("{uri}/{TENANT}/discovery/v2.0/keys"),
        });
        Mock::given(method("GET"))
            .and(path_regex("/.well-known/openid-configuration$"))
            .respond_with(ResponseTemplate::new(200).set_body_json(document))
            .with_priority(5)
            .mount(&self.server)
            .await;
        Mock::given(method("GET"))
            .and(path_regex("/keys$"))
            .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "keys": [] })))
            .mount(&self.server)
            .await;
        let empty = json!({ "error": "invalid_request", "error_codes": [900_144] });
        Mock::given(method("POST"))
            .and(path_regex("/oauth2/v2.0/token$"))
            .respond_with(ResponseTemplate::new(400).set_body_json(empty))
            .with_priority(9)
            .mount(&self.server)
            .await;
    }

    pub(crate) fn issuer(&self) -> String {
        format!("{}/{TENANT}/v2.0", self.server.uri())
    }

    pub(crate) fn config(&self, issuer: &str) -> ProviderConfig {
        ProviderConfig {
            kind: ProviderKind::Entra,
            issuer: issuer.to_owned(),
            settings: self.settings.clone(),
            secrets: [(
                "initial_client_secret".to_owned(),
                AdminSecret::new("admin-secret-0001"),
            )]
            .into(),
            metadata: None,
        }
    }

    pub(crate) fn provider(&self) -> Provider {
        self.provider_of(self.config(&self.issuer()))
    }

    pub(crate) fn provider_of(&self, config: ProviderConfig) -> Provider {
        let kept = Arc::clone(&self.exchanges);
        let recorder = Recorder::new(move |exchange| kept.lock().unwrap().push(exchange));
        let (clock, _) = Clock::manual(NOW);
        let http = HttpClient::new(config.http_policy(), clock, recorder).unwrap();
        Provider::new(config, http, AdminTokens::default())
    }

    pub(crate) async fn verify(&self, issuer: &str) -> Verification {
        let journal = Journal::default();
        let provider = self.provider_of(self.config(issuer));
        provider.verify(context!(journal)).await
    }

    /// Method and path below `/v1.0/` of what went to Graph.
    pub(crate) async fn sent(&self) -> Vec<String> {
        let all = self.server.received_requests().await.unwrap();
        all.iter()
            .filter_map(|request| {
                let path = request.url.path().strip_prefix("/graph/v1.0/")?;
                Some(format!("{} {path}", request.method))
            })
            .collect()
    }

    pub(crate) async fn body(&self, what: &str) -> Value {
        let all = self.server.received_requests().await.unwrap();
        let is_it = |request: &&Request| {
            format!(
                "{} {}",
                request.method,
                request.url.path().replace("/graph/v1.0/", "")
            ) == what
        };
        let request = all.iter().rfind(is_it).unwrap();
        serde_json::from_slice(&request.body).unwrap()
    }
}
