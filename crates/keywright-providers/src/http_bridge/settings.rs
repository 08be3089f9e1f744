//! The settings of the HTTP DCR bridge, under Konnect's names.

use std::collections::BTreeMap;

use super::HttpBridge;
use crate::{
    ProviderConfig,
    settings::{SettingKind, SettingSpec, key},
};

impl HttpBridge {
    /// Base address of the bridge.
    pub const DCR_BASE_URL: &str = "dcr_base_url";
    /// Secret: what the bridge is called with.
    pub const API_KEY: &str = "api_key";
    /// The bridge makes no new secrets.
    pub const DISABLE_REFRESH_SECRET: &str = "disable_refresh_secret";
    /// The bridge wants no event hooks.
    pub const DISABLE_EVENT_HOOKS: &str = "disable_event_hooks";
    /// The bridge keeps several credentials for one application.
    pub const ALLOW_MULTIPLE_CREDENTIALS: &str = "allow_multiple_credentials";
    /// Konnect's portal.
    pub const PORTAL_ID: &str = "portal_id";
    /// Konnect's organization.
    pub const ORGANIZATION_ID: &str = "organization_id";
    /// Konnect's developer.
    pub const DEVELOPER_ID: &str = "developer_id";
    /// Konnect's auth strategy.
    pub const AUTH_STRATEGY_ID: &str = "auth_strategy_id";
    /// Konnect's DCR provider.
    pub const DCR_PROVIDER_ID: &str = "dcr_provider_id";
}

const fn switch(key: &'static str) -> SettingSpec {
    SettingSpec::new(key, SettingKind::Switch).or("false")
}

const fn konnect_id(key: &'static str) -> SettingSpec {
    SettingSpec::new(key, SettingKind::Text).advanced()
}

/// Specifications, in the order of the form.
pub(crate) const SETTINGS: &[SettingSpec] = &[
    SettingSpec::new(HttpBridge::DCR_BASE_URL, SettingKind::Url).required(),
    SettingSpec::new(HttpBridge::API_KEY, SettingKind::Secret).required(),
    SettingSpec::new(key::TOKEN_ENDPOINT, SettingKind::Url),
    switch(HttpBridge::DISABLE_EVENT_HOOKS),
    switch(HttpBridge::DISABLE_REFRESH_SECRET),
    switch(HttpBridge::ALLOW_MULTIPLE_CREDENTIALS),
    konnect_id(HttpBridge::PORTAL_ID),
    konnect_id(HttpBridge::ORGANIZATION_ID),
    konnect_id(HttpBridge::DEVELOPER_ID),
    konnect_id(HttpBridge::AUTH_STRATEGY_ID),
    konnect_id(HttpBridge::DCR_PROVIDER_ID),
];

/// Members that name where an application belongs in Konnect, in the order of Kong's contract.
pub(super) const IDS: [&str; 5] = [
    HttpBridge::PORTAL_ID,
    HttpBridge::ORGANIZATION_ID,
    HttpBridge::DEVELOPER_ID,
    HttpBridge::AUTH_STRATEGY_ID,
    HttpBridge::DCR_PROVIDER_ID,
];
/// Values.
#[derive(Debug)]
pub(super) struct HttpBridgeSettings {
    pub(super) has_event_hooks: bool,
    pub(super) refreshes_secrets: bool,
    pub(super) keeps_several_credentials: bool,
    /// Those of [`IDS`] that are set.
    pub(super) ids: BTreeMap<&'static str, String>,
}

impl HttpBridgeSettings {
    pub(super) fn of(config: &ProviderConfig) -> Self {
        let ids = IDS
            .iter()
            .filter_map(|name| Some((*name, config.text(name)?)));
        Self {
            has_event_hooks: !config.is_on(HttpBridge::DISABLE_EVENT_HOOKS),
            refreshes_secrets: !config.is_on(HttpBridge::DISABLE_REFRESH_SECRET),
            keeps_several_credentials: config.is_on(HttpBridge::ALLOW_MULTIPLE_CREDENTIALS),
            ids: ids.collect(),
        }
    }
}
