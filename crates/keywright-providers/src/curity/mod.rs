//! Curity Identity Server: RFC 7591 with a fresh single-use token for each registration, and RFC 7592
//! where even a read rotates both the registration access token and the client secret.

mod admission;
pub(crate) mod advice;
mod capabilities;
mod clients;
mod lifetimes;
pub(crate) mod messages;
mod plan;
mod settings;
#[cfg(test)]
mod tests;
mod translate;
mod verify;

use std::collections::BTreeMap;

use keywright_oauth::{client_metadata::ClientMetadata, http::HttpClient};

use self::settings::CuritySettings;
pub(crate) use self::{
    advice::advice,
    settings::{SETTINGS, prefill},
};

use crate::{Capability, ProviderConfig, Reason, Registration, rfc7591::form::RequestForm};

/// The adapter.
#[derive(Debug)]
pub struct Curity {
    config: ProviderConfig,
    settings: CuritySettings,
    http: HttpClient,
}

impl Curity {
    pub(crate) fn config(&self) -> &ProviderConfig {
        &self.config
    }

    pub(crate) fn new(config: ProviderConfig, http: HttpClient) -> Self {
        Self {
            settings: CuritySettings::of(&config),
            config,
            http,
        }
    }

    /// Each registration says for itself whether it can be managed, and for how long.
    pub(crate) fn can(&self, capability: Capability, at: &Registration) -> Result<(), Reason> {
        match capability {
            Capability::Read | Capability::Update | Capability::Rotate | Capability::Delete => {
                self.manageable(capability, at).map(|_| ())
            }
            _ => self.capabilities().allows(capability),
        }
    }

    /// A templatized registration has no member of which the form could be changed.
    pub(crate) fn request_form(&self, wanted: &ClientMetadata) -> Option<RequestForm> {
        (!self.settings.is_templatized)
            .then(|| RequestForm::of(&self.config, wanted, translate::USUAL))
    }

    pub(crate) fn remembered(form: RequestForm) -> BTreeMap<String, String> {
        form.settings(translate::USUAL)
    }
}
