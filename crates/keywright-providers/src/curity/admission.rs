//! What opens a registration: a token with the scope `dcr` that is good for one registration only, so
//! that a new one is fetched for each and none is ever kept.

use keywright_oauth::{
    secret::{InitialAccessToken, SecretText},
    token::{self, ClientAuth, Grant, TokenRequest, TokenResponse},
};
use uuid::Uuid;

use super::Curity;
use crate::{ProviderError, settings::key};

/// Scope of the token that opens registration, unless the server calls it otherwise.
const DCR_SCOPE: &str = "dcr";

/// What opens registration at this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OpenedBy {
    /// The admin client gets a token for each registration.
    AdminClient,
    /// A token that came from somewhere else.
    InitialAccessToken,
    /// Nothing: everyone may register.
    Nothing,
}

impl Curity {
    pub(super) fn opened_by(&self) -> OpenedBy {
        match self.config.setting(Self::OPENED_BY) {
            Some("initial_access_token") => OpenedBy::InitialAccessToken,
            Some("nothing") => OpenedBy::Nothing,
            _ => OpenedBy::AdminClient,
        }
    }

    pub(super) fn dcr_scope(&self) -> &str {
        self.config.setting(Self::DCR_SCOPE).unwrap_or(DCR_SCOPE)
    }

    /// What goes with the next registration.
    pub(super) async fn admission(
        &self,
        flow: Uuid,
    ) -> Result<Option<InitialAccessToken>, ProviderError> {
        match self.opened_by() {
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
        let (client_id, secret) = self.config.admin_client().ok_or_else(|| {
            missing(if self.config.setting(key::INITIAL_CLIENT_ID).is_none() {
                key::INITIAL_CLIENT_ID
            } else {
                key::INITIAL_CLIENT_SECRET
            })
        })?;
        Ok(TokenRequest {
            endpoint: endpoint.ok_or_else(|| missing(key::TOKEN_ENDPOINT))?,
            client_id,
            client_secret: Some(secret),
            client_auth: self.admin_auth(),
            assertion: keywright_oauth::assertion::AssertionParams::default(),
            certificate: None,
            dpop: None,
            grant: Grant::ClientCredentials,
            scopes: vec![self.dcr_scope().to_owned()],
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
