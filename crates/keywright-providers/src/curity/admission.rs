//! What opens a registration: a token with the scope `dcr` that is good for one registration only, so
//! that a new one is fetched for each and none is ever kept.

use keywright_oauth::{
    secret::{InitialAccessToken, SecretText},
    token::{self, ClientAuth, Grant, TokenRequest, TokenResponse},
};
use uuid::Uuid;

use super::{Curity, settings::OpenedBy};
use crate::{ProviderError, settings::key};

impl Curity {
    /// What goes with the next registration.
    pub(super) async fn admission(
        &self,
        flow: Uuid,
    ) -> Result<Option<InitialAccessToken>, ProviderError> {
        match self.settings.opened_by {
            OpenedBy::Nothing => Ok(None),
            OpenedBy::InitialAccessToken => {
                let token = self.config.initial_access_token();
                token.map(Some).ok_or(ProviderError::Missing {
                    key: key::INITIAL_ACCESS_TOKEN,
                })
            }
            OpenedBy::AdminClient => {
                let answer = self.fresh_token(flow).await?;
                let token = InitialAccessToken::from(SecretText::from(&answer.access_token));
                Ok(Some(token))
            }
        }
    }

    /// A new token of the admin client.
    pub(super) async fn fresh_token(&self, flow: Uuid) -> Result<TokenResponse, ProviderError> {
        let request = self.admin_request(flow)?;
        token::request_token(&self.http, &request)
            .await
            .map_err(|source| ProviderError::Admin { source })
    }

    fn admin_request(&self, flow: Uuid) -> Result<TokenRequest, ProviderError> {
        let missing = |key| ProviderError::Missing { key };
        let endpoint = self.config.token_endpoint()?;
        let (client_id, secret) = self.config.required_admin_client()?;
        Ok(TokenRequest {
            endpoint: endpoint.ok_or_else(|| missing(key::TOKEN_ENDPOINT))?,
            client_id,
            client_secret: Some(secret),
            client_auth: self.admin_auth(),
            assertion: keywright_oauth::assertion::AssertionParams::default(),
            certificate: None,
            dpop: None,
            grant: Grant::ClientCredentials,
            scopes: vec![self.settings.dcr_scope.clone()],
            extra: Vec::new(),
            flow,
        })
    }

    /// Basic, unless the metadata offers the form alone.
    pub(super) fn admin_auth(&self) -> ClientAuth {
        let listed = self
            .config
            .metadata
            .as_ref()
            .and_then(|metadata| metadata.token_endpoint_auth_methods_supported.as_ref());
        let offers = |method: &str| listed.is_some_and(|all| all.iter().any(|one| one == method));
        if offers("client_secret_post") && !offers("client_secret_basic") {
            ClientAuth::Post
        } else {
            ClientAuth::Basic(self.config.basic_encoding())
        }
    }
}
