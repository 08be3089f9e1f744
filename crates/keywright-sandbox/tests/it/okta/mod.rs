//! Okta, as its adapter meets it: one suite over the whole life of a client.

mod admin;
mod faults;
mod life;
mod rotation;

use std::collections::BTreeMap;
use std::sync::Mutex;

use keywright_oauth::client_metadata::ClientMetadata;
use keywright_oauth::error_response::ErrorResponse;
use keywright_oauth::http::{HttpClient, Recorder};
use keywright_oauth::register::{ClientInformation, RegistrationError};
use keywright_oauth::secret::AdminSecret;
use keywright_oauth::time::{Clock, ManualClock};
use keywright_oauth::token::{self, TokenError, TokenResponse};
use keywright_providers::{
    AdminTokens, Checkpoint, CheckpointError, Context, Finding, MessageCode, OwnerTag, Provider,
    ProviderConfig, ProviderError, ProviderKind, Registration, StepState, TokenWish, Verification,
};
use keywright_sandbox::{Personality, SandboxFaults};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::bench::{Bench, START};

const SELF: Personality = Personality::Okta;

/// A Sandbox, and a configuration of it as it tells of itself.
pub(super) struct World {
    bench: Bench,
    config: ProviderConfig,
    api: String,
    clock: Clock,
    hand: ManualClock,
    /// What the adapter wrote into the journal.
    journal: Mutex<Vec<String>>,
}

impl World {
    async fn new() -> Self {
        let bench = Bench::new().await;
        let info = bench.sandbox.info();
        let own = info
            .personalities
            .into_iter()
            .find(|one| one.name == SELF.name())
            .unwrap();
        let secrets = own
            .secrets
            .into_iter()
            .map(|(name, value)| (name, AdminSecret::new(value)))
            .collect();
        let (clock, hand) = Clock::manual(START);
        let mut world = Self {
            bench,
            config: ProviderConfig {
                kind: ProviderKind::Okta,
                issuer: own.issuer,
                settings: own.set,
                secrets,
                metadata: None,
            },
            api: own.api_url,
            clock,
            hand,
            journal: Mutex::default(),
        };
        let seen = world.verify().await;
        world.config.metadata = seen.metadata;
        world
    }

    fn set(&mut self, key: &str, value: &str) {
        self.config
            .settings
            .insert(key.to_owned(), value.to_owned());
    }

    /// Turns dials that only Okta has.
    fn turn(&self, keys: &[&str]) {
        self.faults(SandboxFaults {
            vendor: keys.iter().map(|key| ((*key).to_owned(), 1)).collect(),
            ..SandboxFaults::default()
        });
    }

    fn faults(&self, faults: SandboxFaults) {
        self.bench.sandbox.set_faults(SELF, faults);
    }

    fn http(&self) -> HttpClient {
        let policy = self.config.http_policy();
        HttpClient::new(policy, self.clock.clone(), Recorder::none()).unwrap()
    }

    fn provider(&self) -> Provider {
        Provider::new(self.config.clone(), self.http(), AdminTokens::default())
    }

