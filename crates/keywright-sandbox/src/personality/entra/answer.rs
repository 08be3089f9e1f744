//! The refusals of the token service: an error of RFC 6749 with the number that tells what it is.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use time::OffsetDateTime;
use time::macros::format_description;

use super::{SELF, TENANT};
use crate::idp::{self, BadAssertion, BadCredentials, BadForm, Refusal};
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
    /// A public client sent a secret.
    PublicClient,
    /// The code, its verifier or the refresh token is not good.
    BadGrant(u32, &'static str),
    /// The device has to wait, or does not get its token.
    Device(&'static str, &'static str),
    /// The assertion cannot be read as a JWT.
    NoAssertion,
    /// The assertion of this application does not prove it.
    BadAssertion(String, BadAssertion),
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
        let (error, number) = match self {
            Self::UnknownTenant(_) => ("invalid_tenant", 90002),
            Self::Missing(_) => ("invalid_request", 900_144),
            Self::UnsupportedGrant(_) => ("unsupported_grant_type", 70003),
            Self::ResourceParameter => ("invalid_request", 901_002),
            Self::BadScope(_) => ("invalid_scope", 70011),
            Self::UnknownResource(_) => ("invalid_resource", 500_011),
            Self::UnknownClient(_) => ("unauthorized_client", 700_016),
            Self::WrongSecret(_) => ("invalid_client", 7_000_215),
            Self::SecretOver(_) => ("invalid_client", 7_000_222),
            Self::NoSecret => ("invalid_client", 7_000_218),
            Self::PublicClient => ("invalid_client", 700_025),
            Self::BadGrant(number, _) => ("invalid_grant", *number),
            Self::Device(error, why) => (*error, device_number(error, why)),
            Self::NoAssertion => ("invalid_request", 50_027),
            Self::BadAssertion(id, why) => ("invalid_client", assertion_words(id, why).0),
            Self::Failed => ("server_error", 90_033),
        };
        let status = match error {
            "invalid_client" => StatusCode::UNAUTHORIZED,
            "server_error" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        };
        (status, error, number, self.text())
    }

    fn text(&self) -> String {
        match self {
            Self::UnknownTenant(tenant) => {
                format!(
                    "Tenant '{tenant}' not found. Check to make sure you have the correct tenant \
                     ID and are signing into the correct cloud. Check with your subscription \
                     administrator, this may happen if there are no active subscriptions for the \
                     tenant."
                )
            }
            Self::Missing(name) => {
                format!("The request body must contain the following parameter: '{name}'.")
            }
            Self::UnsupportedGrant(grant) => {
                format!("The app requested an unsupported grant type '{grant}'.")
            }
            Self::ResourceParameter => {
                "The 'resource' request parameter is not supported.".to_owned()
            }
            Self::BadScope(scope) => {
                format!(
                    "The provided request must include a 'scope' input parameter. The provided \
                     value for the input parameter 'scope' is not valid. The scope {scope} is not \
                     valid."
                )
            }
            Self::UnknownResource(resource) => {
                format!(
                    "The resource principal named {resource} was not found in the tenant named \
                     {TENANT}. This can happen if the application has not been installed by the \
                     administrator of the tenant or consented to by any user in the tenant. You \
                     might have sent your authentication request to the wrong tenant."
                )
            }
            Self::UnknownClient(id) => {
                format!(
                    "Application with identifier '{id}' was not found in the directory \
                     '{TENANT}'. This can happen if the application has not been installed by the \
                     administrator of the tenant or consented to by any user in the tenant. You \
                     may have sent your authentication request to the wrong tenant."
                )
            }
            Self::WrongSecret(id) => {
                format!(
                    "Invalid client secret provided. Ensure the secret being sent in the request \
                     is the client secret value, not the client secret ID, for a secret added to \
                     app '{id}'."
                )
            }
            Self::SecretOver(id) => {
                format!(
                    "The provided client secret keys for app '{id}' are expired. Visit the Azure \
                     portal to create new keys for your app: https://aka.ms/NewClientSecret, or \
                     consider using certificate credentials for added security: \
                     https://aka.ms/certCreds."
                )
            }
            Self::NoSecret => {
                "The request body must contain the following parameter: 'client_assertion' or \
                 'client_secret'."
                    .to_owned()
            }
            Self::PublicClient => {
                "Client is public so neither 'client_assertion' nor 'client_secret' should be \
                 presented."
                    .to_owned()
            }
            Self::BadGrant(_, text) => (*text).to_owned(),
            Self::Device(_, text) => match text.split_once(": ") {
                // The number goes before the whole.
                Some((number, text)) if number.starts_with("AADSTS") => text.to_owned(),
                _ => (*text).to_owned(),
            },
            Self::NoAssertion => "JWT token is invalid or malformed.".to_owned(),
            Self::BadAssertion(id, why) => assertion_words(id, why).1,
            Self::Failed => "A transient error has occurred. Please try again.".to_owned(),
        }
    }
}

