//! The userinfo endpoint (OpenID Connect Core 1.0 §5.3): what the provider says of the user who signed in.

use http::Method;
use serde_json::{Map, Value};
use url::Url;
use uuid::Uuid;

use crate::{
    encryption::Encryption,
    http::{HttpClient, HttpError, Request},
    introspect::refused,
    jwt, lenient,
    server_metadata::ServerMetadata,
    token::TokenError,
};

/// Member of the metadata (OpenID Connect Discovery 1.0 §3).
pub const USERINFO_ENDPOINT: &str = "userinfo_endpoint";
/// Member of the metadata (OpenID Connect RP-Initiated Logout 1.0 §2.1).
pub const END_SESSION_ENDPOINT: &str = "end_session_endpoint";

impl ServerMetadata {
    /// Where the claims of a user come from.
    pub fn userinfo_endpoint(&self) -> Option<Url> {
        lenient::address(&self.document, USERINFO_ENDPOINT)
    }

    /// Where a user signs out in the browser.
    pub fn end_session_endpoint(&self) -> Option<Url> {
        lenient::address(&self.document, END_SESSION_ENDPOINT)
    }
}

/// Why there are no claims.
#[derive(Debug, thiserror::Error)]
#[allow(
    clippy::large_enum_variant,
    reason = "an error is rare, and returned once"
)]
pub enum UserinfoError {
    /// The endpoint refused, or gave no usable answer.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The answer is encrypted for a key that Keywright does not use (§5.3.2).
    #[error("userinfo is encrypted ({encryption})")]
    Encrypted {
        /// How.
        encryption: Encryption,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// The answer is of another user than the ID token, and must not be used (§5.3.2).
    #[error("userinfo is of another user")]
    OtherUser,
}

/// Asks for the claims of the user; the request has the token, and the key where the token is bound to one. `subject` is
/// that of the ID token, where there is one: an answer of another user is refused (§5.3.2).
pub async fn userinfo(
    http: &HttpClient,
    request: &Request,
    subject: Option<&str>,
) -> Result<Map<String, Value>, UserinfoError> {
    let send = |request: Request| async move {
        http.send_proved(|| Ok::<_, HttpError>(request.clone()))
            .await
            .map_err(TokenError::from)
    };
    let mut response = send(request.clone()).await?;
    // The endpoint has to know both methods (§5.3), and some know one.
    if response.status == 405 && request.method == Method::GET {
        let request = Request {
            method: Method::POST,
            ..request.clone()
        };
        response = send(request).await?;
    }
    let claims = lenient::object(&response.body)
        .ok()
        .or_else(|| jwt::answered(&response));
    match claims {
        Some(claims)
            if response.is_success()
                && (claims.contains_key("sub") || !lenient::is_error(&claims)) =>
        {
            let said = lenient::text(&claims, "sub");
            match subject {
                Some(subject) if said.as_deref() != Some(subject) => Err(UserinfoError::OtherUser),
                _ => Ok(claims),
            }
        }
        _ => {
            let text = std::str::from_utf8(&response.body).unwrap_or_default();
            match Encryption::of(text).filter(|_| response.is_success()) {
                Some(encryption) => Err(UserinfoError::Encrypted {
                    encryption,
                    exchange: response.exchange,
                }),
                None => Err(refused(&response, http.clock().now()).into()),
            }
        }
    }
}
