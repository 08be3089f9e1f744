//! The settings of Microsoft Entra ID.

use super::{scope, tenant_endpoints};
use crate::{
    ProviderConfig,
    settings::{SettingKind, SettingSpec, key},
};

/// Which cloud the tenant is in; decides the login and the Graph host.
pub(crate) const CLOUD: &str = "cloud";
/// Base address of the login host that wins over the cloud's.
pub(crate) const LOGIN_ENDPOINT: &str = "login_endpoint";
/// Base address of Microsoft Graph that wins over the cloud's.
pub(crate) const GRAPH_ENDPOINT: &str = "graph_endpoint";
/// What applications ask tokens for: an App ID URI, or a whole scope that ends in `/.default`.
pub(crate) const DEFAULT_RESOURCE: &str = "default_resource";
/// Lifetime of a new client secret, in days.
pub(crate) const SECRET_LIFETIME_DAYS: &str = "secret_lifetime_days";
/// Deletes for good at once, instead of after 30 days.
pub(crate) const PURGE_ON_DELETE: &str = "purge_on_delete";

/// Lifetimes of a client secret to choose from, in days. Tenants may cap them.
const LIFETIMES: &[&str] = &["1", "7", "30", "90", "180", "365", "730"];
/// What Microsoft's own portal proposes.
const LIFETIME: &str = "180";

/// Specifications, in the order of the form.
pub(crate) const SETTINGS: &[SettingSpec] = &[
    SettingSpec::new(key::TENANT, SettingKind::Text).locating(),
    SettingSpec::new(CLOUD, SettingKind::Choice(tenant_endpoints::CLOUD_NAMES))
        .locating()
        .or("global"),
    SettingSpec::new(key::INITIAL_CLIENT_ID, SettingKind::Text).required(),
    SettingSpec::new(key::INITIAL_CLIENT_SECRET, SettingKind::Secret).required(),
    SettingSpec::new(DEFAULT_RESOURCE, SettingKind::Text).or(scope::OWN),
    SettingSpec::new(key::TOKEN_ENDPOINT, SettingKind::Url),
    SettingSpec::new(SECRET_LIFETIME_DAYS, SettingKind::Choice(LIFETIMES))
        .advanced()
        .or(LIFETIME),
    SettingSpec::new(PURGE_ON_DELETE, SettingKind::Switch)
        .advanced()
        .or("false"),
    SettingSpec::new(LOGIN_ENDPOINT, SettingKind::Url).advanced(),
    SettingSpec::new(GRAPH_ENDPOINT, SettingKind::Url).advanced(),
];

/// Values. [`tenant_endpoints::TenantEndpoints`] reads those that locate the tenant.
#[derive(Debug)]
pub(super) struct EntraSettings {
    /// What applications request tokens for.
    pub(super) default_resource: String,
    /// Lifetime of a new client secret, in days; none for that of the tenant.
    pub(super) secret_lifetime_days: Option<i64>,
    /// Deletes for good at once.
    pub(super) purges_on_delete: bool,
}

impl EntraSettings {
    pub(super) fn of(config: &ProviderConfig) -> Self {
        let lifetime = config.setting(SECRET_LIFETIME_DAYS).unwrap_or(LIFETIME);
        let resource = config.setting(DEFAULT_RESOURCE).unwrap_or(scope::OWN);
        Self {
            default_resource: resource.to_owned(),
            secret_lifetime_days: lifetime.parse().ok(),
            purges_on_delete: config.is_on(PURGE_ON_DELETE),
        }
    }
}
