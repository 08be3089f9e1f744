//! `addPassword` and `removePassword`: an application has as many secrets as are wanted, each with an
//! end of its own.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::answer::{GraphError, done, found};
use super::applications::context;
use super::{answered, app_id, members, object, own};
use crate::personality::entra::{LIFETIME_CAPPED, SECRETS_FORBIDDEN, SELF, new_secret};
use crate::state::Shared;
use crate::state::keys::random_uuid;
use crate::state::store::Secret;

const DAY_SECS: i64 = 24 * 60 * 60;
/// A secret lives for two years when nobody says how long.
const USUAL_SECS: i64 = 730 * DAY_SECS;
/// The longest life of a secret while the policy's dial is on.
const CAP_SECS: i64 = 90 * DAY_SECS;

/// `POST /applications/{id}/addPassword`
pub(super) async fn add(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    answered(&shared, &headers, |shared| {
        let asked = wanted(&body)?;
        let faults = shared.faults(SELF);
        let mut state = shared.state();
        let app_id = app_id(shared, &state, &id)?;
        let client = state.client_mut(SELF, &app_id).ok_or(GraphError::Failed)?;
        if faults.vendor(SECRETS_FORBIDDEN) > 0 {
            return Err(GraphError::SecretsForbidden);
        }
        let now = shared.now();
        let begins = time(&asked, "startDateTime")?.unwrap_or(now);
        let ends = time(&asked, "endDateTime")?.unwrap_or(begins.saturating_add(USUAL_SECS));
        let lifetime = ends.saturating_sub(begins);
        if faults.vendor(LIFETIME_CAPPED) > 0 && lifetime > CAP_SECS {
            return Err(GraphError::LifetimeCapped);
        }
        if lifetime <= 0 {
            return Err(bad("endDateTime"));
        }
        let ends = if faults.expired_secrets {
            now.saturating_sub(1)
        } else {
            ends
        };
        let mut secret = Secret::new(new_secret()?, now, ends);
        secret.id = random_uuid()?;
        let names = client
            .vendor
            .entry(own::PASSWORD_NAMES)
            .or_insert_with(|| json!({}));
        if let (Some(names), Some(name)) = (names.as_object_mut(), asked.get("displayName")) {
            names.insert(secret.id.clone(), name.clone());
        }
        let mut answer = object::password(client, &secret, true);
        client.secrets.push(secret);
        drop(state);
        shared.touch();
        answer["@odata.context"] = context(shared, "microsoft.graph.passwordCredential");
        Ok(found(StatusCode::OK, &answer))
    })
}

/// `POST /applications/{id}/removePassword`
pub(super) async fn remove(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    answered(&shared, &headers, |shared| {
        let asked = members(&body)?;
        let key = asked.get("keyId").and_then(Value::as_str);
        let key = key.ok_or_else(|| bad("keyId"))?;
        let mut state = shared.state();
        let app_id = app_id(shared, &state, &id)?;
        let client = state.client_mut(SELF, &app_id).ok_or(GraphError::Failed)?;
        let before = client.secrets.len();
        client.secrets.retain(|secret| secret.id != key);
        if client.secrets.len() == before {
            return Err(GraphError::NoSuchPassword(key.to_owned()));
        }
        drop(state);
        shared.touch();
        Ok(done())
    })
}

/// `passwordCredential`, which may be left out.
fn wanted(body: &[u8]) -> Result<Map<String, Value>, GraphError> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    match members(body)?.remove("passwordCredential") {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(asked)) => Ok(asked),
        Some(_) => Err(bad("passwordCredential")),
    }
}

fn time(asked: &Map<String, Value>, name: &'static str) -> Result<Option<i64>, GraphError> {
    match asked.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value
            .as_str()
            .and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok())
            .map(|at| Some(at.unix_timestamp()))
            .ok_or_else(|| bad(name)),
    }
}

const fn bad(name: &'static str) -> GraphError {
    GraphError::BadProperty {
        name,
        of: "PasswordCredential",
    }
}
