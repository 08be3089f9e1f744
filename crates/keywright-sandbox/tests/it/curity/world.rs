//! A Sandbox of Curity, and its adapter.

use std::collections::BTreeMap;
use std::sync::Mutex;

use keywright_oauth::client_metadata::ClientMetadata;
use keywright_oauth::http::{HttpClient, Recorder};
use keywright_oauth::register::{ClientInformation, RegistrationError};
use keywright_oauth::secret::{AdminSecret, ClientSecret};
use keywright_oauth::time::{Clock, ManualClock};
use keywright_oauth::token::{self, TokenError};
use keywright_providers::{
    AdminTokens, Checkpoint, CheckpointError, Context, OwnerTag, Provider, ProviderConfig,
    ProviderError, ProviderKind, Registration, TokenWish, Verification,
};
use keywright_sandbox::{Personality, SandboxFaults};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::bench::{Bench, START};

const SELF: Personality = Personality::Curity;

/// A Sandbox, and a configuration of it whose discovery is done.
pub(super) struct World {
    pub(super) bench: Bench,
    pub(super) config: ProviderConfig,
    pub(super) api: String,
    pub(super) clock: Clock,
    pub(super) hand: ManualClock,
    /// What the adapter wrote into the journal.
    pub(super) journal: Mutex<Vec<String>>,
}

/// Runs one operation of the adapter, with a context that writes the journal.
macro_rules! operate {
    ($world:expr, $provider:ident, $context:ident => $operation:expr) => {{
        let $provider = $world.provider();
        let keep = |checkpoint: Checkpoint<'_>| -> Result<(), CheckpointError> {
            $world.keep(&checkpoint);
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

impl World {
    pub(super) async fn new() -> Self {
        Self::with(&[]).await
    }

    pub(super) async fn with(settings: &[(&str, &str)]) -> Self {
        let bench = Bench::new().await;
        let info = bench.sandbox.info();
        let own = info
            .personalities
            .into_iter()
            .find(|one| one.name == SELF.name())
            .unwrap();
        let mut all = own.set;
        for (name, value) in settings {
            all.insert((*name).to_owned(), (*value).to_owned());
        }
        let secrets = own
            .secrets
            .into_iter()
            .map(|(name, value)| (name, AdminSecret::new(value)))
            .collect();
        let (clock, hand) = Clock::manual(START);
        let mut world = Self {
            bench,
            config: ProviderConfig {
                kind: ProviderKind::Curity,
                issuer: own.issuer,
                settings: all,
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

    pub(super) fn http(&self) -> HttpClient {
        HttpClient::new(
            self.config.http_policy(),
            self.clock.clone(),
            Recorder::none(),
        )
        .unwrap()
    }

    pub(super) fn provider(&self) -> Provider {
        Provider::new(self.config.clone(), self.http(), AdminTokens::default())
    }

    pub(super) async fn verify(&self) -> Verification {
        let nothing = |_: Checkpoint<'_>| Ok(());
        let context = Context {
            flow: Uuid::now_v7(),
            owner_tag: OwnerTag::default(),
            keep: &nothing,
            progress: &|_| {},
        };
        self.provider().verify(context).await
    }

    pub(super) fn keep(&self, checkpoint: &Checkpoint<'_>) {
        let line = match checkpoint {
            Checkpoint::Sending { step } => format!("sending {step}"),
            Checkpoint::Answered { step, complete, .. } => {
                format!("{} {step}", if *complete { "done" } else { "so far" })
            }
        };
        self.journal.lock().unwrap().push(line);
    }

    pub(super) fn journal(&self) -> Vec<String> {
        std::mem::take(&mut *self.journal.lock().unwrap())
    }

    pub(super) fn dials(&self, faults: SandboxFaults) {
        self.bench.sandbox.set_faults(SELF, faults);
    }

    pub(super) fn dial(&self, key: &str, value: u32) {
        self.dials(SandboxFaults {
            vendor: BTreeMap::from([(key.to_owned(), value)]),
            ..SandboxFaults::default()
        });
    }

    pub(super) fn advance(&self, secs: i64) {
        self.bench.advance(secs);
        self.hand.advance(secs);
    }

    pub(super) async fn register(&self, asked: &Value) -> Result<ClientInformation, ProviderError> {
        let asked = metadata(asked);
        operate!(self, provider, context => provider.register(context, &asked))
    }

    /// A client for client credentials.
    pub(super) async fn client(&self) -> Registration {
        of(&self
            .register(&json!({ "client_name": "Orders", "grant_types": ["client_credentials"] }))
            .await
            .unwrap())
    }

    pub(super) async fn token(&self, at: &Registration) -> Result<String, TokenError> {
        let request = self
            .provider()
            .token_request(at, TokenWish::default(), Uuid::now_v7())
            .unwrap();
        let answer = token::request_token(&self.http(), &request).await?;
        Ok(answer.access_token.expose().to_owned())
    }
}

pub(super) fn metadata(value: &Value) -> ClientMetadata {
    value.as_object().unwrap().clone().into()
}

pub(super) fn of(information: &ClientInformation) -> Registration {
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

pub(super) fn secret(at: &Registration) -> &str {
    at.client_secret.as_ref().map_or("", ClientSecret::expose)
}

/// Status and code of a refusal.
pub(super) fn refusal(error: &ProviderError) -> (u16, Option<&str>) {
    match error {
        ProviderError::Registration(RegistrationError::Refused { words, .. })
        | ProviderError::Admin {
            source: TokenError::Refused { words, .. },
        } => (words.status, words.error.as_deref()),
        other => panic!("{other:?}"),
    }
}

pub(super) fn step<'a>(seen: &'a Verification, name: &str) -> &'a keywright_providers::VerifyStep {
    seen.steps
        .iter()
        .find(|step| step.name.as_str() == name)
        .unwrap()
}

pub(super) use operate;
