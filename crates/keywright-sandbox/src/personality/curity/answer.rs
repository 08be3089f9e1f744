//! What Curity answers about a client, and its refusals.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::{MANAGEMENT_OFF, SELF, TOKEN_TTL_SECS, profile};
use crate::idp::{self, AuthMethod, Grant, Refusal};
use crate::state::Shared;
use crate::state::store::Client;

/// Lifetime of the access tokens of a client that asked for none, in seconds.
const ACCESS_TOKEN_TTL: i64 = 900;

/// Member of [`Client::vendor`]: members that the client asked for and that mean nothing here.
pub(super) const ECHOED: &str = "echoed";

/// The client information response, with the members that only Curity sends.
pub(super) fn information(shared: &Shared, client: &Client) -> Value {
    let metadata = &client.metadata;
    let mut members = match client.vendor.get(ECHOED) {
        Some(Value::Object(echoed)) => echoed.clone(),
        _ => Map::new(),
    };
    members.extend(metadata.to_members());
    let signs_in = metadata.grant_types.contains(&Grant::AuthorizationCode);
    members.extend(object(json!({
        "client_id": client.id,
        "client_id_issued_at": client.issued_at,
        "audiences": [SELF.api_url(shared)],
        "subject_type": "public",
        "require_proof_key": signs_in,
    })));
    // The singular names one way; the server takes both of a client with a secret.
    let method = metadata.token_endpoint_auth_method;
    let methods = if method.has_secret() {
        AuthMethod::WITH_SECRET.to_vec()
    } else {
        vec![method]
    };
    members.insert("token_endpoint_auth_methods".to_owned(), json!(methods));
    members
        .entry("access_token_ttl")
        .or_insert(json!(ACCESS_TOKEN_TTL));
    if signs_in {
        members.extend(object(json!({
            "requires_consent": true,
            "post_logout_redirect_uris": [],
            "default_acr_values": ["urn:se:curity:authentication:email:email"],
        })));
    }
    if let Some(secret) = client.secret() {
        members.insert("client_secret".to_owned(), json!(secret.value));
        members.insert(
            "client_secret_expires_at".to_owned(),
            json!(secret.expires_at),
        );
    }
    if shared.faults(SELF).vendor(MANAGEMENT_OFF) == 0 {
        let place = format!("{}/oauth-registration/{}", profile(shared), client.id);
        members.extend(object(json!({
            "registration_client_uri": place,
            "registration_access_token": client.registration_token,
            "registration_access_token_expires_in": TOKEN_TTL_SECS,
        })));
    }
    Value::Object(members)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// Why a registration or its management is refused.
pub(super) enum Refused {
    /// As the standards say it.
    Plainly(Refusal),
    /// RFC 6750 section 3.1: the token is good for less.
    InsufficientScope,
}

impl<T: Into<Refusal>> From<T> for Refused {
    fn from(refusal: T) -> Self {
        Self::Plainly(refusal.into())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Plainly(refusal) => refusal.into_response(),
            Self::InsufficientScope => {
                let body = json!({
                    "error": "insufficient_scope",
                    "error_description": "The token is not good for this",
                });
                let mut response = idp::private(StatusCode::FORBIDDEN, body);
                response.headers_mut().insert(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static(
                        r#"Bearer realm="keywright-sandbox", error="insufficient_scope""#,
                    ),
                );
                response
            }
        }
    }
}
