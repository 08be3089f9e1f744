//! The contract of all providers. Each operation has one name: [`Provider`] offers it, and the adapter has a method of
//! the same name. Where an adapter needs none, the arm here gives the answer of the standard.

use std::collections::BTreeMap;

use keywright_oauth::{
    client_metadata::ClientMetadata,
    http::HttpClient,
    introspect::ClientAuthentication,
    mutual_tls,
    register::{ClientInformation, Handles, REGISTRATION_CLIENT_URI, UNUSABLE_ADDRESS},
    token::{TokenError, TokenRequest},
};
use uuid::Uuid;

use crate::{
    AdminTokens, Capability, CapabilitySheet, Context, DeletionEvidence, Listed, ListedSecret,
    Plan, ProviderConfig, ProviderError, ProviderKind, Reason, Registration, RequestForm,
    TokenWish, Verification,
    auth0::Auth0,
    curity::Curity,
    deletion_evidence,
    entra::Entra,
    http_bridge::{self, HttpBridge},
    okta::Okta,
    rfc7591::Rfc7591,
    tokens,
};

/// An adapter of any kind. [`Provider::can`] reports what a provider does not support before anything is sent; an
/// unsupported operation returns [`ProviderError::NotCapable`].
///
/// Each operation calls `Context::sending` before a request that changes something, and `Context::so_far` or
/// `Context::done` after every response worth keeping, before it continues.
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

    fn config(&self) -> &ProviderConfig {
        ask!(self, adapter => adapter.config())
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
        let can = match self {
            Self::Rfc7591(adapter) => adapter.can(capability, at),
            Self::Auth0(adapter) => adapter.can(capability, at),
            Self::Okta(adapter) => adapter.can(capability, at),
            Self::Curity(adapter) => adapter.can(capability, at),
            Self::Entra(_) | Self::HttpBridge(_) => self.capabilities().allows(capability),
        };
        can.map_err(|reason| match at.handle(UNUSABLE_ADDRESS) {
            Some(text) if reason == Reason::PER_REGISTRATION => ProviderError::Endpoint {
                name: REGISTRATION_CLIENT_URI,
                text: text.to_owned(),
            },
            _ => ProviderError::NotCapable { capability, reason },
        })
    }

    /// Writes into the wanted metadata which API the client's tokens are for, where the provider wants
    /// to know that when it registers.
    pub fn apply_audience(&self, wanted: &mut ClientMetadata, audience: Option<&str>) {
        if let Some(audience) = audience.map(str::trim).filter(|text| !text.is_empty()) {
            match self {
                Self::Auth0(_) => Auth0::apply_audience(wanted, audience),
                Self::Entra(_) => Entra::apply_audience(wanted, audience),
                Self::Rfc7591(_) | Self::Okta(_) | Self::Curity(_) | Self::HttpBridge(_) => {}
            }
        }
    }

    /// What a registration will send.
    pub fn plan(&self, wanted: &ClientMetadata) -> Result<Plan, ProviderError> {
        ask!(self, adapter => adapter.plan(wanted))
    }

    /// The form in which [`Provider::register`] will send the members that the user gave no value for; none where the
    /// provider's API has no such members.
    pub fn request_form(&self, wanted: &ClientMetadata) -> Option<RequestForm> {
        match self {
            Self::Rfc7591(adapter) => Some(adapter.request_form(wanted)),
            Self::Curity(adapter) => adapter.request_form(wanted),
            Self::Auth0(_) | Self::Okta(_) | Self::Entra(_) | Self::HttpBridge(_) => None,
        }
    }

    /// Settings that make `form` the first one of the next registration. An empty value removes one.
    pub fn remembered(&self, form: RequestForm) -> BTreeMap<String, String> {
        match self {
            Self::Rfc7591(_) => Rfc7591::remembered(form),
            Self::Curity(_) => Curity::remembered(form),
            Self::Auth0(_) | Self::Okta(_) | Self::Entra(_) | Self::HttpBridge(_) => {
                BTreeMap::new()
            }
        }
    }

    /// The metadata that [`Provider::register`] will send.
    pub fn sent(&self, wanted: &ClientMetadata) -> ClientMetadata {
        match self {
            Self::Rfc7591(adapter) => adapter.sent(wanted),
            Self::Auth0(_)
            | Self::Okta(_)
            | Self::Curity(_)
            | Self::Entra(_)
            | Self::HttpBridge(_) => wanted.clone(),
        }
    }

    /// Registers a client.
    pub async fn register(
        &self,
        context: Context<'_>,
        wanted: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        ask!(self, adapter => adapter.register(context, wanted).await)
    }

    /// Continues a registration that was cut off after its client was created: sends the steps that `so_far` shows to
    /// be missing. Where one request registers a client, there is nothing between none and all.
    pub async fn resume(
        &self,
        context: Context<'_>,
        wanted: &ClientMetadata,
        so_far: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        match self {
            Self::Auth0(adapter) => adapter.resume(context, wanted, so_far).await,
            Self::Okta(adapter) => adapter.resume(context, wanted, so_far).await,
            Self::Entra(adapter) => adapter.resume(context, wanted, so_far).await,
            Self::Rfc7591(_) | Self::Curity(_) | Self::HttpBridge(_) => {
                not_capable(Capability::Register, Reason::ONE_STEP)
            }
        }
    }

    /// Reads the registration as the provider has it now. Finds it by its `client_id` alone where no further handle is
    /// known.
    pub async fn read(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        match self {
            Self::Rfc7591(adapter) => adapter.read(context, at).await,
            Self::Auth0(adapter) => adapter.read(context, at).await,
            Self::Okta(adapter) => adapter.read(context, at).await,
            Self::Curity(adapter) => adapter.read(context, at).await,
            Self::Entra(adapter) => adapter.read(context, at).await,
            Self::HttpBridge(_) => not_capable(Capability::Read, http_bridge::NO_READ),
        }
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

    /// Creates a new client secret. Where the provider keeps both ([`Capability::RotateOverlap`]), the old one is valid
    /// until [`Provider::revoke_previous_secret`].
    pub async fn rotate(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        ask!(self, adapter => adapter.rotate(context, at).await)
    }

    /// A read or an update creates a new client secret, so that the one in its response replaces the one before.
    pub fn issues_secrets(&self) -> bool {
        matches!(self, Self::Curity(_))
    }

    /// An update or a rotation sends the whole of the metadata and removes what it leaves out (RFC 7592 §2.2), and a
    /// read ends nothing: the current metadata is read before.
    pub fn replaces_metadata(&self) -> bool {
        matches!(self, Self::Rfc7591(_))
    }

    /// Revokes the secret before the current one, once the current one is proven. Does nothing where the provider did so
    /// by itself. Returns what changed of the handles.
    pub async fn revoke_previous_secret(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<Handles, ProviderError> {
        match self {
            Self::Okta(adapter) => adapter.revoke_previous_secret(context, at).await,
            Self::Entra(adapter) => adapter.revoke_previous_secret(context, at).await,
            Self::Rfc7591(_) | Self::Auth0(_) | Self::Curity(_) | Self::HttpBridge(_) => {
                Ok(Handles::new())
            }
        }
    }

    /// Handles that make the provider keep the secrets before the current one:
    /// [`Provider::revoke_previous_secret`] revokes none of them afterwards.
    pub fn keeping_secrets(&self) -> Handles {
        match self {
            Self::Okta(_) => Okta::keeping_secrets(),
            Self::Entra(_) => Entra::keeping_secrets(),
            Self::Rfc7591(_) | Self::Auth0(_) | Self::Curity(_) | Self::HttpBridge(_) => {
                Handles::new()
            }
        }
    }

    /// Handles that say which secret is in use, emptied: one that the provider did not answer takes its place.
    pub fn unnamed_secret(&self) -> Handles {
        match self {
            Self::Entra(_) => Entra::unnamed_secret(),
            Self::Rfc7591(_)
            | Self::Auth0(_)
            | Self::Okta(_)
            | Self::Curity(_)
            | Self::HttpBridge(_) => Handles::new(),
        }
    }

    /// Whether the provider lists the secrets of this client and lets several live until they are removed.
    pub fn can_list_secrets(&self, at: &Registration) -> Result<(), ProviderError> {
        match self {
            Self::Okta(_) | Self::Entra(_) => self.can(Capability::RotateOverlap, at),
            Self::Rfc7591(_) | Self::Auth0(_) | Self::Curity(_) | Self::HttpBridge(_) => {
                not_capable(Capability::RotateOverlap, Reason::SECRETS_UNLISTED)
            }
        }
    }

    /// The secrets of a client, where the provider lists them.
    pub async fn secrets(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<Vec<ListedSecret>, ProviderError> {
        match self {
            Self::Okta(adapter) => adapter.secrets(context, at).await,
            Self::Entra(adapter) => adapter.secrets(context, at).await,
            Self::Rfc7591(_) | Self::Auth0(_) | Self::Curity(_) | Self::HttpBridge(_) => {
                not_capable(Capability::RotateOverlap, Reason::SECRETS_UNLISTED)
            }
        }
    }

    /// Revokes one of the listed secrets.
    pub async fn remove_secret(
        &self,
        context: Context<'_>,
        at: &Registration,
        id: &str,
    ) -> Result<(), ProviderError> {
        match self {
            Self::Okta(adapter) => adapter.remove_secret(context, at, id).await,
            Self::Entra(adapter) => adapter.remove_secret(context, at, id).await,
            Self::Rfc7591(_) | Self::Auth0(_) | Self::Curity(_) | Self::HttpBridge(_) => {
                not_capable(Capability::RotateOverlap, Reason::SECRETS_UNLISTED)
            }
        }
    }

    /// Deletes the client, also one that was created in part.
    pub async fn delete(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<(), ProviderError> {
        ask!(self, adapter => adapter.delete(context, at).await)
    }

    /// What a refused management request says about whether its client still exists.
    pub fn deletion_evidence(&self, error: &ProviderError) -> DeletionEvidence {
        let Some(words) = deletion_evidence::words(error) else {
            return DeletionEvidence::None;
        };
        match self {
            Self::Rfc7591(adapter) => adapter.deletion_evidence(words),
            Self::Auth0(_) => Auth0::deletion_evidence(words),
            Self::Okta(_) => Okta::deletion_evidence(words),
            Self::Curity(_) => deletion_evidence::of_rfc7592(words),
            Self::Entra(_) => Entra::deletion_evidence(words),
            Self::HttpBridge(_) => HttpBridge::deletion_evidence(words),
        }
    }

    /// The clients at the provider, as far as the administrative credentials show them.
    pub async fn list(&self, context: Context<'_>) -> Result<Vec<Listed>, ProviderError> {
        match self {
            Self::Auth0(adapter) => adapter.list(context).await,
            Self::Okta(adapter) => adapter.list(context).await,
            Self::Entra(adapter) => adapter.list(context).await,
            Self::HttpBridge(_) => not_capable(Capability::List, http_bridge::NO_LIST),
            Self::Rfc7591(_) | Self::Curity(_) => not_capable(Capability::List, Reason::NO_LIST),
        }
    }

    /// The token request that this provider needs.
    pub fn token_request(
        &self,
        at: &Registration,
        wish: TokenWish,
        flow: Uuid,
    ) -> Result<TokenRequest, ProviderError> {
        match self {
            Self::Auth0(adapter) => adapter.token_request(at, wish, flow),
            Self::Okta(adapter) => adapter.token_request(at, wish, flow),
            Self::Entra(adapter) => adapter.token_request(at, wish, flow),
            Self::Rfc7591(_) | Self::Curity(_) | Self::HttpBridge(_) => {
                tokens::token_request(self.config(), at, wish, flow)
            }
        }
    }

    /// How the client authenticates for introspection and revocation.
    pub fn client_authentication(
        &self,
        at: &Registration,
    ) -> Result<ClientAuthentication, ProviderError> {
        match self {
            Self::Auth0(adapter) => adapter.client_authentication(at),
            Self::Rfc7591(_)
            | Self::Okta(_)
            | Self::Curity(_)
            | Self::Entra(_)
            | Self::HttpBridge(_) => tokens::client_authentication(self.config(), at),
        }
    }

    /// This refusal may only mean that a new client or secret has not reached the token endpoint yet, so that the same
    /// request is worth sending again. `now` in Unix seconds.
    pub fn may_not_have_propagated(&self, error: &TokenError, at: &Registration, now: i64) -> bool {
        match self {
            Self::Auth0(_) => Auth0::may_not_have_propagated(error, at, now),
            Self::Okta(_) => Okta::may_not_have_propagated(error, at, now),
            Self::Entra(_) => Entra::may_not_have_propagated(error, at, now),
            Self::Rfc7591(_) | Self::Curity(_) | Self::HttpBridge(_) => false,
        }
    }

    /// The token endpoint rejects the client itself, so that the application is shown as rejected.
    pub fn refuses_client(&self, error: &TokenError) -> bool {
        match self {
            Self::Auth0(_) => Auth0::refuses_client(error),
            Self::Entra(_) => Entra::refuses_client(error),
            Self::Rfc7591(_) | Self::Okta(_) | Self::Curity(_) | Self::HttpBridge(_) => {
                error.is_invalid_client()
            }
        }
    }
}

fn not_capable<T>(capability: Capability, reason: Reason) -> Result<T, ProviderError> {
    Err(ProviderError::NotCapable { capability, reason })
}

/// The client authenticates with a key or a certificate.
pub fn proves_without_secret(granted: &ClientMetadata) -> bool {
    let method = granted.token_endpoint_auth_method();
    method.is_some_and(|method| method == "private_key_jwt" || mutual_tls::is_method(&method))
}
