//! The capability sheet: what this issuer can do, each line with its reason.

use std::{borrow::Cow, collections::BTreeMap};

use crate::message_code::MessageCode;
use crate::messages::reason;
use keywright_oauth::codes;
use serde::{Deserialize, Serialize};

codes! {
    /// Something that a user may want to do.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Capability {
        /// Register a client.
        Register = "register",
        /// Read a registration.
        Read = "read",
        /// Change a registration.
        Update = "update",
        /// Replace the client secret.
        Rotate = "rotate",
        /// Replace the client secret while the old one still works.
        RotateOverlap = "rotate_overlap",
        /// Delete the client.
        Delete = "delete",
        /// List the clients at the provider.
        List = "list",
        /// Tokens by client credentials.
        ClientCredentials = "client_credentials",
        /// Tokens by authorization code.
        AuthorizationCode = "authorization_code",
        /// Tokens by a code for another device.
        DeviceAuthorization = "device_authorization",
        /// Tokens by refresh token.
        RefreshToken = "refresh_token",
        /// Ask what a token is.
        Introspection = "introspection",
        /// End a token.
        Revocation = "revocation",
        /// Check signatures.
        SigningKeys = "signing_keys",
        /// Ask who a user is.
        Userinfo = "userinfo",
        /// End the session of a user in the browser.
        SignOut = "sign_out",
    }
}

/// Can it?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Yes.
    Yes,
    /// In part.
    Partly,
    /// No.
    No,
    /// Not known.
    Unknown,
}

/// Why: a stable key, whose words are in the message files as `reason.KEY`, and the blanks to fill in
/// them. Each adapter names its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredReason", into = "StoredReason")]
pub struct Reason {
    key: Cow<'static, str>,
    blanks: BTreeMap<String, String>,
}

/// A reason as a vault keeps it: its key alone where there is nothing to fill.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredReason {
    Key(Cow<'static, str>),
    Filled {
        key: Cow<'static, str>,
        blanks: BTreeMap<String, String>,
    },
}

impl From<StoredReason> for Reason {
    fn from(stored: StoredReason) -> Self {
        let (key, blanks) = match stored {
            StoredReason::Key(key) => (key, BTreeMap::new()),
            StoredReason::Filled { key, blanks } => (key, blanks),
        };
        Self { key, blanks }
    }
}

impl From<Reason> for StoredReason {
    fn from(Reason { key, blanks }: Reason) -> Self {
        if blanks.is_empty() {
            Self::Key(key)
        } else {
            Self::Filled { key, blanks }
        }
    }
}

impl Reason {
    /// A reason of that key.
    pub(crate) const fn new(code: MessageCode) -> Self {
        Self {
            key: Cow::Borrowed(code.as_str()),
            blanks: BTreeMap::new(),
        }
    }

    /// The metadata has something else than an address in the place of an endpoint.
    pub fn endpoint_unreadable(name: &str, text: &str) -> Self {
        let blanks = [("name", name), ("text", text)];
        Self {
            key: Cow::Borrowed(reason::ENDPOINT_UNREADABLE.as_str()),
            blanks: blanks
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        }
    }

    /// Neither the metadata nor the configuration names the endpoint.
    pub fn endpoint_missing(name: &str) -> Self {
        Self {
            key: Cow::Borrowed(reason::ENDPOINT_MISSING.as_str()),
            blanks: BTreeMap::from([("name".to_owned(), name.to_owned())]),
        }
    }

    /// It is [`Self::ENDPOINT_MISSING`], with or without a name.
    pub fn is_missing_endpoint(&self) -> bool {
        self.key == Self::ENDPOINT_MISSING.key
    }

    /// Flows other than the authorization code are offered.
    pub fn other_flows(names: &[String]) -> Self {
        Self {
            key: Cow::Borrowed(reason::OTHER_FLOWS.as_str()),
            blanks: BTreeMap::from([("names".to_owned(), names.join(", "))]),
        }
    }

    /// Stable name.
    pub fn as_str(&self) -> &str {
        &self.key
    }

    /// What its words name, by the name of the blank.
    pub fn blanks(&self) -> &BTreeMap<String, String> {
        &self.blanks
    }

