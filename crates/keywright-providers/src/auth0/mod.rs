//! Auth0, through its Management API: a client, then a client grant that opens one API to it. Open
//! registration (RFC 7591 at `/oidc/register`) is there for what it can do, and client credentials are
//! not among that.

mod addresses;
mod advice;
mod capabilities;
mod clients;
mod credentials;
mod grants;
mod list;
mod manage;
mod management;
pub(crate) mod messages;
mod open;
mod plan;
mod settings;
#[cfg(test)]
mod tests;
mod tokens;
mod translate;
mod verify;

use keywright_oauth::{
    client_metadata::ClientMetadata, error_response::ErrorResponse, http::HttpClient,
    register::ClientInformation, token::TokenError,
};

use self::settings::Auth0Settings;
pub(crate) use self::{
    addresses::{prefill, token_endpoint},
    advice::advice,
    settings::SETTINGS,
};
use crate::{
    AdminTokens, Context, DeletionEvidence, ProviderConfig, ProviderError, Registration,
    deletion_evidence,
};

/// Names of what is kept next to the metadata of a client.
mod handle {
    /// Id of the client grant.
    pub(super) const GRANT_ID: &str = "auth0_grant_id";
    /// Identifier of the API that the grant opens.
    pub(super) const GRANT_AUDIENCE: &str = "auth0_grant_audience";
    /// When the secret was made, in Unix seconds.
    pub(super) const SECRET_SINCE: &str = "auth0_secret_since";
}

/// The adapter.
#[derive(Debug)]
pub struct Auth0 {
    config: ProviderConfig,
    settings: Auth0Settings,
    http: HttpClient,
    admin: AdminTokens,
}

impl Auth0 {
    pub(crate) fn config(&self) -> &ProviderConfig {
        &self.config
    }

    pub(crate) fn new(config: ProviderConfig, http: HttpClient, admin: AdminTokens) -> Self {
        Self {
            settings: Auth0Settings::of(&config),
            config,
            http,
            admin,
        }
    }

    pub(crate) fn apply_audience(wanted: &mut ClientMetadata, audience: &str) {
        wanted.set("audience", audience);
    }

    pub(crate) async fn register(
        &self,
        context: Context<'_>,
        wanted: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        if self.settings.is_open {
            return self.register_openly(context, wanted).await;
        }
        self.create(context, wanted).await
    }

    pub(crate) fn deletion_evidence(words: &ErrorResponse) -> DeletionEvidence {
        deletion_evidence::with_code(words, &["inexistent_client"])
    }

    pub(crate) fn may_not_have_propagated(error: &TokenError, at: &Registration, now: i64) -> bool {
        tokens::may_not_have_propagated(error, at, now)
    }

    pub(crate) fn refuses_client(error: &TokenError) -> bool {
        tokens::refuses_client(error)
    }
}
