//! The Sandbox as the window shows it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use specta::Type;

/// One personality.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct PersonalityView {
    /// Name, for example `rfc7591`.
    pub name: String,
    /// Provider kind that talks to it.
    pub provider: String,
    /// Issuer.
    pub issuer: String,
    /// Example API behind the gateway.
    pub api_url: String,
    /// Settings for a configuration.
    pub set: BTreeMap<String, String>,
    /// Its fault dials.
    pub faults: SandboxFaults,
    /// How many of them are on.
    pub faults_on: u32,
    /// The dials that only it has.
    pub vendor_dials: Vec<VendorDialView>,
}

/// How a dial is turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum DialKind {
    /// Off (0) or on (1).
    Switch,
    /// A time in milliseconds.
    Millis,
}

/// A dial that only one personality has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct VendorDialView {
    /// Key in `vendor` of the dials.
    pub key: String,
    /// How it is turned.
    pub kind: DialKind,
}

/// Fault dials of one personality. Percentages are 0 to 100.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each fault is a switch of its own"
)]
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, Type)]
pub struct SandboxFaults {
    /// Waits this long before each answer.
    pub latency_ms: u32,
    /// Share of requests answered 429.
    pub too_many_requests_percent: u8,
    /// Send `Retry-After` with them.
    pub retry_after: bool,
    /// Share of requests answered 500 or 503.
    pub server_errors_percent: u8,
    /// Server errors come as an HTML page.
    pub html_errors: bool,
    /// Share of requests whose connection is closed after they were carried out.
    pub drop_after_receiving_percent: u8,
    /// JSON bodies end in the middle.
    pub truncated_body: bool,
    /// Bodies of 10 MiB.
    pub huge_body: bool,
    /// New secrets are already over.
    pub expired_secrets: bool,
    /// Every secret has ended: `invalid_client` at the token endpoint, while registrations stay.
    pub secrets_over: bool,
    /// Each management answer carries a new registration access token.
    pub rotate_registration_token: bool,
    /// Every client is unknown: `invalid_client`.
    pub forget_clients: bool,
    /// The metadata names another issuer.
    pub wrong_issuer: bool,
    /// A new client is unknown to the token endpoint for this long.
    pub replication_lag_ms: u32,
    /// The last scope and grant asked for are not granted.
    pub grant_less: bool,
    /// Tokens are signed with another key, which is published next to the first one.
    pub keys_rolled_over: bool,
    /// More requests than this in one second are answered 429; 0 = as many as wished.
    pub rate_limit_per_second: u32,
    /// The dials that only this personality has, by key; 0 = off.
    pub vendor: BTreeMap<String, u32>,
}

/// The Sandbox now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct SandboxStatus {
    /// It runs.
    pub running: bool,
    /// Its personalities; empty when it does not run.
    pub personalities: Vec<PersonalityView>,
    /// An initial access token is needed to register.
    pub needs_initial_access_token: bool,
    /// Session limits of the gateway.
    pub limits: SandboxLimits,
    /// Clients registered in it.
    pub clients: u32,
}

/// Session limits of the gateway; 0 turns one off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SandboxLimits {
    /// Idle.
    pub idle_secs: u32,
    /// Rolling.
    pub rolling_secs: u32,
    /// Absolute.
    pub absolute_secs: u32,
}

/// Options of the next start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SandboxOptionsInput {
    /// Registration needs an initial access token.
    pub needs_initial_access_token: bool,
    /// Session limits.
    pub limits: SandboxLimits,
}
