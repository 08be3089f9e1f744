//! The endpoints of a configuration: an address that the user set wins over the metadata, and that over the vendor's own
//! rule. The setting has the name of the member (RFC 8414 §2), so that a server without metadata, or with a part of it,
//! can be used in each flow.

use keywright_oauth::{
    client_metadata::ClientMetadata,
    device::DEVICE_AUTHORIZATION_ENDPOINT,
    lenient,
    pushed::{self, PUSHED_REQUEST_ENDPOINT},
    server_metadata::{
        AUTHORIZATION_ENDPOINT, INTROSPECTION_ENDPOINT, JWKS_URI, REGISTRATION_ENDPOINT,
        REVOCATION_ENDPOINT, ServerMetadata, TOKEN_ENDPOINT,
    },
    userinfo::{END_SESSION_ENDPOINT, USERINFO_ENDPOINT},
};
use url::Url;

use crate::{
    Capability, ProviderConfig, ProviderError, ProviderKind, Reason, auth0, entra,
    settings::{SettingKind, SettingSpec},
};

/// The settings of every kind for endpoints, after the registration and token endpoints, which belong to the kinds.
pub(crate) const SETTINGS: &[SettingSpec] = &[
    SettingSpec::new(AUTHORIZATION_ENDPOINT, SettingKind::Url).advanced(),
    SettingSpec::new(DEVICE_AUTHORIZATION_ENDPOINT, SettingKind::Url).advanced(),
    SettingSpec::new(PUSHED_REQUEST_ENDPOINT, SettingKind::Url).advanced(),
    SettingSpec::new(INTROSPECTION_ENDPOINT, SettingKind::Url).advanced(),
    SettingSpec::new(REVOCATION_ENDPOINT, SettingKind::Url).advanced(),
    SettingSpec::new(USERINFO_ENDPOINT, SettingKind::Url).advanced(),
    SettingSpec::new(END_SESSION_ENDPOINT, SettingKind::Url).advanced(),
    SettingSpec::new(JWKS_URI, SettingKind::Url).advanced(),
];

impl ProviderConfig {
    /// The endpoint of this name: the setting wins over the metadata. None where neither names it.
    ///
    /// # Errors
    ///
    /// A setting that is not an address.
    pub fn endpoint(&self, name: &'static str) -> Result<Option<Url>, ProviderError> {
        let typed = self.address(name)?;
        Ok(typed.or_else(|| lenient::address(&self.metadata.as_ref()?.document, name)))
    }

    /// Every endpoint whose address is known, by name. A setting that is not an address is left out.
    pub fn known_endpoints(&self) -> Vec<(&'static str, Url)> {
        let others = SETTINGS.iter().map(|setting| setting.key);
        let mut all = Vec::new();
        for name in [REGISTRATION_ENDPOINT, TOKEN_ENDPOINT]
            .into_iter()
            .chain(others)
        {
            let url = match name {
                TOKEN_ENDPOINT => self.token_endpoint().ok().flatten(),
                AUTHORIZATION_ENDPOINT => self
                    .endpoint(name)
                    .ok()
                    .flatten()
                    .or_else(|| self.authorization_endpoint_by_rule()),
                _ => self.endpoint(name).ok().flatten(),
            };
            all.extend(url.map(|url| (name, url)));
        }
        all
    }

    /// The address of an endpoint that an operation needs.
    ///
    /// # Errors
    ///
    /// That it cannot be done, with the name of the setting.
    pub fn needed_endpoint(
        &self,
        name: &'static str,
        capability: Capability,
    ) -> Result<Url, ProviderError> {
        self.endpoint(name)?
            .ok_or_else(|| self.no_endpoint(name, capability))
    }

    /// Registration endpoint.
    pub fn registration_endpoint(&self) -> Result<Option<Url>, ProviderError> {
        self.endpoint(REGISTRATION_ENDPOINT)
    }

    /// Token endpoint, which some vendors have by a rule of their own.
    pub fn token_endpoint(&self) -> Result<Option<Url>, ProviderError> {
        let named = self.endpoint(TOKEN_ENDPOINT)?;
        Ok(named.or_else(|| self.token_endpoint_by_rule()))
    }

    /// Where the server publishes its keys.
    pub fn jwks_uri(&self) -> Result<Option<Url>, ProviderError> {
        self.endpoint(JWKS_URI)
    }

    /// Why there is no endpoint to ask: its value in the metadata is not an address, or it is absent.
    pub fn no_endpoint(&self, name: &'static str, capability: Capability) -> ProviderError {
        match self.unreadable_endpoint(name) {
            Some(text) => ProviderError::Endpoint { name, text },
            None => ProviderError::NotCapable {
                capability,
                reason: Reason::endpoint_missing(name),
            },
        }
    }

    /// What the metadata has in the place of an endpoint's address, where that is not an address.
    pub(crate) fn unreadable_endpoint(&self, name: &str) -> Option<String> {
        self.metadata.as_ref()?.unreadable_endpoint(name)
    }

