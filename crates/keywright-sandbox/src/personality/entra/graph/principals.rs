//! `/servicePrincipals`: without one, the token service does not know an application.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::answer::{GraphError, found};
use super::applications::context;
use super::filter::Wanted;
use super::{answered, lag, members, object, own, text_of};
use crate::personality::entra::SELF;
use crate::state::Shared;
use crate::state::keys::random_uuid;

/// `POST /servicePrincipals`
pub(super) async fn create(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answered(&shared, &headers, |shared| {
        let asked = members(&body)?;
        let app_id = asked.get("appId").and_then(Value::as_str);
        let app_id = app_id.ok_or(GraphError::BadProperty {
            name: "appId",
            of: "ServicePrincipal",
        })?;
        let unknown = || GraphError::NoBackingApplication(app_id.to_owned());
        if shared.faults(SELF).forget_clients {
            return Err(unknown());
        }
        let id = random_uuid()?;
        let mut state = shared.state();
        let client = state
            .client_mut(SELF, app_id)
            .filter(|client| !client.is_replicating(lag(shared)))
            .ok_or_else(unknown)?;
        if text_of(client, own::SERVICE_PRINCIPAL).is_some() {
            return Err(GraphError::PrincipalInUse(app_id.to_owned()));
        }
        client
            .vendor
            .insert(own::SERVICE_PRINCIPAL.to_owned(), json!(id));
        let mut answer = object::principal(client);
        drop(state);
        shared.touch();
        answer["@odata.context"] = context(shared, "servicePrincipals/$entity");
        Ok(found(StatusCode::CREATED, &answer))
    })
}

/// `GET /servicePrincipals`
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    answered(&shared, &headers, |shared| {
        let wanted = Wanted::read(query.as_deref())?;
        let all: Vec<Value> = shared
            .state()
            .clients(SELF)
            .filter(|client| text_of(client, own::SERVICE_PRINCIPAL).is_some())
            .map(object::principal)
            .collect();
        let (page, _) = wanted.page(all.into_iter());
        let answer =
            json!({ "@odata.context": context(shared, "servicePrincipals"), "value": page });
        Ok(found(StatusCode::OK, &answer))
    })
}
