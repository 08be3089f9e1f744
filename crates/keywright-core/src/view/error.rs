//! Errors as data.

use serde::{Deserialize, Serialize};
use specta::Type;

/// A failure as the window and the command line show it: who refused, in whose
/// words, and what to do next. Never parsed, never assembled from pieces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ErrorView {
    /// Stable code in `snake_case`, for example `provider_refused`.
    pub code: String,
    /// One sentence in the user's language that names the actor.
    pub message: String,
    /// The next step, in the user's language.
    pub hint: Option<String>,
    /// HTTP status, where a server answered.
    pub status: Option<u16>,
    /// The provider's own words, untranslated.
    pub provider: Option<ProviderWordsView>,
    /// The recorded exchange in Activity.
    pub exchange: Option<String>,
}

/// What the server said, word for word, with secrets removed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ProviderWordsView {
    /// HTTP status.
    pub status: u16,
    /// The `error` member (RFC 6749 §5.2, RFC 7591 §3.2.2).
    pub error: Option<String>,
    /// The `error_description` member.
    pub description: Option<String>,
}
