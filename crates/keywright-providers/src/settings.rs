//! The settings of each kind: the form, the command line and the adapter read this one list.

use crate::ProviderKind;

/// Keys of settings and secrets.
pub mod key {
    /// Registration endpoint that wins over the metadata.
    pub const REGISTRATION_ENDPOINT: &str = "registration_endpoint";
    /// Token endpoint that wins over the metadata.
    pub const TOKEN_ENDPOINT: &str = "token_endpoint";
    /// Secret: opens registration.
    pub const INITIAL_ACCESS_TOKEN: &str = "initial_access_token";
    /// How clients authenticate, where the answer of the server is wrong.
    pub const TOKEN_AUTH_METHOD: &str = "token_endpoint_auth_method";
    /// `rfc6749` or `raw`.
    pub const BASIC_ENCODING: &str = "basic_encoding";
    /// What to send as `redirect_uris` when there are none.
    pub const REDIRECT_URIS: &str = "redirect_uris";
    /// PEM of a private authority.
    pub const CA_PEM: &str = "ca_pem";
    /// Allows plain http to hosts other than loopback.
    pub const ALLOW_PLAIN_HTTP: &str = "allow_plain_http";
    /// Hosts named by the metadata that the user confirmed, separated by commas.
    pub const CONFIRMED_HOSTS: &str = "confirmed_hosts";
    /// Session limit of the gateway: idle, in seconds.
    pub const SESSION_IDLE: &str = "session_idle_secs";
    /// Session limit of the gateway: rolling, in seconds.
    pub const SESSION_ROLLING: &str = "session_rolling_secs";
    /// Session limit of the gateway: absolute, in seconds.
    pub const SESSION_ABSOLUTE: &str = "session_absolute_secs";
}

/// How a setting is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingKind {
    /// One line.
    Text,
    /// Several lines.
    Multiline,
    /// A web address.
    Url,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// `true` or `false`.
    Switch,
    /// Kept in the vault, never shown unasked.
    Secret,
    /// A number of seconds; 0 turns a limit off.
    Seconds,
}

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct SettingSpec {
    /// Key.
    pub key: &'static str,
    /// How it is typed.
    pub kind: SettingKind,
    /// Must be filled.
    pub required: bool,
    /// Rarely needed.
    pub advanced: bool,
    /// Value when not set.
    pub default: Option<&'static str>,
}

const fn spec(
    key: &'static str,
    kind: SettingKind,
    advanced: bool,
    default: Option<&'static str>,
) -> SettingSpec {
    SettingSpec {
        key,
        kind,
        required: false,
        advanced,
        default,
    }
}

const RFC7591: &[SettingSpec] = &[
    spec(key::INITIAL_ACCESS_TOKEN, SettingKind::Secret, false, None),
    spec(key::REGISTRATION_ENDPOINT, SettingKind::Url, false, None),
    spec(key::TOKEN_ENDPOINT, SettingKind::Url, false, None),
    spec(
        key::REDIRECT_URIS,
        SettingKind::Choice(&["empty", "as_given", "absent", "dummy"]),
        true,
        Some("empty"),
    ),
    spec(
        key::BASIC_ENCODING,
        SettingKind::Choice(&["rfc6749", "raw"]),
        true,
        Some("rfc6749"),
    ),
    spec(
        key::TOKEN_AUTH_METHOD,
        SettingKind::Choice(&[
            "as_granted",
            "client_secret_basic",
            "client_secret_post",
            "none",
        ]),
        true,
        Some("as_granted"),
    ),
    spec(key::CA_PEM, SettingKind::Multiline, true, None),
    spec(
        key::ALLOW_PLAIN_HTTP,
        SettingKind::Switch,
        true,
        Some("false"),
    ),
    spec(key::CONFIRMED_HOSTS, SettingKind::Text, true, None),
    spec(key::SESSION_IDLE, SettingKind::Seconds, true, Some("900")),
    spec(
        key::SESSION_ROLLING,
        SettingKind::Seconds,
        true,
        Some("3600"),
    ),
    spec(
        key::SESSION_ABSOLUTE,
        SettingKind::Seconds,
        true,
        Some("86400"),
    ),
];

/// The settings of a kind, in the order of the form.
pub fn of(kind: ProviderKind) -> &'static [SettingSpec] {
    match kind {
        ProviderKind::Rfc7591 => RFC7591,
    }
}

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingProblem {
    /// No such key for this kind.
    UnknownKey,
    /// A secret was given as a setting.
    IsSecret,
    /// A setting was given as a secret.
    NotSecret,
    /// Not an address.
    NotAddress,
    /// Not one of the choices.
    NotChoice,
    /// Not a number of seconds.
    NotSeconds,
}

/// Checks one value before it is saved. An empty value removes a setting and is always right.
pub fn check(
    kind: ProviderKind,
    key: &str,
    value: &str,
    as_secret: bool,
) -> Result<(), SettingProblem> {
    let Some(spec) = of(kind).iter().find(|spec| spec.key == key) else {
        return Err(SettingProblem::UnknownKey);
    };
    match (spec.kind == SettingKind::Secret, as_secret) {
        (true, false) => return Err(SettingProblem::IsSecret),
        (false, true) => return Err(SettingProblem::NotSecret),
        _ => {}
    }
    let value = value.trim();
    if value.is_empty() {
        return Ok(());
    }
    match spec.kind {
        SettingKind::Url => match url::Url::parse(value) {
            Ok(url) if matches!(url.scheme(), "https" | "http") && url.host().is_some() => Ok(()),
            _ => Err(SettingProblem::NotAddress),
        },
        SettingKind::Choice(choices) if !choices.contains(&value) => Err(SettingProblem::NotChoice),
        SettingKind::Switch
            if !matches!(
                value,
                "true" | "false" | "on" | "off" | "yes" | "no" | "1" | "0"
            ) =>
        {
            Err(SettingProblem::NotChoice)
        }
        SettingKind::Seconds if value.parse::<u32>().is_err() => Err(SettingProblem::NotSeconds),
        _ => Ok(()),
    }
}
