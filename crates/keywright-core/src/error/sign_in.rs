//! Why a sign-in brought no token.

use keywright_oauth::{
    authorize::{AnswerError, signed_answer::SignedAnswerProblem},
    encryption::Encryption,
    error_response::ErrorResponse,
    id_token::IdTokenProblem,
};
use uuid::Uuid;

/// Where the answer of a user was awaited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaited {
    /// In the browser.
    Browser,
    /// In the browser, by a request that named a resource, which a server may refuse on its own page.
    BrowserForResource,
    /// In the browser, by a request that named another port than the registered redirect URI (RFC 8252 §7.3), which a
    /// server may refuse on its own page.
    BrowserAtOtherPort,
    /// On another device (RFC 8628).
    Device,
}

/// Why a sign-in brought no token.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// A user must sign in, and nobody was asked.
    #[error("a user must sign in first")]
    Needed,
    /// The registration has no redirect URI.
    #[error("the registration has no redirect URI")]
    NoRedirect,
    /// The registered redirect URI is not on this computer, and nobody can copy the answer.
    #[error("the redirect URI {redirect_uri} is not on this computer")]
    NotLoopback {
        /// As registered.
        redirect_uri: String,
    },
    /// The registered port is in use.
    #[error("port {port} is in use")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// Nothing can be listened on.
    #[error("no listener: {source}")]
    Listener {
        /// Why.
        source: std::io::Error,
    },
    /// The public client would be protected by PKCE alone, and the server does not list S256.
    #[error("the server does not list S256")]
    PkceUnlisted,
    /// No answer came in time.
    #[error("no answer within {seconds} s")]
    TimedOut {
        /// Seconds waited.
        seconds: u64,
        /// Answers to other sign-ins that came meanwhile.
        ignored: u32,
        /// Where the user had to act.
        at: Awaited,
    },
    /// The code for another device expired (RFC 8628 §3.5).
    #[error("the code expired")]
    CodeExpired,
    /// The input ended before an answer was pasted.
    #[error("no answer was pasted")]
    NoAnswer,
    /// The answer of the browser has no code.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// The answer of the browser is not signed as it must be.
    #[error(transparent)]
    SignedAnswer(#[from] SignedAnswerProblem),
    /// The request must be signed (RFC 9101), and the client has no key.
    #[error("the client has no key to sign the request with")]
    NoRequestKey,
    /// The ID token that came with the access token.
    #[error(transparent)]
    IdToken(#[from] IdTokenProblem),
    /// Userinfo is encrypted for a key that Keywright does not use (OpenID Connect Core §5.3.2).
    #[error("userinfo is encrypted ({encryption})")]
    UserinfoEncrypted {
        /// How.
        encryption: Encryption,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// Userinfo is of another user than the ID token (OpenID Connect Core §5.3.2).
    #[error("userinfo is of another user")]
    OtherUser,
    /// The provider has no claims for a token that was issued to the application itself (RFC 6749 §4.4).
    #[error("no user signed in with this token")]
    NoUser {
        /// What it answered.
        words: Box<ErrorResponse>,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// Issuer or token endpoint changed while the user signed in.
    #[error("the server's metadata changed during the sign-in")]
    Changed,
}
