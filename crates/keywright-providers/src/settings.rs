//! The settings of each kind: the form, the command line and the adapter read this one list. What only
//! one kind has is written next to its adapter.

mod sessions;

use std::collections::BTreeMap;

use keywright_oauth::{
    http::{ProxyProblem, check_proxy},
    mutual_tls,
};

use crate::{ProviderKind, auth0, curity, endpoints, entra, http_bridge, okta, rfc7591};

use self::sessions::KONG_OPENID_CONNECT;
pub use self::sessions::{SessionLimit, is_of_sessions, session_cookies, session_limits};

/// Keys of settings and secrets.
pub mod key {
    /// Registration endpoint that wins over the metadata.
    pub const REGISTRATION_ENDPOINT: &str = "registration_endpoint";
    /// Token endpoint that wins over the metadata.
    pub const TOKEN_ENDPOINT: &str = "token_endpoint";
    /// Secret: opens registration.
    pub const INITIAL_ACCESS_TOKEN: &str = "initial_access_token";
    /// What manages a client that came without a registration access token.
    pub const MANAGEMENT: &str = "management";
    /// How clients authenticate, where the answer of the server is wrong.
    pub const TOKEN_AUTH_METHOD: &str = "token_endpoint_auth_method";
    /// Who the assertion of a client is for: `issuer`, `token_endpoint`, or `endpoint`, the one that is asked.
    pub const ASSERTION_AUDIENCE: &str = "assertion_audience";
    /// `rfc6749` or `raw`.
    pub const BASIC_ENCODING: &str = "basic_encoding";
    /// Resources that tokens are for (RFC 8707), separated by spaces, where an application has none of its own.
    pub const RESOURCE: &str = "resource";
    /// What to send as `redirect_uris` when there are none.
    pub const REDIRECT_URIS: &str = "redirect_uris";
    /// Client identifier of the admin client (Konnect's name).
    pub const INITIAL_CLIENT_ID: &str = "initial_client_id";
    /// Secret: the admin client's (Konnect's name).
    pub const INITIAL_CLIENT_SECRET: &str = "initial_client_secret";
    /// Secret: a PEM private key that the admin client proves itself with (RFC 7523 §2.2).
    pub const ADMIN_PRIVATE_KEY: &str = "admin_private_key";
    /// Tenant, from which the addresses follow.
    pub const TENANT: &str = "tenant";
    /// PEM of a private authority.
    pub const CA_PEM: &str = "ca_pem";
    /// Address of a proxy, or `direct` for none.
    pub const PROXY: &str = "proxy";
    /// Allows plain http to hosts other than loopback.
    pub const ALLOW_PLAIN_HTTP: &str = "allow_plain_http";
    /// Hosts named by the metadata that the user confirmed, separated by commas.
    pub const CONFIRMED_HOSTS: &str = "confirmed_hosts";
    /// Names of the cookies that make a session, separated by commas or blanks.
    pub const SESSION_COOKIES: &str = "session_cookies";
    /// Limits of a known gateway; those that are set win over them.
    pub const SESSION_PRESET: &str = "session_preset";
    /// Session limit of the gateway: idle, in seconds.
    pub const SESSION_IDLE: &str = "session_idle_secs";
    /// Session limit of the gateway: rolling, in seconds.
    pub const SESSION_ROLLING: &str = "session_rolling_secs";
    /// Session limit of the gateway: absolute, in seconds.
    pub const SESSION_ABSOLUTE: &str = "session_absolute_secs";
}

/// Prefix of settings that were learned from what a server accepted. The user does not set them, and may
/// forget them.
pub const ADAPTED: &str = "adapted.";

/// What is learned, by the key after [`ADAPTED`]. No form shows them.
const LEARNED: &[SettingSpec] = &[
    SettingSpec::new(
        "redirect_uris",
        SettingKind::Choice(&["empty", "absent", "dummy"]),
    ),
    SettingSpec::new("response_types", SettingKind::Choice(&["absent"])),
    SettingSpec::new(
        "client_auth",
        SettingKind::Choice(&["raw", "client_secret_post"]),
    ),
    SettingSpec::new(
        "token_endpoint_auth_method",
        SettingKind::Choice(&["absent"]),
    ),
];

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
    /// Says where the tenant is: [`prefill`] makes addresses of it.
    pub locates: bool,
    /// Rarely needed.
    pub advanced: bool,
    /// A secret of several lines, such as a key in PEM.
    pub multiline: bool,
    /// Value when not set.
    pub default: Option<&'static str>,
}

impl SettingSpec {
    pub(crate) const fn new(key: &'static str, kind: SettingKind) -> Self {
        Self {
            key,
            kind,
            required: false,
            locates: false,
            advanced: false,
            multiline: false,
            default: None,
        }
    }

    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Says where the tenant is.
    pub(crate) const fn locating(mut self) -> Self {
        self.locates = true;
        self
    }

    pub(crate) const fn advanced(mut self) -> Self {
        self.advanced = true;
        self
    }

    /// A secret of several lines.
    pub(crate) const fn multiline(mut self) -> Self {
        self.multiline = true;
        self
    }

    /// With a value for when it is not set.
    pub(crate) const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }
}

