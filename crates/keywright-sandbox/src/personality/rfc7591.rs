//! The plain provider: its paths and its metadata document (RFC 8414 section 2).

use std::sync::Arc;

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::idp;
use crate::state::Shared;

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        // RFC 8414 section 3: the well-known part goes between host and path …
        .route(
            "/.well-known/oauth-authorization-server/rfc7591",
            get(metadata),
        )
        // … and after the path, where many look for it.
        .route(
            "/rfc7591/.well-known/oauth-authorization-server",
            get(metadata),
        )
        .route("/rfc7591/.well-known/openid-configuration", get(metadata))
        .route("/rfc7591/register", post(idp::register))
        .route(
            "/rfc7591/register/{client_id}",
            get(idp::read_client)
                .put(idp::update_client)
                .delete(idp::delete_client),
        )
        .route("/rfc7591/token", post(idp::token))
        .route("/rfc7591/introspect", post(idp::introspect))
        .route("/rfc7591/revoke", post(idp::revoke))
        .route("/rfc7591/jwks", get(idp::jwks))
}

async fn metadata(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let issuer = shared.issuer();
    let named = if shared.faults().wrong_issuer {
        "https://someone-else.example/rfc7591".to_owned()
    } else {
        issuer.clone()
    };
    Json(json!({
        "issuer": named,
        "token_endpoint": format!("{issuer}/token"),
        "registration_endpoint": format!("{issuer}/register"),
        "introspection_endpoint": format!("{issuer}/introspect"),
        "revocation_endpoint": format!("{issuer}/revoke"),
        "jwks_uri": format!("{issuer}/jwks"),
        "scopes_supported": idp::SCOPES,
        "response_types_supported": [],
        "grant_types_supported": idp::Grant::SUPPORTED,
        "token_endpoint_auth_methods_supported": idp::AuthMethod::SUPPORTED,
        "introspection_endpoint_auth_methods_supported": idp::AuthMethod::WITH_SECRET,
        "revocation_endpoint_auth_methods_supported": idp::AuthMethod::SUPPORTED,
    }))
}
