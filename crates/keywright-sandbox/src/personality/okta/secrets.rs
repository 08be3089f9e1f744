//! The secrets of a client in the Apps API: at most two, each active or not.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use super::admission::admitted;
use super::answer::ApiRefusal;
use super::{NO_APPS_API, SELF, organisation};
use crate::idp;
use crate::state::Shared;
use crate::state::keys::{ALPHANUMERIC, random_of};
use crate::state::store::{Client, Secret};

/// Where [`Client::vendor`] keeps the secrets that are switched off.
const OFF: &str = "inactive_secrets";
/// Secrets that a client may have.
const MOST: usize = 2;
const VALIDATED: &str = "OAuth2ClientSecretMediated";

/// A secret that opens nothing.
#[derive(Serialize, Deserialize)]
struct Off {
    id: String,
    value: String,
    created_at: i64,
}

/// A secret in the form of Okta.
pub(super) fn new_secret(shared: &Shared) -> Result<Secret, getrandom::Error> {
    let now = shared.now();
    let expires_at = idp::secret_expires_at(shared, SELF, now);
    let mut secret = Secret::new(random_of(ALPHANUMERIC, 64)?, now, expires_at);
    secret.id = format!("ocs{}", random_of(ALPHANUMERIC, 17)?);
    Ok(secret)
}

/// `GET /okta/api/v1/apps/{id}/credentials/secrets`
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    method: Method,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, ApiRefusal> {
    opened(&shared, &method, &headers)?;
    let state = shared.state();
    let client = state
        .client(SELF, &id)
        .ok_or_else(|| ApiRefusal::unknown(&id))?;
    let place = place(&shared, &id);
    let active = client
        .secrets
        .iter()
        .map(|secret| shown(&place, &secret.id, &secret.value, secret.created_at, true));
    let off = off(client);
    let off = off
        .iter()
        .map(|secret| shown(&place, &secret.id, &secret.value, secret.created_at, false));
    let items: Vec<Value> = active.chain(off).collect();
    Ok(idp::private(StatusCode::OK, Value::Array(items)))
}

/// `POST /okta/api/v1/apps/{id}/credentials/secrets`
pub(super) async fn add(
    State(shared): State<Arc<Shared>>,
    method: Method,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, ApiRefusal> {
    opened(&shared, &method, &headers)?;
    let answer = {
        let mut state = shared.state();
        let client = state
            .client_mut(SELF, &id)
            .ok_or_else(|| ApiRefusal::unknown(&id))?;
        if client.secrets.len() + off(client).len() >= MOST {
            return Err(refused(
                "You've reached the maximum number of client secrets per client.",
            ));
        }
        if client.secrets.is_empty() {
            return Err(refused("The client's authentication method has no secret."));
        }
        let secret = new_secret(&shared)?;
        let answer = shown(
            &place(&shared, &id),
            &secret.id,
            &secret.value,
            secret.created_at,
            true,
        );
        client.secrets.push(secret);
        answer
    };
    shared.touch();
    Ok(idp::private(StatusCode::CREATED, answer))
}

/// `POST …/secrets/{secret}/lifecycle/deactivate`
pub(super) async fn deactivate(
    State(shared): State<Arc<Shared>>,
    method: Method,
    headers: HeaderMap,
    Path((id, secret)): Path<(String, String)>,
) -> Result<Response, ApiRefusal> {
    opened(&shared, &method, &headers)?;
    let answer = {
        let mut state = shared.state();
        let client = state
            .client_mut(SELF, &id)
            .ok_or_else(|| ApiRefusal::unknown(&id))?;
        let place = place(&shared, &id);
        if let Some(known) = off(client).iter().find(|known| known.id == secret) {
            shown(&place, &known.id, &known.value, known.created_at, false)
        } else {
            let at = client
                .secrets
                .iter()
                .position(|known| known.id == secret)
                .ok_or_else(|| ApiRefusal::unknown(&secret))?;
            if client.secrets.len() == 1 {
                return Err(refused(
                    "You can't deactivate the only active client secret.",
                ));
            }
            let ended = client.secrets.remove(at);
            let answer = shown(&place, &ended.id, &ended.value, ended.created_at, false);
            let mut all = off(client);
            all.push(Off {
                id: ended.id,
                value: ended.value,
                created_at: ended.created_at,
            });
            client.vendor.insert(OFF.to_owned(), json!(all));
            answer
        }
    };
    shared.touch();
    Ok(idp::private(StatusCode::OK, answer))
}

/// `DELETE …/secrets/{secret}`
pub(super) async fn delete(
    State(shared): State<Arc<Shared>>,
    method: Method,
    headers: HeaderMap,
    Path((id, secret)): Path<(String, String)>,
) -> Result<Response, ApiRefusal> {
    opened(&shared, &method, &headers)?;
    {
        let mut state = shared.state();
        let client = state
            .client_mut(SELF, &id)
            .ok_or_else(|| ApiRefusal::unknown(&id))?;
        if client.secrets.iter().any(|known| known.id == secret) {
            return Err(refused(
                "You can't delete an active client secret. Deactivate the secret before deleting it.",
            ));
        }
        let mut all = off(client);
        let before = all.len();
        all.retain(|known| known.id != secret);
        if all.len() == before {
            return Err(ApiRefusal::unknown(&secret));
        }
        client.vendor.insert(OFF.to_owned(), json!(all));
    }
    shared.touch();
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The dial takes this API away from the administrator, as an organisation may.
fn opened(shared: &Shared, method: &Method, headers: &HeaderMap) -> Result<(), ApiRefusal> {
    admitted(shared, method, headers, "okta.apps.manage")?;
    if shared.faults(SELF).vendor(NO_APPS_API) > 0 {
        return Err(ApiRefusal::Forbidden);
    }
    Ok(())
}

fn off(client: &Client) -> Vec<Off> {
    let kept = client.vendor.get(OFF).cloned().unwrap_or_default();
    serde_json::from_value(kept).unwrap_or_default()
}

fn refused(cause: &'static str) -> ApiRefusal {
    ApiRefusal::Validation(VALIDATED, cause)
}

fn place(shared: &Shared, id: &str) -> String {
    format!(
        "{}/api/v1/apps/{id}/credentials/secrets",
        organisation(shared)
    )
}

fn shown(place: &str, id: &str, value: &str, created_at: i64, is_active: bool) -> Value {
    let link = |name: &str, allow: &str| json!({ "href": format!("{place}/{id}{name}"), "hints": { "allow": [allow] } });
    let links = if is_active {
        json!({ "deactivate": link("/lifecycle/deactivate", "POST") })
    } else {
        json!({ "activate": link("/lifecycle/activate", "POST"), "delete": link("", "DELETE") })
    };
    let created = date(created_at);
    json!({
        "id": id,
        "created": created,
        "lastUpdated": created,
        "status": if is_active { "ACTIVE" } else { "INACTIVE" },
        "client_secret": value,
        "secret_hash": hash(value),
        "_links": links,
    })
}

fn hash(value: &str) -> String {
    let digest = digest(&SHA256, value.as_bytes());
    let mut text = URL_SAFE_NO_PAD.encode(digest);
    text.truncate(22);
    text
}

/// Unix seconds as Okta writes a time.
pub(super) fn date(seconds: i64) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].000Z");
    OffsetDateTime::from_unix_timestamp(seconds)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
        .format(&format)
        .unwrap_or_default()
}
