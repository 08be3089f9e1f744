//! Why a sign-in brought no token.

use keywright_oauth::{authorize::AnswerError, id_token::IdTokenProblem, words::ErrorResponse};
use uuid::Uuid;

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
    /// The ID token that came with the access token.
    #[error(transparent)]
    IdToken(#[from] IdTokenProblem),
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
