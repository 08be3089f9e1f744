//! Registration (RFC 7591 section 3).

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::answer::{Refusal, private};
use super::form::is_kind;
use super::metadata::Metadata;
use crate::options::Registration;
use crate::personality::Personality;
use crate::state::Shared;
use crate::state::keys::{random_text, same_secret};
use crate::state::store::{Client, Secret};

/// `POST …/register`
pub(crate) async fn register(
    State(shared): State<Arc<Shared>>,
    Extension(personality): Extension<Personality>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    if shared.registration() == Registration::InitialAccessToken {
        let token = bearer(&headers).ok_or(Refusal::InvalidToken)?;
        let admin = shared.admins.of(personality);
        if !admin.is_some_and(|admin| same_secret(token, &admin.secret)) {
            return Err(Refusal::InvalidToken);
        }
    }
    let asked = json_object(&headers, &body)?;
    let metadata = Metadata::grant(&asked, shared.faults(personality).grant_less)?;
    let secret = new_secret(&shared, personality, &metadata)?;
    let id = Uuid::now_v7().to_string();
    let mut client = Client::new(personality, id, metadata, shared.now());
    client.replace_secrets(secret);
    client.registration_token = random_text()?;
    let answer = information(&shared, &client);
    shared.state().insert(client);
    shared.touch();
    Ok(private(StatusCode::CREATED, answer))
}

/// A secret for a client that has one.
pub(crate) fn new_secret(
    shared: &Shared,
    personality: Personality,
    metadata: &Metadata,
) -> Result<Option<Secret>, Refusal> {
    if !metadata.token_endpoint_auth_method.has_secret() {
        return Ok(None);
    }
    let now = shared.now();
    let expires_at = secret_expires_at(shared, personality, now);
    Ok(Some(Secret::new(random_text()?, now, expires_at)))
}

/// When a secret made now is over; 0 = never.
pub(crate) fn secret_expires_at(shared: &Shared, personality: Personality, now: i64) -> i64 {
    if shared.faults(personality).expired_secrets {
        return now.saturating_sub(1).max(1);
    }
    match shared.options.secret_lifetime_secs {
        0 => 0,
        secs => now.saturating_add(secs.into()),
    }
}

/// The client information response (RFC 7591 section 3.2.1, RFC 7592 section 3).
pub(super) fn information(shared: &Shared, client: &Client) -> Value {
    let mut members = client.metadata.to_members();
    members.extend([
        ("client_id".to_owned(), json!(client.id)),
        ("client_id_issued_at".to_owned(), json!(client.issued_at)),
        (
            "registration_client_uri".to_owned(),
            json!(format!(
                "{}/register/{}",
                client.personality.issuer(shared),
                client.id
            )),
        ),
        (
            "registration_access_token".to_owned(),
            json!(client.registration_token),
        ),
    ]);
    // RFC 7591 section 3.2.1: the end of a secret is told when there is one.
    if let Some(secret) = client.secret() {
        members.insert("client_secret".to_owned(), json!(secret.value));
        members.insert(
            "client_secret_expires_at".to_owned(),
            json!(secret.expires_at),
        );
    }
    Value::Object(members)
}

/// The token of an `Authorization: Bearer` header (RFC 6750 section 2.1).
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

pub(crate) fn json_object(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    if !is_kind(headers, "application/json") {
        return Err(Refusal::metadata("the body must be application/json"));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Refusal::metadata("the body must be a JSON object")),
        Err(error) => Err(Refusal::metadata(format!("the body is no JSON: {error}"))),
    }
}
