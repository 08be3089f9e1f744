//! The contract of all providers, and the one value that stands for any of them.

use std::{collections::BTreeMap, future::Future};

use keywright_oauth::{
    client_metadata::ClientMetadata,
    http::HttpClient,
    introspect::ClientAuthentication,
    mutual_tls,
    register::{ClientInformation, Handles, REGISTRATION_CLIENT_URI, UNUSABLE_ADDRESS},
    token::{TokenError, TokenRequest},
    words::ErrorResponse,
};
use uuid::Uuid;

use crate::{
    AdminTokens, Capability, CapabilitySheet, Context, GoneEvidence, Listed, ListedSecret, Plan,
    ProviderConfig, ProviderError, ProviderKind, Reason, Registration, RequestForm, TokenWish,
    Verdict, Verification, auth0::Auth0, curity::Curity, entra::Entra, gone,
    http_bridge::HttpBridge, okta::Okta, rfc7591::Rfc7591,
};

/// The contract of every adapter. [`Adapter::can`] reports what a provider does not support before anything is
/// sent; an unsupported operation returns [`ProviderError::NotCapable`].
///
/// Each operation calls [`Context::sending`] before a request that changes something, and [`Context::so_far`] or
/// [`Context::done`] after every response worth keeping, before it continues.
pub(crate) trait Adapter: Sync {
    /// Checks the configuration against the real server; changes nothing there.
    fn verify(&self, context: Context<'_>) -> impl Future<Output = Verification> + Send;

    /// What this issuer can do, as far as is known.
    fn capabilities(&self) -> CapabilitySheet;

    /// Can it do this with this registration? Asked before anything is written down or sent.
    fn can(&self, capability: Capability, _at: &Registration) -> Result<(), Reason> {
        match self.capabilities().line(capability) {
            Some(line) if line.verdict == Verdict::No => Err(line.reason.clone()),
            _ => Ok(()),
        }
    }

    /// Writes into the wanted metadata which API the client's tokens are for, where the provider wants
    /// to know that when it registers.
    fn apply_audience(&self, _wanted: &mut ClientMetadata, _audience: &str) {}

    /// What a registration will send.
    fn plan(&self, wanted: &ClientMetadata) -> Result<Plan, ProviderError>;

    /// The form in which [`Adapter::register`] will send the members that the user gave no value for; none
    /// where the provider's API has no such members.
    fn request_form(&self, _wanted: &ClientMetadata) -> Option<RequestForm> {
        None
    }

    /// Settings that make `form` the first one of the next registration. An empty value removes one.
    fn remembered(&self, _form: RequestForm) -> BTreeMap<String, String> {
        BTreeMap::new()
    }

    /// The metadata that [`Adapter::register`] will send.
    fn sent(&self, wanted: &ClientMetadata) -> ClientMetadata {
        wanted.clone()
    }

    /// Registers a client.
    fn register(
        &self,
        context: Context<'_>,
        wanted: &ClientMetadata,
    ) -> impl Future<Output = Result<ClientInformation, ProviderError>> + Send;

    /// Goes on with a registration that was cut off after its client was made: sends the steps that
    /// `so_far` shows to be missing.
    fn resume(
        &self,
        _context: Context<'_>,
        _wanted: &ClientMetadata,
        _so_far: &Registration,
    ) -> impl Future<Output = Result<ClientInformation, ProviderError>> + Send {
        // One request registers a client here: there is nothing between none and all.
        async {
            Err(ProviderError::NotCapable {
                capability: Capability::Register,
                reason: Reason::ONE_STEP,
            })
        }
    }

    /// Reads the registration as the provider has it now. Finds it by its `client_id` alone where no
    /// further handle is known.
    fn read(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> impl Future<Output = Result<ClientInformation, ProviderError>> + Send;

    /// Replaces the metadata of a registration.
    fn update(
        &self,
        context: Context<'_>,
        at: &Registration,
        metadata: &ClientMetadata,
    ) -> impl Future<Output = Result<ClientInformation, ProviderError>> + Send;

    /// Makes a new client secret. Where the provider lets both live ([`Capability::RotateOverlap`]),
    /// the old one stays until [`Adapter::revoke_previous_secret`].
    fn rotate(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> impl Future<Output = Result<ClientInformation, ProviderError>> + Send;

    /// A read or an update makes a new client secret, so that the one in its answer replaces the one before.
    fn issues_secrets(&self) -> bool {
        false
    }

    /// An update or a rotation sends the whole of the metadata and removes what it leaves out (RFC 7592 §2.2), and
    /// a read ends nothing: the current metadata is read before.
    fn replaces_metadata(&self) -> bool {
        false
    }

    /// Ends the secret before the current one, once the current one is proven. Does nothing where
    /// the provider ended it by itself. Answers what changed of the handles.
    fn revoke_previous_secret(
        &self,
        _context: Context<'_>,
        _at: &Registration,
    ) -> impl Future<Output = Result<Handles, ProviderError>> + Send {
        async { Ok(Handles::new()) }
    }

    /// Handles that make the provider keep the secrets before the current one: [`Adapter::revoke_previous_secret`] ends
    /// none of them afterwards.
    fn keeping_secrets(&self) -> Handles {
        Handles::new()
    }

    /// Handles that say which secret is in use, emptied: one that the provider did not answer takes its place.
    fn unnamed_secret(&self) -> Handles {
        Handles::new()
    }

    /// The secrets of a client, where the provider lists them.
    fn secrets(
        &self,
        _context: Context<'_>,
        _at: &Registration,
    ) -> impl Future<Output = Result<Vec<ListedSecret>, ProviderError>> + Send {
        async {
            Err(ProviderError::NotCapable {
                capability: Capability::RotateOverlap,
                reason: Reason::SECRETS_UNLISTED,
            })
        }
    }

    /// Ends one of the listed secrets.
    fn remove_secret(
        &self,
        _context: Context<'_>,
        _at: &Registration,
        _id: &str,
    ) -> impl Future<Output = Result<(), ProviderError>> + Send {
        async {
            Err(ProviderError::NotCapable {
                capability: Capability::RotateOverlap,
                reason: Reason::SECRETS_UNLISTED,
            })
        }
    }

    /// Deletes the client, also one that was only half made.
    fn delete(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> impl Future<Output = Result<(), ProviderError>> + Send;

    /// What these words of a refused management request say about whether the client still exists.
    fn gone_evidence(&self, words: &ErrorResponse) -> GoneEvidence {
        gone::of_rfc7592(words)
    }

    /// The clients at the provider, as far as the admin credentials let us see.
    fn list(
        &self,
        _context: Context<'_>,
    ) -> impl Future<Output = Result<Vec<Listed>, ProviderError>> + Send {
        async {
            Err(ProviderError::NotCapable {
                capability: Capability::List,
                reason: Reason::NO_LIST,
            })
        }
    }

    /// The token request that this provider needs.
    fn token_request(
        &self,
        at: &Registration,
        wish: TokenWish,
        flow: Uuid,
    ) -> Result<TokenRequest, ProviderError>;

    /// How the client proves itself for introspection and revocation.
    fn client_authentication(
        &self,
        at: &Registration,
    ) -> Result<ClientAuthentication, ProviderError>;

    /// This refusal may only mean that a new client or secret has not reached the token endpoint
    /// yet, so that the same request is worth sending again. `now` in Unix seconds.
    fn may_not_have_propagated(&self, _error: &TokenError, _at: &Registration, _now: i64) -> bool {
        false
    }

    /// The token endpoint says that this client is not, or no longer, good: the application is shown as
    /// rejected.
    fn refuses_client(&self, error: &TokenError) -> bool {
        error.is_invalid_client()
    }
}

/// An adapter of any kind.
#[derive(Debug)]
pub enum Provider {
    /// RFC 7591 and RFC 7592.
    Rfc7591(Rfc7591),
    /// Auth0.
    Auth0(Auth0),
    /// Okta.
    Okta(Okta),
    /// Curity Identity Server.
    Curity(Curity),
    /// Microsoft Entra ID.
    Entra(Entra),
    /// Kong's HTTP DCR bridge.
    HttpBridge(HttpBridge),
}

/// Asks the adapter inside.
macro_rules! ask {
    ($provider:ident, $adapter:ident => $answer:expr) => {
        match $provider {
            Provider::Rfc7591($adapter) => $answer,
            Provider::Auth0($adapter) => $answer,
            Provider::Okta($adapter) => $answer,
            Provider::Curity($adapter) => $answer,
            Provider::Entra($adapter) => $answer,
            Provider::HttpBridge($adapter) => $answer,
        }
    };
}

impl Provider {
    /// The adapter of a configuration. `admin` keeps its admin token between operations.
    pub fn new(config: ProviderConfig, http: HttpClient, admin: AdminTokens) -> Self {
        match config.kind {
            ProviderKind::Rfc7591 => Self::Rfc7591(Rfc7591::new(config, http)),
            ProviderKind::Auth0 => Self::Auth0(Auth0::new(config, http, admin)),
            ProviderKind::Okta => Self::Okta(Okta::new(config, http, admin)),
            ProviderKind::Curity => Self::Curity(Curity::new(config, http)),
            ProviderKind::Entra => Self::Entra(Entra::new(config, http, admin)),
            ProviderKind::HttpBridge => Self::HttpBridge(HttpBridge::new(config, http)),
        }
    }

    /// Checks the configuration against the real server; changes nothing there.
    pub async fn verify(&self, context: Context<'_>) -> Verification {
        ask!(self, adapter => adapter.verify(context).await)
    }

    /// What this issuer can do, as far as is known.
    pub fn capabilities(&self) -> CapabilitySheet {
        ask!(self, adapter => adapter.capabilities())
    }

    /// Can it do this with this registration?
    pub fn can(&self, capability: Capability, at: &Registration) -> Result<(), ProviderError> {
        let rotates = matches!(capability, Capability::Rotate | Capability::RotateOverlap);
        if rotates && at.client_secret.is_none() && proves_without_secret(&at.granted) {
            let reason = Reason::NO_SECRET;
            return Err(ProviderError::NotCapable { capability, reason });
        }
        ask!(self, adapter => adapter.can(capability, at)).map_err(|reason| {
            match at.handle(UNUSABLE_ADDRESS) {
                Some(text) if reason == Reason::PER_REGISTRATION => ProviderError::Endpoint {
                    name: REGISTRATION_CLIENT_URI,
                    text: text.to_owned(),
                },
                _ => ProviderError::NotCapable { capability, reason },
            }
        })
    }

    /// Writes into the wanted metadata which API the client's tokens are for, where the provider wants
    /// to know that when it registers.
    pub fn apply_audience(&self, wanted: &mut ClientMetadata, audience: Option<&str>) {
        if let Some(audience) = audience.map(str::trim).filter(|text| !text.is_empty()) {
            ask!(self, adapter => adapter.apply_audience(wanted, audience));
        }
    }

    /// What a registration will send.
    pub fn plan(&self, wanted: &ClientMetadata) -> Result<Plan, ProviderError> {
        ask!(self, adapter => adapter.plan(wanted))
    }

    /// The form in which [`Provider::register`] will send the members that the user gave no value for.
    pub fn request_form(&self, wanted: &ClientMetadata) -> Option<RequestForm> {
        ask!(self, adapter => adapter.request_form(wanted))
    }

    /// Settings that make `form` the first one of the next registration. An empty value removes one.
    pub fn remembered(&self, form: RequestForm) -> BTreeMap<String, String> {
        ask!(self, adapter => adapter.remembered(form))
    }

    /// The metadata that [`Provider::register`] will send.
    pub fn sent(&self, wanted: &ClientMetadata) -> ClientMetadata {
        ask!(self, adapter => adapter.sent(wanted))
    }

    /// Registers a client.
    pub async fn register(
        &self,
        context: Context<'_>,
        wanted: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        ask!(self, adapter => adapter.register(context, wanted).await)
    }

    /// Goes on with a registration that was cut off after its client was made.
    pub async fn resume(
        &self,
        context: Context<'_>,
        wanted: &ClientMetadata,
        so_far: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        ask!(self, adapter => adapter.resume(context, wanted, so_far).await)
    }

    /// Reads the registration as the provider has it now.
    pub async fn read(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        ask!(self, adapter => adapter.read(context, at).await)
    }

    /// Replaces the metadata of a registration.
    pub async fn update(
        &self,
        context: Context<'_>,
        at: &Registration,
        metadata: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        ask!(self, adapter => adapter.update(context, at, metadata).await)
    }

    /// Makes a new client secret.
    pub async fn rotate(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        ask!(self, adapter => adapter.rotate(context, at).await)
    }

    /// A read or an update makes a new client secret.
    pub fn issues_secrets(&self) -> bool {
        ask!(self, adapter => adapter.issues_secrets())
    }

    /// An update or a rotation replaces the whole of the metadata, which is to be read before.
    pub fn replaces_metadata(&self) -> bool {
        ask!(self, adapter => adapter.replaces_metadata())
    }

    /// Ends the secret before the current one, once the current one is proven.
    pub async fn revoke_previous_secret(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<Handles, ProviderError> {
        ask!(self, adapter => adapter.revoke_previous_secret(context, at).await)
    }

    /// Handles that make the provider keep the secrets before the current one.
    pub fn keeping_secrets(&self) -> Handles {
        ask!(self, adapter => adapter.keeping_secrets())
    }

    /// Handles that say which secret is in use, emptied: one that the provider did not answer takes its place.
    pub fn unnamed_secret(&self) -> Handles {
        ask!(self, adapter => adapter.unnamed_secret())
    }

    /// The secrets of a client, where the provider lists them.
    pub async fn secrets(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<Vec<ListedSecret>, ProviderError> {
        ask!(self, adapter => adapter.secrets(context, at).await)
    }

    /// Ends one of the listed secrets.
    pub async fn remove_secret(
        &self,
        context: Context<'_>,
        at: &Registration,
        id: &str,
    ) -> Result<(), ProviderError> {
        ask!(self, adapter => adapter.remove_secret(context, at, id).await)
    }

    /// Deletes the client.
    pub async fn delete(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<(), ProviderError> {
        ask!(self, adapter => adapter.delete(context, at).await)
    }

    /// What a refused management request says about whether its client still exists.
    pub fn gone_evidence(&self, error: &ProviderError) -> GoneEvidence {
        gone::words(error).map_or(
            GoneEvidence::None,
            |words| ask!(self, adapter => adapter.gone_evidence(words)),
        )
    }

    /// The clients at the provider.
    pub async fn list(&self, context: Context<'_>) -> Result<Vec<Listed>, ProviderError> {
        ask!(self, adapter => adapter.list(context).await)
    }

    /// The token request that this provider needs.
    pub fn token_request(
        &self,
        at: &Registration,
        wish: TokenWish,
        flow: Uuid,
    ) -> Result<TokenRequest, ProviderError> {
        ask!(self, adapter => adapter.token_request(at, wish, flow))
    }

    /// How the client proves itself for introspection and revocation.
    pub fn client_authentication(
        &self,
        at: &Registration,
    ) -> Result<ClientAuthentication, ProviderError> {
        ask!(self, adapter => adapter.client_authentication(at))
    }

    /// This refusal may only mean that a new client or secret has not arrived everywhere yet.
    pub fn may_not_have_propagated(&self, error: &TokenError, at: &Registration, now: i64) -> bool {
        ask!(self, adapter => adapter.may_not_have_propagated(error, at, now))
    }

    /// The token endpoint says that this client is not, or no longer, good.
    pub fn refuses_client(&self, error: &TokenError) -> bool {
        ask!(self, adapter => adapter.refuses_client(error))
    }
}

/// The client proves itself by a key or a certificate.
pub fn proves_without_secret(granted: &ClientMetadata) -> bool {
    let method = granted.token_endpoint_auth_method();
    method.is_some_and(|method| method == "private_key_jwt" || mutual_tls::is_method(&method))
}
