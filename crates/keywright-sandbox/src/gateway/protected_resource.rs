//! Metadata of the API (RFC 9728): who issues tokens for it.

use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use serde_json::{Value, json};

use crate::idp::ALGORITHMS;
use crate::personality::Personality;
use crate::state::Shared;

/// Scopes of the example API.
const SCOPES: [&str; 2] = [super::orders::READ, super::orders::WRITE];

/// Path of the document: the well-known part goes between host and path (RFC 9728 section 3.1).
pub(super) fn path(personality: Personality) -> String {
    format!(
        "/.well-known/oauth-protected-resource/{}/orders",
        personality.name()
    )
}

/// Address of the document.
pub(super) fn address(shared: &Shared, personality: Personality) -> String {
    format!("{}{}", shared.gateway_origin(), path(personality))
}

/// The document.
pub(super) async fn document(
    State(shared): State<Arc<Shared>>,
    Extension(personality): Extension<Personality>,
) -> Json<Value> {
    Json(json!({
        "resource": personality.api_url(&shared),
        "authorization_servers": [personality.issuer(&shared)],
        "scopes_supported": SCOPES,
        "bearer_methods_supported": ["header"],
        "resource_name": "Orders, the example API of the Sandbox",
        "dpop_signing_alg_values_supported": ALGORITHMS,
    }))
}