/// The number of a refusal to a device; one that has it in its words keeps it.
fn device_number(error: &str, why: &str) -> u32 {
    let named = why
        .strip_prefix("AADSTS")
        .and_then(|rest| rest.split(':').next());
    match error {
        "authorization_pending" => 70_016,
        // The number of a user who declines is not on record for devices; at the page it is this one.
        "authorization_declined" => 65_004,
        "bad_verification_code" => 70_018,
        "expired_token" => 70_019,
        _ => named
            .and_then(|number| number.parse().ok())
            .unwrap_or(90_033),
    }
}

/// Where the token service sends people who make assertions.
const REVIEW: &str = "Review the documentation at https://docs.microsoft.com/azure/active-directory/\
    develop/active-directory-certificate-credentials .";

fn assertion_words(id: &str, why: &BadAssertion) -> (u32, String) {
    let look = format!(
        "Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured \
         keys for app Id '{id}'."
    );
    match why {
        BadAssertion::UnknownKey(name) => (
            700_027,
            format!(
                "The certificate with identifier used to sign the client assertion is not \
                 registered on application. [Reason - The key was not found., Thumbprint of key \
                 used by client: '{name}', {look}]"
            ),
        ),
        BadAssertion::Signature | BadAssertion::Used => (
            700_027,
            format!(
                "Client assertion contains an invalid signature. [Reason - The key was found, but \
                 use of the key to verify the signature failed., {look}]"
            ),
        ),
        BadAssertion::Audience => (
            700_023,
            format!("Client assertion audience claim does not match Realm issuer. {REVIEW}"),
        ),
        BadAssertion::Client => (
            700_021,
            format!(
                "Client assertion application identifier doesn't match 'client_id' parameter. \
                 {REVIEW}"
            ),
        ),
        BadAssertion::Time { from, until } => (
            700_024,
            format!(
                "Client assertion is not within its valid time range. Assertion valid from {}, \
                 expiry time of assertion {}. {REVIEW}",
                timestamp(*from),
                timestamp(*until)
            ),
        ),
    }
}

impl From<Refusal> for StsError {
    fn from(why: Refusal) -> Self {
        match why {
            Refusal::InvalidGrant(text) if text.contains("device") => {
                Self::Device("bad_verification_code", "The verification code is invalid.")
            }
            Refusal::Coded("access_denied", _) => Self::Device(
                "authorization_declined",
                "User declined to consent to access the app.",
            ),
            Refusal::Coded("expired_token", _) => {
                Self::Device("expired_token", "Verification code expired.")
            }
            Refusal::Coded("authorization_pending", _) => Self::Device(
                "authorization_pending",
                "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
            ),
            Refusal::Coded(error, why) => Self::Device(error, why),
            Refusal::InvalidGrant(text) if text.contains("code_verifier") => Self::BadGrant(
                501_481,
                "The Code_Verifier does not match the code_challenge supplied in the \
                 authorization request.",
            ),
            Refusal::InvalidGrant(text) if text.contains("redeemed") => Self::BadGrant(
                54_005,
                "OAuth2 Authorization code was already redeemed, please retry with a new valid \
                 code or use an existing refresh token.",
            ),
            Refusal::InvalidGrant(text) if text.contains("refresh") => {
                Self::BadGrant(700_082, "The refresh token has expired due to inactivity.")
            }
            Refusal::InvalidGrant(_) => Self::BadGrant(
                70_008,
                "The provided authorization code or refresh token has expired due to inactivity.",
            ),
            Refusal::InvalidRequest(text) => {
                Self::Missing(text.split(' ').next().unwrap_or("grant_type"))
            }
            Refusal::InvalidScope => Self::BadScope("of the request".to_owned()),
            Refusal::UnauthorizedClient => Self::UnsupportedGrant("authorization_code".to_owned()),
            _ => Self::Failed,
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
    fn from(why: BadCredentials) -> Self {
        match why {
            BadCredentials::NoAssertion => Self::NoAssertion,
            _ => Self::Missing("client_id"),
        }
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
