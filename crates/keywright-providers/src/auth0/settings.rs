//! The settings of Auth0.

use super::Auth0;
use crate::{
    ProviderConfig,
    settings::{SettingKind, SettingSpec, key},
};

/// The value of [`Auth0::REGISTRATION`] for registration without the Management API.
const OPEN: &str = "open";

impl Auth0 {
    /// Setting: region of the tenant, as in its domain: `us`, `eu`, `au`, `jp`, …
    pub const REGION: &str = "region";
    /// Setting: audience of the Management API (Konnect's name).
    pub const INITIAL_CLIENT_AUDIENCE: &str = "initial_client_audience";
    /// Setting: identifier of the API that new clients are for.
    pub const AUDIENCE: &str = "audience";
    /// Setting: `management_api` or `open`.
    pub const REGISTRATION: &str = "auth0_registration";
}

/// Specifications, in the order of the form.
pub(crate) const SETTINGS: &[SettingSpec] = &[
    SettingSpec::new(key::TENANT, SettingKind::Text).locating(),
    SettingSpec::new(Auth0::REGION, SettingKind::Text).locating(),
    SettingSpec::new(key::INITIAL_CLIENT_ID, SettingKind::Text).required(),
    SettingSpec::new(key::INITIAL_CLIENT_SECRET, SettingKind::Secret).required(),
    SettingSpec::new(Auth0::INITIAL_CLIENT_AUDIENCE, SettingKind::Text),
    SettingSpec::new(Auth0::AUDIENCE, SettingKind::Text),
    SettingSpec::new(key::TOKEN_ENDPOINT, SettingKind::Url),
    SettingSpec::new(
        Auth0::REGISTRATION,
        SettingKind::Choice(&["management_api", OPEN]),
    )
    .advanced()
    .or("management_api"),
];

/// Values.
#[derive(Debug)]
pub(super) struct Auth0Settings {
    /// Registration goes to `/oidc/register`.
    pub(super) is_open: bool,
    /// Identifier of the API that new clients are for.
    pub(super) audience: Option<String>,
    /// Audience of the Management API, where it is not that of the issuer's own domain.
    pub(super) management_audience: Option<String>,
}

impl Auth0Settings {
    pub(super) fn of(config: &ProviderConfig) -> Self {
        Self {
            is_open: config.setting(Auth0::REGISTRATION) == Some(OPEN),
            audience: config.text(Auth0::AUDIENCE),
            management_audience: config.text(Auth0::INITIAL_CLIENT_AUDIENCE),
        }
    }
}
