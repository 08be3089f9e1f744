//! The client API: `/oauth2/v1/clients` of the organisation.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::admission::admitted;
use super::answer::ApiRefusal;
use super::metadata::{Granted, check_replacement, grant};
use super::{DEACTIVATE_FIRST, SELF, organisation, secrets};
use crate::idp;
use crate::state::Shared;
use crate::state::keys::{ALPHANUMERIC, random_of};
use crate::state::store::Client;

/// Where [`Client::vendor`] keeps what Okta shows of a client.
const SHOWN: &str = "shown";
/// Where it keeps `ACTIVE` or `INACTIVE`.
const STATUS: &str = "status";
const INACTIVE: &str = "INACTIVE";

/// Clients on a page, unless the request says otherwise.
const PAGE: usize = 20;
const LONGEST_PAGE: usize = 200;

/// The application is switched off: its client gets no tokens.
pub(super) fn is_inactive(client: &Client) -> bool {
    client.vendor.get(STATUS).and_then(Value::as_str) == Some(INACTIVE)
}

/// What Okta shows of a client under this name.
pub(super) fn shown<'a>(client: &'a Client, name: &str) -> Option<&'a Value> {
    client.vendor.get(SHOWN)?.get(name)
}

/// `POST /okta/oauth2/v1/clients`
pub(super) async fn create(
    State(shared): State<Arc<Shared>>,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApiRefusal> {
    admitted(&shared, &method, &headers, "okta.clients.register")?;
    let granted = grant(&object(&body)?, shared.faults(SELF).grant_less)?;
    let id = format!("0oa{}", random_of(ALPHANUMERIC, 17)?);
    let mut client = Client::new(SELF, id, granted.metadata.clone(), shared.now());
    if has_secret(&granted) {
        client.replace_secrets(Some(secrets::new_secret(&shared)?));
    }
    show(&mut client, granted);
    let answer = information(&client, true);
    shared.state().insert(client);
    shared.touch();
    Ok(idp::private(StatusCode::CREATED, answer))
}

/// Where a page begins and how long it is.
#[derive(Deserialize)]
pub(super) struct Page {
    limit: Option<usize>,
    after: Option<String>,
    q: Option<String>,
}

/// `GET /okta/oauth2/v1/clients`
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    method: Method,
    headers: HeaderMap,
    Query(page): Query<Page>,
) -> Result<Response, ApiRefusal> {
    admitted(&shared, &method, &headers, "okta.clients.read")?;
    let limit = page.limit.unwrap_or(PAGE).clamp(1, LONGEST_PAGE);
    let state = shared.state();
    let after = page.after.as_deref().unwrap_or_default();
    if !after.is_empty() && !after.starts_with("0oa") {
        return Err(ApiRefusal::BadCursor);
    }
    let named = |client: &Client| match &page.q {
        Some(q) => shown(client, "client_name")
            .and_then(Value::as_str)
            .is_some_and(|name| name.starts_with(q.as_str())),
        None => true,
    };
    let mut found: Vec<&Client> = state
        .clients(SELF)
        .filter(|client| client.id.as_str() > after && named(client))
        .take(limit + 1)
        .collect();
    let more = found.len() > limit;
    found.truncate(limit);
    let items: Vec<Value> = found
        .iter()
        .map(|client| information(client, false))
        .collect();
    let base = format!("{}/oauth2/v1/clients", organisation(&shared));
    let mut links = vec![format!("<{base}?limit={limit}>; rel=\"self\"")];
    if let Some(last) = found.last().filter(|_| more) {
        links.push(format!(
            "<{base}?after={}&limit={limit}>; rel=\"next\"",
            last.id
        ));
    }
    drop(state);
    let mut response = idp::private(StatusCode::OK, Value::Array(items));
    for link in links {
        if let Ok(value) = HeaderValue::try_from(link) {
            response.headers_mut().append(header::LINK, value);
        }
    }
    Ok(response)
}

