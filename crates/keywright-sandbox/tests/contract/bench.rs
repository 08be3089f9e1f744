//! A Sandbox with one provider's adapter before it.

use std::sync::{Arc, Mutex};

use keywright_oauth::{
    client_metadata::ClientMetadata,
    error_response::ErrorResponse,
    http::{HttpClient, Recorder},
    register::ClientInformation,
    secret::{AdminSecret, ClientSecret},
    time::Clock,
    token::{self, TokenError, TokenRequest, TokenResponse},
};
use keywright_providers::{
    AdminTokens, Checkpoint, Context, Listed, OwnerTag, Provider, ProviderConfig, ProviderError,
    Registration, TokenWish, Verification,
};
use keywright_sandbox::{PersonalityInfo, Sandbox, SandboxFaults, SandboxOptions};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::journal::{Cut, Journal};
use crate::rows::Row;

/// Who registers in these tests.
pub(crate) const MARK: OwnerTag = OwnerTag {
    vault: Uuid::from_u128(0x018f_0000_0000_7000_8000_0000_0000_0001),
    entry: Uuid::from_u128(0x018f_0000_0000_7000_8000_0000_0000_0002),
};

pub(crate) struct Bench {
    pub(crate) row: &'static Row,
    pub(crate) config: ProviderConfig,
    pub(crate) info: PersonalityInfo,
    pub(crate) journal: Journal,
    pub(crate) exchanges: Arc<Mutex<Vec<String>>>,
    http: HttpClient,
    sandbox: Arc<Sandbox>,
    admin: AdminTokens,
}

impl Bench {
    /// With a configuration whose metadata is discovered, as after Verify.
    pub(crate) async fn new(row: &'static Row) -> Self {
        let options = SandboxOptions {
            registration: row.registration,
            ..SandboxOptions::default()
        };
        let sandbox = Arc::new(Sandbox::start(options).await.unwrap());
        let all = sandbox.info().personalities;
        let info = all
            .into_iter()
            .find(|info| info.name == row.personality.name())
            .unwrap();
        let own = row.settings.iter();
        let own = own.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let config = ProviderConfig {
            kind: row.kind,
            issuer: info.issuer.clone(),
            settings: info.set.clone().into_iter().chain(own).collect(),
            secrets: info
                .secrets
                .iter()
                .map(|(key, value)| (key.clone(), AdminSecret::new(value)))
                .collect(),
            metadata: None,
        };
        let exchanges = Arc::default();
        let mut bench = Self {
            row,
            http: client(&config, &exchanges),
            config,
            info,
            journal: Journal::new(Arc::clone(&sandbox), row.personality),
            exchanges,
            sandbox,
            admin: AdminTokens::default(),
        };
        bench.config.metadata = bench.verify().await.metadata;
        bench
    }

    pub(crate) fn now(&self) -> i64 {
        self.http.clock().now()
    }

    pub(crate) fn provider(&self) -> Provider {
        let http = self.http.clone();
        Provider::new(self.config.clone(), http, self.admin.clone())
    }

    pub(crate) fn turn(&self, faults: SandboxFaults) {
        self.sandbox.set_faults(self.row.personality, faults);
    }

    /// Turns a dial that only this personality has.
    pub(crate) fn turn_own(&self, dial: (&str, u32)) {
        self.turn(SandboxFaults {
            vendor: [(dial.0.to_owned(), dial.1)].into(),
            ..SandboxFaults::default()
        });
    }

    pub(crate) fn heal(&self) {
        self.turn(SandboxFaults::default());
    }

    /// Clients at the provider.
    pub(crate) fn count(&self) -> usize {
        self.sandbox.client_count()
    }

    /// Puts a wrong secret in place of the one that opens the provider.
    pub(crate) fn spoil_admin(&mut self) {
        let secret = AdminSecret::new("wrong_secret_0123456789");
        self.config
            .secrets
            .insert(self.row.admin_secret.to_owned(), secret);
        self.admin = AdminTokens::default();
    }

