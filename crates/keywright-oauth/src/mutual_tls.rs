//! Mutual TLS of clients (RFC 8705): the addresses for clients with a certificate, and tokens that are bound to one.

use serde_json::Value;
use url::Url;

use crate::{
    client_metadata::ClientMetadata, jwt, lenient, secret::AccessToken,
    server_metadata::ServerMetadata,
};

/// Member of the server's document (RFC 8705 §5).
pub const ALIASES: &str = "mtls_endpoint_aliases";
/// Member of server and client metadata (RFC 8705 §3.3 and §3.4).
pub const BOUND_TOKENS: &str = "tls_client_certificate_bound_access_tokens";
/// How a client proves itself by a certificate that an authority issued (RFC 8705 §2.1).
pub const BY_AUTHORITY: &str = "tls_client_auth";
/// The same by one that it signed itself (RFC 8705 §2.2).
pub const SELF_SIGNED: &str = "self_signed_tls_client_auth";

/// The client proves itself by a certificate.
pub fn is_method(token_endpoint_auth_method: &str) -> bool {
    [BY_AUTHORITY, SELF_SIGNED].contains(&token_endpoint_auth_method)
}

/// The server binds the tokens of this client to its certificate.
pub fn binds_tokens_of(client: &ClientMetadata) -> bool {
    lenient::flag(client.members(), BOUND_TOKENS) == Some(true)
}

/// Thumbprint of the certificate that a token is bound to (RFC 8705 §3.1); none where the token is not, or does not
/// say so.
pub fn bound_to(token: &AccessToken) -> Option<String> {
    let claims = jwt::unchecked_claims(token.expose())?;
    let thumbprint = claims.get("cnf")?.get("x5t#S256").and_then(Value::as_str);
    thumbprint.map(str::to_owned)
}

impl ServerMetadata {
    /// Where a client with a certificate asks in the place of an endpoint (RFC 8705 §5).
    pub fn mtls_alias(&self, endpoint: &str) -> Option<Url> {
        lenient::address(self.document.get(ALIASES)?.as_object()?, endpoint)
    }

    /// All of these addresses.
    pub fn mtls_aliases(&self) -> Vec<Url> {
        let members = self.document.get(ALIASES).and_then(Value::as_object);
        let names = members.into_iter().flat_map(|aliases| aliases.keys());
        names.filter_map(|name| self.mtls_alias(name)).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use serde_json::json;

    use super::*;

    #[test]
    fn an_alias_is_an_address_or_nothing() {
        let document = json!({
            "issuer": "https://id.example",
            ALIASES: {
                "token_endpoint": "https://mtls.id.example/token", "revocation_endpoint": "/revoke",
                "introspection_endpoint": 7,
            },
        });
        let source = "https://id.example/.well-known/openid-configuration";
        let members = document.as_object().unwrap().clone();
        let read = ServerMetadata::read(members, source.parse().unwrap()).unwrap();
        let alias = read.mtls_alias("token_endpoint").unwrap();
        assert_eq!(alias.as_str(), "https://mtls.id.example/token");
        assert_eq!(read.mtls_alias("revocation_endpoint"), None);
        assert_eq!(read.mtls_alias("introspection_endpoint"), None);
        assert_eq!(read.mtls_aliases(), [alias]);
    }
}
