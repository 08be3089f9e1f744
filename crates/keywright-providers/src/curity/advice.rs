//! What to do about Curity's refusals.

use super::messages::advice;
use crate::message_code::MessageCode;
use keywright_oauth::error_response::ErrorResponse;

/// The advice for its codes.
pub(crate) fn advice(words: &ErrorResponse) -> Option<MessageCode> {
    match words.error.as_deref()? {
        "invalid_token" => Some(advice::INVALID_TOKEN),
        "insufficient_scope" => Some(advice::INSUFFICIENT_SCOPE),
        "invalid_scope" => Some(advice::INVALID_SCOPE),
        "unauthorized_client" => Some(advice::UNAUTHORIZED_CLIENT),
        "invalid_client_metadata" => Some(advice::INVALID_CLIENT_METADATA),
        _ => None,
    }
}