    /// The least that is asked for.
    pub(crate) fn minimal(&self) -> ClientMetadata {
        let scope = self.row.scopes;
        let mut wanted = metadata(json!({
            "client_name": "orders", "grant_types": ["client_credentials"], "scope": scope,
        }));
        let audience = self.info.audience.as_deref();
        self.provider().apply_audience(&mut wanted, audience);
        wanted
    }

    /// With everything that the provider has a place for.
    pub(crate) fn full(&self) -> ClientMetadata {
        with(&self.minimal(), self.row.full)
    }

    pub(crate) async fn verify(&self) -> Verification {
        self.operate(None, async |provider, context| {
            provider.verify(context).await
        })
        .await
    }

    pub(crate) async fn register(
        &self,
        wanted: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        self.register_until(None, wanted).await
    }

    /// Registers, and is cut off at a step where one is named.
    pub(crate) async fn register_until(
        &self,
        cut: Option<(usize, Cut)>,
        wanted: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        self.operate(cut, async |provider, context| {
            provider.register(context, wanted).await
        })
        .await
    }

    /// A registered client.
    pub(crate) async fn registered(&self) -> Registration {
        registration(&self.register(&self.minimal()).await.unwrap())
    }

    pub(crate) async fn resume(
        &self,
        so_far: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        let wanted = self.minimal();
        self.operate(None, async |provider, context| {
            provider.resume(context, &wanted, so_far).await
        })
        .await
    }

    pub(crate) async fn read(&self, at: &Registration) -> Result<ClientInformation, ProviderError> {
        self.operate(None, async |provider, context| {
            provider.read(context, at).await
        })
        .await
    }

    pub(crate) async fn update(
        &self,
        at: &Registration,
        wanted: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        self.operate(None, async |provider, context| {
            provider.update(context, at, wanted).await
        })
        .await
    }

    /// The same, cut off at a step.
    pub(crate) async fn update_until(
        &self,
        cut: Option<(usize, Cut)>,
        at: &Registration,
        wanted: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        self.operate(cut, async |provider, context| {
            provider.update(context, at, wanted).await
        })
        .await
    }

    pub(crate) async fn rotate(
        &self,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        self.operate(None, async |provider, context| {
            provider.rotate(context, at).await
        })
        .await
    }

    /// Ends the secret before; what changed of the handles is taken over.
    pub(crate) async fn revoke_previous_secret(&self, at: &mut Registration) {
        let seen = at.clone();
        let changed = self
            .operate(None, async |provider, context| {
                provider.revoke_previous_secret(context, &seen).await
            })
            .await
            .unwrap();
        at.handles.extend(changed);
    }

    pub(crate) async fn delete(&self, at: &Registration) -> Result<(), ProviderError> {
        self.operate(None, async |provider, context| {
            provider.delete(context, at).await
        })
        .await
    }

    pub(crate) async fn list(&self) -> Result<Vec<Listed>, ProviderError> {
        self.operate(None, async |provider, context| provider.list(context).await)
            .await
    }

