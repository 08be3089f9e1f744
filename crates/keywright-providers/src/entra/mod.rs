//! Microsoft Entra ID, through Microsoft Graph. It has no endpoint of RFC 7591: an application, its
//! secret and its service principal are three objects, made one after the other, and each may be
//! unknown for a while to the server that makes the next.

mod advice;
mod capabilities;
mod certificates;
mod clients;
mod graph;
mod keys;
mod manage;
pub(crate) mod messages;
mod plan;
mod scope;
mod secrets;
mod settings;
mod tenant_endpoints;
#[cfg(test)]
mod tests;
mod token;
mod translate;
mod verify;

use keywright_oauth::{
    client_metadata::ClientMetadata, error_response::ErrorResponse, http::HttpClient,
    register::Handles, token::TokenError,
};
use url::Url;

use self::settings::EntraSettings;
pub(crate) use self::{
    settings::SETTINGS,
    tenant_endpoints::{is_other_version, prefill},
};

use crate::message_code::MessageCode;
use crate::{AdminTokens, DeletionEvidence, ProviderConfig, Registration, deletion_evidence};

/// Addresses of its APIs in addition to the issuer.
pub(crate) fn addresses(config: &ProviderConfig) -> Vec<Url> {
    tenant_endpoints::addresses(config)
}

/// The token endpoint of the tenant, where none is typed and nothing was discovered yet.
pub(crate) fn token_endpoint(config: &ProviderConfig) -> Option<Url> {
    let endpoints = tenant_endpoints::TenantEndpoints::of(config).ok()?;
    Some(endpoints.token_endpoint())
}

/// The advice for its own codes.
pub(crate) fn advice(words: &ErrorResponse) -> Option<MessageCode> {
    advice::of(words)
}

/// The adapter.
#[derive(Debug)]
pub struct Entra {
    config: ProviderConfig,
    settings: EntraSettings,
    http: HttpClient,
    admin: AdminTokens,
}

impl Entra {
    pub(crate) fn config(&self) -> &ProviderConfig {
        &self.config
    }

    pub(crate) fn new(config: ProviderConfig, http: HttpClient, admin: AdminTokens) -> Self {
        Self {
            settings: EntraSettings::of(&config),
            config,
            http,
            admin,
        }
    }

    /// The API is the resource of the client's scope.
    pub(crate) fn apply_audience(wanted: &mut ClientMetadata, audience: &str) {
        scope::apply_audience(wanted, audience);
    }

    pub(crate) fn keeping_secrets() -> Handles {
        Handles::from([(keys::handle::OLD_KEY_ID.to_owned(), String::new())])
    }

    pub(crate) fn unnamed_secret() -> Handles {
        Handles::from([(keys::handle::KEY_ID.to_owned(), String::new())])
    }

    pub(crate) fn deletion_evidence(words: &ErrorResponse) -> DeletionEvidence {
        deletion_evidence::with_code(words, graph::NOT_FOUND)
    }

    /// An application that is unknown or disabled is no `invalid_client` here.
    pub(crate) fn refuses_client(error: &TokenError) -> bool {
        error.is_invalid_client() || token::is_unknown_application(error)
    }

    pub(crate) fn may_not_have_propagated(error: &TokenError, at: &Registration, now: i64) -> bool {
        token::may_not_have_propagated(error, at, now)
    }
}
