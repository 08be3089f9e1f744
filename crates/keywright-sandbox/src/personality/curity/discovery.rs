//! The metadata document.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::{SELF, profile};
use crate::idp;
use crate::state::Shared;

/// `GET /curity/oauth/v2/oauth-anonymous/.well-known/openid-configuration`
pub(super) async fn document(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let profile = profile(&shared);
    let mut scopes = vec!["openid", "dcr"];
    scopes.extend(idp::SCOPES);
    Json(json!({
        "issuer": SELF.named_issuer(&shared),
        "authorization_endpoint": format!("{profile}/oauth-authorize"),
        "token_endpoint": format!("{profile}/oauth-token"),
        "registration_endpoint": format!("{profile}/oauth-registration"),
        "introspection_endpoint": format!("{profile}/oauth-introspect"),
        "revocation_endpoint": format!("{profile}/oauth-revoke"),
        "userinfo_endpoint": format!("{profile}/oauth-userinfo"),
        "jwks_uri": format!("{profile}/oauth-anonymous/jwks"),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "grant_types_supported": [
            "authorization_code", "refresh_token", "client_credentials",
            "https://curity.se/grant/assisted-token",
        ],
        "token_endpoint_auth_methods_supported": [
            "client_secret_basic", "client_secret_post", "private_key_jwt",
        ],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "PS256", "ES256"],
        "code_challenge_methods_supported": ["S256", "plain"],
    }))
}
