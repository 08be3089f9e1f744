//! Okta's refusals: the shape of RFC 6749 at the token endpoint, an envelope of its own elsewhere.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::idp::{self, BadCredentials, BadForm};
use crate::keys::{ALPHANUMERIC, random_of};

/// Why the token endpoint refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenRefusal {
    /// The body is no form.
    BadBody,
    /// `grant_type` is missing.
    NoGrantType,
    /// No credentials, or none that can be read.
    NoCredentials,
    /// Credentials in more than one place.
    MultipleCredentials,
    /// No client has this id.
    UnknownClient,
    /// The secret is not the client's.
    WrongSecret,
    /// The client is registered for another way to authenticate.
    WrongMethod,
    /// The organisation's own server takes no secrets.
    OrganisationNeedsKey,
    /// No such grant.
    UnsupportedGrant,
    /// The client is not made for the grant.
    GrantNotAllowed,
    /// No scope was asked for, and there are no default ones.
    NoScope,
    /// `openid` is for users.
    OpenidScope,
    /// The server has no such scope.
    UnknownScope,
    /// The Sandbox itself failed.
    Failed,
}

impl TokenRefusal {
    const fn words(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::BadBody => (
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "The body must be application/x-www-form-urlencoded.",
            ),
            Self::NoGrantType => (
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "The token request must specify a 'grant_type'.",
            ),
            Self::NoCredentials => (
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                "No client credentials found",
            ),
            Self::MultipleCredentials => (
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "Can't supply multiple client credentials. Use one of the following: credentials \
                 in the Authorization header, credentials in the post body, or a \
                 `client_assertion` in the post body.",
            ),
            Self::UnknownClient => (
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                "Invalid value for 'client_id' parameter.",
            ),
            Self::WrongSecret => (
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                "The client secret supplied for a confidential client is invalid.",
            ),
            Self::WrongMethod => (
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                "Client authentication failed. Either the client or the client credentials are \
                 invalid.",
            ),
            Self::OrganisationNeedsKey => (
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                "Client Credentials requests to the Org Authorization Server must use the \
                 private_key_jwt token_endpoint_auth_method.",
            ),
            Self::UnsupportedGrant => (
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "The authorization grant type is not supported by the authorization server.",
            ),
            Self::GrantNotAllowed => (
                StatusCode::BAD_REQUEST,
                "unauthorized_client",
                "The client is not authorized to use the provided grant type.",
            ),
            Self::NoScope => (
                StatusCode::BAD_REQUEST,
                "invalid_scope",
                "The authorization server resource does not have any configured default scopes, \
                 'scope' must be provided.",
            ),
            Self::OpenidScope => (
                StatusCode::BAD_REQUEST,
                "invalid_scope",
                "Cannot request 'openid' scopes using client credentials.",
            ),
            Self::UnknownScope => (
                StatusCode::BAD_REQUEST,
                "invalid_scope",
                "One or more scopes are not configured for the authorization server resource.",
            ),
            Self::Failed => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "server_error",
                "The Sandbox failed",
            ),
        }
    }
}

impl IntoResponse for TokenRefusal {
    fn into_response(self) -> Response {
        let (status, error, description) = self.words();
        idp::private(
            status,
            json!({ "error": error, "error_description": description }),
        )
    }
}

impl From<BadForm> for TokenRefusal {
    fn from(_: BadForm) -> Self {
        Self::BadBody
    }
}

impl From<BadCredentials> for TokenRefusal {
    fn from(why: BadCredentials) -> Self {
        match why {
            BadCredentials::Missing | BadCredentials::Unreadable => Self::NoCredentials,
            BadCredentials::TwoWays | BadCredentials::TwoClients => Self::MultipleCredentials,
        }
    }
}

impl From<getrandom::Error> for TokenRefusal {
    fn from(error: getrandom::Error) -> Self {
        tracing::error!(%error, "no randomness");
        Self::Failed
    }
}

impl From<jsonwebtoken::errors::Error> for TokenRefusal {
    fn from(error: jsonwebtoken::errors::Error) -> Self {
        tracing::error!(%error, "an access token could not be signed");
        Self::Failed
    }
}

/// Why an API of the organisation refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ApiRefusal {
    /// Too many requests.
    TooManyRequests,
}

impl ApiRefusal {
    const fn words(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::TooManyRequests => (
                StatusCode::TOO_MANY_REQUESTS,
                "E0000047",
                "API call exceeded rate limit due to too many requests.",
            ),
        }
    }
}

impl IntoResponse for ApiRefusal {
    fn into_response(self) -> Response {
        let (status, code, summary) = self.words();
        idp::private(status, envelope(code, summary, &[]))
    }
}

/// Okta's error body. `errorLink` is the code again, not an address.
fn envelope(code: &str, summary: &str, causes: &[&str]) -> Value {
    let causes: Vec<Value> = causes
        .iter()
        .map(|cause| json!({ "errorSummary": cause }))
        .collect();
    // Without randomness the error still has to be told.
    let id = random_of(ALPHANUMERIC, 22).unwrap_or_default();
    json!({
        "errorCode": code,
        "errorSummary": summary,
        "errorLink": code,
        "errorId": format!("oae{id}"),
        "errorCauses": causes,
    })
}
