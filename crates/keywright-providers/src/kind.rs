//! The kinds of providers.

use serde::{Deserialize, Serialize};

/// A kind of provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderKind {
    /// Any server that speaks RFC 7591 and RFC 7592.
    Rfc7591,
    /// Auth0, through its Management API.
    Auth0,
    /// Okta, through its client API.
    Okta,
    /// Curity Identity Server.
    Curity,
    /// Microsoft Entra ID, through Microsoft Graph.
    Entra,
    /// A bridge in the protocol of Kong's HTTP DCR bridge.
    HttpBridge,
}

impl ProviderKind {
    /// Every kind, in the order in which they are offered.
    pub const ALL: &'static [Self] = &[
        Self::Rfc7591,
        Self::Auth0,
        Self::Okta,
        Self::Curity,
        Self::Entra,
        Self::HttpBridge,
    ];

    /// The name in configurations, JSON and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rfc7591 => "rfc7591",
            Self::Auth0 => "auth0",
            Self::Okta => "okta",
            Self::Curity => "curity",
            Self::Entra => "entra",
            Self::HttpBridge => "http-bridge",
        }
    }

    /// The kind of that name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }
}
