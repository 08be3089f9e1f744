//! Okta, through its client API at the org: `/oauth2/v1/clients`, whose members have the names of RFC 7591.

mod access;
mod advice;
mod capabilities;
mod clients;
mod mark;
mod members;
pub(crate) mod messages;
mod org;
mod plan;
mod policy;
mod secrets;
#[cfg(test)]
mod tests;
mod verify;

use std::collections::BTreeMap;

use keywright_oauth::{
    http::HttpClient,
    register::Handles,
    token::{TokenError, TokenRequest},
    words::ErrorResponse,
};
use uuid::Uuid;

use crate::{
    AdminTokens, Capability, Context, GoneEvidence, ProviderConfig, ProviderError, Reason,
    Registration, TokenWish, WishedGrant, gone,
    settings::{Prefill, SettingKind, SettingSpec, filled, key},
    tokens,
};

pub(crate) use advice::advice;

/// Handle: the scopes that were asked for at registration. Okta keeps no scopes with a client.
const WANTED_SCOPE: &str = "okta_wanted_scope";

/// The token endpoint may not know a client or a secret yet that is younger than this many seconds.
const SETTLES_SECS: i64 = 30;

/// Its own settings.
pub(crate) const SETTINGS: &[SettingSpec] = &[
    SettingSpec::new(Okta::SUBDOMAIN, SettingKind::Text).locating(),
    SettingSpec::new(Okta::AUTHORIZATION_SERVER, SettingKind::Text)
        .locating()
        .or("default"),
    SettingSpec::new(key::TOKEN_ENDPOINT, SettingKind::Url),
    SettingSpec::new(Okta::DCR_TOKEN, SettingKind::Secret),
    SettingSpec::new(Okta::CUSTOM_SCOPE, SettingKind::Text),
    SettingSpec::new(key::INITIAL_CLIENT_ID, SettingKind::Text).advanced(),
    SettingSpec::new(key::ADMIN_PRIVATE_KEY, SettingKind::Secret)
        .multiline()
        .advanced(),
    SettingSpec::new(Okta::ADMIN_KEY_ID, SettingKind::Text).advanced(),
    SettingSpec::new(Okta::MARK, SettingKind::Choice(&["client_uri", "nothing"]))
        .advanced()
        .or("client_uri"),
    SettingSpec::new(
        Okta::ROTATION,
        SettingKind::Choice(&["overlap", "new_secret"]),
    )
    .advanced()
    .or("overlap"),
];

/// The addresses that follow from the sub-domain.
pub(crate) fn prefill(settings: &BTreeMap<String, String>) -> Option<Prefill> {
    let typed = filled(settings, Okta::SUBDOMAIN)?;
    let subdomain = typed.strip_suffix(".okta.com").unwrap_or(typed);
    let server = filled(settings, Okta::AUTHORIZATION_SERVER).unwrap_or("default");
    let issuer = format!("https://{subdomain}.okta.com/oauth2/{server}");
    Some(Prefill {
        token_endpoint: format!("{issuer}/v1/token"),
        issuer,
    })
}

/// The adapter.
#[derive(Debug)]
pub struct Okta {
    config: ProviderConfig,
    http: HttpClient,
    admin: AdminTokens,
}

impl Okta {
    /// Sub-domain of the org: `dev-1` of `dev-1.okta.com`.
    pub const SUBDOMAIN: &str = "okta_subdomain";
    /// Authorization server whose tokens the applications get: `default` or an id that begins with `aus`.
    pub const AUTHORIZATION_SERVER: &str = "okta_authorization_server";
    /// Secret: API token of the org (Konnect's name).
    pub const DCR_TOKEN: &str = "dcr_token";
    /// Scope that token requests ask for where an application has none of its own.
    pub const CUSTOM_SCOPE: &str = "okta_custom_scope";
    /// `kid` of the admin client's public key, where Okta knows several.
    pub const ADMIN_KEY_ID: &str = "okta_admin_key_id";
    /// `client_uri` or `nothing`: where a registration says who made it.
    pub const MARK: &str = "okta_mark_in";
    /// `overlap` or `new_secret`.
    pub const ROTATION: &str = "okta_rotation";

    pub(crate) fn config(&self) -> &ProviderConfig {
        &self.config
    }

    pub(crate) fn new(config: ProviderConfig, http: HttpClient, admin: AdminTokens) -> Self {
        Self {
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
            .or_else(|| self.config.setting(Self::CUSTOM_SCOPE))
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
            .or_else(|| self.config.setting(Self::CUSTOM_SCOPE));
        let text = text.unwrap_or("openid").split_whitespace();
        text.map(str::to_owned).collect()
    }
}

impl Okta {
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

    pub(crate) fn gone_evidence(words: &ErrorResponse) -> GoneEvidence {
        gone::with_code(words, &["E0000007"])
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
