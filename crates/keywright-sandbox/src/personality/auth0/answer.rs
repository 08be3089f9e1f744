//! Auth0's refusals. The token endpoint and the Management API word them differently.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::idp::{self, BadAssertion, BadCredentials, BadForm, Refusal};

/// Why the token endpoint refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenRefusal {
    /// The body is no form and no JSON.
    BadBody,
    /// A parameter is missing.
    Missing(&'static str),
    /// Unknown client or wrong secret: the same words for both, and not `invalid_client`.
    Unauthorized,
    /// The assertion does not prove the client.
    BadAssertion(BadAssertion),
    /// No such grant.
    UnsupportedGrant(String),
    /// The client is not made for the grant.
    GrantNotAllowed(String),
    /// No audience, and no default one.
    NoAudience,
    /// No API has this identifier.
    UnknownAudience(String),
    /// The client has no client grant for the API.
    NoClientGrant(String),
    /// The code, its verifier or the refresh token is not good.
    BadGrant(String),
    /// The device has to wait, or does not get its token.
    Device(&'static str, String),
    /// Too many requests of one client.
    QuotaExceeded,
    /// The Sandbox itself failed.
    Failed,
}

impl TokenRefusal {
    fn words(&self) -> (StatusCode, &'static str, String) {
        match self {
            Self::BadBody => (
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "The body must be a form or a JSON object".to_owned(),
            ),
            Self::Missing(name) => (
                StatusCode::BAD_REQUEST,
                "invalid_request",
                format!("Missing required parameter: {name}"),
            ),
            Self::Unauthorized => (
                StatusCode::UNAUTHORIZED,
                "access_denied",
                "Unauthorized".to_owned(),
            ),
            // The real one says why in the log of the tenant alone; these words are not on record.
            Self::BadAssertion(why) => (
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                match why {
                    BadAssertion::UnknownKey(_) => "Failed client authentication: unknown key",
                    BadAssertion::Signature => "Failed client authentication: invalid signature",
                    BadAssertion::Client => {
                        "Failed client authentication: unexpected 'iss' or 'sub'"
                    }
                    BadAssertion::Audience => "Failed client authentication: unexpected 'aud'",
                    BadAssertion::Time { .. } => "Failed client authentication: unexpected 'exp'",
                    BadAssertion::Used => "Failed client authentication: 'jti' was used before",
                }
                .to_owned(),
            ),
            Self::UnsupportedGrant(grant) => (
                StatusCode::FORBIDDEN,
                "unsupported_grant_type",
                format!("Unsupported grant type: {grant}"),
            ),
            Self::GrantNotAllowed(grant) => (
                StatusCode::FORBIDDEN,
                "unauthorized_client",
                format!("Grant type '{grant}' not allowed for the client."),
            ),
            Self::NoAudience => (
                StatusCode::FORBIDDEN,
                "access_denied",
                "No audience parameter was provided, and no default audience has been configured"
                    .to_owned(),
            ),
            Self::UnknownAudience(audience) => (
                StatusCode::FORBIDDEN,
                "access_denied",
                format!("Service not found: {audience}"),
            ),
            Self::NoClientGrant(audience) => (
                StatusCode::FORBIDDEN,
                "access_denied",
                format!(
                    "Client is not authorized to access \"{audience}\". You might probably want \
                     to create a \"client-grant\" associated to this API. See: \
                     https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants"
                ),
            ),
            Self::BadGrant(why) => (StatusCode::FORBIDDEN, "invalid_grant", why.clone()),
            Self::Device("slow_down", why) => {
                (StatusCode::TOO_MANY_REQUESTS, "slow_down", why.clone())
            }
            Self::Device(error, why) => (StatusCode::FORBIDDEN, error, why.clone()),
            Self::QuotaExceeded => (
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_requests",
                "Client quota exceeded".to_owned(),
            ),
            Self::Failed => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "server_error",
                "The Sandbox failed".to_owned(),
            ),
        }
    }
}

impl IntoResponse for TokenRefusal {
    fn into_response(self) -> Response {
        let (status, error, description) = self.words();
        let mut body = json!({ "error": error, "error_description": description });
        if matches!(self, Self::GrantNotAllowed(_)) {
            body["error_uri"] = json!("https://auth0.com/docs/clients/client-grant-types");
        }
        idp::private(status, body)
    }
}

