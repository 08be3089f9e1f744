//! What to do about a refusal, where the vendor's own code says more than its status.

use keywright_oauth::error_response::ErrorResponse;

use crate::message_code::MessageCode;
use crate::{ProviderKind, auth0, curity, entra, http_bridge, okta};

/// The key of the advice (`advice.KEY` in the message files) for a vendor's words; none where the
/// general advice for the status is all there is.
pub fn advice(kind: ProviderKind, words: &ErrorResponse) -> Option<MessageCode> {
    match kind {
        ProviderKind::Rfc7591 => None,
        ProviderKind::Auth0 => auth0::advice(words),
        ProviderKind::Okta => okta::advice(words),
        ProviderKind::Curity => curity::advice(words),
        ProviderKind::Entra => entra::advice(words),
        ProviderKind::HttpBridge => http_bridge::advice(words),
    }
}
