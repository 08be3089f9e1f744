//! Microsoft Entra ID, through Microsoft Graph.

use std::collections::BTreeMap;

use keywright_oauth::{
    client_metadata::ClientMetadata, http::HttpClient, introspect::Asker,
    register::ClientInformation, token::TokenRequest, words::ProviderWords,
};
use uuid::Uuid;

use crate::{
    AdminTokens, Capability, CapabilitySheet, Context, Plan, ProviderConfig, ProviderError, Reason,
    Registration, TokenWish, Verification,
    provider::Adapter,
    settings::{Prefill, SettingSpec},
    tokens,
    verifying::Run,
};

/// Its own settings.
pub(crate) const SETTINGS: &[SettingSpec] = &[];

/// The addresses that follow from the tenant.
pub(crate) fn prefill(_settings: &BTreeMap<String, String>) -> Option<Prefill> {
    None
}

/// Addresses of its APIs beside the issuer.
pub(crate) fn addresses(_config: &ProviderConfig) -> Vec<url::Url> {
    Vec::new()
}

/// The advice for its own codes.
pub(crate) fn advice(_words: &ProviderWords) -> Option<&'static str> {
    None
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

    fn not_yet<T>(capability: Capability) -> Result<T, ProviderError> {
        Err(ProviderError::NotCapable {
            capability,
            reason: Reason::NOT_DISCOVERED,
        })
    }
}

impl Adapter for Entra {
    async fn verify(&self, context: Context<'_>) -> Verification {
        let _ = &self.http;
        Run::new(&[], context).finish(&self.config)
    }

    fn capabilities(&self) -> CapabilitySheet {
        CapabilitySheet { lines: Vec::new() }
    }

    fn plan(&self, _wanted: &ClientMetadata) -> Result<Plan, ProviderError> {
        Self::not_yet(Capability::Register)
    }

    async fn register(
        &self,
        _context: Context<'_>,
        _wanted: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        Self::not_yet(Capability::Register)
    }

    async fn read(
        &self,
        _context: Context<'_>,
        _at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        Self::not_yet(Capability::Read)
    }

    async fn update(
        &self,
        _context: Context<'_>,
        _at: &Registration,
        _metadata: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        Self::not_yet(Capability::Update)
    }

    async fn rotate(
        &self,
        _context: Context<'_>,
        _at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        Self::not_yet(Capability::Rotate)
    }

    async fn delete(&self, _context: Context<'_>, _at: &Registration) -> Result<(), ProviderError> {
        Self::not_yet(Capability::Delete)
    }

    fn token_request(
        &self,
        at: &Registration,
        wish: TokenWish,
        flow: Uuid,
    ) -> Result<TokenRequest, ProviderError> {
        tokens::token_request(&self.config, at, wish, flow)
    }

    fn asker(&self, at: &Registration) -> Result<Asker, ProviderError> {
        tokens::asker(&self.config, at)
    }
}
