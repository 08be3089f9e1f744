//! Dynamic client management (RFC 7592): a read and an update both end the registration access token
//! and the client secret, and bring new ones. The token reads and updates for 28 days, and deletes for
//! a year.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::answer::{ECHOED, Refused, information};
use super::registration::{SOFTWARE_ID, echoed, grant};
use super::{MANAGEMENT_OFF, READ_WRITE_TTL_SECS, REUSE_TOKEN, SELF, TOKEN_TTL_SECS};
use crate::idp::{self, Refusal};
use crate::state::Shared;
use crate::state::keys::{random_uuid, same_secret};
use crate::state::store::{Client, State as Clients};

/// Member of [`Client::vendor`]: when the registration access token was made, in Unix seconds.
const TOKEN_MADE_AT: &str = "registration_token_made_at";

/// `GET /curity/oauth/v2/oauth-registration/{client_id}`
pub(super) async fn read(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let mut state = shared.state();
    let client = authorised(&shared, &mut state, &id, &headers, READ_WRITE_TTL_SECS)?;
    renew(&shared, client)?;
    Ok(idp::private(StatusCode::OK, information(&shared, client)))
}

/// `PUT /curity/oauth/v2/oauth-registration/{client_id}`
pub(super) async fn update(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let mut state = shared.state();
    let client = authorised(&shared, &mut state, &id, &headers, READ_WRITE_TTL_SECS)?;
    let asked = idp::json_object(&headers, &body)?;
    idp::check_identity(client, &asked)?;
    // A copy of a template goes on to follow it.
    if !client.vendor.contains_key(SOFTWARE_ID) {
        client.metadata = grant(&shared, &asked)?;
        let unknown = echoed(client, &asked);
        client.vendor.insert(ECHOED.to_owned(), unknown);
    }
    renew(&shared, client)?;
    Ok(idp::private(StatusCode::OK, information(&shared, client)))
}

/// `DELETE /curity/oauth/v2/oauth-registration/{client_id}`
pub(super) async fn delete(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let mut state = shared.state();
    authorised(&shared, &mut state, &id, &headers, TOKEN_TTL_SECS)?;
    state.remove(SELF, &id);
    shared.touch();
    let headers = [(header::CACHE_CONTROL, "no-store")];
    Ok((StatusCode::NO_CONTENT, headers).into_response())
}

/// Gives the client a registration access token that begins now.
pub(super) fn begin_token(shared: &Shared, client: &mut Client) -> Result<(), Refusal> {
    client.registration_token = random_uuid()?;
    let now = json!(shared.now());
    client.vendor.insert(TOKEN_MADE_AT.to_owned(), now);
    Ok(())
}

/// A new secret in any case, and a new token unless the profile reuses it.
fn renew(shared: &Shared, client: &mut Client) -> Result<(), Refusal> {
    client.replace_secrets(idp::new_secret(shared, SELF, &client.metadata)?);
    if shared.faults(SELF).vendor(REUSE_TOKEN) == 0 {
        begin_token(shared, client)?;
    }
    shared.touch();
    Ok(())
}

/// The client, if the token is its own and not older than this.
fn authorised<'a>(
    shared: &Shared,
    state: &'a mut Clients,
    id: &str,
    headers: &HeaderMap,
    ttl_secs: i64,
) -> Result<&'a mut Client, Refused> {
    let faults = shared.faults(SELF);
    let token = idp::bearer(headers).ok_or(Refusal::InvalidToken)?;
    if faults.forget_clients || faults.vendor(MANAGEMENT_OFF) > 0 {
        return Err(Refusal::InvalidToken.into());
    }
    let client = state
        .client_mut(SELF, id)
        .filter(|client| same_secret(token, &client.registration_token))
        .ok_or(Refusal::InvalidToken)?;
    let made_at = client
        .vendor
        .get(TOKEN_MADE_AT)
        .and_then(serde_json::Value::as_i64);
    let age = shared
        .now()
        .saturating_sub(made_at.unwrap_or(client.issued_at));
    if age >= TOKEN_TTL_SECS {
        return Err(Refusal::InvalidToken.into());
    }
    if age >= ttl_secs {
        return Err(Refused::InsufficientScope);
    }
    Ok(client)
}
