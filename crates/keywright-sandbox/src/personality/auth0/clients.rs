//! `/auth0/api/v2/clients`

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::answer::ManagementRefusal;
use super::management::{Page, admitted, has};
use super::{
    SELF, TENANT_FULL, credentials, new_client_id, new_secret, new_third_party_id, object, payload,
};
use crate::idp;
use crate::state::Shared;
use crate::state::store::{Client, Secret};

type Asked = Query<BTreeMap<String, String>>;

/// `POST`
pub(super) async fn create(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ManagementRefusal> {
    let claims = admitted(&shared, &headers, "create:clients")?;
    let mut asked = payload::members(&headers, &body)?;
    if asked.contains_key(object::BY_KEY) && !has(&claims, "create:client_credentials") {
        let needed = "create:client_credentials";
        return Err(ManagementRefusal::InsufficientScope(needed));
    }
    object::check_new(&asked)?;
    let credentials = credentials::with_client(&mut asked, shared.now())?;
    let faults = shared.faults(SELF);
    if faults.vendor(TENANT_FULL) > 0 {
        return Err(ManagementRefusal::TooManyEntities);
    }
    let members = object::new(asked, faults.grant_less)?;
    let id = if object::is_strict(&members) {
        new_third_party_id()?
    } else {
        new_client_id()?
    };
    let mut client = Client::new(SELF, id, object::metadata(&members), shared.now());
    client.vendor = members;
    give_secret(&shared, &mut client)?;
    let mut answer = object::answer(&client, true);
    if let Some(whole) = credentials {
        answer[object::BY_KEY] = whole;
    }
    shared.state().insert(client);
    shared.touch();
    Ok(idp::private(StatusCode::CREATED, answer))
}

/// Auth0 makes a secret for each client, also for one that cannot use it.
pub(super) fn give_secret(shared: &Shared, client: &mut Client) -> Result<(), ManagementRefusal> {
    let chosen = client.vendor.remove("client_secret");
    let value = match chosen.as_ref().and_then(Value::as_str) {
        Some(chosen) => chosen.to_owned(),
        None => new_secret()?,
    };
    let now = shared.now();
    let expires_at = idp::secret_expires_at(shared, SELF, now);
    client.replace_secrets(Some(Secret::new(value, now, expires_at)));
    Ok(())
}

/// `GET`
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Query(query): Asked,
    headers: HeaderMap,
) -> Result<Response, ManagementRefusal> {
    let claims = admitted(&shared, &headers, "read:clients")?;
    let page = Page::of(&query)?;
    let with_secret = has(&claims, "read:client_keys");
    // The one global client of a tenant is not kept here.
    let only_global = query.get("is_global").is_some_and(|it| it == "true");
    let all = shared
        .state()
        .clients(SELF)
        .filter(|_| !only_global)
        .map(|client| chosen(object::answer(client, with_secret), &query))
        .collect();
    Ok(idp::private(StatusCode::OK, page.answer("clients", all)))
}

/// `GET …/{id}`
pub(super) async fn read(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Query(query): Asked,
    headers: HeaderMap,
) -> Result<Response, ManagementRefusal> {
    let claims = admitted(&shared, &headers, "read:clients")?;
    let with_secret = has(&claims, "read:client_keys");
    let state = shared.state();
    let client = state.client(SELF, &id).ok_or(ManagementRefusal::NoClient)?;
    let answer = chosen(object::answer(client, with_secret), &query);
    Ok(idp::private(StatusCode::OK, answer))
}

/// The members that the query chooses, or all but those.
fn chosen(answer: Value, query: &BTreeMap<String, String>) -> Value {
    let (Some(fields), Value::Object(members)) = (query.get("fields"), &answer) else {
        return answer;
    };
    let named: Vec<&str> = fields.split(',').collect();
    let include = query.get("include_fields").is_none_or(|it| it == "true");
    let kept: Map<String, Value> = members
        .iter()
        .filter(|(name, _)| named.contains(&name.as_str()) == include)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    json!(kept)
}

/// `PATCH …/{id}`
pub(super) async fn update(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ManagementRefusal> {
    let claims = admitted(&shared, &headers, "update:clients")?;
    let changes = payload::members(&headers, &body)?;
    if changes.contains_key("client_secret") && !has(&claims, "update:client_keys") {
        return Err(ManagementRefusal::InsufficientScope("update:client_keys"));
    }
    if changes.contains_key(object::BY_KEY) && !has(&claims, "update:client_credentials") {
        let needed = "update:client_credentials";
        return Err(ManagementRefusal::InsufficientScope(needed));
    }
    if changes.is_empty() {
        return Err(ManagementRefusal::InvalidBody(
            "'Too few properties defined (0), minimum 1'.".to_owned(),
        ));
    }
    let with_secret = has(&claims, "read:client_keys");
    let answer = {
        let mut state = shared.state();
        let client = state
            .client_mut(SELF, &id)
            .ok_or(ManagementRefusal::NoClient)?;
        client.vendor = object::patched(&client.vendor, changes)?;
        client.metadata = object::metadata(&client.vendor);
        if client.vendor.contains_key("client_secret") {
            give_secret(&shared, client)?;
        }
        object::answer(client, with_secret)
    };
    shared.touch();
    Ok(idp::private(StatusCode::OK, answer))
}

/// `POST …/{id}/rotate-secret`
pub(super) async fn rotate(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ManagementRefusal> {
    admitted(&shared, &headers, "update:client_keys")?;
    let answer = {
        let mut state = shared.state();
        let client = state
            .client_mut(SELF, &id)
            .ok_or(ManagementRefusal::NoClient)?;
        if client.vendor.contains_key(object::BY_KEY) {
            return Err(ManagementRefusal::Validation(
                "Cannot rotate the secret of a client that authenticates with private_key_jwt",
            ));
        }
        give_secret(&shared, client)?;
        object::answer(client, true)
    };
    shared.touch();
    Ok(idp::private(StatusCode::OK, answer))
}

/// `DELETE …/{id}`: its grants end with it.
pub(super) async fn delete(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ManagementRefusal> {
    admitted(&shared, &headers, "delete:clients")?;
    let removed = shared.state().remove(SELF, &id);
    removed.ok_or(ManagementRefusal::NoClient)?;
    shared.touch();
    Ok(StatusCode::NO_CONTENT.into_response())
}
