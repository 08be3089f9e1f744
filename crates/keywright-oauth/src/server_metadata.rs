//! What an authorization server says of itself (RFC 8414 §2, OpenID Connect Discovery §3).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use crate::{authorize, grant_name::is_same_grant, lenient};

/// Member of the document (RFC 7591 §3).
pub const REGISTRATION_ENDPOINT: &str = "registration_endpoint";
/// Member of the document. A browser opens it; the program itself never asks it.
pub const AUTHORIZATION_ENDPOINT: &str = "authorization_endpoint";
/// Member of the document.
pub const TOKEN_ENDPOINT: &str = "token_endpoint";
/// Member of the document (RFC 7662).
pub const INTROSPECTION_ENDPOINT: &str = "introspection_endpoint";
/// Member of the document (RFC 7009).
pub const REVOCATION_ENDPOINT: &str = "revocation_endpoint";
/// Member of the document (RFC 7517).
pub const JWKS_URI: &str = "jwks_uri";

/// The endpoints that are asked or opened.
const ENDPOINTS: &[&str] = &[
    AUTHORIZATION_ENDPOINT,
    REGISTRATION_ENDPOINT,
    TOKEN_ENDPOINT,
    INTROSPECTION_ENDPOINT,
    REVOCATION_ENDPOINT,
    JWKS_URI,
];

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
            registration_endpoint: endpoint(REGISTRATION_ENDPOINT),
            token_endpoint: endpoint(TOKEN_ENDPOINT),
            introspection_endpoint: endpoint(INTROSPECTION_ENDPOINT),
            revocation_endpoint: endpoint(REVOCATION_ENDPOINT),
            jwks_uri: endpoint(JWKS_URI),
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

    /// This document, with the members that it lacks taken from another one of the same issuer. An
    /// endpoint that cannot be read counts as lacking where the other one can be.
    #[must_use]
    pub fn completed_by(self, other: &Self) -> Self {
        let mut document = self.document.clone();
        for (name, value) in &other.document {
            let better = lenient::present(&document, name).is_none()
                || (self.unreadable_endpoint(name).is_some()
                    && other.unreadable_endpoint(name).is_none());
            if better {
                document.insert(name.clone(), value.clone());
            }
        }
        Self::read(document, self.source.clone()).unwrap_or(self)
    }

    /// What the document has in the place of an endpoint's address, where it is not a web address that
    /// can be asked: text without a scheme, a relative address, a list. Cut for display, without a
    /// password.
    pub fn unreadable_endpoint(&self, name: &str) -> Option<String> {
        ENDPOINTS
            .contains(&name)
            .then(|| lenient::no_address(&self.document, name))?
    }

    /// Where a user signs in, in a browser (RFC 8414 §2). A web address or nothing: `javascript:` and `file:` are
    /// never opened.
    pub fn authorization_endpoint(&self) -> Option<Url> {
        lenient::address(&self.document, AUTHORIZATION_ENDPOINT)
    }

    /// The server lists the grant, by any of its names; none where it lists no grants.
    pub fn lists_grant(&self, grant: &str) -> Option<bool> {
        let listed = self.grant_types_supported.as_ref()?;
        Some(listed.iter().any(|one| is_same_grant(one, grant)))
    }

    /// The server fetches metadata documents of clients (draft-ietf-oauth-client-id-metadata-document).
    pub fn takes_client_documents(&self) -> bool {
        lenient::flag(&self.document, "client_id_metadata_document_supported") == Some(true)
    }

    /// The document is that of an OpenID provider: it has what OpenID Connect Discovery §3 requires and RFC 8414 does
    /// not know.
    pub fn is_openid(&self) -> bool {
        [
            "subject_types_supported",
            "id_token_signing_alg_values_supported",
        ]
        .iter()
        .all(|name| lenient::present(&self.document, name).is_some())
    }

    /// The server lists the challenge method S256 (RFC 8414 §2).
    pub fn lists_s256(&self) -> bool {
        authorize::lists_s256(&self.document)
    }

    /// The server names itself in each answer of its authorization endpoint (RFC 9207 §3).
    pub fn answers_with_issuer(&self) -> bool {
        lenient::flag(
            &self.document,
            "authorization_response_iss_parameter_supported",
        ) == Some(true)
    }

    /// Every endpoint that may be asked, by member name.
    pub fn endpoints(&self) -> impl Iterator<Item = (&'static str, &Url)> {
        [
            (REGISTRATION_ENDPOINT, &self.registration_endpoint),
            (TOKEN_ENDPOINT, &self.token_endpoint),
            (INTROSPECTION_ENDPOINT, &self.introspection_endpoint),
            (REVOCATION_ENDPOINT, &self.revocation_endpoint),
            (JWKS_URI, &self.jwks_uri),
        ]
        .into_iter()
        .filter_map(|(name, url)| Some((name, url.as_ref()?)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::lenient::LONGEST_SHOWN;
    use serde_json::json;

    fn read(document: &Value) -> ServerMetadata {
        let source = "https://id.example/.well-known/openid-configuration";
        ServerMetadata::read(
            document.as_object().unwrap().clone(),
            source.parse().unwrap(),
        )
        .unwrap()
    }

    #[test]
    fn an_endpoint_that_is_not_an_address_is_named_with_its_text() {
        for (value, shown) in [
            (json!("id.example/register"), "id.example/register"),
            (json!("/register"), "/register"),
            (json!("localhost:8080/register"), "localhost:8080/register"),
            (json!("javascript:alert(1)"), "javascript:alert(1)"),
            (
                json!(["https://id.example/a"]),
                r#"["https://id.example/a"]"#,
            ),
            (json!({"url": "x"}), r#"{"url":"x"}"#),
            (json!(7), "7"),
            (json!(true), "true"),
            (
                json!("https://user:s3cr3t@id.example/register"),
                "https://…@id.example/register",
            ),
        ] {
            for name in ENDPOINTS {
                let metadata = read(&json!({"issuer": "https://id.example", *name: value}));
                assert_eq!(
                    metadata.unreadable_endpoint(name).as_deref(),
                    Some(shown),
                    "{name}"
                );
            }
        }
        for value in [json!(null), json!(""), json!("https://id.example/reg")] {
            let metadata = read(&json!({"issuer": "i", "registration_endpoint": value}));
            assert_eq!(metadata.unreadable_endpoint(REGISTRATION_ENDPOINT), None);
        }
        let long = read(&json!({"issuer": "i", "jwks_uri": "x".repeat(1_000_000)}));
        let shown = long.unreadable_endpoint(JWKS_URI).unwrap();
        assert_eq!(shown.chars().count(), LONGEST_SHOWN + 1);
    }

    #[test]
    fn a_document_is_completed_by_another() {
        let first = read(&json!({
            "issuer": "https://id.example/", "registration_endpoint": "id.example/register",
            "token_endpoint": "https://id.example/token", "jwks_uri": null,
            "grant_types_supported": ["client_credentials"],
        }));
        let second = read(&json!({
            "issuer": "https://id.example", "registration_endpoint": "https://id.example/reg",
            "token_endpoint": "https://id.example/other", "jwks_uri": "https://id.example/jwks",
            "grant_types_supported": ["authorization_code"],
        }));
        let both = first.completed_by(&second);
        let url = |url: &Option<Url>| url.as_ref().map(Url::to_string).unwrap_or_default();
        assert_eq!(both.issuer, "https://id.example/");
        assert_eq!(url(&both.registration_endpoint), "https://id.example/reg");
        assert_eq!(url(&both.token_endpoint), "https://id.example/token");
        assert_eq!(url(&both.jwks_uri), "https://id.example/jwks");
        assert_eq!(both.grant_types_supported.unwrap(), ["client_credentials"]);
    }
}
