//! What the server of a configuration supports, as far as its metadata and the settings say.

use keywright_providers::ProviderConfig;

use crate::{CoreError, configurations::Configurations};

/// Endpoints, grants, ways of authenticating and scopes. A list is none where nothing says what is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerSupport {
    /// The metadata of the server was read.
    pub is_read: bool,
    /// Names of endpoints (RFC 8414 §2) and their addresses.
    pub endpoints: Vec<(&'static str, String)>,
    /// `grant_types_supported`.
    pub grants: Option<Vec<String>>,
    /// `token_endpoint_auth_methods_supported`.
    pub methods: Option<Vec<String>>,
    /// `scopes_supported`.
    pub scopes: Option<Vec<String>>,
}

impl Configurations<'_> {
    /// What the server of a configuration supports. Nothing is sent.
    pub fn support(self, wanted: &str) -> Result<ServerSupport, CoreError> {
        Ok(of(&Self::public_config(&self.row(wanted)?)?))
    }
}

fn of(config: &ProviderConfig) -> ServerSupport {
    let metadata = config.metadata.as_ref();
    ServerSupport {
        is_read: metadata.is_some(),
        endpoints: config
            .known_endpoints()
            .into_iter()
            .map(|(name, url)| (name, url.to_string()))
            .collect(),
        grants: metadata.and_then(|one| one.grant_types_supported.clone()),
        methods: metadata.and_then(|one| one.token_endpoint_auth_methods_supported.clone()),
        scopes: metadata.and_then(|one| one.scopes_supported.clone()),
    }
}