/// The settings that every kind has, after its own.
const COMMON: &[SettingSpec] = &[
    SettingSpec::new(
        key::BASIC_ENCODING,
        SettingKind::Choice(&["rfc6749", "raw"]),
    )
    .advanced()
    .or("rfc6749"),
    SettingSpec::new(
        key::TOKEN_AUTH_METHOD,
        SettingKind::Choice(&[
            "as_granted",
            "client_secret_basic",
            "client_secret_post",
            "client_secret_jwt",
            "private_key_jwt",
            mutual_tls::BY_AUTHORITY,
            mutual_tls::SELF_SIGNED,
            "none",
        ]),
    )
    .advanced()
    .or("as_granted"),
    SettingSpec::new(
        key::ASSERTION_AUDIENCE,
        SettingKind::Choice(&["issuer", "token_endpoint", "endpoint"]),
    )
    .advanced()
    .or("issuer"),
    SettingSpec::new(key::RESOURCE, SettingKind::Text).advanced(),
    SettingSpec::new(key::CA_PEM, SettingKind::Multiline).advanced(),
    SettingSpec::new(key::PROXY, SettingKind::Text).advanced(),
    SettingSpec::new(key::ALLOW_PLAIN_HTTP, SettingKind::Switch)
        .advanced()
        .or("false"),
    SettingSpec::new(key::CONFIRMED_HOSTS, SettingKind::Text).advanced(),
    SettingSpec::new(key::SESSION_COOKIES, SettingKind::Text).advanced(),
    SettingSpec::new(
        key::SESSION_PRESET,
        SettingKind::Choice(&["none", KONG_OPENID_CONNECT]),
    )
    .advanced()
    .or("none"),
    // No default: a limit that nobody named is not known.
    SettingSpec::new(key::SESSION_IDLE, SettingKind::Seconds).advanced(),
    SettingSpec::new(key::SESSION_ROLLING, SettingKind::Seconds).advanced(),
    SettingSpec::new(key::SESSION_ABSOLUTE, SettingKind::Seconds).advanced(),
];

/// The settings of a kind, in the order of the form.
pub fn of(kind: ProviderKind) -> impl Iterator<Item = &'static SettingSpec> {
    let own = match kind {
        ProviderKind::Rfc7591 => rfc7591::SETTINGS,
        ProviderKind::Auth0 => auth0::SETTINGS,
        ProviderKind::Okta => okta::SETTINGS,
        ProviderKind::Curity => curity::SETTINGS,
        ProviderKind::Entra => entra::SETTINGS,
        ProviderKind::HttpBridge => http_bridge::SETTINGS,
    };
    own.iter().chain(COMMON).chain(endpoints::SETTINGS)
}

/// What a few words about a tenant say of its addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefill {
    /// Issuer.
    pub issuer: String,
    /// Token endpoint.
    pub token_endpoint: String,
}

/// The addresses that follow from tenant, region, domain or sub-domain; none while they are not filled.
/// They are a proposal: the user may change them, and Verify holds them against discovery.
pub fn prefill(kind: ProviderKind, settings: &BTreeMap<String, String>) -> Option<Prefill> {
    match kind {
        ProviderKind::Rfc7591 | ProviderKind::HttpBridge => None,
        ProviderKind::Auth0 => auth0::prefill(settings),
        ProviderKind::Okta => okta::prefill(settings),
        ProviderKind::Curity => curity::prefill(settings),
        ProviderKind::Entra => entra::prefill(settings),
    }
}

/// A setting that says something.
pub(crate) fn filled<'a>(settings: &'a BTreeMap<String, String>, key: &str) -> Option<&'a str> {
    let value = settings.get(key)?.trim();
    (!value.is_empty()).then_some(value)
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
    /// An address with a user or a password, which would be shown and exported with it.
    Credentials,
    /// Not one of the choices.
    NotChoice,
    /// Not a number of seconds.
    NotSeconds,
    /// Not certificates in PEM.
    NotCertificate,
    /// Not a proxy.
    Proxy(ProxyProblem),
}

/// What a certificate in PEM begins with (RFC 7468 §5.1), or one that names it as trusted.
const CERTIFICATE: &str = "CERTIFICATE-----";

/// An absolute URI without a fragment (RFC 8707 §2).
pub fn is_resource(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| url.fragment().is_none())
}

/// Checks one value before it is saved. An empty value removes a setting and is always right.
pub fn check(
    kind: ProviderKind,
    key: &str,
    value: &str,
    as_secret: bool,
) -> Result<(), SettingProblem> {
    let spec = match key.strip_prefix(ADAPTED) {
        Some(learned) => LEARNED.iter().find(|spec| spec.key == learned),
        None => of(kind).find(|spec| spec.key == key),
    };
    let Some(spec) = spec else {
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
            Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                Err(SettingProblem::Credentials)
            }
            Ok(url) if matches!(url.scheme(), "https" | "http") && url.host().is_some() => Ok(()),
            _ => Err(SettingProblem::NotAddress),
        },
        SettingKind::Text
            if spec.key == key::RESOURCE && !value.split_whitespace().all(is_resource) =>
        {
            Err(SettingProblem::NotAddress)
        }
        SettingKind::Text if spec.key == key::PROXY => {
            check_proxy(value).map_err(SettingProblem::Proxy)
        }
        SettingKind::Choice(choices) if !choices.contains(&value) => Err(SettingProblem::NotChoice),
        SettingKind::Switch
            if !matches!(
                value,
                "true" | "false" | "on" | "off" | "yes" | "no" | "1" | "0"
            ) =>
        {
            Err(SettingProblem::NotChoice)
        }
        SettingKind::Multiline if spec.key == key::CA_PEM && !value.contains(CERTIFICATE) => {
            Err(SettingProblem::NotCertificate)
        }
        SettingKind::Seconds if value.parse::<u32>().is_err() => Err(SettingProblem::NotSeconds),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_one_in_pem() {
        let checked = |value| check(ProviderKind::Rfc7591, key::CA_PEM, value, false);
        assert_eq!(
            checked("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"),
            Ok(())
        );
        assert_eq!(checked(""), Ok(()));
        for path in ["@ca.pem", "file:ca.pem", "-----BEGIN PRIVATE KEY-----"] {
            assert_eq!(checked(path), Err(SettingProblem::NotCertificate), "{path}");
        }
    }
}
