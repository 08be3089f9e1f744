//! What an adapter needs of a configuration.

use std::collections::{BTreeMap, BTreeSet};

use keywright_oauth::{
    authorize::ExpectedIssuer,
    discover,
    http::{HttpPolicy, is_loopback},
    lenient, mutual_tls,
    secret::{AdminSecret, ClientSecret, InitialAccessToken, SecretText},
    server_metadata::ServerMetadata,
};
use url::Url;

use crate::{
    ProviderError, ProviderKind, entra,
    settings::{self, SettingKind, key},
};

/// A configuration as plain data, its secrets typed.
#[derive(Debug, Clone)]
pub struct ProviderConfig {
    /// Kind.
    pub kind: ProviderKind,
    /// Issuer as typed.
    pub issuer: String,
    /// Settings, by key.
    pub settings: BTreeMap<String, String>,
    /// Secrets, by key.
    pub secrets: BTreeMap<String, AdminSecret>,
    /// Metadata as last discovered.
    pub metadata: Option<ServerMetadata>,
}

impl ProviderConfig {
    /// A setting that is not empty. Adapters read their settings once, into a struct of their own.
    pub(crate) fn setting(&self, key: &str) -> Option<&str> {
        self.settings
            .get(key)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// The same, owned.
    pub(crate) fn text(&self, key: &str) -> Option<String> {
        self.setting(key).map(str::to_owned)
    }

    /// A setting that is an address.
    pub(crate) fn address(&self, key: &'static str) -> Result<Option<Url>, ProviderError> {
        self.setting(key)
            .map(|text| Url::parse(text).map_err(|source| ProviderError::Address { key, source }))
            .transpose()
    }

    /// A switch that is on.
    pub(crate) fn is_on(&self, key: &str) -> bool {
        matches!(self.setting(key), Some("true" | "on" | "yes" | "1"))
    }

    /// The initial access token, where one is set.
    pub fn initial_access_token(&self) -> Option<InitialAccessToken> {
        let secret = self.secret(key::INITIAL_ACCESS_TOKEN)?;
        Some(InitialAccessToken::from(SecretText::from(secret)))
    }

    /// Signatures that the provider takes for assertions, as far as they are known (RFC 8414 §2): Auth0 and Entra take
    /// RSA keys alone, and Entra's metadata does not say so.
    pub fn assertion_signatures(&self) -> Vec<String> {
        let listed = self.metadata.as_ref().and_then(|one| {
            lenient::list(
                &one.document,
                "token_endpoint_auth_signing_alg_values_supported",
            )
        });
        match self.kind {
            ProviderKind::Auth0 | ProviderKind::Entra => listed
                .filter(|listed| !listed.is_empty())
                .unwrap_or_else(|| ["PS256", "RS256"].map(str::to_owned).to_vec()),
            _ => listed.unwrap_or_default(),
        }
    }

    /// The server takes `S256` (RFC 7636 §4.2), as far as is known. Entra does, and its metadata does not say so.
    pub fn takes_s256(&self) -> bool {
        self.kind == ProviderKind::Entra
            || self
                .metadata
                .as_ref()
                .is_none_or(ServerMetadata::lists_s256)
    }

    /// The provider knows the key of a client by its certificate.
    pub fn needs_certified_keys(&self) -> bool {
        self.kind == ProviderKind::Entra
    }

    /// Who must answer an authorization request.
    pub fn expected_issuer(&self) -> ExpectedIssuer {
        self.metadata.as_ref().map_or_else(
            || ExpectedIssuer {
                issuer: self.issuer.clone(),
                is_required: false,
            },
            ExpectedIssuer::of,
        )
    }

    /// Tokens of the issuer `known` may name this one.
    pub fn is_token_issuer(&self, known: &str, named: &str) -> bool {
        known == named || self.kind == ProviderKind::Entra && entra::is_other_version(known, named)
    }

    /// Client identifier and secret of the admin client, where both are set.
    pub fn admin_client(&self) -> Option<(String, ClientSecret)> {
        let id = self.admin_client_id()?.to_owned();
        Some((
            id,
            ClientSecret::from(SecretText::from(self.secret(key::INITIAL_CLIENT_SECRET)?)),
        ))
    }

    /// Client identifier and secret of the admin client.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Missing`] with the one of the two that is not set.
    pub(crate) fn required_admin_client(&self) -> Result<(String, ClientSecret), ProviderError> {
        self.admin_client().ok_or_else(|| {
            let key = match self.admin_client_id() {
                None => key::INITIAL_CLIENT_ID,
                Some(_) => key::INITIAL_CLIENT_SECRET,
            };
            ProviderError::Missing { key }
        })
    }

    /// A secret that is set.
    pub fn secret(&self, key: &str) -> Option<&AdminSecret> {
        self.secrets.get(key).filter(|secret| !secret.is_empty())
    }

    /// All that is needed to register and to get tokens is known without discovery.
    pub fn is_complete(&self) -> bool {
        let known = |address: Result<Option<Url>, ProviderError>| address.ok().flatten().is_some();
        let registers_by_metadata =
            matches!(self.kind, ProviderKind::Rfc7591 | ProviderKind::Curity);
        known(self.token_endpoint())
            && (!registers_by_metadata || known(self.registration_endpoint()))
    }

    /// Tokens can be asked for without discovery: a client that was registered manually needs no more.
    pub fn is_usable(&self) -> bool {
        self.token_endpoint().ok().flatten().is_some()
    }

    /// Hosts that the user named: the issuer's, those of typed addresses, those confirmed manually, and
    /// those that a vendor's API has by its nature.
    pub fn named_hosts(&self) -> BTreeSet<String> {
        let mut hosts: BTreeSet<String> = self
            .setting(key::CONFIRMED_HOSTS)
            .unwrap_or_default()
            .split([',', ' '])
            .filter(|host| !host.is_empty())
            .map(str::to_owned)
            .collect();
        hosts.extend(
            self.typed_addresses()
                .into_iter()
                .chain(self.issuer_url())
                .chain(self.vendor_addresses())
                .map(|url| HttpPolicy::host_of(&url)),
        );
        hosts
    }

    /// Addresses that the user wrote into the settings.
    fn typed_addresses(&self) -> Vec<Url> {
        settings::of(self.kind)
            .filter(|spec| spec.kind == SettingKind::Url)
            .filter_map(|spec| Url::parse(self.setting(spec.key)?).ok())
            .collect()
    }

    fn vendor_addresses(&self) -> Vec<Url> {
        match self.kind {
            ProviderKind::Entra => entra::addresses(self),
            _ => Vec::new(),
        }
    }

    /// Every host that is asked, with the names of the addresses that lead there: `issuer`, settings, endpoints of the
    /// metadata.
    pub fn wanted_hosts(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut add = |name: &str, url: &Url| {
            all.entry(HttpPolicy::host_of(url))
                .or_default()
                .insert(name.to_owned());
        };
        if let Some(issuer) = self.issuer_url() {
            add("issuer", &issuer);
        }
        for spec in settings::of(self.kind).filter(|spec| spec.kind == SettingKind::Url) {
            if let Some(url) = self
                .setting(spec.key)
                .and_then(|text| Url::parse(text).ok())
            {
                add(spec.key, &url);
            }
        }
        for (name, url) in self.metadata.iter().flat_map(ServerMetadata::endpoints) {
            add(name, url);
        }
        let aliases = self.metadata.iter().flat_map(ServerMetadata::mtls_aliases);
        for url in aliases {
            add(mutual_tls::ALIASES, &url);
        }
        all
    }

    /// Hosts that only the metadata names. No secret goes there before the user says so.
    pub fn unconfirmed_hosts(&self) -> Vec<String> {
        let named = self.named_hosts();
        let told: BTreeSet<String> = self
            .metadata
            .iter()
            .flat_map(|metadata| {
                let endpoints = metadata.endpoints();
                let asked = endpoints.filter(|(name, _)| *name != "jwks_uri");
                // The client proves itself at these as well.
                let for_users = [
                    metadata.device_authorization_endpoint(),
                    metadata.pushed_request_endpoint(),
                ];
                asked
                    .map(|(_, url)| url.clone())
                    .chain(for_users.into_iter().flatten())
            })
            .map(|url| HttpPolicy::host_of(&url))
            .collect();
        let issuer = self.issuer_host();
        told.into_iter()
            .filter(|host| {
                !named.contains(host) && !HttpPolicy::is_issuers(issuer.as_deref(), host)
            })
            .collect()
    }

    /// The user named this host, or it is the issuer's own at another port.
    pub fn is_confirmed(&self, host: &str) -> bool {
        self.named_hosts().contains(host)
            || HttpPolicy::is_issuers(self.issuer_host().as_deref(), host)
    }

    /// Name or address of the issuer; none on this machine, where each port may be another program's.
    fn issuer_host(&self) -> Option<String> {
        let issuer = self.issuer_url().filter(|url| !is_loopback(url))?;
        Some(issuer.host_str()?.to_owned())
    }

    /// What the HTTP client may do for this configuration.
    pub fn http_policy(&self) -> HttpPolicy {
        HttpPolicy {
            allow_plain_http: self.allows_plain_http(),
            ca_pem: self.text(key::CA_PEM),
            proxy: self.text(key::PROXY),
            secret_hosts: Some(self.named_hosts()),
            issuer_host: self.issuer_host(),
            https_only: !self.names_plain_http(),
            local_strangers: self.issuer_url().is_some_and(|url| is_loopback(&url)),
            ..HttpPolicy::default()
        }
    }

    fn issuer_url(&self) -> Option<Url> {
        let issuer = discover::issuer_of(&self.issuer).ok()?;
        Url::parse(&issuer).ok()
    }

    /// The user wrote an address with plain http: the issuer's, or one of the settings.
    fn names_plain_http(&self) -> bool {
        self.typed_addresses()
            .into_iter()
            .chain(self.issuer_url())
            .any(|url| url.scheme() == "http")
    }

    /// Something here is asked over plain http on the way to another machine, because the user allowed it.
    pub fn speaks_plain_http(&self) -> bool {
        let told = self.metadata.iter().flat_map(ServerMetadata::endpoints);
        self.allows_plain_http()
            && told
                .map(|(_, url)| url.clone())
                .chain(self.issuer_url())
                .chain(self.typed_addresses())
                .any(|url| url.scheme() == "http" && !is_loopback(&url))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    fn config(settings: &[(&str, &str)]) -> ProviderConfig {
        let document = json!({
            "issuer": "https://id.example", "registration_endpoint": "https://id.example/reg",
            "token_endpoint": "https://evil.example/token", "jwks_uri": "https://keys.example/jwks",
        });
        ProviderConfig {
            kind: ProviderKind::Rfc7591,
            issuer: "https://id.example".into(),
            settings: settings
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            secrets: BTreeMap::new(),
            metadata: ServerMetadata::read(
                document.as_object().unwrap().clone(),
                "https://id.example".parse().unwrap(),
            ),
        }
    }

    #[test]
    fn t06_what_an_https_issuer_names_falls_to_plain_http_only_by_the_users_hand() {
        assert!(config(&[]).http_policy().https_only);
        let typed = config(&[("token_endpoint", "http://127.0.0.1:9/token")]);
        assert!(!typed.http_policy().https_only);
        let told = |settings| {
            let mut config = config(settings);
            let metadata = config.metadata.as_mut().unwrap();
            metadata.token_endpoint = Some("http://id.example/token".parse().unwrap());
            config
        };
        // The mark stays where the plain address is the server's idea and the permission the user's.
        assert!(told(&[("allow_plain_http", "true")]).speaks_plain_http());
        assert!(!told(&[]).speaks_plain_http());
        assert!(!config(&[("allow_plain_http", "true")]).speaks_plain_http());
    }

    #[test]
    fn t02_another_port_of_the_issuer_waits_for_nobody() {
        let mut own = config(&[]);
        let metadata = own.metadata.as_mut().unwrap();
        metadata.token_endpoint = Some("https://id.example:8443/token".parse().unwrap());
        assert!(own.unconfirmed_hosts().is_empty());
        assert!(own.is_confirmed("id.example:8443"));
        assert!(!own.is_confirmed("evil.example:8443"));
        // A port of this machine may be anyone's program.
        let mut here = config(&[]);
        here.issuer = "http://127.0.0.1:9000".into();
        let metadata = here.metadata.as_mut().unwrap();
        metadata.registration_endpoint = None;
        metadata.token_endpoint = Some("http://127.0.0.1:9001/token".parse().unwrap());
        assert_eq!(here.unconfirmed_hosts(), ["127.0.0.1:9001"]);
    }

    #[test]
    fn t02_a_host_that_only_the_metadata_names_waits_for_the_user() {
        assert_eq!(config(&[]).unconfirmed_hosts(), ["evil.example"]);
        assert!(
            config(&[("confirmed_hosts", "evil.example")])
                .unconfirmed_hosts()
                .is_empty()
        );
        assert!(
            !config(&[])
                .http_policy()
                .secret_hosts
                .unwrap()
                .contains("evil.example")
        );
    }
}
