//! The refusals of the token service: an error of RFC 6749 with the number that tells what it is.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use time::OffsetDateTime;
use time::macros::format_description;

use super::{SELF, TENANT};
use crate::idp::{self, BadCredentials, BadForm};
use crate::state::Shared;
use crate::state::keys::random_uuid;

/// Why the token service refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StsError {
    /// No such tenant.
    UnknownTenant(String),
    /// A parameter of the form is missing, or the body is no form.
    Missing(&'static str),
    /// Another grant than client credentials.
    UnsupportedGrant(String),
    /// `resource` belongs to the endpoint of version 1.
    ResourceParameter,
    /// The scope does not end in `/.default`.
    BadScope(String),
    /// No such resource in the tenant.
    UnknownResource(String),
    /// No such application, or none yet.
    UnknownClient(String),
    /// The secret is not the application's, or not yet.
    WrongSecret(String),
    /// The secret was the application's.
    SecretOver(String),
    /// The request has no secret.
    NoSecret,
    /// The Sandbox itself failed.
    Failed,
}

impl StsError {
    /// The refusal, said now.
    pub(super) fn at(self, shared: &Shared) -> StsRefusal {
        StsRefusal {
            error: self,
            now: shared.now(),
            base: SELF.base(shared),
        }
    }

    fn words(&self) -> (StatusCode, &'static str, u32, String) {
        let bad = StatusCode::BAD_REQUEST;
        let unauthorized = StatusCode::UNAUTHORIZED;
        match self {
            Self::UnknownTenant(tenant) => (
                bad,
                "invalid_tenant",
                90002,
                format!(
                    "Tenant '{tenant}' not found. Check to make sure you have the correct tenant \
                     ID and are signing into the correct cloud. Check with your subscription \
                     administrator, this may happen if there are no active subscriptions for the \
                     tenant."
                ),
            ),
            Self::Missing(name) => (
                bad,
                "invalid_request",
                900_144,
                format!("The request body must contain the following parameter: '{name}'."),
            ),
            Self::UnsupportedGrant(grant) => (
                bad,
                "unsupported_grant_type",
                70003,
                format!("The app requested an unsupported grant type '{grant}'."),
            ),
            Self::ResourceParameter => (
                bad,
                "invalid_request",
                901_002,
                "The 'resource' request parameter is not supported.".to_owned(),
            ),
            Self::BadScope(scope) => (
                bad,
                "invalid_scope",
                70011,
                format!(
                    "The provided request must include a 'scope' input parameter. The provided \
                     value for the input parameter 'scope' is not valid. The scope {scope} is not \
                     valid."
                ),
            ),
            Self::UnknownResource(resource) => (
                bad,
                "invalid_resource",
                500_011,
                format!(
                    "The resource principal named {resource} was not found in the tenant named \
                     {TENANT}. This can happen if the application has not been installed by the \
                     administrator of the tenant or consented to by any user in the tenant. You \
                     might have sent your authentication request to the wrong tenant."
                ),
            ),
            Self::UnknownClient(id) => (
                bad,
                "unauthorized_client",
                700_016,
                format!(
                    "Application with identifier '{id}' was not found in the directory \
                     '{TENANT}'. This can happen if the application has not been installed by the \
                     administrator of the tenant or consented to by any user in the tenant. You \
                     may have sent your authentication request to the wrong tenant."
                ),
            ),
            Self::WrongSecret(id) => (
                unauthorized,
                "invalid_client",
                7_000_215,
                format!(
                    "Invalid client secret provided. Ensure the secret being sent in the request \
                     is the client secret value, not the client secret ID, for a secret added to \
                     app '{id}'."
                ),
            ),
            Self::SecretOver(id) => (
                unauthorized,
                "invalid_client",
                7_000_222,
                format!(
                    "The provided client secret keys for app '{id}' are expired. Visit the Azure \
                     portal to create new keys for your app: https://aka.ms/NewClientSecret, or \
                     consider using certificate credentials for added security: \
                     https://aka.ms/certCreds."
                ),
            ),
            Self::NoSecret => (
                unauthorized,
                "invalid_client",
                7_000_218,
                "The request body must contain the following parameter: 'client_assertion' or \
                 'client_secret'."
                    .to_owned(),
            ),
            Self::Failed => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "server_error",
                90_033,
                "A transient error has occurred. Please try again.".to_owned(),
            ),
        }
    }
}

impl From<BadForm> for StsError {
    /// A body that is no form holds no parameter, and this is the first one looked for.
    fn from(_: BadForm) -> Self {
        Self::Missing("grant_type")
    }
}

impl From<BadCredentials> for StsError {
    fn from(_: BadCredentials) -> Self {
        Self::Missing("client_id")
    }
}

impl From<getrandom::Error> for StsError {
    fn from(error: getrandom::Error) -> Self {
        tracing::error!(%error, "no randomness");
        Self::Failed
    }
}

impl From<jsonwebtoken::errors::Error> for StsError {
    fn from(error: jsonwebtoken::errors::Error) -> Self {
        tracing::error!(%error, "an access token could not be signed");
        Self::Failed
    }
}

/// A refusal with the time and the ids it is traced by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StsRefusal {
    error: StsError,
    now: i64,
    base: String,
}

impl IntoResponse for StsRefusal {
    fn into_response(self) -> Response {
        let (status, error, number, text) = self.error.words();
        // Without randomness the error still has to be told.
        let trace = random_uuid().unwrap_or_default();
        let correlation = random_uuid().unwrap_or_default();
        let timestamp = timestamp(self.now);
        let body = json!({
            "error": error,
            "error_description": format!(
                "AADSTS{number}: {text} Trace ID: {trace} Correlation ID: {correlation} \
                 Timestamp: {timestamp}"
            ),
            "error_codes": [number],
            "timestamp": timestamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("{}/error?code={number}", self.base),
        });
        idp::private(status, body)
    }
}

/// `2026-05-24 13:34:39Z`; nothing for a time that no calendar has.
fn timestamp(now: i64) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]Z");
    OffsetDateTime::from_unix_timestamp(now)
        .ok()
        .and_then(|at| at.format(format).ok())
        .unwrap_or_default()
}
