//! Where everything is. Auth0 has one rule for all tenants: the paths follow from the issuer.

use std::collections::BTreeMap;

use keywright_oauth::discover;
use url::Url;

use super::Auth0;
use crate::{
    ProviderConfig, ProviderError,
    settings::{Prefill, filled, key},
};

/// The issuer of a configuration as Auth0 writes it: always with a slash at its end, typed or not.
pub(super) fn issuer(config: &ProviderConfig) -> Result<String, ProviderError> {
    let mut issuer = discover::issuer_of(&config.issuer)?;
    if !issuer.ends_with('/') {
        issuer.push('/');
    }
    Ok(issuer)
}

/// An address below the issuer.
pub(super) fn below(config: &ProviderConfig, segments: &[&str]) -> Result<Url, ProviderError> {
    let mut url = Url::parse(&issuer(config)?).map_err(|source| ProviderError::Address {
        key: "issuer",
        source,
    })?;
    // Web addresses always have segments.
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    Ok(url)
}

/// The token endpoint that follows from the issuer; none while that is no address.
pub(crate) fn token_endpoint(config: &ProviderConfig) -> Option<Url> {
    below(config, &["oauth", "token"]).ok()
}

/// The addresses that follow from tenant and region. Tenants of the first days have no region in theirs.
pub(crate) fn prefill(settings: &BTreeMap<String, String>) -> Option<Prefill> {
    let is_label = |text: &&str| {
        text.chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
    };
    let tenant = filled(settings, key::TENANT).filter(is_label)?;
    let domain = match filled(settings, Auth0::REGION) {
        Some(region) => format!("{tenant}.{}.auth0.com", Some(region).filter(is_label)?),
        None => format!("{tenant}.auth0.com"),
    };
    Some(Prefill {
        issuer: format!("https://{domain}/"),
        token_endpoint: format!("https://{domain}/oauth/token"),
    })
}

impl Auth0 {
    /// The audience of the Management API: as set, else that of the issuer's own domain. Behind a custom
    /// domain it stays the tenant's own.
    pub(super) fn management_audience(&self) -> Result<String, ProviderError> {
        match &self.settings.management_audience {
            Some(audience) => Ok(audience.clone()),
            None => Ok(below(&self.config, &["api", "v2", ""])?.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn settings(all: &[(&str, &str)]) -> BTreeMap<String, String> {
        all.iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn tenant_and_region_make_issuer_and_token_endpoint() {
        let filled = prefill(&settings(&[("tenant", "acme"), ("region", " eu ")])).unwrap();
        assert_eq!(filled.issuer, "https://acme.eu.auth0.com/");
        assert_eq!(
            filled.token_endpoint,
            "https://acme.eu.auth0.com/oauth/token"
        );
        let old = prefill(&settings(&[("tenant", "acme"), ("region", "")])).unwrap();
        assert_eq!(old.issuer, "https://acme.auth0.com/");
        assert_eq!(prefill(&settings(&[("region", "eu")])), None);
        assert_eq!(prefill(&settings(&[("tenant", "evil.example/#")])), None);
    }
}
