//! `POST /entra/{tenant}/oauth2/v2.0/devicecode`: a code that a user enters at `/entra/devicelogin`.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::answer::{StsError, StsRefusal};
use super::{SELF, resource, users};
use crate::idp::{self, DeviceRules, Form};
use crate::state::Shared;

/// "The user has 15 minutes to sign in"; "`verification_uri_complete` is not included or supported at this time".
pub(super) const RULES: DeviceRules = DeviceRules {
    page: "devicelogin",
    lifetime_secs: 900,
    is_split: false,
    names_complete: false,
    expires_once: false,
};

/// `POST /entra/{tenant}/oauth2/v2.0/devicecode`
pub(super) async fn code(
    State(shared): State<Arc<Shared>>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, StsRefusal> {
    let answer = answer(&shared, tenant, &headers, &body).map_err(|error| error.at(&shared))?;
    Ok(idp::private(StatusCode::OK, answer))
}

/// A code needs no proof: what the client proves is asked with the token.
fn answer(
    shared: &Shared,
    tenant: String,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Value, StsError> {
    if !resource::is_tenant(&tenant) {
        return Err(StsError::UnknownTenant(tenant));
    }
    let form = Form::parse(headers, body)?;
    let id = form
        .get("client_id")
        .ok_or(StsError::Missing("client_id"))?;
    let client = shared.state().client(SELF, id).cloned();
    let client = client.ok_or_else(|| StsError::UnknownClient(id.to_owned()))?;
    let asked =
        users::scope(&client, &form).map_err(|(error, why)| StsError::Device(error, why))?;
    let mut answer = idp::device_codes(shared, &client, asked)?;
    let to = answer["verification_uri"].as_str().unwrap_or_default();
    let code = answer["user_code"].as_str().unwrap_or_default();
    answer["message"] = json!(format!(
        "To sign in, use a web browser to open the page {to} and enter the code {code} to authenticate."
    ));
    Ok(answer)
}
