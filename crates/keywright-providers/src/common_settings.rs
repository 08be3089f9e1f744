//! The values of the settings that every kind has. Each key is read here and nowhere else.

use keywright_oauth::http::BasicEncoding;

use crate::{
    ProviderConfig,
    settings::{ADAPTED, key},
};

/// Whom the assertion of a client is for (RFC 7523 §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssertionAudience {
    /// The issuer (RFC 7523bis).
    Issuer,
    /// The token endpoint, whichever endpoint is asked (OpenID Connect Core §9).
    TokenEndpoint,
    /// The endpoint that is asked.
    Endpoint,
}

impl AssertionAudience {
    /// The audience with this name in settings.
    pub(crate) fn of(name: &str) -> Option<Self> {
        match name {
            "issuer" => Some(Self::Issuer),
            "token_endpoint" => Some(Self::TokenEndpoint),
            "endpoint" => Some(Self::Endpoint),
            _ => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Issuer => "issuer",
            Self::TokenEndpoint => "token_endpoint",
            Self::Endpoint => "endpoint",
        }
    }

    /// The setting that remembers it under a learned key.
    pub(crate) fn remembered_as(self, learned: &str) -> (String, String) {
        (format!("{ADAPTED}{learned}"), self.as_str().to_owned())
    }
}

impl ProviderConfig {
    /// What was learned from what the server accepted, by the key after [`ADAPTED`].
    pub fn learned(&self, key: &str) -> Option<&str> {
        self.setting(&format!("{ADAPTED}{key}"))
    }

    /// The method of client authentication that the user chose against what the server granted.
    pub fn chosen_auth_method(&self) -> Option<&str> {
        self.setting(key::TOKEN_AUTH_METHOD)
            .filter(|method| *method != "as_granted")
    }

    /// The audience of assertions that the user chose.
    pub fn chosen_assertion_audience(&self) -> Option<AssertionAudience> {
        AssertionAudience::of(self.setting(key::ASSERTION_AUDIENCE)?)
    }

    /// The encoding of Basic credentials that the user chose.
    pub(crate) fn chosen_basic_encoding(&self) -> Option<BasicEncoding> {
        match self.setting(key::BASIC_ENCODING)? {
            "raw" => Some(BasicEncoding::Raw),
            _ => Some(BasicEncoding::Rfc6749),
        }
    }

    /// How Basic credentials are written: encoded (RFC 6749 §2.3.1), unless the user chose otherwise.
    pub fn basic_encoding(&self) -> BasicEncoding {
        self.chosen_basic_encoding()
            .unwrap_or(BasicEncoding::Rfc6749)
    }

    /// Client identifier of the admin client.
    pub(crate) fn admin_client_id(&self) -> Option<&str> {
        self.setting(key::INITIAL_CLIENT_ID)
    }

    /// Allows plain http to hosts other than loopback.
    pub(crate) fn allows_plain_http(&self) -> bool {
        self.is_on(key::ALLOW_PLAIN_HTTP)
    }
}
