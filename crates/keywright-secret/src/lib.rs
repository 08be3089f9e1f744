//! The secrets of Keywright, each in a type of its own. All are wiped when they are dropped, show as `[redacted]` in
//! `Debug` and in JSON, and have no `Display`. [`SecretText`] is any of them as the vault keeps it; a conversion from or
//! to it opens nothing. The places that open one are listed in `opened.txt`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// What is shown in place of a secret wherever one would be printed or stored.
pub const REDACTED: &str = "[redacted]";

macro_rules! text {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Zeroizing<String>);

        impl $name {
            /// Takes the value in.
            pub fn new(value: impl Into<String>) -> Self {
                Self(Zeroizing::new(value.into()))
            }

            /// The value itself. Only the places of `opened.txt` may ask.
            pub fn expose(&self) -> &str {
                &self.0
            }

            /// It has no value.
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }

            /// It begins with what a provider shows of it.
            pub fn begins_with(&self, shown: &Self) -> bool {
                self.0.starts_with(shown.0.as_str())
            }

            /// Both hold the same value.
            pub fn is_same(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(REDACTED)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(REDACTED)
            }
        }
    };
}

macro_rules! of_the_protocol {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        text! {
            $(#[$doc])*
            $name
        }

        impl From<SecretText> for $name {
            fn from(text: SecretText) -> Self {
                Self(text.0)
            }
        }

        impl From<&SecretText> for $name {
            fn from(text: &SecretText) -> Self {
                Self(text.0.clone())
            }
        }

        impl From<$name> for SecretText {
            fn from(secret: $name) -> Self {
                Self(secret.0)
            }
        }

        impl From<&$name> for SecretText {
            fn from(secret: &$name) -> Self {
                Self(secret.0.clone())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self::new)
            }
        }
    )*};
}

text! {
    /// A secret text of any kind.
    SecretText
}

of_the_protocol! {
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

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for SecretText {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// A whole `Cookie` header value: bytes, which need not be text.
#[derive(Clone)]
pub struct CookieValue(Zeroizing<Vec<u8>>);

impl CookieValue {
    /// Takes the value in.
    pub fn new(value: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// The value itself. Only the places of `opened.txt` may ask.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for CookieValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn neither_debug_nor_json_shows_a_secret() {
        let secret = ClientSecret::new("s3cr3t-value");
        assert_eq!(format!("{secret:?}"), REDACTED);
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"[redacted]\"");
        let text = SecretText::from(&secret);
        assert_eq!(format!("{text:?}"), REDACTED);
        assert_eq!(serde_json::to_string(&text).unwrap(), "\"[redacted]\"");
        assert_eq!(format!("{:?}", CookieValue::new("a=b")), REDACTED);
    }

    #[test]
    fn a_secret_goes_through_the_vault_and_back() {
        let secret = ClientSecret::new("s3cr3t-value");
        let back = ClientSecret::from(SecretText::from(&secret));
        assert_eq!(back.expose(), "s3cr3t-value");
        assert!(secret.is_same(&back));
        assert!(!secret.is_same(&ClientSecret::new("s3cr3t-valuE")));
        assert!(!secret.is_empty() && SecretText::new("").is_empty());
        let read: ClientSecret = serde_json::from_str("\"s3cr3t-value\"").unwrap();
        assert!(read.is_same(&secret));
    }
}
