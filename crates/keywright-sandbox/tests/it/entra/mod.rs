//! The adapter of Microsoft Entra ID at the personality of Entra: everything a person can do with it.

mod faults;
mod life;
mod verify;

use std::collections::BTreeMap;
use std::sync::Mutex;

use keywright_oauth::client_metadata::ClientMetadata;
use keywright_oauth::http::{HttpClient, Recorder};
use keywright_oauth::register::{ClientInformation, RegistrationError};
use keywright_oauth::secret::AdminSecret;
use keywright_oauth::time::Clock;
use keywright_oauth::token::{self, TokenError, TokenResponse};
use keywright_providers::{
    AdminTokens, Checkpoint, CheckpointError, Finding, MessageCode, OwnerTag, Provider,
    ProviderConfig, ProviderError, ProviderKind, Registration, StepState, TokenWish, Verification,
    advice,
};
use keywright_sandbox::{Personality, PersonalityInfo, SandboxFaults};
use serde_json::json;
use uuid::Uuid;

use crate::bench::{Bench, START};

/// A configuration of the adapter for a running Sandbox.
struct Desk {
    bench: Bench,
    info: PersonalityInfo,
    provider: Provider,
}

/// What a vault would know, line by line.
#[derive(Default)]
struct Journal {
    lines: Mutex<Vec<(&'static str, Option<ClientInformation>)>>,
}

impl Journal {
    #[allow(
        clippy::unnecessary_wraps,
        reason = "the shape of a journal, which may fail"
    )]
    fn keep(&self, checkpoint: &Checkpoint<'_>) -> Result<(), CheckpointError> {
        let line = match checkpoint {
            Checkpoint::Sending { step } => (*step, None),
            Checkpoint::Answered {
                step, information, ..
            } => (*step, Some((*information).clone())),
        };
        self.lines.lock().unwrap().push(line);
        Ok(())
    }

    /// What the last answer made known.
    fn known(&self) -> Option<Registration> {
        let lines = self.lines.lock().unwrap();
        lines
            .iter()
            .rev()
            .find_map(|(_, made)| made.as_ref().map(registered))
    }

    fn last_step(&self) -> &'static str {
        self.lines.lock().unwrap().last().unwrap().0
    }
}

fn registered(made: &ClientInformation) -> Registration {
    let mut handles = made.handles.clone();
    handles.retain(|_, value| !value.is_empty());
    Registration {
        client_id: made.client_id.clone(),
        client_secret: made.client_secret.clone(),
        handles,
        granted: made.metadata.clone(),
        ..Registration::default()
    }
}

/// The context of one operation; its journal is the argument.
macro_rules! context {
    ($journal:expr) => {
        keywright_providers::Context {
            flow: uuid::Uuid::now_v7(),
            owner_tag: crate::entra::MARK,
            keep: &|checkpoint| $journal.keep(&checkpoint),
            progress: &|_: &keywright_providers::VerifyStep| {},
        }
    };
}
use context;

/// Who registers.
const MARK: OwnerTag = OwnerTag {
    vault: Uuid::from_u128(1),
    entry: Uuid::from_u128(2),
};

fn wanted() -> ClientMetadata {
    let mut wanted = ClientMetadata::default();
    wanted.set("client_name", "Orders");
    wanted.set("grant_types", json!(["client_credentials"]));
    wanted
}

impl Desk {
    async fn new() -> Self {
        Self::with(&[]).await
    }

    async fn with(settings: &[(&str, &str)]) -> Self {
        let bench = Bench::new().await;
        let info = bench.sandbox.info();
        let info = info
            .personalities
            .into_iter()
            .find(|one| one.name == Personality::Entra.name())
            .unwrap();
        let provider = provider(&info, &info.issuer, settings, None);
        Self {
            bench,
            info,
            provider,
        }
    }

    fn faults(&self, faults: SandboxFaults) {
        self.bench.sandbox.set_faults(Personality::Entra, faults);
    }

    fn dial(&self, key: &str, value: u32) {
        self.faults(SandboxFaults {
            vendor: BTreeMap::from([(key.to_owned(), value)]),
            ..SandboxFaults::default()
        });
    }

    async fn register(&self, wanted: &ClientMetadata) -> Registration {
        let journal = Journal::default();
        let made = self.provider.register(context!(journal), wanted).await;
        registered(&made.unwrap())
    }

    async fn token(&self, at: &Registration) -> Result<TokenResponse, TokenError> {
        let flow = Uuid::now_v7();
        let request = self
            .provider
            .token_request(at, TokenWish::default(), flow)
            .unwrap();
        token::request_token(&http(&config(&self.info, &self.info.issuer, &[])), &request).await
    }

    /// The code of the token service's refusal.
    async fn refusal(&self, at: &Registration) -> i64 {
        match self.token(at).await {
            Err(TokenError::Refused { words, .. }) => words.codes[0],
            other => panic!("{other:?}"),
        }
    }

    async fn call(&self, token: &TokenResponse) -> reqwest::Response {
        let request = self.bench.http.get(&self.info.api_url);
        let request = request.bearer_auth(token.access_token.expose());
        request.send().await.unwrap()
    }

    async fn verify(&self) -> Verification {
        let journal = Journal::default();
        self.provider.verify(context!(journal)).await
    }
}

fn config(info: &PersonalityInfo, issuer: &str, settings: &[(&str, &str)]) -> ProviderConfig {
    let mut all = info.set.clone();
    all.extend(
        settings
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned())),
    );
    ProviderConfig {
        kind: ProviderKind::Entra,
        issuer: issuer.to_owned(),
        settings: all,
        secrets: info
            .secrets
            .iter()
            .map(|(key, value)| (key.clone(), AdminSecret::new(value.clone())))
            .collect(),
        metadata: None,
    }
}

fn http(config: &ProviderConfig) -> HttpClient {
    let (clock, _) = Clock::manual(START);
    HttpClient::new(config.http_policy(), clock, Recorder::none()).unwrap()
}

fn provider(
    info: &PersonalityInfo,
    issuer: &str,
    settings: &[(&str, &str)],
    secret: Option<&str>,
) -> Provider {
    let mut config = config(info, issuer, settings);
    if let Some(secret) = secret {
        config.secrets.insert(
            "initial_client_secret".to_owned(),
            AdminSecret::new(secret.to_owned()),
        );
    }
    let http = http(&config);
    Provider::new(config, http, AdminTokens::default())
}

fn state(seen: &Verification, step: &str) -> (StepState, String) {
    let step = seen.steps.iter().find(|one| one.name.as_str() == step);
    let step = step.unwrap();
    let key = match &step.finding {
        Some(Finding::Told { key, .. }) => key.to_string(),
        other => format!("{other:?}"),
    };
    (step.state, key)
}

fn refused(error: ProviderError) -> (u16, Option<&'static str>) {
    match error {
        ProviderError::Registration(RegistrationError::Refused { words, .. }) => (
            words.status,
            advice(ProviderKind::Entra, &words).map(MessageCode::as_str),
        ),
        other => panic!("{other:?}"),
    }
}