    /// The address of an endpoint for a client that presents a certificate there or does not (RFC 8705 §5). One that the
    /// user typed stays.
    pub fn at_certificate(&self, name: &str, usual: Url, presents: bool) -> Url {
        let alias = || self.metadata.as_ref()?.mtls_alias(name);
        if presents && self.setting(name).is_none() {
            alias().unwrap_or(usual)
        } else {
            usual
        }
    }

    /// Authorization endpoint, which some vendors have by a rule of their own. Opened in a browser and never asked.
    pub fn authorization_endpoint(&self) -> Result<Url, ProviderError> {
        let url = self
            .endpoint(AUTHORIZATION_ENDPOINT)?
            .or_else(|| self.authorization_endpoint_by_rule())
            .ok_or_else(|| {
                self.no_endpoint(AUTHORIZATION_ENDPOINT, Capability::AuthorizationCode)
            })?;
        self.http_policy().check_opened(&url)?;
        Ok(url)
    }

    /// Where codes for other devices come from (RFC 8628 §4).
    pub fn device_authorization_endpoint(&self) -> Result<Url, ProviderError> {
        self.needed_endpoint(
            DEVICE_AUTHORIZATION_ENDPOINT,
            Capability::DeviceAuthorization,
        )
    }

    /// Where an authorization request of a client goes before the user does; none where it may go with the user (RFC
    /// 9126 §5 and §6). An address that the user typed is used.
    pub fn pushed_request_endpoint(
        &self,
        granted: &ClientMetadata,
    ) -> Result<Option<Url>, ProviderError> {
        let metadata = self.metadata.as_ref();
        let required = metadata.is_some_and(ServerMetadata::requires_pushed_requests)
            || pushed::is_required_of(granted)
            || self.setting(PUSHED_REQUEST_ENDPOINT).is_some();
        if !required {
            return Ok(None);
        }
        self.needed_endpoint(PUSHED_REQUEST_ENDPOINT, Capability::AuthorizationCode)
            .map(Some)
    }

    fn token_endpoint_by_rule(&self) -> Option<Url> {
        match self.kind {
            ProviderKind::Auth0 => auth0::token_endpoint(self),
            ProviderKind::Entra => entra::token_endpoint(self),
            _ => None,
        }
    }

    fn authorization_endpoint_by_rule(&self) -> Option<Url> {
        let mut url = self.token_endpoint_by_rule()?;
        let path = url.path();
        let path = path
            .strip_suffix("/oauth/token")
            .or_else(|| path.strip_suffix("/token"))?;
        url.set_path(&format!("{path}/authorize"));
        Some(url)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    fn config(settings: &[(&str, &str)], has_metadata: bool) -> ProviderConfig {
        let document = json!({
            "issuer": "https://id.example", "introspection_endpoint": "https://id.example/told",
            "mtls_endpoint_aliases": { "introspection_endpoint": "https://mtls.id.example/told" },
        });
        let source = "https://id.example".parse().unwrap();
        let settings = settings.iter().copied();
        ProviderConfig {
            kind: ProviderKind::Rfc7591,
            issuer: "https://id.example".into(),
            settings: settings
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
            secrets: BTreeMap::new(),
            metadata: has_metadata
                .then(|| ServerMetadata::read(document.as_object().unwrap().clone(), source))
                .flatten(),
        }
    }

    #[test]
    fn each_endpoint_can_be_set_with_or_without_metadata() {
        let typed = "https://id.example/typed";
        for spec in SETTINGS {
            for has_metadata in [true, false] {
                let config = config(&[(spec.key, typed)], has_metadata);
                let found = config.endpoint(spec.key).unwrap().unwrap();
                assert_eq!(found.as_str(), typed, "{}", spec.key);
            }
        }
    }

    #[test]
    fn an_endpoint_that_is_not_known_names_its_setting() {
        let error = config(&[], true).device_authorization_endpoint();
        let Err(ProviderError::NotCapable { reason, .. }) = error else {
            panic!("{error:?}");
        };
        assert_eq!(reason.blanks()["name"], "device_authorization_endpoint");
    }

    #[test]
    fn a_typed_address_stays_where_a_certificate_is_presented() {
        let at = |settings: &[(&str, &str)]| {
            let config = config(settings, true);
            let usual = config.endpoint(INTROSPECTION_ENDPOINT).unwrap().unwrap();
            let url = config.at_certificate(INTROSPECTION_ENDPOINT, usual, true);
            url.to_string()
        };
        assert_eq!(at(&[]), "https://mtls.id.example/told");
        let typed = "https://id.example/typed";
        assert_eq!(at(&[(INTROSPECTION_ENDPOINT, typed)]), typed);
    }

    #[test]
    fn a_typed_address_for_pushed_requests_is_used() {
        let none = ClientMetadata::default();
        assert_eq!(
            config(&[], true).pushed_request_endpoint(&none).unwrap(),
            None
        );
        let typed = config(&[(PUSHED_REQUEST_ENDPOINT, "https://id.example/par")], true);
        let found = typed.pushed_request_endpoint(&none).unwrap().unwrap();
        assert_eq!(found.as_str(), "https://id.example/par");
    }
}
