//! The contract of all providers. One variant a kind; each method asks the variant's own file.

use keywright_oauth::{
    client_metadata::ClientMetadata,
    http::HttpClient,
    introspect::Asker,
    register::ClientInformation,
    secret::{ClientSecret, RefreshToken, RegistrationAccessToken},
    token::TokenRequest,
};
use url::Url;
use uuid::Uuid;

use crate::{
    CapabilitySheet, Context, ProviderConfig, ProviderError, ProviderKind, Verification,
    rfc7591::Rfc7591,
};

/// What the vault knows of one registered client.
#[derive(Debug, Clone)]
pub struct Registration {
    /// Client identifier.
    pub client_id: String,
    /// Client secret.
    pub client_secret: Option<ClientSecret>,
    /// `registration_client_uri`.
    pub registration_client_uri: Option<Url>,
    /// `registration_access_token`.
    pub registration_access_token: Option<RegistrationAccessToken>,
    /// Granted or last read metadata.
    pub granted: ClientMetadata,
}

/// What kind of token is wanted.
#[derive(Debug, Clone, Default)]
pub struct TokenWish {
    /// Refresh token to use; none for client credentials.
    pub refresh_token: Option<RefreshToken>,
    /// Scopes; none for the granted ones.
    pub scopes: Option<Vec<String>>,
    /// Audience.
    pub audience: Option<String>,
}

/// One request that a registration will send, without secrets.
#[derive(Debug, Clone)]
pub struct PlannedStep {
    /// Step name, also used in the journal.
    pub step: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// Address; none until it is discovered.
    pub url: Option<Url>,
    /// An initial access token goes with it.
    pub with_initial_access_token: bool,
    /// The JSON body.
    pub body: ClientMetadata,
}

/// What will not be granted, known before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shortfall {
    /// The issuer does not list this grant.
    Grant(String),
    /// The issuer does not list this scope.
    Scope(String),
    /// The issuer does not list this way of authenticating.
    AuthMethod(String),
}

/// The steps of a registration.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Requests in order.
    pub steps: Vec<PlannedStep>,
    /// What will not be granted.
    pub shortfalls: Vec<Shortfall>,
}

/// An adapter.
#[derive(Debug)]
pub enum Provider {
    /// RFC 7591 and RFC 7592.
    Rfc7591(Rfc7591),
}

impl Provider {
    /// The adapter of a configuration.
    pub fn new(config: ProviderConfig, http: HttpClient) -> Self {
        match config.kind {
            ProviderKind::Rfc7591 => Self::Rfc7591(Rfc7591::new(config, http)),
        }
    }

    /// Checks the configuration against the real server; changes nothing there.
    pub async fn verify(&self, context: Context<'_>) -> Verification {
        match self {
            Self::Rfc7591(provider) => provider.verify(context).await,
        }
    }

    /// What this issuer can do, as far as is known.
    pub fn capabilities(&self) -> CapabilitySheet {
        match self {
            Self::Rfc7591(provider) => provider.capabilities(),
        }
    }

    /// What a registration will send.
    pub fn plan(&self, wanted: &ClientMetadata) -> Result<Plan, ProviderError> {
        match self {
            Self::Rfc7591(provider) => provider.plan(wanted),
        }
    }

    /// Registers a client.
    pub async fn register(
        &self,
        context: Context<'_>,
        wanted: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        match self {
            Self::Rfc7591(provider) => provider.register(context, wanted).await,
        }
    }

    /// Reads the registration as the provider has it now.
    pub async fn read(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        match self {
            Self::Rfc7591(provider) => provider.read(context, at).await,
        }
    }

    /// Replaces the metadata of a registration.
    pub async fn update(
        &self,
        context: Context<'_>,
        at: &Registration,
        metadata: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        match self {
            Self::Rfc7591(provider) => provider.update(context, at, metadata).await,
        }
    }

    /// Replaces the client secret.
    pub async fn rotate(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        match self {
            Self::Rfc7591(provider) => provider.rotate(context, at).await,
        }
    }

    /// Deletes the client.
    pub async fn delete(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<(), ProviderError> {
        match self {
            Self::Rfc7591(provider) => provider.delete(context, at).await,
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
            Self::Rfc7591(provider) => provider.token_request(at, wish, flow),
        }
    }

    /// How the client proves itself for introspection and revocation.
    pub fn asker(&self, at: &Registration) -> Result<Asker, ProviderError> {
        match self {
            Self::Rfc7591(provider) => provider.asker(at),
        }
    }
}
