//! Answers of Graph: its headers, and its envelope for refusals.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::object;
use crate::state::keys::random_uuid;

/// As Graph writes it.
const JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;\
    IEEE754Compatible=false;charset=utf-8";

/// Why Graph refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum GraphError {
    /// No token.
    NoToken,
    /// A token that is over, forged, or for something else.
    BadToken,
    /// The permission is missing.
    Denied,
    /// The body is no JSON object.
    NoJson,
    /// A member that objects of this kind do not have.
    NoSuchProperty(String),
    /// A member with a value that it cannot have.
    BadProperty {
        /// Member.
        name: &'static str,
        /// Kind of object.
        of: &'static str,
    },
    /// A `$filter` that is not understood.
    BadFilter,
    /// No such object, or none yet.
    NotFound(String),
    /// A service principal for an application that is not there, or not yet.
    NoBackingApplication(String),
    /// There is a service principal for it already.
    PrincipalInUse(String),
    /// An App ID URI that is neither the application's own nor of a domain of the tenant.
    ForeignUri(String),
    /// The application has no such secret.
    NoSuchPassword(String),
    /// A policy of the tenant allows no secrets.
    SecretsForbidden,
    /// A policy of the tenant caps how long secrets live.
    LifetimeCapped,
    /// The Sandbox itself failed.
    Failed,
}

impl GraphError {
    pub(super) fn not_found(id: &str) -> Self {
        Self::NotFound(id.to_owned())
    }

    fn words(&self) -> (StatusCode, &'static str, String) {
        const BAD_REQUEST: &str = "Request_BadRequest";
        let bad = StatusCode::BAD_REQUEST;
        match self {
            Self::NoToken => (
                StatusCode::UNAUTHORIZED,
                "InvalidAuthenticationToken",
                "Access token is empty.".to_owned(),
            ),
            Self::BadToken => (
                StatusCode::UNAUTHORIZED,
                "InvalidAuthenticationToken",
                "Access token validation failure. Invalid audience.".to_owned(),
            ),
            Self::Denied => (
                StatusCode::FORBIDDEN,
                "Authorization_RequestDenied",
                "Insufficient privileges to complete the operation.".to_owned(),
            ),
            Self::NoJson => (
                bad,
                "BadRequest",
                "Unable to read JSON request payload. Please ensure Content-Type header is set \
                 and payload is of valid JSON format."
                    .to_owned(),
            ),
            Self::NoSuchProperty(name) => (bad, BAD_REQUEST, format!("Invalid property '{name}'.")),
            Self::BadProperty { name, of } => (
                bad,
                BAD_REQUEST,
                format!("Invalid value specified for property '{name}' of resource '{of}'."),
            ),
            Self::BadFilter => (
                bad,
                "Request_UnsupportedQuery",
                "Unsupported or invalid query filter clause specified.".to_owned(),
            ),
            Self::NotFound(id) => (
                StatusCode::NOT_FOUND,
                "Request_ResourceNotFound",
                format!(
                    "Resource '{id}' does not exist or one of its queried reference-property \
                     objects are not present."
                ),
            ),
            Self::NoBackingApplication(id) => (bad, BAD_REQUEST, no_backing(id)),
            Self::PrincipalInUse(id) => (
                StatusCode::CONFLICT,
                "Request_MultipleObjectsWithSameKeyValue",
                format!(
                    "The service principal cannot be created, updated, or restored because the \
                     service principal name {id} is already in use."
                ),
            ),
            Self::ForeignUri(uri) => (
                bad,
                "HostNameNotOnVerifiedDomain",
                format!(
                    "Values of identifierUris property must use a verified domain of the \
                     organization or its subdomain: '{uri}'"
                ),
            ),
            Self::NoSuchPassword(id) => (
                bad,
                BAD_REQUEST,
                format!("No password credential found with keyId '{id}'."),
            ),
            Self::SecretsForbidden => (
                bad,
                "CredentialTypeNotAllowedAsPerAppPolicy",
                "Credential type not allowed as per assigned policy.".to_owned(),
            ),
            Self::LifetimeCapped => (
                bad,
                "CredentialInvalidLifetimeAsPerAppPolicy",
                "Credential lifetime exceeds the max value allowed as per assigned policy."
                    .to_owned(),
            ),
            Self::Failed => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Service_InternalServerError",
                "Encountered an internal server error.".to_owned(),
            ),
        }
    }
}

fn no_backing(id: &str) -> String {
    format!(
        "The appId '{id}' of the service principal does not reference a valid application object."
    )
}

impl GraphError {
    /// The refusal, said now.
    pub(super) fn at(&self, now: i64) -> Response {
        let (status, code, message) = self.words();
        let mut error = json!({ "code": code, "message": message });
        if let Self::NoBackingApplication(id) = self {
            error["details"] = json!([{
                "code": "NoBackingApplicationObject",
                "message": no_backing(id),
                "target": "appId",
            }]);
        }
        refusal(status, error, now)
    }
}

fn refusal(status: StatusCode, mut error: Value, now: i64) -> Response {
    let id = traced();
    // A date here has no zone.
    let date = object::date(now);
    error["innerError"] = json!({
        "date": date.trim_end_matches('Z'),
        "request-id": id.as_str(),
        "client-request-id": id.as_str(),
    });
    let mut response = with_headers(status, &id, "application/json");
    *response.body_mut() = json!({ "error": error }).to_string().into();
    response
}

impl From<getrandom::Error> for GraphError {
    fn from(error: getrandom::Error) -> Self {
        tracing::error!(%error, "no randomness");
        Self::Failed
    }
}

/// An object or a list.
pub(super) fn found(status: StatusCode, body: &Value) -> Response {
    let mut response = with_headers(status, &traced(), JSON);
    let version = HeaderName::from_static("odata-version");
    response
        .headers_mut()
        .insert(version, HeaderValue::from_static("4.0"));
    *response.body_mut() = body.to_string().into();
    response
}

/// Done, with nothing to say.
pub(super) fn done() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().extend(headers(&traced()));
    response
}

/// One request too many.
pub(in crate::personality::entra) fn too_many_requests(now: i64) -> Response {
    let error = json!({
        "code": "TooManyRequests",
        "message": "Too many requests have been made in a given amount of time.",
    });
    refusal(StatusCode::TOO_MANY_REQUESTS, error, now)
}

fn with_headers(status: StatusCode, id: &str, kind: &'static str) -> Response {
    let mut response = status.into_response();
    let all = response.headers_mut();
    all.extend(headers(id));
    all.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn headers(id: &str) -> HeaderMap {
    let mut all = HeaderMap::new();
    all.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    all.insert("x-ms-resource-unit", HeaderValue::from_static("1"));
    if let Ok(value) = HeaderValue::from_str(id) {
        all.insert("request-id", value);
    }
    all
}

/// The id by which a request is traced. Without randomness the answer still has to be given.
fn traced() -> String {
    random_uuid().unwrap_or_default()
}
