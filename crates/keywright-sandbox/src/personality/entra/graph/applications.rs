//! `/applications`: made, listed, read, changed and deleted.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::answer::{GraphError, done, found};
use super::filter::Wanted;
use super::object::{self, Detail};
use super::{answered, app_id, certificates, lag, members, own};
use crate::idp::Metadata;
use crate::personality::entra::{SELF, resource};
use crate::state::Shared;
use crate::state::keys::random_uuid;
use crate::state::store::{Client, Secret};

/// The secret of the administrator's own application, which lives as long as the Sandbox.
const ADMIN_KEY: &str = "0d5c9a44-7e0b-4a54-8f0e-3f1f5b8c2a10";
const ADMIN_SECRET_END: i64 = 4_102_444_800;

/// `POST /applications`
pub(super) async fn create(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answered(&shared, &headers, |shared| {
        let mut asked = members(&body)?;
        if !asked.contains_key("displayName") {
            return Err(GraphError::BadProperty {
                name: "displayName",
                of: "Application",
            });
        }
        object::check(None, &asked)?;
        certificates::complete(&mut asked, None)?;
        if shared.faults(SELF).grant_less {
            leave_out_last_redirect(&mut asked);
        }
        let client = made(shared, random_uuid()?, asked)?;
        let mut answer = object::application(&client, Detail::Made);
        answer["@odata.context"] = context(shared, "applications/$entity");
        shared.state().insert(client);
        shared.touch();
        Ok(found(StatusCode::CREATED, &answer))
    })
}

fn made(
    shared: &Shared,
    app_id: String,
    members: Map<String, Value>,
) -> Result<Client, GraphError> {
    // What a client may do follows from its application; the engine is told the least of it.
    let least = Map::from_iter([("grant_types".to_owned(), json!(["client_credentials"]))]);
    let metadata = Metadata::grant(&least, false).or(Err(GraphError::Failed))?;
    let mut client = Client::new(SELF, app_id, metadata, shared.now());
    client.vendor = members;
    client
        .vendor
        .insert(own::OBJECT_ID.to_owned(), json!(random_uuid()?));
    certificates::publish(&mut client);
    Ok(client)
}

/// An application has no grants of its own: with a redirect less, it can do less.
fn leave_out_last_redirect(asked: &mut Map<String, Value>) {
    for name in ["web", "publicClient"] {
        if let Some(Value::Array(uris)) = asked
            .get_mut(name)
            .and_then(|part| part.get_mut("redirectUris"))
        {
            uris.pop();
        }
    }
}

/// `GET /applications`
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    answered(&shared, &headers, |shared| {
        let wanted = Wanted::read(query.as_deref())?;
        let forgets = shared.faults(SELF).forget_clients;
        let mut all: Vec<Value> = administrator(shared).into_iter().collect();
        all.extend(
            shared
                .state()
                .clients(SELF)
                .filter(|client| !forgets && !client.is_replicating(lag(shared)))
                .map(|client| object::application(client, Detail::Read)),
        );
        let (page, next) = wanted.page(all.into_iter());
        let mut answer = json!({
            "@odata.context": context(shared, "applications"),
            "value": page,
        });
        if let Some(query) = next {
            let address = resource::graph(shared);
            answer["@odata.nextLink"] = json!(format!("{address}/v1.0/applications?{query}"));
        }
        Ok(found(StatusCode::OK, &answer))
    })
}

/// The administrator's own application.
fn administrator(shared: &Shared) -> Option<Value> {
    let admin = shared.admins.of(SELF)?;
    let name = Map::from_iter([("displayName".to_owned(), json!("Keywright administrator"))]);
    let mut client = made(shared, admin.id.clone(), name).ok()?;
    let mut secret = Secret::new(admin.secret.clone(), shared.now(), ADMIN_SECRET_END);
    ADMIN_KEY.clone_into(&mut secret.id);
    client.secrets.push(secret);
    Some(object::application(&client, Detail::Read))
}

/// `GET /applications/{id}`
pub(super) async fn read(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    answered(&shared, &headers, |shared| {
        let wanted = Wanted::read(query.as_deref())?;
        let state = shared.state();
        let app_id = app_id(shared, &state, &id)?;
        let client = state.client(SELF, &app_id).ok_or(GraphError::Failed)?;
        let telling = if wanted.names(certificates::KEYS) {
            Detail::WithKeys
        } else {
            Detail::Read
        };
        let mut answer = wanted.selected(object::application(client, telling));
        answer["@odata.context"] = context(shared, "applications/$entity");
        Ok(found(StatusCode::OK, &answer))
    })
}

/// `PATCH /applications/{id}`
pub(super) async fn update(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    answered(&shared, &headers, |shared| {
        let mut changes = members(&body)?;
        let mut state = shared.state();
        let app_id = app_id(shared, &state, &id)?;
        object::check(Some(&app_id), &changes)?;
        let client = state.client_mut(SELF, &app_id).ok_or(GraphError::Failed)?;
        certificates::complete(&mut changes, client.vendor.get(certificates::KEYS))?;
        object::merge(&mut client.vendor, changes);
        certificates::publish(client);
        drop(state);
        shared.touch();
        Ok(done())
    })
}

/// `DELETE /applications/{id}`: it is kept among the deleted ones.
pub(super) async fn delete(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    answered(&shared, &headers, |shared| {
        let mut state = shared.state();
        let app_id = app_id(shared, &state, &id)?;
        state.delete_softly(SELF, &app_id);
        drop(state);
        shared.touch();
        Ok(done())
    })
}

/// `@odata.context` of an answer.
pub(super) fn context(shared: &Shared, of: &str) -> Value {
    json!(format!("{}/v1.0/$metadata#{of}", resource::graph(shared)))
}
