//! Okta, through its client API at the org: `/oauth2/v1/clients`, whose members have the names of RFC 7591.

mod access;
mod advice;
mod capabilities;
mod clients;
mod members;
pub(crate) mod messages;
mod org;
mod owner_tag;
mod plan;
mod policy;
mod secrets;
mod settings;
#[cfg(test)]
mod tests;
mod verify;

use keywright_oauth::{
    error_response::ErrorResponse,
    http::HttpClient,
    register::Handles,
    token::{TokenError, TokenRequest},
};
use uuid::Uuid;

use crate::{
    AdminTokens, Capability, Context, DeletionEvidence, ProviderConfig, ProviderError, Reason,
    Registration, TokenWish, WishedGrant, deletion_evidence, tokens,
};

use self::settings::OktaSettings;
pub(crate) use self::{
    advice::advice,
    settings::{SETTINGS, prefill},
};

/// Handle: the scopes that were asked for at registration. Okta keeps no scopes with a client.
const WANTED_SCOPE: &str = "okta_wanted_scope";

/// The token endpoint may not know a client or a secret yet that is younger than this many seconds.
const SETTLES_SECS: i64 = 30;

/// The adapter.
#[derive(Debug)]
pub struct Okta {
    config: ProviderConfig,
    settings: OktaSettings,
    http: HttpClient,
    admin: AdminTokens,
}

impl Okta {
    pub(crate) fn config(&self) -> &ProviderConfig {
        &self.config
    }

    pub(crate) fn new(config: ProviderConfig, http: HttpClient, admin: AdminTokens) -> Self {
        Self {
            settings: OktaSettings::of(&config),
            config,
            http,
            admin,
        }
    }

    /// The scopes to ask for: those of the registration, else those of the configuration. `openid` and
    /// `offline_access` speak of a user, and Okta refuses them to client credentials.
    fn scopes(&self, at: &Registration) -> Vec<String> {
        let asked = tokens::usual_scopes(at);
        if !asked.is_empty() {
            return asked;
        }
        let text = at
            .handle(WANTED_SCOPE)
            .or(self.settings.custom_scope.as_deref())
            .unwrap_or_default();
        text.split_whitespace()
            .filter(|scope| !matches!(*scope, "openid" | "offline_access"))
            .map(str::to_owned)
            .collect()
    }

    /// The same for a user, for whom no scope is left out. Okta shows none of a client.
    fn user_scopes(&self, at: &Registration) -> Vec<String> {
        let asked = tokens::scopes_of_users(at);
        if !asked.is_empty() {
            return asked;
        }
        let text = at
            .handle(WANTED_SCOPE)
            .or(self.settings.custom_scope.as_deref());
        let text = text.unwrap_or("openid").split_whitespace();
        text.map(str::to_owned).collect()
    }

    /// A client that proves itself by a key or not at all has no secret to rotate.
    pub(crate) fn can(&self, capability: Capability, at: &Registration) -> Result<(), Reason> {
        let rotates = matches!(capability, Capability::Rotate | Capability::RotateOverlap);
        let method = at.granted.token_endpoint_auth_method();
        if rotates && matches!(method.as_deref(), Some("none" | "private_key_jwt")) {
            return Err(Reason::NO_SECRET);
        }
        self.capabilities().allows(capability)
    }

    pub(crate) fn keeping_secrets() -> Handles {
        Handles::from([(secrets::RETIRING.to_owned(), String::new())])
    }

    pub(crate) async fn remove_secret(
        &self,
        context: Context<'_>,
        at: &Registration,
        id: &str,
    ) -> Result<(), ProviderError> {
        self.end_secret(context, &at.client_id, id).await
    }

    pub(crate) fn deletion_evidence(words: &ErrorResponse) -> DeletionEvidence {
        deletion_evidence::with_code(words, &["E0000007"])
    }

    pub(crate) fn token_request(
        &self,
        at: &Registration,
        wish: TokenWish,
        flow: Uuid,
    ) -> Result<TokenRequest, ProviderError> {
        let is_of_user = matches!(wish.grant, WishedGrant::User);
        let scopes = wish.scopes.unwrap_or_else(|| {
            if is_of_user {
                self.user_scopes(at)
            } else {
                self.scopes(at)
            }
        });
        let wish = TokenWish {
            scopes: Some(scopes),
            ..wish
        };
        tokens::token_request(&self.config, at, wish, flow)
    }

    pub(crate) fn may_not_have_propagated(error: &TokenError, at: &Registration, now: i64) -> bool {
        let since = at
            .handle(secrets::SECRET_SINCE)
            .and_then(|text| text.parse::<i64>().ok());
        error.is_invalid_client()
            && since.is_some_and(|since| (0..SETTLES_SECS).contains(&now.saturating_sub(since)))
    }
}
