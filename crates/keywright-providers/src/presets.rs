//! Presets: what is known of servers that speak RFC 7591, for the `rfc7591` kind. Where the endpoint
//! is, which switches to set, and a note about the habits of the server.
//!
//! Addresses hold blanks in braces. Where a server has no fixed place for registration, a preset names
//! none: it is taken from the metadata, or typed.

use std::collections::{BTreeMap, BTreeSet};

use keywright_oauth::http::is_loopback;
use url::Url;

use crate::settings::key;

/// A server to start from. Its note is in the message files as `preset.ID.note`, the label of each blank
/// as `preset.blank.NAME`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preset {
    /// Stable name.
    pub id: &'static str,
    /// Its own name, the same in every language.
    pub name: &'static str,
    /// Issuer, with blanks.
    pub issuer: &'static str,
    /// Settings by key, with blanks.
    pub settings: &'static [(&'static str, &'static str)],
}

/// A preset without blanks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilledPreset {
    /// Issuer.
    pub issuer: String,
    /// Settings, by key.
    pub settings: BTreeMap<String, String>,
}

impl Preset {
    /// The blanks to fill.
    pub fn blanks(&self) -> BTreeSet<&'static str> {
        let texts = std::iter::once(self.issuer).chain(self.settings.iter().map(|(_, text)| *text));
        texts
            .flat_map(|text| text.split('{').skip(1))
            .filter_map(|rest| Some(rest.split_once('}')?.0))
            .collect()
    }

    /// The preset with its blanks filled; none while one of them is not.
    pub fn fill(&self, values: &BTreeMap<String, String>) -> Option<FilledPreset> {
        let mut filled = Vec::new();
        for blank in self.blanks() {
            let value = crate::settings::filled(values, blank)?;
            if blank.ends_with("host") {
                let (scheme, host) = scheme_and_host(value);
                filled.push((format!("https://{{{blank}}}"), format!("{scheme}://{host}")));
            } else {
                filled.push((format!("{{{blank}}}"), value.to_owned()));
            }
        }
        let with = |text: &str| {
            filled.iter().fold(text.to_owned(), |text, (blank, value)| {
                text.replace(blank, value)
            })
        };
        Some(FilledPreset {
            issuer: with(self.issuer),
            settings: self
                .settings
                .iter()
                .map(|(key, text)| ((*key).to_owned(), with(text)))
                .collect(),
        })
    }
}

/// Ports that speak TLS by custom, also on this machine.
const TLS_PORTS: [u16; 3] = [443, 8443, 9443];

/// A typed host may bring its scheme. Without one it is asked over https, but a server on this machine
/// over http.
fn scheme_and_host(typed: &str) -> (&'static str, &str) {
    let (scheme, host) = match typed.split_once("://") {
        Some((scheme, host)) if scheme.eq_ignore_ascii_case("http") => (Some("http"), host),
        Some((scheme, host)) if scheme.eq_ignore_ascii_case("https") => (Some("https"), host),
        _ => (None, typed),
    };
    let host = host.trim_end_matches('/');
    let local = || {
        Url::parse(&format!("http://{host}")).is_ok_and(|url| {
            is_loopback(&url) && !url.port().is_some_and(|port| TLS_PORTS.contains(&port))
        })
    };
    let scheme = scheme.unwrap_or_else(|| if local() { "http" } else { "https" });
    (scheme, host)
}

/// All presets, in the order of their names.
pub fn presets() -> &'static [Preset] {
    PRESETS
}

/// A server whose addresses are known.
const fn at(
    id: &'static str,
    name: &'static str,
    issuer: &'static str,
    settings: &'static [(&'static str, &'static str)],
) -> Preset {
    Preset {
        id,
        name,
        issuer,
        settings,
    }
}

/// A server that names its endpoint itself, or whose operator chooses it.
const fn named_by_the_server(id: &'static str, name: &'static str) -> Preset {
    at(id, name, "https://{host}", &[])
}

