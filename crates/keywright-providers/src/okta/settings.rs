//! The settings of Okta.

use std::collections::BTreeMap;

use super::Okta;
use crate::{
    ProviderConfig,
    settings::{Prefill, SettingKind, SettingSpec, filled, key},
};

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
    /// `client_uri` or `nothing`: the member of a registration that holds the owner tag.
    pub const MARK: &str = "okta_mark_in";
    /// `overlap` or `new_secret`: a rotation keeps the secret before, or replaces it.
    pub const ROTATION: &str = "okta_rotation";
}

/// Specifications, in the order of the form.
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

/// Values.
#[derive(Debug)]
pub(super) struct OktaSettings {
    /// Scopes of token requests where an application has none of its own, separated by spaces.
    pub(super) custom_scope: Option<String>,
    /// `kid` of the admin client's public key.
    pub(super) admin_key_id: Option<String>,
    /// `client_uri` holds the owner tag.
    pub(super) tags_client_uri: bool,
    /// A rotation keeps the secret before it valid.
    pub(super) keeps_previous_secret: bool,
}

impl OktaSettings {
    pub(super) fn of(config: &ProviderConfig) -> Self {
        Self {
            custom_scope: config.text(Okta::CUSTOM_SCOPE),
            admin_key_id: config.text(Okta::ADMIN_KEY_ID),
            tags_client_uri: config.setting(Okta::MARK) != Some("nothing"),
            keeps_previous_secret: config.setting(Okta::ROTATION) != Some("new_secret"),
        }
    }
}
