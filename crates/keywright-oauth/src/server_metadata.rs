//! What an authorization server says of itself (RFC 8414 §2, OpenID Connect Discovery §3).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use crate::lenient;

/// The metadata document with its members at hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ServerMetadata {
    /// `issuer`, exactly as answered.
    pub issuer: String,
    /// Where clients are registered (RFC 7591).
    pub registration_endpoint: Option<Url>,
    /// Where tokens are asked for.
    pub token_endpoint: Option<Url>,
    /// RFC 7662.
    pub introspection_endpoint: Option<Url>,
    /// RFC 7009.
    pub revocation_endpoint: Option<Url>,
    /// Key set (RFC 7517).
    pub jwks_uri: Option<Url>,
    /// Grants, where the server names them.
    pub grant_types_supported: Option<Vec<String>>,
    /// Client authentication at the token endpoint, where the server names it.
    pub token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// Client authentication for introspection.
    pub introspection_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// Client authentication for revocation.
    pub revocation_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// Scopes, where the server names them.
    pub scopes_supported: Option<Vec<String>>,
    /// Where the document came from.
    pub source: Url,
    /// The whole document.
    pub document: Map<String, Value>,
}

impl ServerMetadata {
    /// Reads a document. None when it names no issuer.
    pub fn read(document: Map<String, Value>, source: Url) -> Option<Self> {
        let endpoint = |name: &str| lenient::address(&document, name);
        Some(Self {
            issuer: lenient::text(&document, "issuer")?,
            registration_endpoint: endpoint("registration_endpoint"),
            token_endpoint: endpoint("token_endpoint"),
            introspection_endpoint: endpoint("introspection_endpoint"),
            revocation_endpoint: endpoint("revocation_endpoint"),
            jwks_uri: endpoint("jwks_uri"),
            grant_types_supported: lenient::list(&document, "grant_types_supported"),
            token_endpoint_auth_methods_supported: lenient::list(
                &document,
                "token_endpoint_auth_methods_supported",
            ),
            introspection_endpoint_auth_methods_supported: lenient::list(
                &document,
                "introspection_endpoint_auth_methods_supported",
            ),
            revocation_endpoint_auth_methods_supported: lenient::list(
                &document,
                "revocation_endpoint_auth_methods_supported",
            ),
            scopes_supported: lenient::list(&document, "scopes_supported"),
            source,
            document,
        })
    }

    /// Every endpoint that may be asked, by member name.
    pub fn endpoints(&self) -> impl Iterator<Item = (&'static str, &Url)> {
        [
            ("registration_endpoint", &self.registration_endpoint),
            ("token_endpoint", &self.token_endpoint),
            ("introspection_endpoint", &self.introspection_endpoint),
            ("revocation_endpoint", &self.revocation_endpoint),
            ("jwks_uri", &self.jwks_uri),
        ]
        .into_iter()
        .filter_map(|(name, url)| Some((name, url.as_ref()?)))
    }
}
