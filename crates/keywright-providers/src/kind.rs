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

    /// Any server of the standards: what it takes is known from its metadata and its answers alone.
    pub fn is_standard(self) -> bool {
        match self {
            Self::Rfc7591 => true,
            Self::Auth0 | Self::Okta | Self::Curity | Self::Entra | Self::HttpBridge => false,
        }
    }

    /// The vendor takes a fixed set of signatures for assertions, so that a key for others is refused before anything
    /// is sent. Elsewhere the server decides: its list may be out of date.
    pub fn has_fixed_signatures(self) -> bool {
        match self {
            Self::Auth0 | Self::Entra => true,
            Self::Rfc7591 | Self::Okta | Self::Curity | Self::HttpBridge => false,
        }
    }

    /// A refused change of keys did nothing at the provider. Where a change is followed by a read, the refusal may be
    /// that of the read.
    pub fn refused_key_change_is_final(self) -> bool {
        match self {
            Self::Entra => false,
            Self::Rfc7591 | Self::Auth0 | Self::Okta | Self::Curity | Self::HttpBridge => true,
        }
    }

    /// All clients of the provider can be listed, so that one is found again whose answer was lost.
    pub fn lists_clients(self) -> bool {
        match self {
            Self::Auth0 | Self::Okta | Self::Entra => true,
            Self::Rfc7591 | Self::Curity | Self::HttpBridge => false,
        }
    }

    /// Answers hold the metadata of RFC 7591: what one leaves out is as it was granted or requested before.
    pub fn answers_with_metadata(self) -> bool {
        match self {
            Self::Rfc7591 | Self::Curity => true,
            Self::Auth0 | Self::Okta | Self::Entra | Self::HttpBridge => false,
        }
    }

    /// A token is for the audience that was requested, by the same name. Entra answers an address with the id of the
    /// resource.
    pub fn tokens_name_the_audience(self) -> bool {
        match self {
            Self::Entra => false,
            Self::Rfc7591 | Self::Auth0 | Self::Okta | Self::Curity | Self::HttpBridge => true,
        }
    }

    /// The kind of that name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }
}