impl TokenRefusal {
    /// What the engine refuses of a request for this grant, in the words of Auth0.
    pub(super) fn of(why: &Refusal, grant: &str) -> Self {
        match *why {
            // The words of a denied and of an expired code are not on record.
            Refusal::Coded(error, why) => Self::Device(
                error,
                match error {
                    "authorization_pending" => "User has yet to authorize device code.",
                    "slow_down" => {
                        "You are polling faster than the specified interval of 5 seconds."
                    }
                    "access_denied" => "User cancelled the confirmation prompt.",
                    _ => why,
                }
                .to_owned(),
            ),
            Refusal::InvalidGrant(text) if text.contains("device") => {
                Self::BadGrant("Invalid or expired device code.".to_owned())
            }
            Refusal::InvalidGrant(text) if text.contains("code_verifier") => {
                Self::BadGrant("Failed to verify code verifier".to_owned())
            }
            Refusal::InvalidGrant(text) if text.contains("refresh") => {
                Self::BadGrant("Unknown or invalid refresh token.".to_owned())
            }
            Refusal::InvalidGrant(_) => Self::BadGrant("Invalid authorization code".to_owned()),
            Refusal::InvalidRequest(text) => {
                Self::Missing(text.split(' ').next().unwrap_or("grant_type"))
            }
            Refusal::UnauthorizedClient => Self::GrantNotAllowed(grant.to_owned()),
            Refusal::InvalidScope => Self::BadGrant("The scope was not granted".to_owned()),
            _ => Self::Failed,
        }
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
            BadCredentials::Missing => Self::Missing("client_id"),
            BadCredentials::Unreadable
            | BadCredentials::NoAssertion
            | BadCredentials::TwoWays
            | BadCredentials::TwoClients => Self::Unauthorized,
        }
    }
}

impl From<jsonwebtoken::errors::Error> for TokenRefusal {
    fn from(error: jsonwebtoken::errors::Error) -> Self {
        tracing::error!(%error, "an access token could not be signed");
        Self::Failed
    }
}

/// Why the Management API refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ManagementRefusal {
    /// No bearer token.
    NoToken,
    /// A token that is none of the administrator's for this API, or is over.
    BadToken,
    /// The token lacks each of these permissions, one of which it needs.
    InsufficientScope(&'static str),
    /// The body is not as the API describes it; the words say where.
    InvalidBody(String),
    /// The values do not go together.
    Validation(&'static str),
    /// The tenant holds as many applications as it may.
    TooManyEntities,
    /// No such client.
    NoClient,
    /// No such credential. The words of the real one are not on record.
    NoCredential,
    /// The client has this key. The words of the real one are not on record.
    CredentialExists,
    /// No such client grant.
    NoGrant,
    /// No API has this identifier. The words of the real one are not on record.
    NoApi(String),
    /// The client has a grant for the API. The words of the real one are not on record.
    GrantExists,
    /// Registration without a token is switched off. The words of the real one are not on record.
    OpenRegistrationOff,
    /// Too many requests of the tenant.
    TooManyRequests,
    /// The Sandbox itself failed.
    Failed,
}

impl ManagementRefusal {
    fn words(&self) -> (StatusCode, String, Option<&'static str>) {
        let (status, message, code) = match self {
            Self::NoToken => (StatusCode::UNAUTHORIZED, "Missing authentication", None),
            Self::BadToken => (StatusCode::UNAUTHORIZED, "Invalid token", None),
            Self::InsufficientScope(needed) => {
                let message = format!("Insufficient scope, expected any of: {needed}");
                return (StatusCode::FORBIDDEN, message, Some("insufficient_scope"));
            }
            Self::InvalidBody(problem) => {
                let message = format!("Payload validation error: {problem}");
                return (StatusCode::BAD_REQUEST, message, Some("invalid_body"));
            }
            Self::Validation(message) => {
                (StatusCode::BAD_REQUEST, *message, Some("validation_error"))
            }
            Self::TooManyEntities => (
                StatusCode::FORBIDDEN,
                "You reached the limit of entities of this type for this tenant.",
                Some("too_many_entities"),
            ),
            Self::NoClient => (
                StatusCode::NOT_FOUND,
                "The client does not exist",
                Some("inexistent_client"),
            ),
            Self::NoCredential => (
                StatusCode::NOT_FOUND,
                "The credential does not exist",
                Some("inexistent_credential"),
            ),
            Self::CredentialExists => (
                StatusCode::CONFLICT,
                "A credential with the same kid exists already.",
                Some("credential_conflict"),
            ),
            Self::NoGrant => (
                StatusCode::NOT_FOUND,
                "The grant does not exist.",
                Some("inexistent_client_grant"),
            ),
            Self::NoApi(audience) => {
                let message = format!("No resource server was found: {audience}");
                let code = Some("inexistent_resource_server");
                return (StatusCode::NOT_FOUND, message, code);
            }
            Self::GrantExists => (
                StatusCode::CONFLICT,
                "A client grant for this client and audience exists already.",
                Some("client_grant_conflict"),
            ),
            Self::OpenRegistrationOff => (
                StatusCode::FORBIDDEN,
                "Dynamic client registration is not enabled for this tenant.",
                Some("operation_not_supported"),
            ),
            Self::TooManyRequests => (
                StatusCode::TOO_MANY_REQUESTS,
                "Global limit has been reached",
                Some("too_many_requests"),
            ),
            Self::Failed => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "An internal server error occurred",
                None,
            ),
        };
        (status, message.to_owned(), code)
    }
}

impl IntoResponse for ManagementRefusal {
    fn into_response(self) -> Response {
        let (status, message, code) = self.words();
        let mut body = json!({
            "statusCode": status.as_u16(),
            "error": status.canonical_reason(),
            "message": message,
        });
        if let Some(code) = code {
            body["errorCode"] = json!(code);
        }
        idp::private(status, body)
    }
}

impl From<getrandom::Error> for ManagementRefusal {
    fn from(error: getrandom::Error) -> Self {
        tracing::error!(%error, "no randomness");
        Self::Failed
    }
}
