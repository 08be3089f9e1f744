//! Open registration at `/oidc/register`. It makes third-party clients of users: Auth0 takes the grants
//! `authorization_code` and `refresh_token` from a request and drops the others.

use keywright_oauth::{
    client_metadata::ClientMetadata,
    register::{self, ClientInformation},
};
use url::Url;

use super::messages::plan;
use super::{Auth0, addresses};
use crate::{Context, ProviderError};

/// Name of the one step.
pub(super) const STEP: &str = plan::OPEN.as_str();
/// Grants that are not dropped.
pub(super) const GRANTS: [&str; 2] = ["authorization_code", "refresh_token"];
/// Ways of proving a client that are taken.
pub(super) const METHODS: [&str; 3] = ["client_secret_post", "client_secret_basic", "none"];
/// Members that are taken.
const TAKEN: [&str; 5] = [
    "client_name",
    "redirect_uris",
    "token_endpoint_auth_method",
    "grant_types",
    "response_types",
];

impl Auth0 {
    pub(super) fn open_endpoint(&self) -> Result<Url, ProviderError> {
        let named = self.config.metadata.as_ref();
        match named.and_then(|metadata| metadata.registration_endpoint.clone()) {
            Some(url) => Ok(url),
            None => addresses::below(&self.config, &["oidc", "register"]),
        }
    }

    pub(super) async fn register_openly(
        &self,
        context: Context<'_>,
        wanted: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        let endpoint = self.open_endpoint()?;
        let body = taken(wanted);
        context.sending(STEP)?;
        let mut information =
            register::register(&self.http, &endpoint, &body, None, context.flow).await?;
        if information.client_secret.is_some() {
            self.note_secret(&mut information);
        }
        context.done(STEP, &information)?;
        Ok(information)
    }
}

/// What is sent of the wanted metadata.
pub(super) fn taken(wanted: &ClientMetadata) -> ClientMetadata {
    let mut body = wanted.clone();
    for name in wanted.members().keys() {
        if !TAKEN.contains(&name.as_str()) {
            body.remove(name);
        }
    }
    body
}

/// What is not sent of it.
pub(super) fn left_out(wanted: &ClientMetadata) -> Vec<String> {
    let members = wanted.members().keys();
    members
        .filter(|name| !TAKEN.contains(&name.as_str()))
        .cloned()
        .collect()
}
