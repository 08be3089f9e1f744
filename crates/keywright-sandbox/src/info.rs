//! Where the running Sandbox is and how to talk to it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// One personality of the identity provider.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonalityInfo {
    /// Name, for example `rfc7591`.
    pub name: String,
    /// Provider kind that talks to it.
    pub provider: String,
    /// Issuer.
    pub issuer: String,
    /// Example API behind the gateway.
    pub api_url: String,
    /// Settings for a configuration.
    pub set: BTreeMap<String, String>,
    /// Throw-away secrets for a configuration, for example `initial_access_token` when registration
    /// needs it.
    pub secrets: BTreeMap<String, String>,
    /// The audience that a token request must name for the API to take the token.
    pub audience: Option<String>,
    /// The scope that a token request must name for the API to take the token.
    pub scope: Option<String>,
}

impl fmt::Debug for PersonalityInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersonalityInfo")
            .field("name", &self.name)
            .field("provider", &self.provider)
            .field("issuer", &self.issuer)
            .field("api_url", &self.api_url)
            .field("set", &self.set)
            .field("secrets", &self.secrets.keys().collect::<Vec<_>>())
            .field("audience", &self.audience)
            .field("scope", &self.scope)
            .finish()
    }
}

/// Where the running Sandbox is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxInfo {
    /// Its personalities.
    pub personalities: Vec<PersonalityInfo>,
    /// Origin of the identity provider.
    pub idp: String,
    /// Origin of the gateway.
    pub gateway: String,
}
