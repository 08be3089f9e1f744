//! `/directory/deletedItems`: what was deleted is there until it is purged.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::answer::{GraphError, done, found};
use super::applications::context;
use super::object::{self, Detail};
use super::{answered, is_object};
use crate::personality::entra::SELF;
use crate::state::Shared;

/// `GET /directory/deletedItems/{id}`
pub(super) async fn read(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    answered(&shared, &headers, |shared| {
        let state = shared.state();
        let client = state
            .deleted(SELF)
            .find(|client| is_object(client, &id))
            .ok_or_else(|| GraphError::not_found(&id))?;
        let mut answer = object::application(client, Detail::Read);
        answer["@odata.context"] = context(shared, "directoryObjects/$entity");
        Ok(found(StatusCode::OK, &answer))
    })
}

/// `DELETE /directory/deletedItems/{id}`
pub(super) async fn purge(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    answered(&shared, &headers, |shared| {
        let mut state = shared.state();
        let app_id = state
            .deleted(SELF)
            .find(|client| is_object(client, &id))
            .map(|client| client.id.clone())
            .ok_or_else(|| GraphError::not_found(&id))?;
        state.purge(SELF, &app_id);
        drop(state);
        shared.touch();
        Ok(done())
    })
}
