//! The Console: one call, or all three ways side by side.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use specta::Type;

/// The three ways that a gateway accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(rename_all = "kebab-case")]
pub enum CallAuth {
    /// Client ID and secret go to the gateway, which fetches the token itself.
    ClientCredentials,
    /// A bearer token (RFC 6750 §2.1).
    Bearer,
    /// The session cookie that the gateway set.
    Session,
}

/// A header to send.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct HeaderView {
    /// Name.
    pub name: String,
    /// Value; a secret one reads `[redacted]`.
    pub value: String,
    /// The value comes from a source of secrets and is kept out of Activity, whatever the name.
    #[serde(skip)]
    #[specta(skip)]
    pub secret: bool,
}

impl HeaderView {
    /// A header as it is shown.
    pub(crate) fn shown(name: String, value: String) -> Self {
        Self {
            name,
            value,
            secret: false,
        }
    }
}

/// A body to send. As JSON it is text; the command line sends bytes as well.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct CallBody(Bytes);

impl CallBody {
    /// The bytes.
    pub fn bytes(&self) -> &Bytes {
        &self.0
    }
}

impl std::fmt::Debug for CallBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CallBody({} bytes)", self.0.len())
    }
}

impl From<Vec<u8>> for CallBody {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<String> for CallBody {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&str> for CallBody {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<CallBody> for String {
    fn from(body: CallBody) -> Self {
        Self::from_utf8_lossy(&body.0).into_owned()
    }
}

/// One call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct CallInput {
    /// The application.
    pub application_id: String,
    /// HTTP method.
    pub method: String,
    /// Address of the API.
    pub url: String,
    /// Further headers.
    pub headers: Vec<HeaderView>,
    /// Body.
    #[specta(type = Option<String>)]
    pub body: Option<CallBody>,
    /// The way. Compare ignores it.
    pub auth: CallAuth,
    /// Resources that the token is for (RFC 8707); those of the application when empty.
    #[serde(default)]
    pub resources: Vec<String>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct CallView {
    /// The way.
    pub auth: CallAuth,
    /// Status.
    pub status: u16,
    /// Headers, secret values redacted.
    pub headers: Vec<HeaderView>,
    /// Body as text, or in base64 where [`Self::body_encoding`] says so.
    pub body: String,
    /// `base64` where the body is no text, or the name of the encoding (WHATWG) that it came in; none for UTF-8.
    pub body_encoding: Option<String>,
    /// The body is JSON.
    pub is_json: bool,
    /// Size of the body in bytes.
    pub size: u64,
    /// Time from the request to the end of the body.
    pub elapsed_ms: u64,
    /// Session made or used by this call.
    pub session: Option<CallSession>,
    /// The recorded exchange.
    pub exchange: Option<String>,
    /// What was sent as credential, masked: `Basic ••••`.
    pub sent: String,
    /// A token had to be fetched for this call: one request more.
    pub fetched_token: bool,
    /// What to know, in the user's language ("token fetched by the gateway").
    pub note: Option<String>,
    /// Cookies that the API set and may not set; none of them is kept.
    pub refused_cookies: Vec<RefusedCookie>,
    /// The login page that the gateway sent the call to instead of answering it.
    pub login_page: Option<String>,
    /// How this call ended the session, if it did.
    pub session_ended: Option<crate::calls::session_types::SessionEndReason>,
    /// The call was answered, and no cookie was set that may make a session.
    pub no_session_cookie: bool,
    /// The scope to get a token with, where the API refused the token as not enough and named what it needs.
    pub wider_scope: Option<String>,
}

impl CallView {
    /// The bytes of a body that is no text; none for text.
    pub fn raw_body(&self) -> Option<Vec<u8>> {
        let is_raw = self.body_encoding.as_deref() == Some("base64");
        is_raw.then(|| STANDARD.decode(&self.body).unwrap_or_default())
    }

    /// The API did not do what was asked: 4xx, 5xx, or a login page.
    pub fn is_failure(&self) -> bool {
        self.status >= 400 || self.login_page.is_some()
    }
}

/// A cookie that was not kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct RefusedCookie {
    /// Its name.
    pub name: String,
    /// Why, in the user's language.
    pub reason: String,
}

/// What a call did to a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct CallSession {
    /// Id in this vault.
    pub id: String,
    /// Made by this call.
    pub captured: bool,
    /// API origin.
    pub origin: String,
    /// Names of its cookies.
    pub cookies: Vec<String>,
    /// Idle limit; 0 when nobody named one.
    pub idle_secs: u64,
    /// When the session ends; none when nobody named an end.
    pub ends_at: Option<i64>,
    /// Who named that end.
    pub end_source: crate::calls::session_types::EndSource,
    /// What is known of it.
    pub state: crate::calls::session_types::SessionState,
}

/// One way of Compare: an answer or a failure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct CompareResult {
    /// The way.
    pub auth: CallAuth,
    /// The answer.
    pub answer: Option<CallView>,
    /// Or why there is none.
    pub error: Option<crate::error::types::ErrorView>,
    /// Who the API took the caller for, as the answer says; none where it does not say.
    pub seen_as: Option<String>,
    /// Requests that Keywright sent for this way: the call, and a token request where one was needed.
    pub requests: u32,
    /// The gateway fetches a token by itself: a request that Keywright does not see.
    pub gateway_requests: u32,
}

/// What the three answers together say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum CompareVerdict {
    /// No way was answered.
    NoAnswer,
    /// Every answer that came is a refusal.
    AllRefused,
    /// Some ways were accepted, others refused or not answered.
    SomeRefused,
    /// The data is not the same.
    DifferentData,
    /// The same data, and the API took the caller for different ones.
    DifferentIdentities,
    /// The same data, and the API took the caller for the same each time.
    SameIdentity,
    /// The same data; the answers do not say who the API took the caller for.
    SameData,
}

/// What a path of an answer is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PathKind {
    /// Who the caller is.
    Who,
    /// How the caller was authenticated.
    How,
    /// Anything else.
    Data,
}

/// A place in the bodies, and its value in each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct PathDifference {
    /// `orders[0].total`; empty for a body that is not JSON, as a whole.
    pub path: String,
    /// What it is about.
    pub kind: PathKind,
    /// Value as JSON for each result, in the order of the results; none where it is absent.
    pub values: Vec<Option<String>>,
}

/// A header that is not the same in all three.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct HeaderDifference {
    /// Name, lower-case.
    pub name: String,
    /// Value for each result, in the order of the results; none when not sent.
    pub values: Vec<Option<String>>,
}

/// All three ways side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct CompareView {
    /// The three.
    pub results: Vec<CompareResult>,
    /// What differs: `status`, `headers`, `body`, `time`.
    pub differs: Vec<String>,
    /// Headers that differ.
    pub headers: Vec<HeaderDifference>,
    /// All bodies are equal.
    pub same_body: bool,
    /// What the three together say.
    pub verdict: CompareVerdict,
    /// Ways that the API accepted.
    pub accepted: u32,
    /// Different callers that the API saw.
    pub identities: u32,
    /// Places of the bodies that differ among the answers.
    pub paths: Vec<PathDifference>,
    /// How many places are equal.
    pub equal_paths: u32,
}
