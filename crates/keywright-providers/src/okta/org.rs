//! The addresses of an org. An issuer is the org itself, or `{org}/oauth2/{server}` for a custom
//! authorization server; the client API is at the org either way.

use keywright_oauth::discover;
use url::Url;

use super::Okta;
use crate::ProviderError;

/// An org and the authorization server that the issuer names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Org {
    root: Url,
    /// `default`, `aus…`; none for the org's own authorization server.
    pub(super) server: Option<String>,
}

impl Org {
    /// Reads an issuer, or the well-known address of one. What stands before `/oauth2` stays.
    pub(super) fn of_issuer(typed: &str) -> Result<Self, ProviderError> {
        let issuer = discover::issuer_of(typed)?;
        let mut root = Url::parse(&issuer).map_err(|source| ProviderError::Address {
            key: "issuer",
            source,
        })?;
        let path = root.path().trim_end_matches('/').to_owned();
        let (before, server) = match path.rsplit_once("/oauth2/") {
            Some((before, server)) if !server.is_empty() && !server.contains('/') => {
                (before, Some(server.to_owned()))
            }
            _ => (path.as_str(), None),
        };
        root.set_path(before);
        Ok(Self { root, server })
    }

    /// The address of these path segments below the org.
    pub(super) fn at(&self, segments: &[&str]) -> Url {
        let mut url = self.root.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    /// `/oauth2/v1/clients`, one of them, or something below one.
    pub(super) fn clients(&self, below: &[&str]) -> Url {
        self.at(&[&["oauth2", "v1", "clients"], below].concat())
    }

    /// The Apps API. A client's id is its application's id.
    pub(super) fn app(&self, id: &str, below: &[&str]) -> Url {
        self.at(&[&["api", "v1", "apps", id], below].concat())
    }

    /// Where the org itself gives tokens for its own APIs.
    pub(super) fn token_endpoint(&self) -> Url {
        self.at(&["oauth2", "v1", "token"])
    }
}

impl Okta {
    pub(super) fn org(&self) -> Result<Org, ProviderError> {
        Org::of_issuer(&self.config.issuer)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_org_is_the_issuer_without_its_server() {
        let cases = [
            (
                "https://dev.okta.com/oauth2/default",
                "https://dev.okta.com/oauth2/v1/clients",
                Some("default"),
            ),
            (
                "https://dev.okta.com/oauth2/aus1/",
                "https://dev.okta.com/oauth2/v1/clients",
                Some("aus1"),
            ),
            (
                "https://dev.okta.com/oauth2/aus1/.well-known/openid-configuration",
                "https://dev.okta.com/oauth2/v1/clients",
                Some("aus1"),
            ),
            (
                "https://dev.okta.com",
                "https://dev.okta.com/oauth2/v1/clients",
                None,
            ),
            (
                "http://127.0.0.1:7000/okta/oauth2/default",
                "http://127.0.0.1:7000/okta/oauth2/v1/clients",
                Some("default"),
            ),
        ];
        for (issuer, clients, server) in cases {
            let org = Org::of_issuer(issuer).unwrap();
            assert_eq!(org.clients(&[]).as_str(), clients, "{issuer}");
            assert_eq!(org.server.as_deref(), server, "{issuer}");
        }
    }

    #[test]
    fn t49_an_id_cannot_leave_its_place_in_the_path() {
        let org = Org::of_issuer("https://dev.okta.com").unwrap();
        assert_eq!(
            org.clients(&["../../api?x=1#y"]).as_str(),
            "https://dev.okta.com/oauth2/v1/clients/..%2F..%2Fapi%3Fx=1%23y"
        );
    }
}
