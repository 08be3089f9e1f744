//! What to do about Curity's refusals.

use keywright_oauth::words::ErrorResponse;

/// The advice for its codes.
pub(crate) fn advice(words: &ErrorResponse) -> Option<&'static str> {
    match words.error.as_deref()? {
        "invalid_token" => Some("curity_invalid_token"),
        "insufficient_scope" => Some("curity_insufficient_scope"),
        "invalid_scope" => Some("curity_invalid_scope"),
        "unauthorized_client" => Some("curity_unauthorized_client"),
        "invalid_client_metadata" => Some("curity_invalid_client_metadata"),
        _ => None,
    }
}
