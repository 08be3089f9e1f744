//! The capability sheet: what this issuer can do, each line with its reason.

use serde::{Deserialize, Serialize};

/// Something that a user may want to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// Register a client.
    Register,
    /// Read a registration.
    Read,
    /// Change a registration.
    Update,
    /// Replace the client secret.
    Rotate,
    /// Replace the client secret while the old one still works.
    RotateOverlap,
    /// Delete the client.
    Delete,
    /// Tokens by client credentials.
    ClientCredentials,
    /// Tokens by refresh token.
    RefreshToken,
    /// Ask what a token is.
    Introspection,
    /// End a token.
    Revocation,
    /// Check signatures.
    SigningKeys,
}

impl Capability {
    /// Stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Read => "read",
            Self::Update => "update",
            Self::Rotate => "rotate",
            Self::RotateOverlap => "rotate_overlap",
            Self::Delete => "delete",
            Self::ClientCredentials => "client_credentials",
            Self::RefreshToken => "refresh_token",
            Self::Introspection => "introspection",
            Self::Revocation => "revocation",
            Self::SigningKeys => "signing_keys",
        }
    }
}

/// Can it?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Yes.
    Yes,
    /// In part.
    Partly,
    /// No.
    No,
    /// Not known.
    Unknown,
}

/// Why. The words for each are in the message files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The metadata or the configuration names the endpoint.
    EndpointNamed,
    /// No endpoint is named.
    EndpointMissing,
    /// The endpoint is named, and an initial access token is set.
    WithInitialToken,
    /// The endpoint is named; whether a token is needed shows at the first registration.
    MayNeedInitialToken,
    /// Each registration says for itself (RFC 7592): only when it comes with a management address.
    PerRegistration,
    /// RFC 7592 has no operation for it; some servers do it on update.
    OnUpdateOnly,
    /// RFC 7591 knows one secret at a time.
    OneSecret,
    /// The metadata lists the grant.
    GrantListed,
    /// The metadata lists grants, and not this one.
    GrantNotListed,
    /// The metadata lists no grants.
    GrantsUnlisted,
    /// Not discovered yet.
    NotDiscovered,
}

impl Reason {
    /// Stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EndpointNamed => "endpoint_named",
            Self::EndpointMissing => "endpoint_missing",
            Self::WithInitialToken => "with_initial_token",
            Self::MayNeedInitialToken => "may_need_initial_token",
            Self::PerRegistration => "per_registration",
            Self::OnUpdateOnly => "on_update_only",
            Self::OneSecret => "one_secret",
            Self::GrantListed => "grant_listed",
            Self::GrantNotListed => "grant_not_listed",
            Self::GrantsUnlisted => "grants_unlisted",
            Self::NotDiscovered => "not_discovered",
        }
    }
}

/// One line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapabilityLine {
    /// What.
    pub capability: Capability,
    /// Can it?
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
}

/// The whole sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapabilitySheet {
    /// Lines in the order of use.
    pub lines: Vec<CapabilityLine>,
}

impl CapabilitySheet {
    /// The line of a capability.
    pub fn line(&self, capability: Capability) -> Option<&CapabilityLine> {
        self.lines.iter().find(|line| line.capability == capability)
    }
}
