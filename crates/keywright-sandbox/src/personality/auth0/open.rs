//! `POST /auth0/oidc/register`: third-party clients for users, without client credentials.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::answer::ManagementRefusal;
use super::payload::{self, texts};
use super::{OPEN_REGISTRATION_OFF, SELF, clients, new_third_party_id, object};
use crate::idp::{self, Refusal};
use crate::state::Shared;
use crate::state::store::Client;

/// Grants that are not dropped.
const GRANTS: [&str; 2] = ["authorization_code", "refresh_token"];

/// Why a client is not registered.
pub(super) enum OpenRefusal {
    Management(ManagementRefusal),
    Metadata(Refusal),
}

impl axum::response::IntoResponse for OpenRefusal {
    fn into_response(self) -> Response {
        match self {
            Self::Management(refusal) => refusal.into_response(),
            Self::Metadata(refusal) => refusal.into_response(),
        }
    }
}

impl From<ManagementRefusal> for OpenRefusal {
    fn from(refusal: ManagementRefusal) -> Self {
        Self::Management(refusal)
    }
}

impl From<getrandom::Error> for OpenRefusal {
    fn from(error: getrandom::Error) -> Self {
        Self::Management(error.into())
    }
}

pub(super) async fn register(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, OpenRefusal> {
    if shared.faults(SELF).vendor(OPEN_REGISTRATION_OFF) > 0 {
        return Err(ManagementRefusal::OpenRegistrationOff.into());
    }
    let asked = payload::members(&headers, &body)?;
    let redirects = texts(asked.get("redirect_uris"));
    if redirects.is_empty() {
        let text = "redirect_uris is required".to_owned();
        return Err(OpenRefusal::Metadata(Refusal::InvalidRedirectUri(text)));
    }
    let members = members(&asked, &redirects)?;
    let id = new_third_party_id()?;
    let mut client = Client::new(SELF, id, object::metadata(&members), shared.now());
    client.vendor = members;
    let is_public = client.vendor["token_endpoint_auth_method"] == "none";
    if !is_public {
        clients::give_secret(&shared, &mut client)?;
    }
    let answer = information(&client);
    shared.state().insert(client);
    shared.touch();
    Ok(idp::private(StatusCode::CREATED, answer))
}

/// The members of the client, as the Management API shows it.
fn members(
    asked: &Map<String, Value>,
    redirects: &[String],
) -> Result<Map<String, Value>, ManagementRefusal> {
    let text = |name: &str, usual: &str| {
        let given = asked.get(name).and_then(Value::as_str);
        given.unwrap_or(usual).to_owned()
    };
    let mut grants = texts(asked.get("grant_types"));
    grants.retain(|grant| GRANTS.contains(&grant.as_str()));
    if grants.is_empty() {
        grants.push(GRANTS[0].to_owned());
    }
    let theirs = json!({
        "name": text("client_name", "Untitled"),
        "callbacks": redirects,
        "grant_types": grants,
        "token_endpoint_auth_method": text("token_endpoint_auth_method", "client_secret_post"),
        "is_first_party": false,
        "third_party_security_mode": "strict",
    });
    match theirs {
        Value::Object(members) => object::new(members, false),
        _ => Err(ManagementRefusal::Failed),
    }
}

/// The answer, in the names of RFC 7591.
fn information(client: &Client) -> Value {
    let mut answer = json!({
        "client_name": client.vendor["name"],
        "client_id": client.id,
        "redirect_uris": client.vendor["callbacks"],
        "grant_types": client.vendor["grant_types"],
        "token_endpoint_auth_method": client.vendor["token_endpoint_auth_method"],
        "client_secret_expires_at": 0,
    });
    if let Some(secret) = client.secret() {
        answer["client_secret"] = json!(secret.value);
    }
    answer
}
