//! The adapter against an org that answers as Okta's documents and recordings say.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod admin;
mod clients;
mod secrets;
mod tokens;
mod verify;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use keywright_oauth::{
    client_metadata::ClientMetadata,
    http::{Exchange, HttpClient, HttpPolicy, Recorder},
    register::RegistrationError,
    secret::{AdminSecret, ClientSecret},
    time::Clock,
};
use serde_json::{Value, json};
use uuid::Uuid;
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path},
};

use super::{Okta, access::words_of};
use crate::{
    AdminTokens, Checkpoint, CheckpointError, Context, OwnerTag, ProviderConfig, ProviderError,
    ProviderKind, Registration,
};

const NOW: i64 = 1_700_000_000;
const TOKEN: &str = "00abcdefghijklmnop-the-token";

/// An org on this machine, and what the adapter sent there and wrote down.
struct Org {
    server: MockServer,
    settings: BTreeMap<String, String>,
    secrets: BTreeMap<String, AdminSecret>,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
    kept: Mutex<Vec<String>>,
}

impl Org {
    async fn start() -> Self {
        Self {
            server: MockServer::start().await,
            settings: BTreeMap::new(),
            secrets: BTreeMap::from([(Okta::DCR_TOKEN.to_owned(), AdminSecret::new(TOKEN))]),
            exchanges: Arc::default(),
            kept: Mutex::default(),
        }
    }

    /// With the admin client and its key in place of the API token.
    async fn by_key() -> Self {
        let mut org = Self::start().await;
        let pair = rcgen::KeyPair::generate().unwrap();
        org.secrets = BTreeMap::from([(
            "admin_private_key".to_owned(),
            AdminSecret::new(pair.serialize_pem()),
        )]);
        org.set("initial_client_id", "0oaADMIN");
        org.set(Okta::ADMIN_KEY_ID, "kid-1");
        org
    }

    fn set(&mut self, key: &str, value: &str) {
        self.settings.insert(key.to_owned(), value.to_owned());
    }

    /// Its issuer, below a path as a proxy may have it.
    fn issuer(&self) -> String {
        format!("{}/okta/oauth2/default", self.server.uri())
    }

    fn adapter(&self) -> Okta {
        let config = ProviderConfig {
            kind: ProviderKind::Okta,
            issuer: self.issuer(),
            settings: self.settings.clone(),
            secrets: self.secrets.clone(),
            metadata: None,
        };
        let exchanges = Arc::clone(&self.exchanges);
        let recorder = Recorder::new(move |exchange| exchanges.lock().unwrap().push(exchange));
        let (clock, _) = Clock::manual(NOW);
        let policy: HttpPolicy = config.http_policy();
        let http = HttpClient::new(policy, clock, recorder).unwrap();
        Okta::new(config, http, AdminTokens::default())
    }

    async fn answers(&self, verb: &str, place: &str, template: ResponseTemplate) {
        self.mount(verb, place, template, None).await;
    }

    /// Answers so the first time only; what is mounted after it answers then.
    async fn answers_once(&self, verb: &str, place: &str, template: ResponseTemplate) {
        self.mount(verb, place, template, Some(1)).await;
    }

    async fn mount(&self, verb: &str, place: &str, template: ResponseTemplate, times: Option<u64>) {
        let mut mock = Mock::given(method(verb))
            .and(path(format!("/okta{place}")))
            .respond_with(template);
        if let Some(times) = times {
            mock = mock.up_to_n_times(times);
        }
        mock.mount(&self.server).await;
    }

    /// Method and path below the org of each request, in order.
    async fn asked(&self) -> Vec<String> {
        self.requests()
            .await
            .iter()
            .map(|request| {
                let path = request.url.path().trim_start_matches("/okta").to_owned();
                format!("{} {path}", request.method)
            })
            .collect()
    }

    async fn requests(&self) -> Vec<Request> {
        self.server.received_requests().await.unwrap()
    }

    /// The body of the request with this number.
    async fn body(&self, number: usize) -> Value {
        serde_json::from_slice(&self.requests().await[number].body).unwrap()
    }

    /// What was written down, in order: `sending STEP`, `so far STEP`, `done STEP`.
    fn kept(&self) -> Vec<String> {
        self.kept.lock().unwrap().clone()
    }

    async fn run<T>(&self, work: impl AsyncFnOnce(Okta, Context<'_>) -> T) -> T {
        self.run_as(OwnerTag::default(), work).await
    }

    async fn run_as<T>(
        &self,
        owner_tag: OwnerTag,
        work: impl AsyncFnOnce(Okta, Context<'_>) -> T,
    ) -> T {
        let keep = |checkpoint: Checkpoint<'_>| -> Result<(), CheckpointError> {
            let line = match checkpoint {
                Checkpoint::Sending { step } => format!("sending {step}"),
                Checkpoint::Answered {
                    step,
                    complete: false,
                    ..
                } => format!("so far {step}"),
                Checkpoint::Answered { step, .. } => format!("done {step}"),
            };
            self.kept.lock().unwrap().push(line);
            Ok(())
        };
        let context = Context {
            flow: Uuid::now_v7(),
            owner_tag,
            keep: &keep,
            progress: &|_| {},
        };
        work(self.adapter(), context).await
    }
}

fn json_of(status: u16, body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

/// Okta's own envelope.
fn refusal(status: u16, code: &str, causes: &[&str]) -> ResponseTemplate {
    let causes: Vec<Value> = causes
        .iter()
        .map(|cause| json!({"errorSummary": cause}))
        .collect();
    json_of(
        status,
        &json!({
            "errorCode": code, "errorSummary": "What Okta says.", "errorLink": code,
            "errorId": "oae1", "errorCauses": causes,
        }),
    )
}

/// A service as `POST /oauth2/v1/clients` answers it.
fn service(id: &str) -> Value {
    json!({
        "client_id": id, "client_secret": "the-first-secret", "client_id_issued_at": NOW,
        "client_secret_expires_at": 0, "client_name": "orders", "client_uri": null, "logo_uri": null,
        "redirect_uris": [], "response_types": ["token"], "grant_types": ["client_credentials"],
        "token_endpoint_auth_method": "client_secret_basic", "application_type": "service",
    })
}

fn wanted(value: &Value) -> ClientMetadata {
    ClientMetadata::from_answer(value.as_object().unwrap().clone())
}

/// A registration that is known whole.
fn known(id: &str) -> Registration {
    Registration {
        client_id: id.into(),
        client_secret: Some(ClientSecret::new("the-first-secret")),
        granted: wanted(&service(id)),
        ..Registration::default()
    }
}

/// The code in the words of a refusal.
fn code(error: &ProviderError) -> String {
    let words = words_of(error).unwrap_or_else(|| panic!("no refusal: {error:?}"));
    words.error.clone().unwrap_or_default()
}

fn is_registration(error: &ProviderError) -> bool {
    matches!(
        error,
        ProviderError::Registration(RegistrationError::Refused { .. })
    )
}
