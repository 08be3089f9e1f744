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

/// One exchange, redacted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct ExchangeView {
    /// The row.
    pub summary: ExchangeSummary,
    /// Provider kind of its configuration.
    pub provider: Option<String>,
    /// Name of its configuration.
    pub config: Option<String>,
    /// Who the other side is: `provider` or `api`.
    pub peer: String,
    /// Whole address, redacted.
    pub url: String,
    /// Request headers.
    pub request_headers: Vec<HeaderView>,
    /// Request body.
    pub request_body: Option<String>,
    /// Response headers.
    pub response_headers: Vec<HeaderView>,
    /// Response body.
    pub response_body: Option<String>,
    /// What the failure means, in the user's language.
    pub error_message: Option<String>,
}

/// A form in which Activity leaves the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum ExportForm {
    /// HTTP Archive 1.2.
    Har,
    /// A sequence diagram.
    Mermaid,
}

impl ExportForm {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Har => "har",
            Self::Mermaid => "mermaid",
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
