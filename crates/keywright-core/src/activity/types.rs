//! Activity: exchanges and the audit log.

use crate::calls::types::HeaderView;
use serde::{Deserialize, Serialize};
use specta::Type;

/// What the exchange list asks for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct ActivityQuery {
    /// Part of an address.
    pub text: String,
    /// Only failures and 4xx, 5xx.
    pub errors_only: bool,
    /// Only of this application.
    pub application_id: Option<String>,
    /// Only of this configuration.
    pub configuration_id: Option<String>,
    /// First row.
    pub offset: u32,
    /// Rows wanted.
    pub limit: u32,
}

/// One row of the exchange list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ExchangeSummary {
    /// Id in this vault.
    pub id: String,
    /// The flow it belongs to: one user action.
    pub flow: String,
    /// `registration`, `token`, `api_call`, …
    pub purpose: String,
    /// HTTP method.
    pub method: String,
    /// Host and port.
    pub host: String,
    /// Path and redacted query.
    pub path: String,
    /// Status; none when no answer came.
    pub status: Option<u16>,
    /// Stable code of the failure.
    pub error: Option<String>,
    /// Time.
    pub elapsed_ms: u64,
    /// When, in Unix milliseconds.
    pub started_at_ms: f64,
    /// Its application's name.
    pub application: Option<String>,
}

/// A window on the exchanges.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ActivityPage {
    /// The rows, newest first.
    pub items: Vec<ExchangeSummary>,
    /// Rows that match in all.
    pub total: u32,
}

/// The other side of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Peer {
    /// The provider.
    Provider,
    /// An API.
    Api,
}

/// One exchange, redacted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ExchangeView {
    /// The row.
    pub summary: ExchangeSummary,
    /// Provider kind of its configuration.
    pub provider: Option<String>,
    /// Name of its configuration.
    pub config: Option<String>,
    /// Who the other side is.
    pub peer: Peer,
    /// Whole address, redacted.
    pub url: String,
    /// Request headers.
    pub request_headers: Vec<HeaderView>,
    /// Request body.
    pub request_body: Option<String>,
    /// The client certificate that was presented, if the server asked for one.
    pub certificate: Option<PresentedCertificateView>,
    /// Response headers.
    pub response_headers: Vec<HeaderView>,
    /// Response body.
    pub response_body: Option<String>,
    /// What the failure means, in the user's language.
    pub error_message: Option<String>,
}

/// A client certificate of a request (RFC 8705).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PresentedCertificateView {
    /// Subject (RFC 4514).
    pub subject: String,
    /// `x5t#S256`: what a token that is bound to it names.
    pub thumbprint: String,
}

/// A form in which Activity leaves the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ExportForm {
    /// HTTP Archive 1.2.
    Har,
    /// A sequence diagram.
    Mermaid,
    /// One page with the drawing, that needs nothing else.
    Html,
    /// The drawing alone.
    Svg,
}

impl ExportForm {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Har => "har",
            Self::Mermaid => "mermaid",
            Self::Html => "html",
            Self::Svg => "svg",
        }
    }
}

/// An export of Activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ExportView {
    /// The document.
    pub text: String,
    /// How many exchanges are in it.
    pub exchanges: u32,
}

/// One row of the list of stories: what was done with one application without a long pause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct StorySummary {
    /// Id of its first exchange.
    pub id: String,
    /// Its application.
    pub application_id: Option<String>,
    /// Its application's name; none when that is gone, or for a configuration alone.
    pub application: Option<String>,
    /// Name of its configuration.
    pub config: Option<String>,
    /// Provider kind of its configuration.
    pub provider: Option<String>,
    /// What was done, each once, in order: `discovery`, `registration`, `token`, …
    pub purposes: Vec<String>,
    /// When it began, in Unix milliseconds.
    pub started_at_ms: f64,
    /// Time of all its exchanges together.
    pub elapsed_ms: u64,
    /// How many exchanges it has.
    pub exchanges: u32,
    /// Status of the last one.
    pub status: Option<u16>,
    /// How many of them were refused, failed or had no answer.
    pub failures: u32,
    /// A check of a configuration: it asks in order to be refused.
    pub is_probe: bool,
}

/// A window on the stories.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct StoryPage {
    /// The rows, newest first.
    pub items: Vec<StorySummary>,
    /// Rows that match in all.
    pub total: u32,
}

/// What takes part in a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum LaneKind {
    /// This program.
    Keywright,
    /// The provider.
    Provider,
    /// A gateway before the API.
    Gateway,
    /// The API.
    Api,
}

/// Who takes part in a story.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct LaneView {
    /// What it is.
    pub kind: LaneKind,
    /// Its name.
    pub name: String,
    /// Provider kind.
    pub provider: Option<String>,
}

/// A direction of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum StepSide {
    /// What was sent.
    Request,
    /// What came back.
    Response,
}

/// One arrow of a story.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct StoryStep {
    /// The exchange that it belongs to.
    pub exchange: String,
    /// Its direction.
    pub side: StepSide,
    /// The lane that it begins at.
    pub from: u32,
    /// The lane that it ends at.
    pub to: u32,
    /// It was not seen, but follows from what was.
    pub inferred: bool,
    /// Text at the arrow.
    pub label: String,
    /// Status of the answer.
    pub status: Option<u16>,
    /// Refused, failed or without an answer.
    pub failed: bool,
    /// What it was for: steps with the same purpose are one phase.
    pub purpose: String,
    /// One sentence about it, in the user's language.
    pub caption: String,
}

/// A story, drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct StoryView {
    /// Its application's name.
    pub application: Option<String>,
    /// Who takes part, from left to right.
    pub lanes: Vec<LaneView>,
    /// The arrows in order.
    pub steps: Vec<StoryStep>,
    /// The exchanges.
    pub exchanges: Vec<ExchangeView>,
    /// What inferred arrows are, in the user's language; none where there are none.
    pub inferred: Option<String>,
}
