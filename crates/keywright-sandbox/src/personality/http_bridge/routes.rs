//! The four routes of the contract. As in the reference bridge, a body is checked before the key is.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::answer::Refusal;
use super::{DATES_AS_TEXT, KEEPS_OLD_SECRETS, SELF, UPSTREAM_DOWN, schema};
use crate::faults::SandboxFaults;
use crate::idp::{AuthMethod, Metadata, is_kind, secret_expires_at};
use crate::state::Shared;
use crate::state::keys::{ALPHANUMERIC, random_of, same_secret};
use crate::state::store::{Client, Secret};

/// What a client secret is made of; the contract's own example has such signs.
const SIGNS: &[u8] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*%|(9$#!}{jMbtQ]-";
/// What the identity provider says of a client that it does not have.
const NOT_FOUND: u16 = 404;

/// `POST /`
pub(super) async fn create(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let asked = schema::application(&parsed(&headers, &body)?).map_err(Refusal::Rule)?;
    let faults = admitted(&shared, &headers)?;
    // The bridge tells that the provider refused, and keeps the provider's reason to itself, as the real one does.
    let metadata = Metadata::grant(&translated(&asked), faults.grant_less).map_err(|reason| {
        tracing::debug!(?reason, "the provider behind the bridge refused");
        Refusal::Upstream(400)
    })?;
    let now = shared.now();
    let secret = new_secret(&shared, &metadata)?;
    let id = random_of(ALPHANUMERIC, 20)?;
    let mut client = Client::new(SELF, id.clone(), metadata, now);
    let mut answer = Map::from_iter([
        ("client_id".to_owned(), json!(id)),
        ("client_id_issued_at".to_owned(), date(now, &faults)),
    ]);
    if let Some(secret) = &secret {
        answer.insert("client_secret".to_owned(), json!(secret.value));
        if secret.expires_at != 0 || faults.vendor(DATES_AS_TEXT) == 0 {
            let ends = date(secret.expires_at, &faults);
            answer.insert("client_secret_expires_at".to_owned(), ends);
        }
    }
    client.replace_secrets(secret);
    for name in ["application_description", "developer_id", "portal_id"] {
        let value = asked.get(name).cloned().unwrap_or_default();
        client.vendor.insert(name.to_owned(), value);
    }
    shared.state().insert(client);
    shared.touch();
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// `DELETE /{clientId}`
pub(super) async fn delete(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    admitted(&shared, &headers)?;
    let removed = shared.state().remove(SELF, &id);
    removed.ok_or(Refusal::Upstream(NOT_FOUND))?;
    shared.touch();
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /{clientId}/new-secret`: the one before ends, unless the dial says that this bridge keeps
/// several.
pub(super) async fn rotate(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let faults = admitted(&shared, &headers)?;
    let mut state = shared.state();
    let client = state
        .client_mut(SELF, &id)
        .ok_or(Refusal::Upstream(NOT_FOUND))?;
    let secret = new_secret(&shared, &client.metadata)?.ok_or(Refusal::Upstream(400))?;
    let answer = json!({ "client_id": id, "client_secret": secret.value });
    if faults.vendor(KEEPS_OLD_SECRETS) > 0 {
        client.secrets.push(secret);
    } else {
        client.replace_secrets(Some(secret));
    }
    drop(state);
    shared.touch();
    Ok((StatusCode::OK, Json(answer)).into_response())
}

/// `POST /{clientId}/event-hook`: answers 200 without a body, whether it knows the client or not.
pub(super) async fn event(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let event = schema::event(&parsed(&headers, &body)?).map_err(Refusal::Rule)?;
    admitted(&shared, &headers)?;
    if event.get("event_type").and_then(Value::as_str) == Some(schema::UPDATE) {
        let mut state = shared.state();
        if let Some(client) = state.client_mut(SELF, &id) {
            changed(client, &event);
        }
        drop(state);
        shared.touch();
    }
    Ok(StatusCode::OK.into_response())
}

fn changed(client: &mut Client, event: &Map<String, Value>) {
    let texts = &mut client.metadata.texts;
    for (theirs, ours, kept) in [
        ("application_name", "client_name", &mut *texts),
        (
            "application_description",
            "application_description",
            &mut client.vendor,
        ),
    ] {
        kept.extend(
            event
                .get(theirs)
                .map(|value| (ours.to_owned(), value.clone())),
        );
    }
    if let Some(Value::Array(uris)) = event.get("redirect_uris") {
        let uris = uris.iter().filter_map(Value::as_str).map(str::to_owned);
        client.metadata.redirect_uris = uris.collect();
    }
}

/// What the reference bridge makes of Konnect's words: of all grants it knows one.
fn translated(asked: &Map<String, Value>) -> Map<String, Value> {
    let words = |name: &str| -> Vec<&str> {
        let list = asked.get(name).and_then(Value::as_array);
        list.into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    };
    let grants = words("grant_types");
    let known: &[&str] = if grants.contains(&"client_credentials") || grants.contains(&"bearer") {
        &["client_credentials"]
    } else {
        &[]
    };
    let scopes = words("scopes");
    let mut out = Map::from_iter([("grant_types".to_owned(), json!(known))]);
    if !scopes.is_empty() {
        out.insert("scope".to_owned(), json!(scopes.join(" ")));
    }
    for name in ["redirect_uris", "client_name", "token_endpoint_auth_method"] {
        out.insert(
            name.to_owned(),
            asked.get(name).cloned().unwrap_or_default(),
        );
    }
    out
}

fn new_secret(shared: &Shared, metadata: &Metadata) -> Result<Option<Secret>, Refusal> {
    if metadata.token_endpoint_auth_method == AuthMethod::None {
        return Ok(None);
    }
    let now = shared.now();
    let ends = secret_expires_at(shared, SELF, now);
    Ok(Some(Secret::new(random_of(SIGNS, 32)?, now, ends)))
}

/// Unix seconds, or the text that the contract declares.
fn date(at: i64, faults: &SandboxFaults) -> Value {
    if faults.vendor(DATES_AS_TEXT) == 0 {
        return json!(at);
    }
    OffsetDateTime::from_unix_timestamp(at)
        .ok()
        .and_then(|at| at.format(&Rfc3339).ok())
        .map_or(Value::Null, Value::String)
}

/// The key is right and the identity provider answers.
fn admitted(shared: &Shared, headers: &HeaderMap) -> Result<SandboxFaults, Refusal> {
    let key = headers.get("x-api-key").and_then(|key| key.to_str().ok());
    let admin = shared.admins.of(SELF);
    let is_right = admin.is_some_and(|admin| key.is_some_and(|k| same_secret(k, &admin.secret)));
    if !is_right {
        return Err(Refusal::WrongKey);
    }
    let faults = shared.faults(SELF);
    if faults.vendor(UPSTREAM_DOWN) > 0 {
        return Err(Refusal::Upstream(503));
    }
    if faults.forget_clients {
        return Err(Refusal::Upstream(NOT_FOUND));
    }
    Ok(faults)
}

fn parsed(headers: &HeaderMap, body: &[u8]) -> Result<Value, Refusal> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    if !is_kind(headers, "application/json") {
        let text = "Unsupported Media Type".to_owned();
        return Err(Refusal::Body("FastifyError", text));
    }
    serde_json::from_slice(body).map_err(|error| Refusal::Body("SyntaxError", error.to_string()))
}
