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
    client_metadata::ClientMetadata, http::HttpClient, introspect::ClientAuthentication,
    register::ClientInformation, token::TokenRequest, words::ErrorResponse,
};
use uuid::Uuid;

use crate::{
    Capability, CapabilitySheet, Context, GoneEvidence, Plan, ProviderConfig, ProviderError,
    Reason, Registration, TokenWish, Verdict, Verification, gone,
    provider::Adapter,
    settings::{SettingKind, SettingSpec, key},
    tokens,
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
    pub(crate) fn new(config: ProviderConfig, http: HttpClient) -> Self {
        Self { config, http }
    }
}

impl Adapter for Rfc7591 {
    async fn verify(&self, context: Context<'_>) -> Verification {
        self.run_verify(context).await
    }

    fn capabilities(&self) -> CapabilitySheet {
        self.sheet()
    }

    /// Each registration says for itself whether it can be managed (RFC 7592 §3).
    fn can(&self, capability: Capability, at: &Registration) -> Result<(), Reason> {
        match capability {
            Capability::Read | Capability::Update | Capability::Rotate | Capability::Delete => {
                clients::management(&self.config, at).map(|_| ())
            }
            _ => match self.sheet().line(capability) {
                Some(line) if line.verdict == Verdict::No => Err(line.reason.clone()),
                _ => Ok(()),
            },
        }
    }

    fn plan(&self, wanted: &ClientMetadata) -> Result<Plan, ProviderError> {
        self.planned(wanted)
    }

    fn request_form(&self, wanted: &ClientMetadata) -> Option<RequestForm> {
        Some(RequestForm::of(&self.config, wanted, plan::USUAL))
    }

    fn remembered(&self, form: RequestForm) -> BTreeMap<String, String> {
        form.settings(plan::USUAL)
    }

    fn sent(&self, wanted: &ClientMetadata) -> ClientMetadata {
        self.prepared(wanted)
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

    fn replaces_metadata(&self) -> bool {
        true
    }

    /// A refused administrator says nothing about the client.
    fn gone_evidence(&self, words: &ErrorResponse) -> GoneEvidence {
        match words.status {
            401 if clients::is_by_administrator(&self.config) => GoneEvidence::None,
            _ => gone::of_rfc7592(words),
        }
    }

    async fn delete(&self, context: Context<'_>, at: &Registration) -> Result<(), ProviderError> {
        self.send_deletion(context, at).await
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
