//! How a Sandbox is started.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The clock of the Sandbox: Unix seconds.
pub type Now = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The system's clock as a [`Now`].
#[expect(
    clippy::disallowed_methods,
    reason = "the one place the Sandbox takes the system's time from; all else is given a `Now`"
)]
pub fn system_now() -> Now {
    Arc::new(|| {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .ok()
            .and_then(|since| i64::try_from(since.as_secs()).ok())
            .unwrap_or(0)
    })
}

/// Who may register a client (RFC 7591 section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Registration {
    /// Anybody.
    #[default]
    Open,
    /// Who has the initial access token.
    InitialAccessToken,
}

/// Session limits of the gateway in seconds; 0 turns one off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionLimits {
    /// Ends a session that was not used for this long.
    pub idle_secs: u32,
    /// Ends a session that was not renewed for this long. It is renewed, with a new cookie, by the
    /// first use after three quarters of it.
    pub rolling_secs: u32,
    /// Ends a session this long after its start, whatever happens.
    pub absolute_secs: u32,
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self {
            idle_secs: 900,
            rolling_secs: 3600,
            absolute_secs: 86_400,
        }
    }
}

/// How a Sandbox is started.
#[derive(Clone)]
pub struct SandboxOptions {
    /// Port of the identity provider; 0 takes the restored one where it is free, else any free one.
    pub idp_port: u16,
    /// Port of the gateway; 0 takes the restored one where it is free, else any free one.
    pub gateway_port: u16,
    /// Who may register a client.
    pub registration: Registration,
    /// Limits of the gateway's sessions.
    pub session: SessionLimits,
    /// Bytes added to each session, to make its cookie large enough to be sent in chunks.
    pub session_padding_bytes: usize,
    /// Lifetime of a new client secret in seconds; 0 = never over.
    pub secret_lifetime_secs: u32,
    /// An update of a client always brings a new secret (RFC 7592 section 2.2 lets a provider).
    /// Without it, an update that names the present secret keeps it, and one that does not gets a
    /// new one.
    pub replace_secret_on_update: bool,
    /// The clock.
    pub clock: Now,
    /// What [`crate::Sandbox::snapshot`] gave in an earlier run.
    pub restore: Option<Value>,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self {
            idp_port: 0,
            gateway_port: 0,
            registration: Registration::Open,
            session: SessionLimits::default(),
            session_padding_bytes: 0,
            secret_lifetime_secs: 0,
            replace_secret_on_update: false,
            clock: system_now(),
            restore: None,
        }
    }
}