const ENDPOINT: &str = key::REGISTRATION_ENDPOINT;

// An issuer that is not the server's own is found by Verify, which names the right one.
const PRESETS: &[Preset] = &[
    named_by_the_server("authlete", "Authlete"),
    at(
        "connect2id",
        "Connect2id",
        "https://{host}",
        &[(ENDPOINT, "https://{host}/clients")],
    ),
    at(
        "django_allauth",
        "django-allauth",
        "https://{host}",
        &[(ENDPOINT, "https://{host}/identity/o/api/clients")],
    ),
    at(
        "duende",
        "Duende IdentityServer",
        "https://{host}",
        // Not in the metadata, and often at a host of its own.
        &[(ENDPOINT, "https://{registration_host}/connect/dcr")],
    ),
    at(
        "glewlwyd",
        "Glewlwyd",
        "https://{host}/api/{plugin}",
        &[
            (ENDPOINT, "https://{host}/api/{plugin}/register"),
            (key::REDIRECT_URIS, "dummy"),
        ],
    ),
    at(
        "gluu",
        "Gluu Server 3 and 4",
        "https://{host}",
        &[(ENDPOINT, "https://{host}/oxauth/restv1/register")],
    ),
    at(
        "ibm_verify",
        "IBM Verify",
        "https://{host}/oauth2",
        &[(ENDPOINT, "https://{host}/oauth2/register")],
    ),
    at(
        "ibm_verify_old",
        "IBM Verify (old endpoints)",
        "https://{host}",
        &[(
            ENDPOINT,
            "https://{host}/v1.0/endpoint/default/client_registration",
        )],
    ),
    at(
        "ibm_isva",
        "IBM Verify Identity Access",
        "https://{host}",
        &[(
            ENDPOINT,
            "https://{host}/mga/sps/oauth/oauth20/register/{definition}",
        )],
    ),
    at(
        "janssen",
        "Janssen",
        "https://{host}",
        &[(ENDPOINT, "https://{host}/jans-auth/restv1/register")],
    ),
    at(
        "keycloak",
        "Keycloak",
        "https://{host}/realms/{realm}",
        &[(
            ENDPOINT,
            "https://{host}/realms/{realm}/clients-registrations/openid-connect",
        )],
    ),
    at(
        "keycloak_old",
        "Keycloak 16 and older",
        "https://{host}/auth/realms/{realm}",
        &[(
            ENDPOINT,
            "https://{host}/auth/realms/{realm}/clients-registrations/openid-connect",
        )],
    ),
    named_by_the_server("kong_identity", "Kong Identity"),
    at(
        "lemonldap",
        "LemonLDAP::NG",
        "https://{host}",
        &[(ENDPOINT, "https://{host}/oauth2/register")],
    ),
    named_by_the_server("mcp", "MCP authorization server"),
    at(
        "oidc_provider",
        "node-oidc-provider",
        "https://{host}",
        &[
            (ENDPOINT, "https://{host}/reg"),
            (key::REDIRECT_URIS, "empty"),
        ],
    ),
    at(
        "hydra",
        "Ory Hydra",
        "https://{host}",
        &[(ENDPOINT, "https://{host}/oauth2/register")],
    ),
    at(
        "pingam",
        "PingAM, PingOne Advanced Identity Cloud, ForgeRock",
        "https://{host}/am/oauth2/realms/root/realms/{realm}",
        &[(
            ENDPOINT,
            "https://{host}/am/oauth2/realms/root/realms/{realm}/register",
        )],
    ),
    at(
        "pingfederate",
        "PingFederate",
        "https://{host}",
        &[(ENDPOINT, "https://{host}/as/clients.oauth2")],
    ),
    named_by_the_server("pingone", "PingOne"),
    at(
        "wso2",
        "WSO2 Identity Server",
        "https://{host}/oauth2/token",
        &[(
            ENDPOINT,
            "https://{host}/api/identity/oauth2/dcr/v1.1/register",
        )],
    ),
    named_by_the_server("zitadel", "Zitadel"),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::fs;

    use super::*;
    use crate::{ProviderKind, settings};

    fn filled(preset: &Preset) -> FilledPreset {
        let values = preset
            .blanks()
            .into_iter()
            .map(|blank| {
                let value = if blank.ends_with("host") {
                    "id.example:9443"
                } else {
                    "main"
                };
                (blank.to_owned(), value.to_owned())
            })
            .collect();
        preset.fill(&values).unwrap()
    }

    #[test]
    fn every_preset_gives_settings_that_can_be_saved() {
        for preset in presets() {
            let filled = filled(preset);
            let issuer = keywright_oauth::discover::issuer_of(&filled.issuer);
            assert!(issuer.is_ok(), "{}", preset.id);
            for (key, value) in &filled.settings {
                assert_eq!(
                    settings::check(ProviderKind::Rfc7591, key, value, false),
                    Ok(()),
                    "{}: {key} = {value}",
                    preset.id
                );
                assert!(!value.contains(['{', '}']), "{}: {value}", preset.id);
            }
        }
    }

    #[test]
    fn ids_are_unique_and_names_are_in_order() {
        let ids: BTreeSet<_> = presets().iter().map(|preset| preset.id).collect();
        assert_eq!(ids.len(), presets().len());
        assert!(presets().is_sorted_by_key(|preset| preset.name.to_lowercase()));
    }

    #[test]
    fn a_preset_waits_for_its_blanks() {
        let keycloak = presets().iter().find(|it| it.id == "keycloak_old").unwrap();
        assert_eq!(keycloak.blanks(), BTreeSet::from(["host", "realm"]));
        let mut values = BTreeMap::from([("host".to_owned(), "someserver.de".to_owned())]);
        assert_eq!(keycloak.fill(&values), None);
        values.insert("realm".to_owned(), " ocis ".to_owned());
        assert_eq!(
            keycloak.fill(&values).unwrap().settings["registration_endpoint"],
            "https://someserver.de/auth/realms/ocis/clients-registrations/openid-connect"
        );
    }

    #[test]
    fn a_preset_takes_the_scheme_of_its_host() {
        for (host, issuer) in [
            ("id.example", "https://id.example"),
            ("id.example:8080", "https://id.example:8080"),
            ("https://id.example/", "https://id.example"),
            ("http://id.example", "http://id.example"),
            ("HTTP://10.0.0.1:8080", "http://10.0.0.1:8080"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("localhost:3000", "http://localhost:3000"),
            ("[::1]:3000", "http://[::1]:3000"),
            ("localhost:8443", "https://localhost:8443"),
            ("https://127.0.0.1:8080", "https://127.0.0.1:8080"),
            ("localhost.evil.example", "https://localhost.evil.example"),
        ] {
            let values = BTreeMap::from([("host".to_owned(), host.to_owned())]);
            let hydra = presets().iter().find(|it| it.id == "hydra").unwrap();
            let filled = hydra.fill(&values).unwrap();
            assert_eq!(filled.issuer, issuer);
            let endpoint = &filled.settings["registration_endpoint"];
            assert_eq!(*endpoint, format!("{issuer}/oauth2/register"));
        }
    }

    #[test]
    fn every_preset_and_every_blank_has_its_sentence_in_both_languages() {
        let text = fs::read_to_string("../keywright-core/messages/presets.yml").unwrap();
        let blanks: BTreeSet<_> = presets().iter().flat_map(Preset::blanks).collect();
        let notes = presets()
            .iter()
            .map(|preset| format!("preset.{}.note:", preset.id));
        let labels = blanks.iter().map(|blank| format!("preset.blank.{blank}:"));
        for wanted in notes.chain(labels) {
            let line = text.lines().find(|line| line.starts_with(&wanted));
            let line = line.unwrap_or_default();
            assert!(
                line.contains("{ en: \"") && line.contains("\", ja: \""),
                "{wanted} {line}"
            );
        }
    }
}
