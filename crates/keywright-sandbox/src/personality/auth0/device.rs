//! `POST /auth0/oauth/device/code`: a code that a user enters at `/auth0/activate`.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::answer::TokenRefusal;
use super::{token, users};
use crate::idp::{self, DeviceRules, Form};
use crate::state::Shared;

/// "Expiration time: 15 minutes"; `expired_token` "will be returned exactly once; after that, `invalid_grant`".
pub(super) const RULES: DeviceRules = DeviceRules {
    page: "activate",
    lifetime_secs: 900,
    expires_once: true,
    ..DeviceRules::PLAIN
};

/// The name of the grant (RFC 8628 section 3.4).
pub(super) const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// `POST /auth0/oauth/device/code`
pub(super) async fn code(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, TokenRefusal> {
    let form = Form::parse_or_json(&headers, &body)?;
    let presented = idp::presented(&headers, &form)?;
    let client = token::recognised(&shared, &presented)?;
    // Asked before anybody sees a code: the API and what Auth0 knows of the scope.
    let asked = users::scope(&shared, &form)
        .map_err(|(error, why)| TokenRefusal::Device(error, why.to_owned()))?;
    let answer =
        idp::device_codes(&shared, &client, asked).map_err(|why| TokenRefusal::of(&why, GRANT))?;
    Ok(idp::private(StatusCode::OK, answer))
}
