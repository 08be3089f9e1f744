//! Kong's HTTP DCR bridge: four routes of one's own making that stand before an identity provider
//! (Konnect's provider type `http`).

mod advice;
mod capabilities;
mod clients;
mod identity;
pub(crate) mod messages;
mod plan;
mod routes;
mod settings;
#[cfg(test)]
mod tests;
mod translate;
mod verify;

use keywright_oauth::{error_response::ErrorResponse, http::HttpClient};

use crate::{Capability, DeletionEvidence, ProviderConfig, ProviderError};

use self::settings::HttpBridgeSettings;
pub(crate) use self::{
    advice::advice,
    capabilities::{NO_LIST, NO_READ},
    settings::SETTINGS,
};

/// The adapter.
#[derive(Debug)]
pub struct HttpBridge {
    config: ProviderConfig,
    settings: HttpBridgeSettings,
    http: HttpClient,
}

impl HttpBridge {
    pub(crate) fn config(&self) -> &ProviderConfig {
        &self.config
    }

    pub(crate) fn new(config: ProviderConfig, http: HttpClient) -> Self {
        Self {
            settings: HttpBridgeSettings::of(&config),
            config,
            http,
        }
    }

    /// What the settings switch off is refused before anything is sent.
    fn require(&self, capability: Capability) -> Result<(), ProviderError> {
        self.capabilities()
            .allows(capability)
            .map_err(|reason| ProviderError::NotCapable { capability, reason })
    }

    pub(crate) fn deletion_evidence(words: &ErrorResponse) -> DeletionEvidence {
        routes::deletion_evidence(words)
    }
}
