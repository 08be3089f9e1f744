//! Curity Identity Server: RFC 7591 with a fresh single-use token for each registration, and RFC 7592
//! where even a read rotates both the registration access token and the client secret.

mod admission;
pub(crate) mod advice;
mod capabilities;
mod clients;
mod lifetimes;
pub(crate) mod messages;
mod plan;
#[cfg(test)]
mod tests;
mod translate;
mod verify;

use std::collections::BTreeMap;

use keywright_oauth::{client_metadata::ClientMetadata, http::HttpClient};
use url::Url;

pub(crate) use advice::advice;

use crate::{
    Capability, ProviderConfig, Reason, Registration,
    rfc7591::form::{AUTOMATIC, RequestForm},
    settings::{Prefill, SettingKind, SettingSpec, filled, key},
};

/// Its own settings.
pub(crate) const SETTINGS: &[SettingSpec] = &[
    SettingSpec::new(Curity::DOMAIN, SettingKind::Text).locating(),
    SettingSpec::new(
        Curity::OPENED_BY,
        SettingKind::Choice(&["admin_client", "initial_access_token", "nothing"]),
    )
    .advanced()
    .or("admin_client"),
    SettingSpec::new(key::INITIAL_CLIENT_ID, SettingKind::Text),
    SettingSpec::new(key::INITIAL_CLIENT_SECRET, SettingKind::Secret),
    SettingSpec::new(Curity::DCR_SCOPE, SettingKind::Text).or("dcr"),
    SettingSpec::new(key::INITIAL_ACCESS_TOKEN, SettingKind::Secret).advanced(),
    SettingSpec::new(key::REGISTRATION_ENDPOINT, SettingKind::Url),
    SettingSpec::new(key::TOKEN_ENDPOINT, SettingKind::Url),
    SettingSpec::new(
        Curity::REGISTRATION_KIND,
        SettingKind::Choice(&["non_templatized", "templatized"]),
    )
    .advanced()
    .or("non_templatized"),
    SettingSpec::new(Curity::SOFTWARE_ID, SettingKind::Text).advanced(),
    // 28 days and no overlap are what the server starts with; its administrator may have chosen others.
    SettingSpec::new(Curity::READ_WRITE_SECS, SettingKind::Seconds)
        .advanced()
        .or("2419200"),
    SettingSpec::new(Curity::ROTATED_SECRET_SECS, SettingKind::Seconds)
        .advanced()
        .or("0"),
    SettingSpec::new(
        key::REDIRECT_URIS,
        SettingKind::Choice(&["automatic", "empty", "as_given", "absent", "dummy"]),
    )
    .advanced()
    .or(AUTOMATIC),
];

/// The addresses that follow from the domain, in a fresh installation.
pub(crate) fn prefill(settings: &BTreeMap<String, String>) -> Option<Prefill> {
    let typed = filled(settings, Curity::DOMAIN)?;
    let domain = typed
        .split_once("://")
        .map_or(typed, |(_, rest)| rest)
        .trim_end_matches('/');
    let issuer = format!("https://{domain}/oauth/v2/oauth-anonymous");
    // A domain is a host, perhaps with a port: nothing else may slip into the addresses.
    let parsed = Url::parse(&issuer).ok()?;
    (parsed.path() == "/oauth/v2/oauth-anonymous" && parsed.username().is_empty()).then(|| {
        Prefill {
            issuer,
            token_endpoint: format!("https://{domain}/oauth/v2/oauth-token"),
        }
    })
}

/// The adapter.
#[derive(Debug)]
pub struct Curity {
    config: ProviderConfig,
    http: HttpClient,
}

impl Curity {
    /// Domain of the server, from which the addresses follow.
    pub const DOMAIN: &str = "domain";
    /// What opens registration: `admin_client`, `initial_access_token` or `nothing`.
    pub const OPENED_BY: &str = "registration_opened_by";
    /// Scope of the token that opens registration.
    pub const DCR_SCOPE: &str = "dcr_scope";
    /// `non_templatized` or `templatized`.
    pub const REGISTRATION_KIND: &str = "registration_kind";
    /// Client ID of the template (Curity's own name for it).
    pub const SOFTWARE_ID: &str = "software_id";
    /// The server's `read-write-ttl`, in seconds: how long a registration access token reads and updates.
    pub const READ_WRITE_SECS: &str = "registration_read_write_secs";
    /// The server's `rotated-secret-ttl`, in seconds: how long a client secret outlives its rotation.
    pub const ROTATED_SECRET_SECS: &str = "rotated_secret_secs";

    pub(crate) fn config(&self) -> &ProviderConfig {
        &self.config
    }

    pub(crate) fn new(config: ProviderConfig, http: HttpClient) -> Self {
        Self { config, http }
    }

    /// A setting in seconds; none where 0 turns the limit off.
    fn seconds(&self, key: &str, default: i64) -> Option<i64> {
        let seconds = match self.config.setting(key) {
            Some(text) => text.parse().unwrap_or(default),
            None => default,
        };
        (seconds > 0).then_some(seconds)
    }
}

impl Curity {
    /// Each registration says for itself whether it can be managed, and for how long.
    pub(crate) fn can(&self, capability: Capability, at: &Registration) -> Result<(), Reason> {
        match capability {
            Capability::Read | Capability::Update | Capability::Rotate | Capability::Delete => {
                self.manageable(capability, at).map(|_| ())
            }
            _ => self.capabilities().allows(capability),
        }
    }

    /// A templatized registration has no member of which the form could be changed.
    pub(crate) fn request_form(&self, wanted: &ClientMetadata) -> Option<RequestForm> {
        (!self.is_templatized()).then(|| RequestForm::of(&self.config, wanted, translate::USUAL))
    }

    pub(crate) fn remembered(form: RequestForm) -> BTreeMap<String, String> {
        form.settings(translate::USUAL)
    }
}
