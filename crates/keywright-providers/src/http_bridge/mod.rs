//! Kong's HTTP DCR bridge: four routes of one's own making that stand before an identity provider
//! (Konnect's provider type `http`).

mod advice;
mod capabilities;
mod clients;
mod identity;
pub(crate) mod messages;
mod plan;
mod routes;
#[cfg(test)]
mod tests;
mod translate;
mod verify;

use keywright_oauth::{
    client_metadata::ClientMetadata, http::HttpClient, introspect::ClientAuthentication,
    register::ClientInformation, token::TokenRequest, words::ErrorResponse,
};
use uuid::Uuid;

use crate::{
    Capability, CapabilitySheet, Context, GoneEvidence, Listed, Plan, ProviderConfig,
    ProviderError, Registration, TokenWish, Verification,
    provider::Adapter,
    settings::{SettingKind, SettingSpec, key},
    tokens,
};

pub(crate) use advice::advice;

const fn switch(key: &'static str) -> SettingSpec {
    SettingSpec::new(key, SettingKind::Switch).or("false")
}

const fn konnect_id(key: &'static str) -> SettingSpec {
    SettingSpec::new(key, SettingKind::Text).advanced()
}

/// Its own settings, under Konnect's names.
pub(crate) const SETTINGS: &[SettingSpec] = &[
    SettingSpec::new(HttpBridge::DCR_BASE_URL, SettingKind::Url).required(),
    SettingSpec::new(HttpBridge::API_KEY, SettingKind::Secret).required(),
    SettingSpec::new(key::TOKEN_ENDPOINT, SettingKind::Url),
    switch(HttpBridge::DISABLE_EVENT_HOOKS),
    switch(HttpBridge::DISABLE_REFRESH_SECRET),
    switch(HttpBridge::ALLOW_MULTIPLE_CREDENTIALS),
    konnect_id(HttpBridge::PORTAL_ID),
    konnect_id(HttpBridge::ORGANIZATION_ID),
    konnect_id(HttpBridge::DEVELOPER_ID),
    konnect_id(HttpBridge::AUTH_STRATEGY_ID),
    konnect_id(HttpBridge::DCR_PROVIDER_ID),
];

/// The adapter.
#[derive(Debug)]
pub struct HttpBridge {
    config: ProviderConfig,
    http: HttpClient,
}

impl HttpBridge {
    /// Base address of the bridge.
    pub const DCR_BASE_URL: &str = "dcr_base_url";
    /// Secret: what the bridge is called with.
    pub const API_KEY: &str = "api_key";
    /// The bridge makes no new secrets.
    pub const DISABLE_REFRESH_SECRET: &str = "disable_refresh_secret";
    /// The bridge wants no event hooks.
    pub const DISABLE_EVENT_HOOKS: &str = "disable_event_hooks";
    /// The bridge keeps several credentials for one application.
    pub const ALLOW_MULTIPLE_CREDENTIALS: &str = "allow_multiple_credentials";
    /// Konnect's portal.
    pub const PORTAL_ID: &str = "portal_id";
    /// Konnect's organization.
    pub const ORGANIZATION_ID: &str = "organization_id";
    /// Konnect's developer.
    pub const DEVELOPER_ID: &str = "developer_id";
    /// Konnect's auth strategy.
    pub const AUTH_STRATEGY_ID: &str = "auth_strategy_id";
    /// Konnect's DCR provider.
    pub const DCR_PROVIDER_ID: &str = "dcr_provider_id";

    pub(crate) fn new(config: ProviderConfig, http: HttpClient) -> Self {
        Self { config, http }
    }

    fn must(&self, capability: Capability) -> Result<(), ProviderError> {
        self.can(capability, &Registration::default())
            .map_err(|reason| ProviderError::NotCapable { capability, reason })
    }
}

impl Adapter for HttpBridge {
    async fn verify(&self, context: Context<'_>) -> Verification {
        self.run_verify(context).await
    }

    fn capabilities(&self) -> CapabilitySheet {
        self.sheet()
    }

    fn plan(&self, wanted: &ClientMetadata) -> Result<Plan, ProviderError> {
        self.planned(wanted)
    }

    async fn register(
        &self,
        context: Context<'_>,
        wanted: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        self.send_registration(context, wanted).await
    }

    async fn read(
        &self,
        _context: Context<'_>,
        _at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        Err(ProviderError::NotCapable {
            capability: Capability::Read,
            reason: capabilities::NO_READ,
        })
    }

    async fn update(
        &self,
        context: Context<'_>,
        at: &Registration,
        metadata: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        self.must(Capability::Update)?;
        self.send_update(context, at, metadata).await
    }

    async fn rotate(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        self.must(Capability::Rotate)?;
        self.send_rotation(context, at).await
    }

    async fn delete(&self, context: Context<'_>, at: &Registration) -> Result<(), ProviderError> {
        self.send_deletion(context, at).await
    }

    fn gone_evidence(&self, words: &ErrorResponse) -> GoneEvidence {
        routes::gone_evidence(words)
    }

    async fn list(&self, _context: Context<'_>) -> Result<Vec<Listed>, ProviderError> {
        Err(ProviderError::NotCapable {
            capability: Capability::List,
            reason: capabilities::NO_LIST,
        })
    }

    fn token_request(
        &self,
        at: &Registration,
        wish: TokenWish,
        flow: Uuid,
    ) -> Result<TokenRequest, ProviderError> {
        tokens::token_request(&self.config, at, wish, flow)
    }

    fn client_authentication(
        &self,
        at: &Registration,
    ) -> Result<ClientAuthentication, ProviderError> {
        tokens::client_authentication(&self.config, at)
    }
}
