//! What is sent to register: client metadata, or the name of a template alone.

use keywright_oauth::client_metadata::ClientMetadata;
use url::{Origin, Url};

use super::Curity;
use crate::{
    ProviderError,
    rfc7591::{form::MemberForm, plan::prepared},
};

/// What is sent as `redirect_uris` where nothing is known of the server.
pub(super) const USUAL: MemberForm = MemberForm::Absent;

/// Addresses that must share their origin with a redirect URI.
const ADDRESSES: [&str; 4] = ["client_uri", "logo_uri", "policy_uri", "tos_uri"];

impl Curity {
    /// The body of a registration. A templatized one holds `software_id` and nothing else.
    pub(super) fn body(&self, wanted: &ClientMetadata) -> Result<ClientMetadata, ProviderError> {
        if !self.settings.is_templatized {
            return Ok(prepared(&self.config, wanted, USUAL));
        }
        let template = self
            .settings
            .software_id
            .clone()
            .ok_or(ProviderError::Missing {
                key: Self::SOFTWARE_ID,
            })?;
        let mut body = ClientMetadata::default();
        body.set("software_id", template);
        Ok(body)
    }
}

/// Addresses of a client at another origin than all of its redirect URIs: the server refuses them.
pub(super) fn uris_at_other_origins(wanted: &ClientMetadata) -> Vec<String> {
    let origin = |text: &str| -> Option<Origin> { Url::parse(text).ok().map(|url| url.origin()) };
    let redirects: Vec<Origin> = wanted
        .redirect_uris()
        .unwrap_or_default()
        .iter()
        .filter_map(|uri| origin(uri))
        .collect();
    if redirects.is_empty() {
        return Vec::new();
    }
    ADDRESSES
        .iter()
        .filter_map(|name| wanted.members().get(*name)?.as_str())
        .filter(|address| origin(address).is_some_and(|origin| !redirects.contains(&origin)))
        .map(str::to_owned)
        .collect()
}
