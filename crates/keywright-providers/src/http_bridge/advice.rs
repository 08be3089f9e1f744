//! What to do about a bridge's refusals.

use keywright_oauth::words::ErrorResponse;

/// The key of the advice for its own codes.
pub(crate) fn advice(words: &ErrorResponse) -> Option<&'static str> {
    let said = words.description.as_deref().unwrap_or_default();
    match (words.status, words.error.as_deref()) {
        (401, _) => Some("bridge_api_key"),
        // The reference bridge tells so of what the identity provider behind it refused.
        (_, Some("AxiosError")) => Some("bridge_upstream"),
        _ if said.starts_with("Request failed with status code") => Some("bridge_upstream"),
        (400, Some("Bad Request")) => Some("bridge_contract"),
        _ => None,
    }
}