    /// Runs one operation of the adapter, with a context that writes the journal.
    async fn run<T>(&self, operation: impl AsyncFnOnce(Provider, Context<'_>) -> T) -> T {
        self.run_as(OwnerTag::default(), operation).await
    }

    async fn run_as<T>(
        &self,
        owner_tag: OwnerTag,
        operation: impl AsyncFnOnce(Provider, Context<'_>) -> T,
    ) -> T {
        let keep = |checkpoint: Checkpoint<'_>| -> Result<(), CheckpointError> {
            let line = match checkpoint {
                Checkpoint::Sending { step } => format!("sending {step}"),
                Checkpoint::Answered { step, complete, .. } if complete => format!("done {step}"),
                Checkpoint::Answered { step, .. } => format!("so far {step}"),
            };
            self.journal.lock().unwrap().push(line);
            Ok(())
        };
        let context = Context {
            flow: Uuid::now_v7(),
            owner_tag,
            keep: &keep,
            progress: &|_| {},
        };
        operation(self.provider(), context).await
    }

    async fn verify(&self) -> Verification {
        self.run(async |okta, context| okta.verify(context).await)
            .await
    }

    async fn try_register(&self, draft: &Value) -> Result<ClientInformation, ProviderError> {
        let draft = metadata(draft);
        self.run(async |okta, context| okta.register(context, &draft).await)
            .await
    }

    async fn registered(&self, draft: &Value) -> Registration {
        known(self.try_register(draft).await.unwrap())
    }

    /// A service with nothing but a name.
    async fn service(&self) -> Registration {
        self.registered(&json!({ "client_name": "orders" })).await
    }

    async fn read(&self, at: &Registration) -> Result<ClientInformation, ProviderError> {
        self.run(async |okta, context| okta.read(context, at).await)
            .await
    }

    async fn rotate(&self, at: &Registration) -> Result<ClientInformation, ProviderError> {
        self.run(async |okta, context| okta.rotate(context, at).await)
            .await
    }

    async fn delete(&self, at: &Registration) -> Result<(), ProviderError> {
        self.run(async |okta, context| okta.delete(context, at).await)
            .await
    }

    async fn token(&self, at: &Registration) -> Result<TokenResponse, TokenError> {
        self.token_for(at, None).await
    }

    async fn token_for(
        &self,
        at: &Registration,
        scope: Option<&str>,
    ) -> Result<TokenResponse, TokenError> {
        let wish = TokenWish {
            scopes: scope.map(|scope| vec![scope.to_owned()]),
            ..TokenWish::default()
        };
        let request = self.provider().token_request(at, wish, Uuid::now_v7());
        token::request_token(&self.http(), &request.unwrap()).await
    }

    /// How many clients there are at Okta.
    async fn count(&self) -> usize {
        self.run(async |okta, context| okta.list(context).await.unwrap().len())
            .await
    }
}

fn metadata(value: &Value) -> ClientMetadata {
    ClientMetadata::from_answer(value.as_object().unwrap().clone())
}

/// What the vault would know of it.
fn known(made: ClientInformation) -> Registration {
    Registration {
        client_id: made.client_id,
        client_secret: made.client_secret,
        registration_client_uri: made.registration_client_uri,
        registration_access_token: made.registration_access_token,
        handles: made.handles,
        granted: made.metadata,
        ..Registration::default()
    }
}

/// The registration after an answer, as the core keeps it.
fn after(at: &Registration, answer: ClientInformation) -> Registration {
    let mut next = at.clone();
    next.client_secret = answer.client_secret.or(next.client_secret);
    next.granted = answer.metadata;
    merge(&mut next, answer.handles);
    next
}

fn merge(at: &mut Registration, handles: BTreeMap<String, String>) {
    for (name, value) in handles {
        if value.is_empty() {
            at.handles.remove(&name);
        } else {
            at.handles.insert(name, value);
        }
    }
}

/// Okta's words, whoever was refused.
fn words(error: &ProviderError) -> ErrorResponse {
    match error {
        ProviderError::Registration(RegistrationError::Refused { words, .. })
        | ProviderError::Admin {
            source: TokenError::Refused { words, .. },
        }
        | ProviderError::Token(TokenError::Refused { words, .. }) => words.clone(),
        other => panic!("no refusal: {other:?}"),
    }
}

fn code(error: &ProviderError) -> (u16, String) {
    let words = words(error);
    (words.status, words.error.unwrap_or_default())
}

fn token_code(error: &TokenError) -> (u16, String) {
    match error {
        TokenError::Refused { words, .. } => {
            (words.status, words.error.clone().unwrap_or_default())
        }
        other => panic!("no refusal: {other:?}"),
    }
}

fn advice(error: TokenError) -> Option<&'static str> {
    let words = words(&ProviderError::Token(error));
    keywright_providers::advice(ProviderKind::Okta, &words).map(MessageCode::as_str)
}

/// How a step of Verify stands, and the key of what it found.
fn step(verification: &Verification, name: &str) -> (StepState, String) {
    let found = verification
        .steps
        .iter()
        .find(|step| step.name.as_str() == name)
        .unwrap();
    let told = match found.finding.as_ref().unwrap() {
        Finding::Told { key, .. } => key.to_string(),
        other => format!("{other:?}"),
    };
    (found.state, told)
}
