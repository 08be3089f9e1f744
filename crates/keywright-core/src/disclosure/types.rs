//! Naming a secret without holding it.

use serde::{Deserialize, Serialize};
use specta::Type;

/// Which secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SecretRef {
    /// `client_secret` of an application.
    ClientSecret {
        /// The application.
        application_id: String,
    },
    /// `registration_access_token` of an application.
    RegistrationAccessToken {
        /// The application.
        application_id: String,
    },
    /// An access token.
    AccessToken {
        /// The token.
        token_id: String,
    },
    /// A cookie of a session.
    Cookie {
        /// The session.
        session_id: String,
        /// The cookie's name.
        name: String,
    },
    /// A secret of a configuration.
    ConfigurationSecret {
        /// The configuration.
        configuration_id: String,
        /// Its key, for example `initial_access_token`.
        key: String,
    },
}

/// How a secret is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum CopyForm {
    /// The value alone.
    Raw,
    /// `Authorization: Bearer …`.
    Header,
    /// A cURL command with a reference.
    Curl,
    /// `.env` lines with a reference.
    Env,
    /// `Authorization: Bearer …` with a reference.
    HeaderReference,
    /// An `HTTPie` command with a reference.
    Httpie,
    /// An `HTTPie` command with the value.
    HttpieWithValue,
    /// A cURL command with the value.
    CurlWithValue,
    /// `.env` lines with the value.
    EnvWithValue,
}

/// A revealed value. It lives in the page until it is hidden.
#[derive(Clone, Serialize, Type)]
pub struct RevealedSecret {
    /// The value.
    pub value: String,
    /// Hidden after this many seconds.
    pub hide_after_secs: u32,
}

/// What was copied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct CopyReceipt {
    /// The clipboard is cleared after this many seconds; none for never.
    pub clear_after_secs: Option<u32>,
    /// The clipboard holds a secret value, not a reference.
    pub holds_value: bool,
    /// The address that a copied command calls; none where it is an example.
    pub address: Option<String>,
    /// The copied command is good for this many seconds, because of the assertion in it; none where it has none.
    pub lives_secs: Option<u32>,
}
