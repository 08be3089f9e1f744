//! Secrets in types of their own: zeroised on drop, `[redacted]` in `Debug` and in JSON, no `Display`.

use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What stands in place of a secret wherever one would be printed or stored.
pub const REDACTED: &str = "[redacted]";

macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(SecretString);

        impl $name {
            /// Takes the value in.
            pub fn new(value: impl Into<String>) -> Self {
                Self(SecretString::from(value.into()))
            }

            /// The value itself. Only the HTTP client, the vault and the reveal path may ask.
            pub fn expose(&self) -> &str {
                self.0.expose_secret()
            }

            /// Both hold the same value.
            pub fn is_same(&self, other: &Self) -> bool {
                self.expose() == other.expose()
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(REDACTED)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(REDACTED)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self::new)
            }
        }
    )*};
}

secrets! {
    /// `client_secret` (RFC 7591 §3.2.1).
    ClientSecret,
    /// Manages one registration (RFC 7592 §3).
    RegistrationAccessToken,
    /// Opens registration (RFC 7591 §3).
    InitialAccessToken,
    /// An access token (RFC 6749 §1.4).
    AccessToken,
    /// A refresh token (RFC 6749 §1.5).
    RefreshToken,
    /// An authorization code (RFC 6749 §1.3.1).
    AuthorizationCode,
    /// `device_code` (RFC 8628 §3.2).
    DeviceCode,
    /// `code_verifier` (RFC 7636 §4.1).
    CodeVerifier,
    /// A token or an assertion that is exchanged for another one (RFC 8693 §2.1, RFC 7523 §2.1).
    Assertion,
    /// An ID token (OpenID Connect Core §2): it says who signed in.
    IdToken,
    /// An admin credential of a configuration.
    AdminSecret,
    /// A signed assertion of a client (RFC 7521 §4.2): whoever has it can use it once.
    ClientAssertion,
    /// A proof of possession (RFC 9449 §4): it is good for one request.
    DpopProof,
    /// A private key as text.
    PrivateKeyText,
}

/// A whole `Cookie` header value: bytes, which need not be text.
#[derive(Clone)]
pub struct CookieValue(SecretSlice<u8>);

impl CookieValue {
    /// Takes the value in.
    pub fn new(value: impl Into<Vec<u8>>) -> Self {
        Self(SecretSlice::from(value.into()))
    }

    /// The value itself. Only the HTTP client may ask.
    pub fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }
}

impl std::fmt::Debug for CookieValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(REDACTED)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_secret_prints_and_serialises_as_redacted() {
        let secret = ClientSecret::new("s3cr3t-value");
        assert_eq!(format!("{secret:?}"), REDACTED);
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"[redacted]\"");
        assert_eq!(secret.expose(), "s3cr3t-value");
        assert!(secret.is_same(&ClientSecret::new("s3cr3t-value")));
        assert!(!secret.is_same(&ClientSecret::new("s3cr3t-valuE")));
    }
}
