//! One HTTP request and its answer, redacted before it leaves this folder.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Purpose;

/// What is shown of a client certificate: nothing of its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresentedCertificate {
    /// Subject (RFC 4514).
    pub subject: String,
    /// `x5t#S256` (RFC 8705 §3.1).
    pub thumbprint: String,
}

/// One redacted exchange, as Activity keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// Id, UUIDv7.
    pub id: Uuid,
    /// The user's action it belongs to.
    pub flow: Uuid,
    /// What it was for.
    pub purpose: Purpose,
    /// Start, Unix milliseconds.
    pub started_at_ms: i64,
    /// Time until the end of the answer.
    pub elapsed_ms: u64,
    /// HTTP method.
    pub method: String,
    /// Address without secrets.
    pub url: String,
    /// Request headers without secrets.
    pub request_headers: Vec<(String, String)>,
    /// Request body without secrets.
    pub request_body: Option<String>,
    /// The client certificate that was presented, if the server asked for one (RFC 8446 §4.3.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<PresentedCertificate>,
    /// Status; none when no answer came.
    pub status: Option<u16>,
    /// Response headers without secrets.
    pub response_headers: Vec<(String, String)>,
    /// Response body without secrets, cut after 64 KiB.
    pub response_body: Option<String>,
    /// Stable code of the failure.
    pub error: Option<String>,
}

/// Receives each exchange.
#[derive(Clone)]
pub struct Recorder(Arc<dyn Fn(Exchange) + Send + Sync>);

impl Recorder {
    /// Calls `keep` for each exchange.
    pub fn new(keep: impl Fn(Exchange) + Send + Sync + 'static) -> Self {
        Self(Arc::new(keep))
    }

    /// Keeps nothing.
    pub fn none() -> Self {
        Self::new(|_| {})
    }

    pub(super) fn keep(&self, exchange: Exchange) {
        (self.0)(exchange);
    }
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recorder")
    }
}
