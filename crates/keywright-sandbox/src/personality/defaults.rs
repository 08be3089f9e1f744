//! What the personalities without a vendor's habits share: a metadata document of RFC 8414 and
//! refusals of RFC 6749.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::Personality;
use crate::idp;
use crate::idp::Claims;
use crate::state::Shared;

/// The metadata document (RFC 8414 section 2), without a registration endpoint.
pub(super) fn metadata(shared: &Shared, personality: Personality) -> Value {
    let issuer = personality.issuer(shared);
    json!({
        "issuer": personality.named_issuer(shared),
        "token_endpoint": format!("{issuer}/token"),
        "introspection_endpoint": format!("{issuer}/introspect"),
        "revocation_endpoint": format!("{issuer}/revoke"),
        "jwks_uri": format!("{issuer}/jwks"),
        "scopes_supported": idp::SCOPES,
        "response_types_supported": [],
        "grant_types_supported": idp::Grant::SUPPORTED,
        "token_endpoint_auth_methods_supported": idp::AuthMethod::SUPPORTED,
        "introspection_endpoint_auth_methods_supported": idp::AuthMethod::WITH_SECRET,
        "revocation_endpoint_auth_methods_supported": idp::AuthMethod::SUPPORTED,
    })
}

/// The client of a token of RFC 9068.
pub(super) fn client_of(claims: &Claims) -> Option<&str> {
    claims.text("client_id")
}

/// A refusal of one request too many, for which no standard of OAuth has a code.
pub(super) fn rate_limited() -> Response {
    let body = json!({
        "error": "too_many_requests",
        "error_description": "Too many requests in this second",
    });
    idp::private(StatusCode::TOO_MANY_REQUESTS, body)
}
