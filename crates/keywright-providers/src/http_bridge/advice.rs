//! What to do about a bridge's refusals.

use super::messages::advice;
use crate::message_code::MessageCode;
use keywright_oauth::error_response::ErrorResponse;

/// The key of the advice for its own codes.
pub(crate) fn advice(words: &ErrorResponse) -> Option<MessageCode> {
    let said = words.description.as_deref().unwrap_or_default();
    match (words.status, words.error.as_deref()) {
        (401, _) => Some(advice::API_KEY),
        // The reference bridge tells so of what the identity provider behind it refused.
        (_, Some("AxiosError")) => Some(advice::UPSTREAM),
        _ if said.starts_with("Request failed with status code") => Some(advice::UPSTREAM),
        (400, Some("Bad Request")) => Some(advice::CONTRACT),
        _ => None,
    }
}
