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

use keywright_oauth::{http::HttpClient, words::ErrorResponse};

use crate::{
    Capability, GoneEvidence, ProviderConfig, ProviderError,
    settings::{SettingKind, SettingSpec, key},
};

pub(crate) use advice::advice;
pub(crate) use capabilities::{NO_LIST, NO_READ};

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

    pub(crate) fn config(&self) -> &ProviderConfig {
        &self.config
    }

    pub(crate) fn new(config: ProviderConfig, http: HttpClient) -> Self {
        Self { config, http }
    }

    /// What the settings switch off is refused before anything is sent.
    fn require(&self, capability: Capability) -> Result<(), ProviderError> {
        self.capabilities()
            .allows(capability)
            .map_err(|reason| ProviderError::NotCapable { capability, reason })
    }

    pub(crate) fn gone_evidence(words: &ErrorResponse) -> GoneEvidence {
        routes::gone_evidence(words)
    }
}
