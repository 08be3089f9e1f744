//! Introspection (RFC 7662), revocation (RFC 7009) and the public keys.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::{Value, json};

use super::access_token::live_token;
use super::answer::{Refusal, private};
use super::authenticate::authenticate_at;
use super::form::Form;
use super::metadata::AuthMethod;
use crate::personality::Personality;
use crate::state::Shared;

/// `GET …/jwks`
pub(crate) async fn jwks(
    State(shared): State<Arc<Shared>>,
    Extension(personality): Extension<Personality>,
) -> Json<Value> {
    Json(shared.jwks(personality))
}

/// `POST …/introspect`
pub(crate) async fn introspect(
    State(shared): State<Arc<Shared>>,
    Extension(personality): Extension<Personality>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let form = Form::parse(&headers, &body)?;
    let client = authenticate_at(&shared, personality, &uri, &headers, &form)?;
    let method = client.metadata.token_endpoint_auth_method;
    if method == AuthMethod::None {
        return Err(Refusal::InvalidClient);
    }
    let Some(token) = form.get("token") else {
        return Err(Refusal::InvalidRequest("token is missing"));
    };
    let answer = if let Some(claims) = live_token(&shared, personality, token) {
        let mut answer = json!(claims);
        answer["active"] = json!(true);
        answer["token_type"] = json!("Bearer");
        answer
    } else if let Some(refresh) = shared
        .state()
        .refresh_tokens
        .get(token)
        .filter(|refresh| refresh.personality == personality && !refresh.is_spent)
    {
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
    Extension(personality): Extension<Personality>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let form = Form::parse(&headers, &body)?;
    let client = authenticate_at(&shared, personality, &uri, &headers, &form)?;
    let Some(token) = form.get("token") else {
        return Err(Refusal::InvalidRequest("token is missing"));
    };
    let claims = live_token(&shared, personality, token);
    {
        let mut state = shared.state();
        let refresh = state.refresh_tokens.get(token);
        let is_others = |(owner, id): (Personality, &str)| owner != personality || id != client.id;
        let owner = claims
            .as_ref()
            .and_then(|claims| personality.provider_behavior().client_of(claims))
            .map(|id| (personality, id))
            .or(refresh.map(|refresh| (refresh.personality, refresh.client_id.as_str())));
        if owner.is_some_and(is_others) {
            return Err(Refusal::UnauthorizedClient);
        }
        // RFC 7009 section 2.1: with the refresh token the access tokens of the sign-in end.
        let removed = state.refresh_tokens.remove(token);
        if let Some(sign_in) = removed.and_then(|refresh| refresh.sign_in) {
            state.end_sign_in(&sign_in);
        }
        if let Some((jti, exp)) = claims.and_then(|claims| Some((claims.jti?, claims.exp))) {
            state.kill(jti, exp, shared.now());
        }
    }
    shared.touch();
    Ok(StatusCode::OK.into_response())
}
