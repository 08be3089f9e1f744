//! The client configuration endpoint (RFC 7592): read, update, delete.

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use super::answer::{Refusal, private};
use super::metadata::{AuthMethod, Metadata};
use super::registration::{bearer, information, json_object, new_secret};
use crate::personality::Personality;
use crate::state::Shared;
use crate::state::keys::{random_text, same_secret};
use crate::state::store::{Client, State as Clients};

/// Members of the answer a client must not send back (RFC 7592 section 2.2).
const NOT_THE_CLIENTS: [&str; 4] = [
    "registration_access_token",
    "registration_client_uri",
    "client_secret_expires_at",
    "client_id_issued_at",
];

/// `GET …/register/{client_id}` (RFC 7592 section 2.1)
pub(crate) async fn read_client(
    State(shared): State<Arc<Shared>>,
    Extension(personality): Extension<Personality>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let mut state = shared.state();
    let client = authorised(&shared, personality, &mut state, &id, &headers)?;
    if shared.faults(personality).rotate_registration_token {
        client.registration_token = random_text()?;
        shared.touch();
    }
    Ok(private(StatusCode::OK, information(&shared, client)))
}

/// `PUT …/register/{client_id}` (RFC 7592 section 2.2): what is not sent goes back to its default.
pub(crate) async fn update_client(
    State(shared): State<Arc<Shared>>,
    Extension(personality): Extension<Personality>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let mut state = shared.state();
    let client = authorised(&shared, personality, &mut state, &id, &headers)?;
    let asked = json_object(&headers, &body)?;
    let keeps_secret = check_identity(client, &asked)?;
    let faults = shared.faults(personality);
    client.metadata = Metadata::grant(&asked, faults.grant_less)?;
    let is_public = client.metadata.token_endpoint_auth_method == AuthMethod::None;
    let is_over = client
        .secret()
        .is_some_and(|secret| secret.is_over(shared.now()));
    if shared.options.replace_secret_on_update || !keeps_secret || is_public || is_over {
        client.replace_secrets(new_secret(&shared, personality, &client.metadata)?);
    }
    if faults.rotate_registration_token {
        client.registration_token = random_text()?;
    }
    shared.touch();
    Ok(private(StatusCode::OK, information(&shared, client)))
}

/// `DELETE …/register/{client_id}` (RFC 7592 section 2.3): its tokens end with it.
pub(crate) async fn delete_client(
    State(shared): State<Arc<Shared>>,
    Extension(personality): Extension<Personality>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let mut state = shared.state();
    authorised(&shared, personality, &mut state, &id, &headers)?;
    state.remove(personality, &id);
    shared.touch();
    let headers = [(header::CACHE_CONTROL, "no-store")];
    Ok((StatusCode::NO_CONTENT, headers).into_response())
}

/// RFC 7592 section 2: a client that is gone and a token that is wrong look the same.
fn authorised<'a>(
    shared: &Shared,
    personality: Personality,
    state: &'a mut Clients,
    id: &str,
    headers: &HeaderMap,
) -> Result<&'a mut Client, Refusal> {
    let token = bearer(headers).ok_or(Refusal::InvalidToken)?;
    if shared.faults(personality).forget_clients {
        return Err(Refusal::InvalidToken);
    }
    state
        .client_mut(personality, id)
        .filter(|client| same_secret(token, &client.registration_token))
        .ok_or(Refusal::InvalidToken)
}

fn is_secret(client: &Client, presented: &str) -> bool {
    let secret = client.secret();
    secret.is_some_and(|secret| same_secret(presented, &secret.value))
}

/// The update must name the client and must not choose its secret. Tells whether it names the
/// present secret, and so keeps it.
pub(crate) fn check_identity(client: &Client, asked: &Map<String, Value>) -> Result<bool, Refusal> {
    if asked.get("client_id").and_then(Value::as_str) != Some(client.id.as_str()) {
        return Err(Refusal::metadata("client_id is missing or another one"));
    }
    if let Some(name) = NOT_THE_CLIENTS
        .iter()
        .find(|name| asked.contains_key(**name))
    {
        return Err(Refusal::metadata(format!("{name} must not be sent")));
    }
    match asked.get("client_secret") {
        None | Some(Value::Null) => Ok(false),
        Some(Value::String(secret)) if is_secret(client, secret) => Ok(true),
        Some(_) => Err(Refusal::metadata("client_secret is not the present one")),
    }
}
