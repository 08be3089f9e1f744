//! What an administrator sees of the organisation and of its authorization server: the document that
//! every organisation has, the server, its one policy and that policy's rule.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::admission::admitted;
use super::answer::ApiRefusal;
use super::secrets::date;
use super::{AUDIENCE, NO_POLICY, SELF, organisation};
use crate::idp;
use crate::state::Shared;

const SERVER: &str = "default";
const POLICY: &str = "00psandboxdefault0h7";
/// 1 January 2026: the organisation is as old as that.
const BEGAN: i64 = 1_767_225_600;

/// `GET /okta/.well-known/okta-organization`
pub(super) async fn organization(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(json!({
        "id": "00osandbox0000000000",
        "cell": "sandbox",
        "_links": { "organization": { "href": organisation(&shared) } },
        "pipeline": "idx",
        "settings": {
            "analyticsCollectionEnabled": false,
            "bugReportingEnabled": false,
            "omEnabled": false,
            "pssoEnabled": false,
            "desktopMFAEnabled": false,
            "itpEnabled": false,
        },
    }))
}

/// `GET /okta/api/v1/authorizationServers/{server}`
pub(super) async fn server(
    State(shared): State<Arc<Shared>>,
    method: Method,
    headers: HeaderMap,
    Path(server): Path<String>,
) -> Result<Response, ApiRefusal> {
    let place = opened(&shared, &method, &headers, &server)?;
    let began = date(BEGAN);
    let body = json!({
        "id": SERVER,
        "name": "default",
        "description": "Default Authorization Server",
        "audiences": [AUDIENCE],
        "issuer": SELF.issuer(&shared),
        "issuerMode": "ORG_URL",
        "status": "ACTIVE",
        "created": began,
        "lastUpdated": began,
        "credentials": { "signing": {
            "kid": shared.signing_key(SELF).kid(), "rotationMode": "AUTO",
            "lastRotated": began, "nextRotation": date(shared.now().saturating_add(90 * 86_400)),
        } },
        "default": true,
        "_links": {
            "policies": link(&format!("{place}/policies"), "GET"),
            "self": link(&place, "GET"),
        },
    });
    Ok(idp::private(StatusCode::OK, body))
}

/// `GET …/authorizationServers/{server}/policies`: none while the dial says so, as in a new
/// organisation.
pub(super) async fn policies(
    State(shared): State<Arc<Shared>>,
    method: Method,
    headers: HeaderMap,
    Path(server): Path<String>,
) -> Result<Response, ApiRefusal> {
    let place = opened(&shared, &method, &headers, &server)?;
    if shared.faults(SELF).vendor(NO_POLICY) > 0 {
        return Ok(idp::private(StatusCode::OK, json!([])));
    }
    let began = date(BEGAN);
    let policy = json!({
        "type": "OAUTH_AUTHORIZATION_POLICY",
        "id": POLICY,
        "status": "ACTIVE",
        "name": "All clients",
        "description": "All clients get all custom scopes",
        "priority": 1,
        "system": false,
        "conditions": { "clients": { "include": ["ALL_CLIENTS"] } },
        "created": began,
        "lastUpdated": began,
        "_links": { "rules": link(&format!("{place}/policies/{POLICY}/rules"), "GET") },
    });
    Ok(idp::private(StatusCode::OK, json!([policy])))
}

/// `GET …/policies/{policy}/rules`
pub(super) async fn rules(
    State(shared): State<Arc<Shared>>,
    method: Method,
    headers: HeaderMap,
    Path((server, policy)): Path<(String, String)>,
) -> Result<Response, ApiRefusal> {
    opened(&shared, &method, &headers, &server)?;
    if policy != POLICY || shared.faults(SELF).vendor(NO_POLICY) > 0 {
        return Err(ApiRefusal::unknown(&policy));
    }
    let began = date(BEGAN);
    let rule = json!({
        "type": "RESOURCE_ACCESS",
        "id": "0prsandboxdefault0h7",
        "status": "ACTIVE",
        "name": "All grants",
        "priority": 1,
        "created": began,
        "lastUpdated": began,
        "system": false,
        "conditions": {
            "people": {
                "users": { "include": [], "exclude": [] },
                "groups": { "include": ["EVERYONE"], "exclude": [] },
            },
            "grantTypes": { "include": [
                "client_credentials", "authorization_code",
                "urn:ietf:params:oauth:grant-type:device_code",
            ] },
            "scopes": { "include": ["*"] },
        },
        "actions": { "token": { "accessTokenLifetimeMinutes": 60 } },
    });
    Ok(idp::private(StatusCode::OK, json!([rule])))
}

/// The address of the server, for who may see it.
fn opened(
    shared: &Shared,
    method: &Method,
    headers: &HeaderMap,
    server: &str,
) -> Result<String, ApiRefusal> {
    admitted(shared, method, headers, "okta.authorizationServers.read")?;
    if server != SERVER {
        return Err(ApiRefusal::unknown(server));
    }
    Ok(format!(
        "{}/api/v1/authorizationServers/{SERVER}",
        organisation(shared)
    ))
}

fn link(href: &str, allow: &str) -> Value {
    json!({ "href": href, "hints": { "allow": [allow] } })
}
