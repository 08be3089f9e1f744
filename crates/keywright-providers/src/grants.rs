//! Servers that do not say that a client gets a token by itself.

use keywright_oauth::{
    grant_name::standard_name, lenient, server_metadata::ServerMetadata, token::DEVICE_CODE,
};

use crate::{ProviderConfig, ProviderKind};

/// Grants that need a person in a browser at some time (RFC 6749 §4.1, §4.2 and §6, RFC 8628, CIBA).
const BY_LOGIN: [&str; 6] = [
    "authorization_code",
    "implicit",
    "hybrid",
    "refresh_token",
    DEVICE_CODE,
    "urn:openid:params:grant-type:ciba",
];

/// The grant by which a client gets a token by itself (RFC 6749 §4.4).
const CLIENT_CREDENTIALS: &str = "client_credentials";

/// The grants of a server that lists some, and `client_credentials` not among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherGrants {
    /// As listed.
    pub grants: Vec<String>,
    /// Each of them needs a login in a browser.
    pub login_only: bool,
}

impl OtherGrants {
    /// None where the server lists `client_credentials` or no grants at all: the default of RFC 8414 §2 for
    /// an absent list is what nobody said.
    pub fn of(metadata: Option<&ServerMetadata>) -> Option<Self> {
        let metadata = metadata?;
        let grants = metadata.grant_types_supported.clone()?;
        if grants.is_empty() || lists_client_credentials(metadata) {
            return None;
        }
        Some(Self {
            login_only: grants
                .iter()
                .all(|one| BY_LOGIN.contains(&standard_name(one))),
            grants,
        })
    }
}

/// The metadata lists `client_credentials`. Glewlwyd lists it among the response types.
pub(crate) fn lists_client_credentials(metadata: &ServerMetadata) -> bool {
    let responses = lenient::list(&metadata.document, "response_types_supported");
    let listed = |list: Option<&Vec<String>>| {
        list.is_some_and(|list| list.iter().any(|one| one == CLIENT_CREDENTIALS))
    };
    listed(metadata.grant_types_supported.as_ref()) || listed(responses.as_ref())
}

impl ProviderConfig {
    /// [`OtherGrants`] of the metadata, for the kinds that register by the metadata. A vendor's own API
    /// knows grants that the vendor's metadata does not list.
    pub fn other_grants(&self) -> Option<OtherGrants> {
        match self.kind {
            ProviderKind::Rfc7591 | ProviderKind::Curity => OtherGrants::of(self.metadata.as_ref()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use serde_json::{Value, json};

    use super::*;

    fn listed(grants: Option<&[&str]>) -> Option<OtherGrants> {
        let mut document = json!({ "issuer": "https://id.example" });
        if let Some(grants) = grants {
            document["grant_types_supported"] = Value::from(grants);
        }
        let metadata = ServerMetadata::read(
            document.as_object().unwrap().clone(),
            "https://id.example".parse().unwrap(),
        );
        OtherGrants::of(metadata.as_ref())
    }

    #[test]
    fn a_list_without_client_credentials_is_known() {
        let found = listed(Some(&["authorization_code", "refresh_token"])).unwrap();
        assert!(found.login_only);
        let found = listed(Some(&["authorization_code", "password"])).unwrap();
        assert!(!found.login_only);
    }

    #[test]
    fn client_credentials_among_the_response_types_is_listed() {
        let document = json!({
            "issuer": "https://id.example", "grant_types_supported": ["authorization_code", "implicit"],
            "response_types_supported": ["code", "client_credentials"],
        });
        let metadata = ServerMetadata::read(
            document.as_object().unwrap().clone(),
            "https://id.example".parse().unwrap(),
        );
        assert_eq!(OtherGrants::of(metadata.as_ref()), None);
    }

    #[test]
    fn a_server_that_lists_nothing_is_not_login_only() {
        assert_eq!(listed(None), None);
        assert_eq!(listed(Some(&[])), None);
        assert_eq!(listed(Some(&["client_credentials"])), None);
    }
}
