//! The discovery documents of the organisation and of its authorization server `default`. The two
//! forms differ: only the OAuth one lists `client_credentials`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::{SELF, organisation};
use crate::state::Shared;

const METHODS: [&str; 5] = [
    "client_secret_basic",
    "client_secret_post",
    "client_secret_jwt",
    "private_key_jwt",
    "none",
];

/// `GET /okta/.well-known/openid-configuration`
pub(super) async fn organisation_openid(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let org = organisation(&shared);
    Json(openid(&shared, &org, &format!("{org}/oauth2/v1")))
}

/// `GET /okta/.well-known/oauth-authorization-server`
pub(super) async fn organisation_oauth(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let org = organisation(&shared);
    Json(oauth(&shared, &org, &format!("{org}/oauth2/v1")))
}

/// `GET /okta/oauth2/default/.well-known/openid-configuration`
pub(super) async fn server_openid(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let server = SELF.issuer(&shared);
    let issuer = SELF.named_issuer(&shared);
    Json(openid(&shared, &issuer, &format!("{server}/v1")))
}

/// `GET /okta/oauth2/default/.well-known/oauth-authorization-server`
pub(super) async fn server_oauth(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let server = SELF.issuer(&shared);
    let issuer = SELF.named_issuer(&shared);
    Json(oauth(&shared, &issuer, &format!("{server}/v1")))
}

fn openid(shared: &Shared, issuer: &str, endpoints: &str) -> Value {
    let mut document = common(shared, issuer, endpoints);
    document["userinfo_endpoint"] = json!(format!("{endpoints}/userinfo"));
    document["id_token_signing_alg_values_supported"] = json!(["ES256"]);
    document["grant_types_supported"] = json!([
        "authorization_code",
        "implicit",
        "refresh_token",
        "password",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:openid:params:grant-type:ciba",
    ]);
    document
}

fn oauth(shared: &Shared, issuer: &str, endpoints: &str) -> Value {
    let mut document = common(shared, issuer, endpoints);
    document["grant_types_supported"] = json!([
        "authorization_code",
        "implicit",
        "refresh_token",
        "password",
        "client_credentials",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    ]);
    document["frontchannel_logout_supported"] = json!(true);
    document["frontchannel_logout_session_supported"] = json!(true);
    document["identity_chaining_requested_token_types_supported"] =
        json!(["urn:ietf:params:oauth:token-type:id-jag"]);
    document["claims_supported"] = json!([
        "ver", "jti", "iss", "aud", "iat", "exp", "cid", "uid", "scp", "sub"
    ]);
    document
}

/// Custom scopes are not told, and the registration endpoint is the organisation's.
fn common(shared: &Shared, issuer: &str, endpoints: &str) -> Value {
    let org = organisation(shared);
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{endpoints}/authorize"),
        "token_endpoint": format!("{endpoints}/token"),
        "registration_endpoint": format!("{org}/oauth2/v1/clients"),
        "jwks_uri": format!("{endpoints}/keys"),
        "response_types_supported": [
            "code", "token", "id_token", "code id_token", "code token", "id_token token",
            "code id_token token",
        ],
        "response_modes_supported": ["query", "fragment", "form_post", "okta_post_message"],
        "subject_types_supported": ["public"],
        "scopes_supported": [
            "openid", "profile", "email", "address", "phone", "offline_access", "device_sso",
        ],
        "token_endpoint_auth_methods_supported": METHODS,
        "code_challenge_methods_supported": ["S256"],
        "introspection_endpoint": format!("{endpoints}/introspect"),
        "introspection_endpoint_auth_methods_supported": METHODS,
        "revocation_endpoint": format!("{endpoints}/revoke"),
        "revocation_endpoint_auth_methods_supported": METHODS,
        "end_session_endpoint": format!("{endpoints}/logout"),
        "request_parameter_supported": true,
        "device_authorization_endpoint": format!("{endpoints}/device/authorize"),
        "pushed_authorization_request_endpoint": format!("{endpoints}/par"),
    })
}
