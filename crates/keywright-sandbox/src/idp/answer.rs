//! The identity provider's refusals, with the codes of the standards.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::authenticate::BadCredentials;
use super::dpop::DPOP_NONCE;
use super::form::BadForm;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// RFC 6749 section 5.2.
    InvalidRequest(&'static str),
    /// RFC 6749 section 5.2.
    InvalidClient,
    /// RFC 6749 section 5.2.
    InvalidGrant(&'static str),
    /// RFC 6749 section 5.2.
    UnauthorizedClient,
    /// RFC 6749 section 5.2.
    UnsupportedGrantType,
    /// RFC 6749 section 5.2.
    InvalidScope,
    /// A code of another standard, with its description: the device flow, token exchange, and what an
    /// authorization request is refused with.
    Coded(&'static str, &'static str),
    /// RFC 9449 section 5.
    InvalidDpopProof(&'static str),
    /// RFC 9449 section 8: the proof needs this nonce.
    UseDpopNonce(String),
    /// RFC 6750 section 3.1.
    InvalidToken,
    /// RFC 6750 section 3.1: the token lacks this scope.
    InsufficientScope(&'static str),
    /// RFC 7591 section 3.2.2.
    InvalidRedirectUri(String),
    /// RFC 7591 section 3.2.2.
    InvalidClientMetadata(String),
    /// The Sandbox itself failed.
    ServerError,
}

impl Refusal {
    pub(crate) fn metadata(text: impl Into<String>) -> Self {
        Self::InvalidClientMetadata(text.into())
    }

    const fn code(&self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant(_) => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::Coded(code, _) => code,
            Self::InvalidDpopProof(_) => "invalid_dpop_proof",
            Self::UseDpopNonce(_) => "use_dpop_nonce",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope(_) => "insufficient_scope",
            Self::InvalidRedirectUri(_) => "invalid_redirect_uri",
            Self::InvalidClientMetadata(_) => "invalid_client_metadata",
            Self::ServerError => "server_error",
        }
    }

    fn description(&self) -> &str {
        match self {
            Self::InvalidRequest(text)
            | Self::InvalidGrant(text)
            | Self::Coded(_, text)
            | Self::InvalidDpopProof(text) => text,
            Self::UseDpopNonce(_) => "The proof needs the nonce of this answer",
            Self::InvalidClient => "Client authentication failed",
            Self::UnauthorizedClient => "The client may not do this",
            Self::UnsupportedGrantType => "The grant type is not supported",
            Self::InvalidScope => "The client may not have this scope",
            Self::InvalidToken => "The access token is missing or not valid",
            Self::InsufficientScope(_) => "The access token lacks a scope",
            Self::InvalidRedirectUri(text) | Self::InvalidClientMetadata(text) => text,
            Self::ServerError => "The Sandbox failed",
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        const BEARER: &str = r#"Bearer realm="keywright-sandbox""#;
        let (status, challenge) = match &self {
            Self::InvalidClient => (
                StatusCode::UNAUTHORIZED,
                Some(r#"Basic realm="keywright-sandbox""#.to_owned()),
            ),
            Self::InvalidToken => (
                StatusCode::UNAUTHORIZED,
                Some(format!(r#"{BEARER}, error="invalid_token""#)),
            ),
            Self::InsufficientScope(scope) => (
                StatusCode::FORBIDDEN,
                Some(format!(
                    r#"{BEARER}, error="insufficient_scope", scope="{scope}""#
                )),
            ),
            Self::ServerError => (StatusCode::INTERNAL_SERVER_ERROR, None),
            _ => (StatusCode::BAD_REQUEST, None),
        };
        let body = json!({ "error": self.code(), "error_description": self.description() });
        let mut response = private(status, body);
        if let Self::UseDpopNonce(nonce) = &self
            && let Ok(nonce) = HeaderValue::from_str(nonce)
        {
            response.headers_mut().insert(DPOP_NONCE, nonce);
        }
        if let Some(Ok(challenge)) = challenge.map(HeaderValue::try_from) {
            let headers = response.headers_mut();
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl From<getrandom::Error> for Refusal {
    fn from(error: getrandom::Error) -> Self {
        tracing::error!(%error, "no randomness");
        Self::ServerError
    }
}

impl From<BadForm> for Refusal {
    fn from(why: BadForm) -> Self {
        Self::InvalidRequest(match why {
            BadForm::OtherKind => "The body must be application/x-www-form-urlencoded",
            BadForm::Twice => "A parameter came twice",
        })
    }
}

impl From<BadCredentials> for Refusal {
    fn from(why: BadCredentials) -> Self {
        match why {
            BadCredentials::Missing | BadCredentials::Unreadable | BadCredentials::NoAssertion => {
                Self::InvalidClient
            }
            BadCredentials::TwoWays => {
                Self::InvalidRequest("The client authenticates in more than one way")
            }
            BadCredentials::TwoClients => {
                Self::InvalidRequest("client_id is not the one of the Authorization header")
            }
        }
    }
}

impl From<jsonwebtoken::errors::Error> for Refusal {
    fn from(error: jsonwebtoken::errors::Error) -> Self {
        tracing::error!(%error, "an access token could not be signed");
        Self::ServerError
    }
}

/// A JSON answer nobody may keep (RFC 6749 section 5.1).
pub(crate) fn private(status: StatusCode, body: Value) -> Response {
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::PRAGMA, "no-cache"),
    ];
    (status, headers, Json(body)).into_response()
}
