//! Microsoft Graph, as far as applications go. What was just made is unknown for as long as the dial
//! says: each request may be answered by a replica that has not heard of it.

mod answer;
mod applications;
mod certificates;
mod deleted;
mod filter;
mod object;
mod passwords;
mod principals;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{delete, get, post};
use serde_json::{Map, Value};

use self::answer::GraphError;
use super::{GRAPH_LAG, PERMISSION_MISSING, SELF, resource};
use crate::idp::{self, bearer};
use crate::state::Shared;
use crate::state::store::{Client, State};

pub(super) use self::answer::too_many_requests;

/// What only Graph needs to know of an application, in addition to the members of the object.
mod own {
    /// Object ID: the application's name in paths.
    pub(super) const OBJECT_ID: &str = "objectId";
    /// Object ID of its service principal.
    pub(super) const SERVICE_PRINCIPAL: &str = "servicePrincipalId";
    /// What each secret was called, by its key ID.
    pub(super) const PASSWORD_NAMES: &str = "passwordNames";
}

pub(super) fn router() -> Router<Arc<Shared>> {
    let at = |path: &str| format!("/entra/graph/v1.0/{path}");
    Router::new()
        .route(
            &at("applications"),
            get(applications::list).post(applications::create),
        )
        .route(
            &at("applications/{id}"),
            get(applications::read)
                .patch(applications::update)
                .delete(applications::delete),
        )
        .route(&at("applications/{id}/addPassword"), post(passwords::add))
        .route(
            &at("applications/{id}/removePassword"),
            post(passwords::remove),
        )
        .route(
            &at("servicePrincipals"),
            get(principals::list).post(principals::create),
        )
        .route(
            &at("directory/deletedItems/{id}"),
            delete(deleted::purge).get(deleted::read),
        )
}

/// Answers a request of the administrator's client, and refuses others.
fn answered(
    shared: &Shared,
    headers: &HeaderMap,
    act: impl FnOnce(&Shared) -> Result<Response, GraphError>,
) -> Response {
    permitted(shared, headers)
        .and_then(|()| act(shared))
        .unwrap_or_else(|error| error.at(shared.now()))
}

/// Lets in the administrator's client with a token for Graph.
fn permitted(shared: &Shared, headers: &HeaderMap) -> Result<(), GraphError> {
    let token = bearer(headers).ok_or(GraphError::NoToken)?;
    let claims = idp::live_token(shared, SELF, token)
        .filter(|claims| claims.aud == resource::GRAPH)
        .ok_or(GraphError::BadToken)?;
    let may = claims.scope().contains(&super::token::ADMIN_ROLE)
        && shared.faults(SELF).vendor(PERMISSION_MISSING) == 0;
    if may { Ok(()) } else { Err(GraphError::Denied) }
}

/// How long an object that was just made is unknown to the next request.
fn lag(shared: &Shared) -> Duration {
    shared.faults(SELF).vendor_time(GRAPH_LAG)
}

/// The application ID of the application with this object ID, if this request may know of it.
fn app_id(shared: &Shared, state: &State, object_id: &str) -> Result<String, GraphError> {
    if shared.faults(SELF).forget_clients {
        return Err(GraphError::not_found(object_id));
    }
    state
        .clients(SELF)
        .find(|client| is_object(client, object_id))
        .filter(|client| !client.is_replicating(lag(shared)))
        .map(|client| client.id.clone())
        .ok_or_else(|| GraphError::not_found(object_id))
}

fn is_object(client: &Client, object_id: &str) -> bool {
    text_of(client, own::OBJECT_ID) == Some(object_id)
}

fn text_of<'a>(client: &'a Client, name: &str) -> Option<&'a str> {
    client.vendor.get(name)?.as_str()
}

/// The members of a JSON body.
fn members(body: &[u8]) -> Result<Map<String, Value>, GraphError> {
    serde_json::from_slice(body).or(Err(GraphError::NoJson))
}