    /// The metadata or the configuration names the endpoint.
    pub const ENDPOINT_NAMED: Self = Self::new(reason::ENDPOINT_NAMED);
    /// No endpoint is named.
    pub const ENDPOINT_MISSING: Self = Self::new(reason::ENDPOINT_MISSING);
    /// The endpoint is named, and an initial access token is set.
    pub const WITH_INITIAL_TOKEN: Self = Self::new(reason::WITH_INITIAL_TOKEN);
    /// The endpoint is named; whether a token is needed shows at the first registration.
    pub const MAY_NEED_INITIAL_TOKEN: Self = Self::new(reason::MAY_NEED_INITIAL_TOKEN);
    /// Each registration says for itself (RFC 7592): only when it comes with a management address.
    pub const PER_REGISTRATION: Self = Self::new(reason::PER_REGISTRATION);
    /// The administrator of the configuration manages it.
    pub const BY_ADMINISTRATOR: Self = Self::new(reason::BY_ADMINISTRATOR);
    /// The administrator is to manage it, and the configuration has no initial access token.
    pub const ADMINISTRATOR_NOT_SET: Self = Self::new(reason::ADMINISTRATOR_NOT_SET);
    /// The management address that came with the registration is another client's.
    pub const OTHER_CLIENTS_ADDRESS: Self = Self::new(reason::OTHER_CLIENTS_ADDRESS);
    /// RFC 7592 has no operation for it; some servers do it on update.
    pub const ON_UPDATE_ONLY: Self = Self::new(reason::ON_UPDATE_ONLY);
    /// The client proves itself by a key, a certificate or not at all: there is nothing to rotate.
    pub const NO_SECRET: Self = Self::new(reason::NO_SECRET);
    /// RFC 7591 knows one secret at a time.
    pub const ONE_SECRET: Self = Self::new(reason::ONE_SECRET);
    /// The provider lists no secrets of a client.
    pub const SECRETS_UNLISTED: Self = Self::new(reason::SECRETS_UNLISTED);
    /// One request registers a client: there is nothing to go on with.
    pub const ONE_STEP: Self = Self::new(reason::ONE_STEP);
    /// Neither RFC 7591 nor RFC 7592 lists clients.
    pub const NO_LIST: Self = Self::new(reason::NO_LIST);
    /// The metadata lists the grant.
    pub const GRANT_LISTED: Self = Self::new(reason::GRANT_LISTED);
    /// The metadata lists grants, and not this one.
    pub const GRANT_NOT_LISTED: Self = Self::new(reason::GRANT_NOT_LISTED);
    /// The metadata lists grants, and each of them needs a login in a browser.
    pub const LOGIN_ONLY: Self = Self::new(reason::LOGIN_ONLY);
    /// The metadata lists no grants.
    pub const GRANTS_UNLISTED: Self = Self::new(reason::GRANTS_UNLISTED);
    /// The metadata lists no PKCE method S256, which protects a client without a secret.
    pub const WITHOUT_S256: Self = Self::new(reason::WITHOUT_S256);
    /// The endpoint is named, and the metadata lists grants without this one.
    pub const NAMED_NOT_LISTED: Self = Self::new(reason::NAMED_NOT_LISTED);
    /// The metadata lists the way of client authentication.
    pub const METHOD_LISTED: Self = Self::new(reason::METHOD_LISTED);
    /// The metadata lists ways of client authentication, and not this one.
    pub const METHOD_NOT_LISTED: Self = Self::new(reason::METHOD_NOT_LISTED);
    /// The metadata lists no ways of client authentication, so that `client_secret_basic` is the default (RFC 8414 §2).
    pub const METHOD_BY_DEFAULT: Self = Self::new(reason::METHOD_BY_DEFAULT);
    /// The metadata lists no ways of client authentication.
    pub const METHODS_UNLISTED: Self = Self::new(reason::METHODS_UNLISTED);
    /// The server binds tokens to client certificates (RFC 8705 §3.3).
    pub const CERTIFICATES_BIND: Self = Self::new(reason::CERTIFICATES_BIND);
    /// The server offers it with signatures that Keywright cannot make.
    pub const SIGNATURES_NOT_OURS: Self = Self::new(reason::SIGNATURES_NOT_OURS);
    /// The metadata lists PKCE with S256.
    pub const S256_LISTED: Self = Self::new(reason::S256_LISTED);
    /// The metadata does not list PKCE with S256.
    pub const S256_NOT_LISTED: Self = Self::new(reason::S256_NOT_LISTED);
    /// The server names itself in its answers (RFC 9207).
    pub const ISSUER_ANNOUNCED: Self = Self::new(reason::ISSUER_ANNOUNCED);
    /// The metadata does not say that the server names itself in its answers.
    pub const ISSUER_NOT_ANNOUNCED: Self = Self::new(reason::ISSUER_NOT_ANNOUNCED);
    /// The metadata lists signatures for proofs of possession (RFC 9449 §5.1).
    pub const DPOP_ANNOUNCED: Self = Self::new(reason::DPOP_ANNOUNCED);
    /// The metadata says nothing of tokens that are bound to their client.
    pub const BINDING_NOT_ANNOUNCED: Self = Self::new(reason::BINDING_NOT_ANNOUNCED);
    /// The metadata lists no response types.
    pub const RESPONSE_TYPES_UNLISTED: Self = Self::new(reason::RESPONSE_TYPES_UNLISTED);
    /// No other flow than the authorization code is offered.
    pub const CODE_ALONE: Self = Self::new(reason::CODE_ALONE);
    /// Not discovered yet.
    pub const NOT_DISCOVERED: Self = Self::new(reason::NOT_DISCOVERED);
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapabilityLine {
    /// What.
    pub capability: Capability,
    /// Can it?
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
}

/// The whole sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapabilitySheet {
    /// Lines in the order of use.
    pub lines: Vec<CapabilityLine>,
}

impl CapabilitySheet {
    /// The line of a capability.
    pub fn line(&self, capability: Capability) -> Option<&CapabilityLine> {
        self.lines.iter().find(|line| line.capability == capability)
    }

    /// Not ruled out: the sheet says yes, partly or unknown, or has no line for it.
    pub(crate) fn allows(&self, capability: Capability) -> Result<(), Reason> {
        match self.line(capability) {
            Some(line) if line.verdict == Verdict::No => Err(line.reason.clone()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_reason_is_read_as_an_older_vault_kept_it() {
        let old: Reason = serde_json::from_str("\"endpoint_named\"").unwrap();
        assert_eq!(old, Reason::ENDPOINT_NAMED);
        assert_eq!(serde_json::to_string(&old).unwrap(), "\"endpoint_named\"");
        let filled = Reason::endpoint_unreadable("jwks_uri", "id.example/jwks");
        let text = serde_json::to_string(&filled).unwrap();
        assert_eq!(serde_json::from_str::<Reason>(&text).unwrap(), filled);
    }
}
