//! Any server that speaks RFC 7591 and RFC 7592.

pub(crate) mod capabilities;
mod clients;
pub(crate) mod form;
pub(crate) mod grant_names;
pub(crate) mod plan;
mod users;
mod verify;

use std::collections::BTreeMap;

use form::RequestForm;
use keywright_oauth::{
    client_metadata::ClientMetadata, error_response::ErrorResponse, http::HttpClient,
};

use crate::{
    Capability, DeletionEvidence, ProviderConfig, Reason, Registration, deletion_evidence,
    settings::{SettingKind, SettingSpec, key},
};

/// The value of [`key::MANAGEMENT`] for servers that issue no registration access token.
const BY_ADMINISTRATOR: &str = "initial_access_token";

/// Its own settings.
pub(crate) const SETTINGS: &[SettingSpec] = &[
    SettingSpec::new(key::INITIAL_ACCESS_TOKEN, SettingKind::Secret),
    SettingSpec::new(key::REGISTRATION_ENDPOINT, SettingKind::Url),
    SettingSpec::new(key::TOKEN_ENDPOINT, SettingKind::Url),
    SettingSpec::new(
        key::MANAGEMENT,
        SettingKind::Choice(&["registration_access_token", BY_ADMINISTRATOR]),
    )
    .advanced()
    .or("registration_access_token"),
    SettingSpec::new(
        key::REDIRECT_URIS,
        SettingKind::Choice(&["automatic", "empty", "as_given", "absent", "dummy"]),
    )
    .advanced()
    .or(form::AUTOMATIC),
];

/// The adapter.
#[derive(Debug)]
pub struct Rfc7591 {
    config: ProviderConfig,
    http: HttpClient,
}

impl Rfc7591 {
    pub(crate) fn config(&self) -> &ProviderConfig {
        &self.config
    }

    pub(crate) fn new(config: ProviderConfig, http: HttpClient) -> Self {
        Self { config, http }
    }
}

impl Rfc7591 {
    /// Each registration says for itself whether it can be managed (RFC 7592 §3).
    pub(crate) fn can(&self, capability: Capability, at: &Registration) -> Result<(), Reason> {
        match capability {
            Capability::Read | Capability::Update | Capability::Rotate | Capability::Delete => {
                clients::management(&self.config, at).map(|_| ())
            }
            _ => self.capabilities().allows(capability),
        }
    }

    pub(crate) fn request_form(&self, wanted: &ClientMetadata) -> RequestForm {
        RequestForm::of(&self.config, wanted, plan::USUAL)
    }

    pub(crate) fn remembered(form: RequestForm) -> BTreeMap<String, String> {
        form.settings(plan::USUAL)
    }

    /// A refused administrator says nothing about the client.
    pub(crate) fn deletion_evidence(&self, words: &ErrorResponse) -> DeletionEvidence {
        match words.status {
            401 if clients::is_by_administrator(&self.config) => DeletionEvidence::None,
            _ => deletion_evidence::of_rfc7592(words),
        }
    }
}
