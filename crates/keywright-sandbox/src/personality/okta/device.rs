//! `POST /okta/oauth2/default/v1/device/authorize`: a code that a user enters at `/okta/activate`.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::answer::TokenRefusal;
use super::{SELF, token, users};
use crate::idp::{self, DeviceRules, Form};
use crate::state::Shared;

/// "The unique user code is valid for 10 minutes"; it is eight letters.
pub(super) const RULES: DeviceRules = DeviceRules {
    page: "activate",
    is_split: false,
    ..DeviceRules::PLAIN
};

/// `POST /okta/oauth2/default/v1/device/authorize`
pub(super) async fn authorize(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, TokenRefusal> {
    let form = Form::parse(&headers, &body)?;
    let endpoint = format!("{}/v1/device/authorize", SELF.issuer(&shared));
    let presented = idp::presented(&headers, &form)?.at(endpoint);
    let client = token::recognised(&shared, &presented)?;
    let asked = users::asked(&shared, &form).map_err(|(error, why)| match error {
        "access_denied" => TokenRefusal::NoPolicy,
        _ => TokenRefusal::Device(error, why),
    })?;
    let answer = idp::device_codes(&shared, &client, asked)?;
    Ok(idp::private(StatusCode::OK, answer))
}
