//! The bridge's refusals, each a 4xx with `error` and `error_description`.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// Why the bridge refuses.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Refusal {
    /// The `X-API-KEY` header.
    WrongKey,
    /// The body breaks a rule; the rule is told as the validator found it.
    Rule(Value),
    /// The body cannot be read at all.
    Body(&'static str, String),
    /// The identity provider behind the bridge refused with this status.
    Upstream(u16),
    /// The Sandbox itself failed.
    Failed,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, error, description) = match self {
            Self::WrongKey => (
                StatusCode::UNAUTHORIZED,
                "Wrong API-Key",
                json!("wrong x-api-key header"),
            ),
            // A list, although the contract says text.
            Self::Rule(rule) => (StatusCode::BAD_REQUEST, "Bad Request", json!([rule])),
            Self::Body(error, text) => (StatusCode::BAD_REQUEST, error, json!(text)),
            // Whatever the status upstream: the reference bridge knows one for all failures.
            Self::Upstream(status) => (
                StatusCode::BAD_REQUEST,
                "AxiosError",
                json!(format!("Request failed with status code {status}")),
            ),
            Self::Failed => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Error",
                json!("The Sandbox failed"),
            ),
        };
        let body = json!({ "error": error, "error_description": description });
        (status, Json(body)).into_response()
    }
}

impl From<getrandom::Error> for Refusal {
    fn from(error: getrandom::Error) -> Self {
        tracing::error!(%error, "no randomness");
        Self::Failed
    }
}
