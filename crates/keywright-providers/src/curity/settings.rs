//! The settings of Curity.

use std::collections::BTreeMap;

use url::Url;

use super::Curity;
use crate::{
    ProviderConfig,
    rfc7591::form::AUTOMATIC,
    settings::{Prefill, SettingKind, SettingSpec, filled, key},
};

/// `read-write-ttl` of a server whose administrator left it alone: 28 days.
const READ_WRITE_SECS: i64 = 28 * 24 * 60 * 60;

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
}

/// Specifications, in the order of the form.
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

/// What opens registration at this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OpenedBy {
    /// The admin client gets a token for each registration.
    AdminClient,
    /// A token that came from somewhere else.
    InitialAccessToken,
    /// Nothing: everyone may register.
    Nothing,
}

/// Values.
#[derive(Debug)]
pub(super) struct CuritySettings {
    pub(super) opened_by: OpenedBy,
    /// Scope of the token that opens registration.
    pub(super) dcr_scope: String,
    /// New clients are copies of a template.
    pub(super) is_templatized: bool,
    /// Client ID of the template.
    pub(super) software_id: Option<String>,
    /// How long a registration access token reads and updates, in seconds; none without a limit.
    pub(super) read_write_secs: Option<i64>,
    /// How long a client secret outlives its rotation, in seconds; none where it does not.
    pub(super) rotated_secret_secs: Option<i64>,
}

impl CuritySettings {
    pub(super) fn of(config: &ProviderConfig) -> Self {
        let seconds = |key, default: i64| {
            let typed = config.setting(key).and_then(|text| text.parse().ok());
            Some(typed.unwrap_or(default)).filter(|seconds| *seconds > 0)
        };
        Self {
            opened_by: match config.setting(Curity::OPENED_BY) {
                Some("initial_access_token") => OpenedBy::InitialAccessToken,
                Some("nothing") => OpenedBy::Nothing,
                _ => OpenedBy::AdminClient,
            },
            dcr_scope: config
                .setting(Curity::DCR_SCOPE)
                .unwrap_or("dcr")
                .to_owned(),
            is_templatized: config.setting(Curity::REGISTRATION_KIND) == Some("templatized"),
            software_id: config.text(Curity::SOFTWARE_ID),
            read_write_secs: seconds(Curity::READ_WRITE_SECS, READ_WRITE_SECS),
            rotated_secret_secs: seconds(Curity::ROTATED_SECRET_SECS, 0),
        }
    }
}
