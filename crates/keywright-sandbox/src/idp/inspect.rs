//! Introspection (RFC 7662), revocation (RFC 7009) and the public keys.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::answer::{Refusal, private};
use super::authenticate::{Form, authenticate};
use super::metadata::AuthMethod;
use super::token::Claims;
use crate::state::Shared;

/// `GET …/jwks`
pub(crate) async fn jwks(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(shared.signing_key.jwks())
}

/// The claims of an access token that is signed by us, for us, not over, not revoked, and whose
/// client still exists.
pub(crate) fn live_token(shared: &Shared, token: &str) -> Option<Claims> {
    let claims: Claims = shared.signing_key.verify(token)?;
    let state = shared.state();
    let live = claims.iss == shared.issuer()
        && claims.aud == shared.api_url()
        && claims.exp > shared.now()
        && !state.revoked.contains_key(&claims.jti)
        && state.clients.contains_key(&claims.client_id);
    live.then_some(claims)
}

/// `POST …/introspect`
pub(crate) async fn introspect(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let form = Form::parse(&headers, &body)?;
    let client = authenticate(&shared, &headers, &form)?;
    let method = client.metadata.token_endpoint_auth_method;
    if !AuthMethod::WITH_SECRET.contains(&method) {
        return Err(Refusal::InvalidClient);
    }
    let Some(token) = form.get("token") else {
        return Err(Refusal::InvalidRequest("token is missing"));
    };
    let answer = if let Some(claims) = live_token(&shared, token) {
        let mut answer = json!(claims);
        answer["active"] = json!(true);
        answer["token_type"] = json!("Bearer");
        answer
    } else if let Some(refresh) = shared.state().refresh_tokens.get(token) {
        json!({
            "active": true,
            "client_id": refresh.client_id,
            "scope": refresh.scope.join(" "),
            "iat": refresh.issued_at,
        })
    } else {
        json!({ "active": false })
    };
    Ok(private(StatusCode::OK, answer))
}

/// `POST …/revoke`: an unknown token is revoked already (RFC 7009 section 2.2).
pub(crate) async fn revoke(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let form = Form::parse(&headers, &body)?;
    let client = authenticate(&shared, &headers, &form)?;
    let Some(token) = form.get("token") else {
        return Err(Refusal::InvalidRequest("token is missing"));
    };
    let claims = live_token(&shared, token);
    {
        let mut state = shared.state();
        let refresh = state.refresh_tokens.get(token);
        let owner = claims
            .as_ref()
            .map(|claims| &claims.client_id)
            .or(refresh.map(|refresh| &refresh.client_id));
        if owner.is_some_and(|owner| *owner != client.id) {
            return Err(Refusal::UnauthorizedClient);
        }
        state.refresh_tokens.remove(token);
        if let Some(claims) = claims {
            // What is over anyway need not be remembered.
            let now = shared.now();
            state.revoked.retain(|_, exp| *exp > now);
            state.revoked.insert(claims.jti, claims.exp);
        }
    }
    shared.touch();
    Ok(StatusCode::OK.into_response())
}
