//! Okta's refusals: the shape of RFC 6749 at the token endpoint, an envelope of its own elsewhere.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::idp::{self, BadAssertion, BadCredentials, BadForm, Refusal};
use crate::state::keys::{ALPHANUMERIC, random_of};

/// Why the token endpoint refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// The code, its verifier or the refresh token is not good.
    BadGrant(&'static str),
    /// The device has to wait, or does not get its token.
    Device(&'static str, &'static str),
    /// The user denied what a device asked for.
    Denied,
    /// No access policy admits the client.
    NoPolicy,
    /// The assertion is not signed with a key of the client, not for this server, or over.
    BadAssertion(BadAssertion),
    /// The Sandbox itself failed.
    Failed,
}

impl TokenRefusal {
    const fn words(&self) -> (StatusCode, &'static str, &'static str) {
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
            Self::BadGrant(why) => (StatusCode::BAD_REQUEST, "invalid_grant", why),
            Self::Denied => (
                StatusCode::FORBIDDEN,
                "access_denied",
                "The resource owner or authorization server denied the request.",
            ),
            Self::Device(error, why) => (StatusCode::BAD_REQUEST, error, why),
            Self::NoPolicy => (
                StatusCode::UNAUTHORIZED,
                "access_denied",
                "Policy evaluation failed for this request, please check the policy \
                 configurations.",
            ),
            Self::BadAssertion(why) => (
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                assertion_words(why),
            ),
            Self::Failed => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "server_error",
                "The Sandbox failed",
            ),
        }
    }
}

/// What is wrong with an assertion.
const fn assertion_words(why: &BadAssertion) -> &'static str {
    match why {
        BadAssertion::UnknownKey(_) => "The client_assertion JWT kid is invalid.",
        BadAssertion::Signature => "The client_assertion signature is invalid.",
        BadAssertion::Audience => {
            "The audience claim for client_assertion must be the endpoint invoked for \
                         the request."
        }
        BadAssertion::Time { .. } => "The client_assertion token is expired.",
        BadAssertion::Client | BadAssertion::Used => "The client_assertion token is invalid.",
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

impl From<Refusal> for TokenRefusal {
    fn from(why: Refusal) -> Self {
        match why {
            Refusal::InvalidGrant(text) if text.contains("code_verifier") => {
                Self::BadGrant("PKCE verification failed.")
            }
            Refusal::InvalidGrant(text) if text.contains("refresh") => {
                Self::BadGrant("The refresh token is invalid or expired.")
            }
            Refusal::InvalidGrant(text) if text.contains("device") => {
                Self::BadGrant("The device code is invalid or has expired.")
            }
            Refusal::InvalidGrant(_) => {
                Self::BadGrant("The authorization code is invalid or has expired.")
            }
            Refusal::Coded("access_denied", _) => Self::Denied,
            Refusal::Coded(error, why) => Self::Device(
                error,
                match error {
                    "authorization_pending" => {
                        "The device authorization is pending. Please try again later."
                    }
                    "expired_token" => "The device code has expired.",
                    _ => why,
                },
            ),
            Refusal::UnauthorizedClient => Self::GrantNotAllowed,
            Refusal::InvalidScope => Self::UnknownScope,
            Refusal::InvalidRequest(text) => Self::BadGrant(text),
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
            BadCredentials::Missing | BadCredentials::Unreadable | BadCredentials::NoAssertion => {
                Self::NoCredentials
            }
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ApiRefusal {
    /// Too many requests.
    TooManyRequests,
    /// No credential.
    NoSession,
    /// A credential that is not known.
    BadToken,
    /// The credential does not reach so far.
    Forbidden,
    /// Nothing has this id.
    Unknown(String),
    /// No such method at this place.
    BadMethod,
    /// The body is no JSON object.
    NotWellFormed,
    /// The cursor is none of ours.
    BadCursor,
    /// What is validated, and what is wrong with it.
    Validation(&'static str, &'static str),
    /// An active application is not deleted.
    StillActive,
    /// Client metadata, in the shape of RFC 7591 section 3.2.2.
    Metadata(String),
    /// The Sandbox itself failed.
    Failed,
}

impl ApiRefusal {
    /// Nothing has this id.
    pub(super) fn unknown(id: &str) -> Self {
        Self::Unknown(id.to_owned())
    }

    fn words(&self) -> (StatusCode, &'static str, String, &'static [&'static str]) {
        let (status, code, summary, causes): (_, _, &str, &'static [&'static str]) = match self {
            Self::TooManyRequests => (
                StatusCode::TOO_MANY_REQUESTS,
                "E0000047",
                "API call exceeded rate limit due to too many requests.",
                &[],
            ),
            Self::NoSession => (StatusCode::FORBIDDEN, "E0000005", "Invalid session", &[]),
            Self::BadToken => (
                StatusCode::UNAUTHORIZED,
                "E0000011",
                "Invalid token provided",
                &[],
            ),
            Self::Forbidden => (
                StatusCode::FORBIDDEN,
                "E0000006",
                "You do not have permission to perform the requested action",
                &[],
            ),
            Self::Unknown(id) => {
                let summary = format!("Not found: Resource not found: {id} (PublicClientApp)");
                return (StatusCode::NOT_FOUND, "E0000007", summary, &[]);
            }
            Self::BadMethod => (
                StatusCode::METHOD_NOT_ALLOWED,
                "E0000022",
                "The endpoint does not support the provided HTTP method",
                &[],
            ),
            Self::NotWellFormed | Self::Metadata(_) => (
                StatusCode::BAD_REQUEST,
                "E0000003",
                "The request body was not well-formed.",
                &[],
            ),
            Self::BadCursor => (
                StatusCode::BAD_REQUEST,
                "E0000029",
                "Invalid paging request.",
                &["Invalid cursor."],
            ),
            Self::Validation(what, _) => {
                let summary = format!("Api validation failed: {what}");
                return (StatusCode::BAD_REQUEST, "E0000001", summary, &[]);
            }
            Self::StillActive => (
                StatusCode::FORBIDDEN,
                "E0000056",
                "Delete application forbidden.",
                &["The application must be deactivated before deletion."],
            ),
            Self::Failed => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "E0000009",
                "Internal Server Error",
                &[],
            ),
        };
        (status, code, summary.to_owned(), causes)
    }
}

impl IntoResponse for ApiRefusal {
    fn into_response(self) -> Response {
        // The client API answers a bad registration as its standard says, and nothing else does.
        if let Self::Metadata(text) = &self {
            let body = json!({ "error": "invalid_client_metadata", "error_description": text });
            return idp::private(StatusCode::BAD_REQUEST, body);
        }
        let (status, code, summary, causes) = self.words();
        let body = match self {
            Self::Validation(_, cause) => envelope(code, &summary, &[cause]),
            _ => envelope(code, &summary, causes),
        };
        idp::private(status, body)
    }
}

impl From<getrandom::Error> for ApiRefusal {
    fn from(error: getrandom::Error) -> Self {
        tracing::error!(%error, "no randomness");
        Self::Failed
    }
}

/// Unix seconds as `Date` has them (RFC 9110 section 5.6.7).
pub(super) fn http_date(seconds: i64) -> String {
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    OffsetDateTime::from_unix_timestamp(seconds)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
        .format(&format)
        .unwrap_or_default()
}

/// A method that a place of the organisation's APIs does not have.
pub(super) async fn bad_method() -> ApiRefusal {
    ApiRefusal::BadMethod
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
