//! Pushed authorization requests (RFC 9126).

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;

use super::answer::{Refusal, private};
use super::authenticate::authenticate;
use super::authorize::{Asked, Problem, Stop};
use super::client_document;
use super::form::Form;
use crate::personality::Personality;
use crate::state::Shared;
use crate::state::keys::random_text;

/// Lifetime of a pushed request in seconds (RFC 9126 section 2.2: 5 to 600).
const LIFETIME_SECS: i64 = 90;

/// `POST …/par`
pub(crate) async fn par(
    State(shared): State<Arc<Shared>>,
    Extension(personality): Extension<Personality>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let mut form = Form::parse(&headers, &body)?;
    if let Some(id) = form.get("client_id") {
        client_document::refresh(&shared, personality, id).await;
    }
    let client = authenticate(&shared, personality, &headers, &form)?;
    if form.get("request_uri").is_some() {
        return Err(Refusal::InvalidRequest("request_uri must not be pushed"));
    }
    // A client that names itself in the header need not do so again.
    form.set("client_id", &client.id);
    let asked = Asked::read(&shared, personality, &form).map_err(|stop| match stop {
        Stop::Redirect(refusal) => Refusal::Coded(refusal.code, refusal.why),
        Stop::Page(_, Problem::UnknownClient) => Refusal::InvalidClient,
        Stop::Page(_, Problem::RedirectUri) => {
            Refusal::InvalidRequest("redirect_uri is missing or not registered")
        }
        Stop::Page(..) => Refusal::ServerError,
    })?;
    let uri = format!("urn:ietf:params:oauth:request_uri:{}", random_text()?);
    let now = shared.now();
    let expires_at = now.saturating_add(LIFETIME_SECS);
    let mut state = shared.state();
    state.logins.push(uri.clone(), asked, expires_at, now);
    drop(state);
    shared.touch();
    let answer = json!({ "request_uri": uri, "expires_in": LIFETIME_SECS });
    Ok(private(StatusCode::CREATED, answer))
}
