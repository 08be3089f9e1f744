//! The Auth0 personality, met through the adapter that talks to the real one.

mod faults;
mod journey;
mod refusals;
mod shape;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use keywright_oauth::{
    client_metadata::ClientMetadata,
    http::{HttpClient, HttpPolicy, Recorder},
    register::ClientInformation,
    secret::AdminSecret,
    time::Clock,
    token::{self, TokenError, TokenResponse},
};
use keywright_providers::{
    AdminTokens, Checkpoint, CheckpointError, Context, OwnerTag, Provider, ProviderConfig,
    ProviderError, ProviderKind, Registration, TokenWish,
};
use keywright_sandbox::{
    Personality, PersonalityInfo, Sandbox, SandboxFaults, SandboxOptions, system_now,
};
use serde_json::{Value, json};
use uuid::Uuid;

/// A Sandbox and an adapter configured for its Auth0.
pub(super) struct Tenant {
    pub(super) sandbox: Sandbox,
    pub(super) info: PersonalityInfo,
    pub(super) provider: Provider,
    pub(super) http: HttpClient,
    /// How far the Sandbox is ahead of the machine's clock, in seconds.
    ahead: Arc<AtomicI64>,
}

/// What the adapter's clock says.
pub(super) const NOW: i64 = 1_800_000_000;

pub(super) const MARK: OwnerTag = OwnerTag {
    vault: Uuid::from_u128(7),
    entry: Uuid::from_u128(8),
};

impl Tenant {
    pub(super) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With settings in addition to those that the Sandbox tells.
    pub(super) async fn with(settings: &[(&str, &str)]) -> Self {
        let ahead = Arc::new(AtomicI64::new(0));
        let (now, added) = (system_now(), Arc::clone(&ahead));
        let options = SandboxOptions {
            clock: Arc::new(move || now() + added.load(Ordering::SeqCst)),
            ..SandboxOptions::default()
        };
        let sandbox = Sandbox::start(options).await.unwrap();
        let (clock, _) = Clock::manual(NOW);
        let http = HttpClient::new(HttpPolicy::default(), clock, Recorder::none()).unwrap();
        let all = sandbox.info().personalities;
        let info = all.into_iter().find(|one| one.name == "auth0").unwrap();
        let mut set = info.set.clone();
        set.extend(
            settings
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let provider = provider(&info, set, info.secrets.clone(), &http);
        Self {
            sandbox,
            info,
            provider,
            http,
            ahead,
        }
    }

    /// The same tenant, with other settings or secrets.
    pub(super) fn again(&self, name: &str, value: &str) -> Provider {
        let (mut set, mut secrets) = (self.info.set.clone(), self.info.secrets.clone());
        if secrets.contains_key(name) {
            secrets.insert(name.to_owned(), value.to_owned());
        } else {
            set.insert(name.to_owned(), value.to_owned());
        }
        provider(&self.info, set, secrets, &self.http)
    }

    pub(super) fn dial(&self, turn: impl FnOnce(&mut SandboxFaults)) {
        let mut faults = SandboxFaults::default();
        turn(&mut faults);
        self.sandbox.set_faults(Personality::Auth0, faults);
    }

    /// A dial that only Auth0 has.
    pub(super) fn own_dial(&self, key: &str, value: u32) {
        self.dial(|faults| {
            faults.vendor.insert(key.to_owned(), value);
        });
    }

    /// Time goes by at the tenant and not here.
    pub(super) fn later(&self, secs: i64) {
        self.ahead.fetch_add(secs, Ordering::SeqCst);
    }

    pub(super) async fn registered(&self) -> Registration {
        let made = self.provider.register(context(), &wanted()).await.unwrap();
        kept(&made)
    }

    pub(super) async fn token(&self, at: &Registration) -> Result<TokenResponse, TokenError> {
        let request = self
            .provider
            .token_request(at, TokenWish::default(), Uuid::nil())
            .unwrap();
        token::request_token(&self.http, &request).await
    }

    /// Registers, and turns a dial when the journal comes to a step.
    pub(super) async fn register_with_fault(
        &self,
        at_step: &'static str,
        turn: impl Fn(&mut SandboxFaults) + Send + Sync,
    ) -> Result<ClientInformation, ProviderError> {
        let keep = |checkpoint: Checkpoint<'_>| -> Result<(), CheckpointError> {
            if matches!(checkpoint, Checkpoint::Sending { step } if step == at_step) {
                self.dial(&turn);
            }
            Ok(())
        };
        let outcome = self
            .provider
            .register(
                Context {
                    keep: &keep,
                    ..context()
                },
                &wanted(),
            )
            .await;
        self.dial(|_| {});
        outcome
    }

    /// What bears our mark at the tenant.
    pub(super) async fn marked(&self) -> Vec<Registration> {
        let all = self.provider.list(context()).await.unwrap();
        all.into_iter()
            .filter(|one| one.owner_tag == Some(MARK))
            .map(|one| Registration {
                client_id: one.client_id,
                handles: one.handles,
                ..Registration::default()
            })
            .collect()
    }
}

fn provider(
    info: &PersonalityInfo,
    settings: BTreeMap<String, String>,
    secrets: BTreeMap<String, String>,
    http: &HttpClient,
) -> Provider {
    let config = ProviderConfig {
        kind: ProviderKind::Auth0,
        issuer: info.issuer.clone(),
        settings,
        secrets: secrets
            .into_iter()
            .map(|(name, value)| (name, AdminSecret::new(value)))
            .collect(),
        metadata: None,
    };
    Provider::new(config, http.clone(), AdminTokens::default())
}

/// A journal that never fails.
pub(super) fn context() -> Context<'static> {
    #[allow(
        clippy::unnecessary_wraps,
        reason = "the shape of a journal, which may fail"
    )]
    fn keep(_: Checkpoint<'_>) -> Result<(), CheckpointError> {
        Ok(())
    }
    Context {
        flow: Uuid::nil(),
        owner_tag: MARK,
        keep: &keep,
        progress: &|_| {},
    }
}

pub(super) fn metadata(value: &Value) -> ClientMetadata {
    ClientMetadata::from_answer(value.as_object().unwrap().clone())
}

pub(super) fn wanted() -> ClientMetadata {
    metadata(&json!({
        "client_name": "Orders", "grant_types": ["client_credentials"],
        "scope": "orders:read orders:write", "token_endpoint_auth_method": "client_secret_post",
    }))
}

pub(super) fn kept(information: &ClientInformation) -> Registration {
    Registration {
        client_id: information.client_id.clone(),
        client_secret: information.client_secret.clone(),
        handles: information.handles.clone(),
        granted: information.metadata.clone(),
        ..Registration::default()
    }
}
