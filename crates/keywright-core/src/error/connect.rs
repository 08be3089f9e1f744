//! Why an address leads to no token.

use keywright_oauth::protected_resource::ResourceError;

/// Why an address leads to no token.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The address answers without a credential and names no authorization server.
    #[error("the address needs no token")]
    Open,
    /// Nothing at the address says who issues tokens for it.
    #[error("no authorization server was found")]
    NoServer,
    /// The address redirects, and nothing else is there.
    #[error("the address redirects to {to}")]
    Moved {
        /// Where to.
        to: String,
    },
    /// An issuer was looked for, and the address is that of an API that takes tokens.
    #[error("the address is not that of an issuer")]
    NotAnIssuer,
    /// The resource names authorization servers, and the chosen one is not among them.
    #[error("{issuer} is not one of the resource's authorization servers")]
    OtherIssuer {
        /// The chosen one.
        issuer: String,
    },
    /// The metadata of the resource (RFC 9728).
    #[error(transparent)]
    Resource(#[from] ResourceError),
    /// The server registers no clients, and no client was given.
    #[error("the server registers no clients")]
    NoIdentity {
        /// It accepts client ID metadata documents instead.
        takes_documents: bool,
    },
    /// The server does not accept client ID metadata documents.
    #[error("the server does not accept client ID metadata documents")]
    DocumentNotAccepted,
}
