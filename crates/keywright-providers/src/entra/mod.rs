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
mod places;
mod plan;
mod scope;
mod secrets;
#[cfg(test)]
mod tests;
mod token;
mod translate;
mod verify;

use std::collections::BTreeMap;

use keywright_oauth::{
    client_metadata::ClientMetadata,
    http::HttpClient,
    introspect::ClientAuthentication,
    register::{ClientInformation, Handles},
    token::{TokenError, TokenRequest},
    words::ErrorResponse,
};
use url::Url;
use uuid::Uuid;

pub(crate) use places::is_other_version;

use crate::message_code::MessageCode;
use crate::{
    AdminTokens, CapabilitySheet, Context, GoneEvidence, Listed, ListedSecret, Plan,
    ProviderConfig, ProviderError, Registration, TokenWish, Verification, gone,
    provider::Adapter,
    settings::{Prefill, SettingKind, SettingSpec, key},
    tokens,
};
use keys::{
    CLOUD, DEFAULT_RESOURCE, GRAPH_ENDPOINT, LOGIN_ENDPOINT, PURGE_ON_DELETE, SECRET_LIFETIME_DAYS,
};

/// Its own settings.
pub(crate) const SETTINGS: &[SettingSpec] = &[
    SettingSpec::new(key::TENANT, SettingKind::Text).locating(),
    SettingSpec::new(CLOUD, SettingKind::Choice(places::CLOUD_NAMES))
        .locating()
        .or("global"),
    SettingSpec::new(key::INITIAL_CLIENT_ID, SettingKind::Text).required(),
    SettingSpec::new(key::INITIAL_CLIENT_SECRET, SettingKind::Secret).required(),
    SettingSpec::new(DEFAULT_RESOURCE, SettingKind::Text).or(scope::OWN),
    SettingSpec::new(key::TOKEN_ENDPOINT, SettingKind::Url),
    SettingSpec::new(
        SECRET_LIFETIME_DAYS,
        SettingKind::Choice(secrets::LIFETIMES),
    )
    .advanced()
    .or(secrets::LIFETIME),
    SettingSpec::new(PURGE_ON_DELETE, SettingKind::Switch)
        .advanced()
        .or("false"),
    SettingSpec::new(LOGIN_ENDPOINT, SettingKind::Url).advanced(),
    SettingSpec::new(GRAPH_ENDPOINT, SettingKind::Url).advanced(),
];

/// The addresses that follow from the tenant.
pub(crate) fn prefill(settings: &BTreeMap<String, String>) -> Option<Prefill> {
    places::prefill(settings)
}

/// Addresses of its APIs beside the issuer.
pub(crate) fn addresses(config: &ProviderConfig) -> Vec<Url> {
    places::addresses(config)
}

/// The token endpoint of the tenant, where none is typed and nothing was discovered yet.
pub(crate) fn token_endpoint(config: &ProviderConfig) -> Option<Url> {
    let places = places::Places::of(config).ok()?;
    Some(places.token_endpoint())
}

/// The advice for its own codes.
pub(crate) fn advice(words: &ErrorResponse) -> Option<MessageCode> {
    advice::of(words)
}

/// The adapter.
#[derive(Debug)]
pub struct Entra {
    config: ProviderConfig,
    http: HttpClient,
    admin: AdminTokens,
}

impl Entra {
    pub(crate) fn new(config: ProviderConfig, http: HttpClient, admin: AdminTokens) -> Self {
        Self {
            config,
            http,
            admin,
        }
    }
}

impl Adapter for Entra {
    async fn verify(&self, context: Context<'_>) -> Verification {
        self.run_verify(context).await
    }

    fn capabilities(&self) -> CapabilitySheet {
        self.sheet()
    }

    /// The API is the resource of the client's scope.
    fn apply_audience(&self, wanted: &mut ClientMetadata, audience: &str) {
        scope::apply_audience(wanted, audience);
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

    async fn resume(
        &self,
        context: Context<'_>,
        wanted: &ClientMetadata,
        so_far: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        self.send_rest(context, wanted, so_far).await
    }

    async fn read(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        self.send_read(context, at).await
    }

    async fn update(
        &self,
        context: Context<'_>,
        at: &Registration,
        metadata: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        self.send_update(context, at, metadata).await
    }

    async fn rotate(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        self.send_rotation(context, at).await
    }

    async fn revoke_previous_secret(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<Handles, ProviderError> {
        self.send_retirement(context, at).await
    }

    fn keeping_secrets(&self) -> Handles {
        Handles::from([(keys::handle::OLD_KEY_ID.to_owned(), String::new())])
    }

    fn unnamed_secret(&self) -> Handles {
        Handles::from([(keys::handle::KEY_ID.to_owned(), String::new())])
    }

    async fn secrets(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<Vec<ListedSecret>, ProviderError> {
        self.listed_secrets(context, at).await
    }

    async fn remove_secret(
        &self,
        context: Context<'_>,
        at: &Registration,
        id: &str,
    ) -> Result<(), ProviderError> {
        self.end_secret(context, at, id).await
    }

    async fn delete(&self, context: Context<'_>, at: &Registration) -> Result<(), ProviderError> {
        self.send_deletion(context, at).await
    }

    fn gone_evidence(&self, words: &ErrorResponse) -> GoneEvidence {
        gone::with_code(words, graph::NOT_FOUND)
    }

    async fn list(&self, context: Context<'_>) -> Result<Vec<Listed>, ProviderError> {
        self.all(context).await
    }

    fn token_request(
        &self,
        at: &Registration,
        wish: TokenWish,
        flow: Uuid,
    ) -> Result<TokenRequest, ProviderError> {
        self.token(at, wish, flow)
    }

    fn client_authentication(
        &self,
        at: &Registration,
    ) -> Result<ClientAuthentication, ProviderError> {
        tokens::client_authentication(&self.config, at)
    }

    /// An application that is unknown or disabled is no `invalid_client` here.
    fn refuses_client(&self, error: &TokenError) -> bool {
        error.is_invalid_client() || token::is_unknown_application(error)
    }

    fn may_not_have_propagated(&self, error: &TokenError, at: &Registration, now: i64) -> bool {
        token::may_not_have_propagated(error, at, now)
    }
}
