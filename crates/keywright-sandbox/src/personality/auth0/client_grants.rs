//! `/auth0/api/v2/client-grants`

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use super::answer::ManagementRefusal;
use super::grants::{self, ClientGrant};
use super::management::{Page, admitted};
use super::payload::{self, Kind, check, needed, texts};
use super::{SELF, is_api};
use crate::idp;
use crate::state::Shared;
use crate::state::keys::{ALPHANUMERIC, random_of};

const CREATION: &[(&str, Kind)] = &[
    ("client_id", Kind::Text),
    ("audience", Kind::Text),
    ("scope", Kind::List),
    ("subject_type", Kind::Text),
    ("allow_any_organization", Kind::Switch),
    ("organization_usage", Kind::Text),
    ("authorization_details_types", Kind::List),
];
const CHANGE: &[(&str, Kind)] = &[
    ("scope", Kind::List),
    ("allow_any_organization", Kind::Switch),
    ("organization_usage", Kind::Text),
    ("authorization_details_types", Kind::List),
];

/// `POST`
pub(super) async fn create(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ManagementRefusal> {
    admitted(&shared, &headers, "create:client_grants")?;
    let asked = payload::members(&headers, &body)?;
    check(&asked, CREATION, false)?;
    let (client_id, audience) = (needed(&asked, "client_id")?, needed(&asked, "audience")?);
    if !is_api(&shared, audience) {
        return Err(ManagementRefusal::NoApi(audience.to_owned()));
    }
    let grant = ClientGrant {
        id: format!("cgr_{}", random_of(ALPHANUMERIC, 16)?),
        audience: audience.to_owned(),
        scope: granted(&shared, &asked),
    };
    {
        let mut state = shared.state();
        let client = state
            .client_mut(SELF, client_id)
            .ok_or(ManagementRefusal::NoClient)?;
        let mut all = grants::of(client);
        if all.iter().any(|one| one.audience == audience) {
            return Err(ManagementRefusal::GrantExists);
        }
        all.push(grant.clone());
        grants::set(client, &all);
    }
    shared.touch();
    Ok(idp::private(StatusCode::CREATED, grant.answer(client_id)))
}

/// The scopes asked for; without the last one where the dial says so.
fn granted(shared: &Shared, asked: &Map<String, Value>) -> Vec<String> {
    let mut scopes = texts(asked.get("scope"));
    if shared.faults(SELF).grant_less {
        scopes.pop();
    }
    scopes
}

/// `GET`
pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Result<Response, ManagementRefusal> {
    admitted(&shared, &headers, "read:client_grants")?;
    let page = Page::of(&query)?;
    let asked = |name: &str, value: &str| query.get(name).is_none_or(|asked| asked == value);
    let all = shared
        .state()
        .clients(SELF)
        .filter(|client| asked("client_id", &client.id))
        .flat_map(|client| {
            let own = grants::of(client).into_iter();
            own.filter(|grant| asked("audience", &grant.audience))
                .map(|grant| grant.answer(&client.id))
                .collect::<Vec<_>>()
        })
        .collect();
    let answer = page.answer("client_grants", all);
    Ok(idp::private(StatusCode::OK, answer))
}

/// `GET …/{id}`
pub(super) async fn read(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ManagementRefusal> {
    admitted(&shared, &headers, "read:client_grants")?;
    let (client_id, grant) = found(&shared, &id)?;
    Ok(idp::private(StatusCode::OK, grant.answer(&client_id)))
}

/// `PATCH …/{id}`
pub(super) async fn update(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ManagementRefusal> {
    admitted(&shared, &headers, "update:client_grants")?;
    let changes = payload::members(&headers, &body)?;
    check(&changes, CHANGE, true)?;
    let (client_id, mut grant) = found(&shared, &id)?;
    if changes.contains_key("scope") {
        grant.scope = granted(&shared, &changes);
    }
    replace(&shared, &client_id, &id, Some(&grant))?;
    Ok(idp::private(StatusCode::OK, grant.answer(&client_id)))
}

/// `DELETE …/{id}`
pub(super) async fn delete(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ManagementRefusal> {
    admitted(&shared, &headers, "delete:client_grants")?;
    let (client_id, _) = found(&shared, &id)?;
    replace(&shared, &client_id, &id, None)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The grant with this id, and whose it is.
fn found(shared: &Shared, id: &str) -> Result<(String, ClientGrant), ManagementRefusal> {
    let state = shared.state();
    state
        .clients(SELF)
        .find_map(|client| {
            let mut own = grants::of(client).into_iter();
            let grant = own.find(|grant| grant.id == id)?;
            Some((client.id.clone(), grant))
        })
        .ok_or(ManagementRefusal::NoGrant)
}

/// Puts a grant, or nothing, in the place of the one with this id.
fn replace(
    shared: &Shared,
    client_id: &str,
    id: &str,
    grant: Option<&ClientGrant>,
) -> Result<(), ManagementRefusal> {
    {
        let mut state = shared.state();
        let client = state
            .client_mut(SELF, client_id)
            .ok_or(ManagementRefusal::NoGrant)?;
        let mut all = grants::of(client);
        all.retain(|one| one.id != id);
        all.extend(grant.cloned());
        grants::set(client, &all);
    }
    shared.touch();
    Ok(())
}
