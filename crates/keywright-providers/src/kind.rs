//! The kinds of providers.

use serde::{Deserialize, Serialize};

/// A kind of provider. The other kinds of the design join this list with their adapters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderKind {
    /// Any server that speaks RFC 7591 and RFC 7592.
    Rfc7591,
}

impl ProviderKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Rfc7591];

    /// The name in configurations, JSON and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rfc7591 => "rfc7591",
        }
    }

    /// The kind of that name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }
}
