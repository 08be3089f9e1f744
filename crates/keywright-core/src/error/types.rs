//! Errors as data.

use serde::{Deserialize, Serialize};
use specta::Type;

pub use crate::error::{
    cause::{CauseKind, WayAction},
    code::{ErrorCode, FailureCode},
};

/// A failure as the window and the command line show it: who refused, in whose
/// words, and what to do next. Never parsed, never assembled from pieces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ErrorView {
    /// Stable code in `snake_case`, for example `provider_refused`.
    pub code: ErrorCode,
    /// One sentence in the user's language that names the actor.
    pub message: String,
    /// The next step, in the user's language. It names commands in the terminal and buttons in the window.
    pub hint: Option<String>,
    /// HTTP status, where a server answered.
    pub status: Option<u16>,
    /// The provider's own words, untranslated.
    pub provider: Option<ProviderWordsView>,
    /// The recorded exchange in Activity.
    pub exchange: Option<String>,
    /// The most likely cause, where what is known says more than the refusal.
    pub cause: Option<CauseView>,
    /// The field of a form that it is about: `name`, `issuer`, or the key of a setting.
    pub field: Option<String>,
    /// What was probably meant in the place of what that field holds.
    pub instead: Option<String>,
    /// An operation was cut off and waits to be finished or cleaned up.
    pub interrupted: bool,
    /// What was refused of a registration, where the provider names it: the same may be registered without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<RefusedPart>,
    /// Name of the configuration in which the hint asks for a change: the window has a button that opens it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration: Option<String>,
}

impl ErrorView {
    /// A failure of a surface alone, which no server had a part in.
    pub fn of_surface(code: impl Into<ErrorCode>, message: String, hint: Option<String>) -> Self {
        Self {
            code: code.into(),
            message,
            hint,
            status: None,
            provider: None,
            exchange: None,
            cause: None,
            field: None,
            instead: None,
            interrupted: false,
            refused: None,
            configuration: None,
        }
    }
}

/// A part of a draft that a provider refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RefusedPart {
    /// The field of the draft.
    pub field: RefusedField,
    /// The member of the request (RFC 7591 §2).
    pub member: String,
    /// Its refused values; names of members for `metadata_json`.
    pub values: Vec<String>,
}

/// A field of a draft that a provider may refuse a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum RefusedField {
    /// `scopes`.
    Scopes,
    /// `redirect_uris`.
    RedirectUris,
    /// `grant_types`.
    GrantTypes,
    /// `token_endpoint_auth_method`.
    TokenEndpointAuthMethod,
    /// `metadata_json`.
    MetadataJson,
}

/// What the server said, word for word, with secrets removed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct ProviderWordsView {
    /// HTTP status.
    pub status: u16,
    /// The `error` member (RFC 6749 §5.2, RFC 7591 §3.2.2), or that of the challenge.
    pub error: Option<String>,
    /// The `error_description` member, or that of the challenge.
    pub description: Option<String>,
    /// `scope` of the challenge (RFC 6750 §3): what a token needs.
    pub scope: Option<String>,
    /// `resource_metadata` of the challenge (RFC 9728 §5.1).
    pub resource_metadata: Option<String>,
}

/// Why it was most likely refused, the facts that this rests on, and the ways out of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct CauseView {
    /// Stable name.
    pub kind: CauseKind,
    /// The cause in one sentence.
    pub sentence: String,
    /// The time that the sentence names.
    pub at: Option<i64>,
    /// What speaks for it, then what speaks against other causes.
    pub facts: Vec<FactView>,
    /// Ways out, the harmless first; the first is the primary one. None of them forgets the application.
    pub ways: Vec<WayView>,
    /// What still works meanwhile.
    pub remains: Option<String>,
}

/// One thing that is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct FactView {
    /// It speaks for the cause; otherwise it rules another one out.
    pub supports: bool,
    /// The fact.
    pub text: String,
    /// Where it is known from.
    pub source: String,
    /// When that was.
    pub at: Option<i64>,
}

/// One way out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct WayView {
    /// Stable name.
    pub action: WayAction,
    /// What to do, as a heading.
    pub title: String,
    /// What it does and whom it affects.
    pub text: String,
    /// The same in the terminal.
    pub command: Option<String>,
}