/// `GET /okta/oauth2/v1/clients/{id}`
pub(super) async fn read(
    State(shared): State<Arc<Shared>>,
    method: Method,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, ApiRefusal> {
    admitted(&shared, &method, &headers, "okta.clients.read")?;
    let state = shared.state();
    let client = state
        .client(SELF, &id)
        .ok_or_else(|| ApiRefusal::unknown(&id))?;
    Ok(idp::private(StatusCode::OK, information(client, false)))
}

/// `PUT /okta/oauth2/v1/clients/{id}`
pub(super) async fn replace(
    State(shared): State<Arc<Shared>>,
    method: Method,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, ApiRefusal> {
    admitted(&shared, &method, &headers, "okta.clients.manage")?;
    let asked = object(&body)?;
    let less = shared.faults(SELF).grant_less;
    let answer = {
        let mut state = shared.state();
        let client = state
            .client_mut(SELF, &id)
            .ok_or_else(|| ApiRefusal::unknown(&id))?;
        check_replacement(&id, &asked)?;
        let granted = grant(&asked, less)?;
        match (has_secret(&granted), client.secrets.is_empty()) {
            (true, true) => client.replace_secrets(Some(secrets::new_secret(&shared)?)),
            (false, false) => client.replace_secrets(None),
            _ => {}
        }
        show(client, granted);
        information(client, true)
    };
    shared.touch();
    Ok(idp::private(StatusCode::OK, answer))
}

/// `DELETE /okta/oauth2/v1/clients/{id}`
pub(super) async fn delete(
    State(shared): State<Arc<Shared>>,
    method: Method,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, ApiRefusal> {
    admitted(&shared, &method, &headers, "okta.clients.manage")?;
    {
        let mut state = shared.state();
        let client = state
            .client(SELF, &id)
            .ok_or_else(|| ApiRefusal::unknown(&id))?;
        if shared.faults(SELF).vendor(DEACTIVATE_FIRST) > 0 && !is_inactive(client) {
            return Err(ApiRefusal::StillActive);
        }
        state.remove(SELF, &id);
    }
    shared.touch();
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /okta/oauth2/v1/clients/{id}/lifecycle/newSecret`
pub(super) async fn new_secret(
    State(shared): State<Arc<Shared>>,
    method: Method,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, ApiRefusal> {
    admitted(&shared, &method, &headers, "okta.clients.manage")?;
    let answer = {
        let mut state = shared.state();
        let client = state
            .client_mut(SELF, &id)
            .ok_or_else(|| ApiRefusal::unknown(&id))?;
        if client.secrets.is_empty() {
            let text = "`token_endpoint_auth_method`: The client has no secret.".to_owned();
            return Err(ApiRefusal::Metadata(text));
        }
        client.replace_secrets(Some(secrets::new_secret(&shared)?));
        information(client, true)
    };
    shared.touch();
    Ok(idp::private(StatusCode::OK, answer))
}

/// `POST /okta/api/v1/apps/{id}/lifecycle/deactivate`
pub(super) async fn deactivate(
    State(shared): State<Arc<Shared>>,
    method: Method,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, ApiRefusal> {
    set_status(&shared, &method, &headers, &id, INACTIVE)
}

/// `POST /okta/api/v1/apps/{id}/lifecycle/activate`
pub(super) async fn activate(
    State(shared): State<Arc<Shared>>,
    method: Method,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, ApiRefusal> {
    set_status(&shared, &method, &headers, &id, "ACTIVE")
}

fn set_status(
    shared: &Shared,
    method: &Method,
    headers: &HeaderMap,
    id: &str,
    status: &str,
) -> Result<Response, ApiRefusal> {
    admitted(shared, method, headers, "okta.apps.manage")?;
    shared
        .state()
        .client_mut(SELF, id)
        .ok_or_else(|| ApiRefusal::unknown(id))?
        .vendor
        .insert(STATUS.to_owned(), json!(status));
    shared.touch();
    Ok(idp::private(StatusCode::OK, json!({})))
}

fn object(body: &[u8]) -> Result<Map<String, Value>, ApiRefusal> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(ApiRefusal::NotWellFormed),
    }
}

fn has_secret(granted: &Granted) -> bool {
    let method = granted.members.get("token_endpoint_auth_method");
    method
        .and_then(Value::as_str)
        .is_some_and(|method| method.starts_with("client_secret"))
}

fn show(client: &mut Client, granted: Granted) {
    client.metadata = granted.metadata;
    client
        .vendor
        .insert(SHOWN.to_owned(), Value::Object(granted.members));
}

/// A client as Okta shows it. The secret is shown to who made or changed it alone.
fn information(client: &Client, with_secret: bool) -> Value {
    let mut members = Map::new();
    members.insert("client_id".to_owned(), json!(client.id));
    let secret = client.secret();
    if let Some(secret) = secret.filter(|_| with_secret) {
        members.insert("client_secret".to_owned(), json!(secret.value));
    }
    members.insert("client_id_issued_at".to_owned(), json!(client.issued_at));
    if let Some(secret) = secret {
        members.insert(
            "client_secret_expires_at".to_owned(),
            json!(secret.expires_at),
        );
    }
    let shown = client.vendor.get(SHOWN).and_then(Value::as_object);
    members.extend(shown.cloned().unwrap_or_default());
    Value::Object(members)
}
