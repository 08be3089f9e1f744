//! Why a provider did not do it.

use keywright_oauth::{
    client_key::KeyError, discover::DiscoveryError, error_response::ErrorResponse, http::HttpError,
    register::RegistrationError, token::TokenError,
};

use crate::{Capability, CheckpointError, Reason};

/// A failed operation at a provider.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// Registration or its management.
    #[error(transparent)]
    Registration(#[from] RegistrationError),
    /// Discovery.
    #[error(transparent)]
    Discovery(#[from] DiscoveryError),
    /// A token, introspection or revocation.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The admin client of the configuration got no token.
    #[error("no admin token: {source}")]
    Admin {
        /// Why.
        source: TokenError,
    },
    /// The admin client cannot prove itself: its private key cannot be read.
    #[error("the private key of the admin client cannot be used")]
    AdminKey {
        /// Why.
        source: KeyError,
    },
    /// A setting that this operation needs is not filled.
    #[error("the setting {key} is missing")]
    Missing {
        /// Setting or secret.
        key: &'static str,
    },
    /// The wire.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The journal.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// It cannot do that.
    #[error("this provider cannot {}", capability.as_str())]
    NotCapable {
        /// What.
        capability: Capability,
        /// Why.
        reason: Reason,
    },
    /// The metadata has something else than an address in the place of an endpoint.
    #[error("the metadata names {name} as {text:?}, which is not an address")]
    Endpoint {
        /// Member of the metadata.
        name: &'static str,
        /// What it has, cut for display.
        text: String,
    },
    /// A setting is no address.
    #[error("the setting {key} is not an address")]
    Address {
        /// Setting.
        key: &'static str,
        /// Why.
        source: url::ParseError,
    },
    /// The granted way of authenticating is one that this adapter does not speak.
    #[error("the client must authenticate with {method}")]
    AuthMethod {
        /// `token_endpoint_auth_method`.
        method: String,
    },
    /// The client has to prove itself with a secret, and there is none. Nothing was sent.
    #[error("the client must authenticate with {method}, and there is no secret")]
    NoSecret {
        /// `token_endpoint_auth_method`.
        method: String,
    },
    /// The client has to prove itself with a key, and there is none, or it signs in another way. Nothing was sent.
    #[error("the client must authenticate with {method}, and there is no usable key")]
    NoKey {
        /// `token_endpoint_auth_method`.
        method: String,
    },
    /// The server kept the old secret.
    #[error("the server kept the old secret")]
    NotRotated,
}

impl ProviderError {
    /// The provider's own words, where it refused.
    pub fn words(&self) -> Option<&ErrorResponse> {
        match self {
            Self::Registration(RegistrationError::Refused { words, .. })
            | Self::Token(TokenError::Refused { words, .. })
            | Self::Admin {
                source: TokenError::Refused { words, .. },
            } => Some(words),
            _ => None,
        }
    }

    /// Seconds that the provider asks to wait, where it refused and said so.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Registration(RegistrationError::Refused { retry_after, .. })
            | Self::Token(TokenError::Refused { retry_after, .. })
            | Self::Admin {
                source: TokenError::Refused { retry_after, .. },
            } => *retry_after,
            _ => None,
        }
    }
}
