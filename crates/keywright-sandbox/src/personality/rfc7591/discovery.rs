//! The metadata document of the plain provider (RFC 8414, OpenID Connect Discovery 1.0).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::SELF;
use crate::idp;
use crate::personality::defaults;
use crate::state::Shared;

/// Members that name an endpoint, with its place below the issuer.
const ENDPOINTS: [(&str, &str); 6] = [
    ("registration_endpoint", "register"),
    ("authorization_endpoint", "authorize"),
    ("userinfo_endpoint", "userinfo"),
    ("end_session_endpoint", "end_session"),
    ("pushed_authorization_request_endpoint", "par"),
    ("device_authorization_endpoint", "device_authorization"),
];

/// The document, at each of its places.
pub(super) async fn document(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let mut document = defaults::metadata(&shared, SELF);
    let issuer = SELF.issuer(&shared);
    for (member, place) in ENDPOINTS {
        document[member] = json!(format!("{issuer}/{place}"));
    }
    let mut scopes = idp::SCOPES.to_vec();
    scopes.extend(idp::LOGIN_SCOPES);
    let challenge_method = idp::challenge_method(&shared.faults(SELF));
    for (member, value) in [
        ("scopes_supported", json!(scopes)),
        ("grant_types_supported", json!(idp::Grant::WITH_USERS)),
        ("response_types_supported", json!(["code"])),
        ("response_modes_supported", json!(["query"])),
        (
            "prompt_values_supported",
            json!(["none", "login", "consent", "select_account"]),
        ),
        ("ui_locales_supported", json!(["en", "ja"])),
        (
            "code_challenge_methods_supported",
            json!([challenge_method]),
        ),
        (
            "authorization_response_iss_parameter_supported",
            json!(true),
        ),
        ("subject_types_supported", json!(["public"])),
        ("id_token_signing_alg_values_supported", json!(["ES256"])),
        ("dpop_signing_alg_values_supported", json!(idp::ALGORITHMS)),
        ("client_id_metadata_document_supported", json!(true)),
        (
            "claims_supported",
            json!([
                "sub",
                "name",
                "preferred_username",
                "email",
                "email_verified",
                "auth_time",
                "nonce",
                "at_hash"
            ]),
        ),
        ("protected_resources", json!([SELF.api_url(&shared)])),
    ] {
        document[member] = value;
    }
    Json(document)
}