    async fn operate<T>(
        &self,
        cut: Option<(usize, Cut)>,
        operation: impl AsyncFnOnce(&Provider, Context<'_>) -> T,
    ) -> T {
        self.journal.begin(cut);
        let keep = |checkpoint: Checkpoint<'_>| self.journal.keep(&checkpoint);
        let context = Context {
            flow: Uuid::now_v7(),
            owner_tag: MARK,
            keep: &keep,
            progress: &|_| {},
        };
        operation(&self.provider(), context).await
    }

    /// What the gateway's API needs a token for.
    pub(crate) fn wish(&self) -> TokenWish {
        TokenWish {
            grant: keywright_providers::WishedGrant::default(),
            scopes: self
                .info
                .scope
                .as_ref()
                .map(|scope| scope.split(' ').map(str::to_owned).collect()),
            audience: self.info.audience.clone(),
            resources: Vec::new(),
            authorization_details: None,
        }
    }

    pub(crate) async fn token(&self, at: &Registration) -> Result<TokenResponse, TokenError> {
        self.token_for(at, self.wish()).await
    }

    pub(crate) async fn token_for(
        &self,
        at: &Registration,
        wish: TokenWish,
    ) -> Result<TokenResponse, TokenError> {
        let request = self
            .provider()
            .token_request(at, wish, Uuid::now_v7())
            .unwrap();
        token::request_token(&self.http, &request).await
    }
}

impl Bench {
    /// Sends a token request with a clock that is this many seconds ahead.
    pub(crate) async fn token_at(
        &self,
        ahead: i64,
        request: &TokenRequest,
    ) -> Result<TokenResponse, TokenError> {
        let (clock, _hand) = Clock::manual(self.now() + ahead);
        let policy = self.config.http_policy();
        let http = HttpClient::new(policy, clock, Recorder::none()).unwrap();
        token::request_token(&http, request).await
    }
}

/// The one HTTP client of a bench, whose exchanges are kept.
fn client(config: &ProviderConfig, exchanges: &Arc<Mutex<Vec<String>>>) -> HttpClient {
    let into = Arc::clone(exchanges);
    let keeper = Recorder::new(move |exchange| {
        let text = serde_json::to_string(&exchange).unwrap();
        into.lock().unwrap().push(text);
    });
    HttpClient::new(config.http_policy(), Clock::system(), keeper).unwrap()
}

/// Metadata of a JSON object.
pub(crate) fn metadata(value: Value) -> ClientMetadata {
    let Value::Object(members) = value else {
        panic!("no object: {value}");
    };
    ClientMetadata::from(members)
}

/// Metadata with the members of a JSON text over it.
pub(crate) fn with(metadata: &ClientMetadata, text: &str) -> ClientMetadata {
    let mut all = metadata.clone();
    let members: serde_json::Map<String, Value> = serde_json::from_str(text).unwrap();
    for (name, value) in members {
        all.set(&name, value);
    }
    all
}

/// What the vault knows after an answer.
pub(crate) fn registration(information: &ClientInformation) -> Registration {
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

/// What the vault knows after one more answer.
pub(crate) fn after(before: &Registration, information: &ClientInformation) -> Registration {
    let mut at = before.clone();
    at.client_secret = information.client_secret.clone().or(at.client_secret);
    at.registration_client_uri = information
        .registration_client_uri
        .clone()
        .or(at.registration_client_uri);
    at.registration_access_token = information
        .registration_access_token
        .clone()
        .or(at.registration_access_token);
    at.handles.extend(information.handles.clone());
    at.granted = information.metadata.clone();
    at
}

/// What an adopter knows: ID and secret, and how it authenticates.
pub(crate) fn adopted(of: &Registration, secret: &str) -> Registration {
    let mut granted = ClientMetadata::default();
    if let Some(method) = of.granted.token_endpoint_auth_method() {
        granted.set("token_endpoint_auth_method", method);
    }
    Registration {
        client_id: of.client_id.clone(),
        client_secret: Some(ClientSecret::new(secret)),
        granted,
        ..Registration::default()
    }
}

pub(crate) fn secret(at: &Registration) -> &str {
    at.client_secret.as_ref().unwrap().expose()
}

/// The provider's words in a refusal, with the pause it asks for.
pub(crate) fn refusal(error: &ProviderError) -> (&ErrorResponse, Option<u64>) {
    match error.words() {
        Some(words) => (words, error.retry_after()),
        None => panic!("no refusal: {error:?}"),
    }
}

/// The provider may have carried the request out without us knowing.
pub(crate) fn is_unknown(error: &ProviderError) -> bool {
    matches!(error, ProviderError::Registration(error) if error.outcome_unknown())
}

/// The provider does not have this client.
pub(crate) fn is_gone(error: &ProviderError) -> bool {
    matches!(error, ProviderError::Registration(error) if error.is_unknown_client())
}
