//! What opens the org's APIs: its API token, or a token of the org's own authorization server that the
//! admin client gets with its private key. Okta takes no client secret there.

use http::{Method, header::AUTHORIZATION};
use keywright_oauth::{
    assertion::AssertionParams,
    client_key::ClientKey,
    error_response::ErrorResponse,
    http::{Auth, Purpose},
    register::RegistrationError,
    secret::AdminSecret,
    token::{self, ClientAuth, Grant, TokenError, TokenRequest, TokenResponse},
};
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::Okta;
use crate::{
    ProviderError,
    api::{self, Answer, Call},
    settings::key,
};

/// The client API.
pub(super) const CLIENTS: &[&str] = &[
    "okta.clients.register",
    "okta.clients.manage",
    "okta.clients.read",
];
/// Secrets and the life cycle of an application.
pub(super) const APPS: &[&str] = &["okta.apps.manage"];
/// The policies of an authorization server.
pub(super) const SERVERS: &[&str] = &["okta.authorizationServers.read"];
/// The admin roles of a client.
pub(super) const ROLES: &[&str] = &["okta.roles.read"];

/// One request to the org.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) purpose: Purpose,
    pub(super) body: Option<Value>,
    /// What a token of the admin client must be good for.
    pub(super) scopes: &'static [&'static str],
}

impl Ask {
    /// A request of the client API, without a body.
    pub(super) fn new(method: Method, url: Url, purpose: Purpose) -> Self {
        Self {
            method,
            url,
            purpose,
            body: None,
            scopes: CLIENTS,
        }
    }

    /// Of another API.
    pub(super) fn of(mut self, scopes: &'static [&'static str]) -> Self {
        self.scopes = scopes;
        self
    }

    /// With a body.
    pub(super) fn json(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }
}

impl Okta {
    /// The API token of the org, where one is set. It goes before the admin client.
    pub(super) fn api_token(&self) -> Option<&AdminSecret> {
        self.config.secret(Self::DCR_TOKEN)
    }

    /// The admin client by its id, where it and its key are set.
    pub(super) fn admin_client(&self) -> Option<(&str, &AdminSecret)> {
        Some((
            self.config.admin_client_id()?,
            self.config.secret(key::ADMIN_PRIVATE_KEY)?,
        ))
    }

    /// Sends a request with the admin credential. A token that the org does not take any more is
    /// fetched again once: a refusal for it was not carried out.
    pub(super) async fn ask(&self, ask: Ask, flow: Uuid) -> Result<Answer, ProviderError> {
        let first = self.ask_once(&ask, flow).await;
        let stale = matches!(&first, Err(ProviderError::Admin { source: TokenError::Refused { words, .. } }) if words.status == 401);
        if stale && self.api_token().is_none() && ask.scopes == CLIENTS {
            self.admin.forget().await;
            return self.ask_once(&ask, flow).await;
        }
        first
    }

    async fn ask_once(&self, ask: &Ask, flow: Uuid) -> Result<Answer, ProviderError> {
        let auth = self.auth(ask.scopes, flow).await?;
        self.ask_as(auth, ask, flow).await
    }

    /// Sends a request with a credential that is at hand.
    pub(super) async fn ask_as(
        &self,
        auth: Auth,
        ask: &Ask,
        flow: Uuid,
    ) -> Result<Answer, ProviderError> {
        let call = Call {
            method: ask.method.clone(),
            url: ask.url.clone(),
            purpose: ask.purpose,
            auth,
            body: ask.body.clone(),
        };
        api::call(&self.http, call, flow)
            .await
            .map_err(admin_refusal)
    }

    /// What a request carries that needs these scopes.
    pub(super) async fn auth(
        &self,
        scopes: &'static [&'static str],
        flow: Uuid,
    ) -> Result<Auth, ProviderError> {
        if let Some(token) = self.api_token() {
            return Ok(Auth::Header {
                name: AUTHORIZATION,
                value: AdminSecret::new(format!("SSWS {}", token.expose())),
            });
        }
        let request = self.admin_token_request(scopes, flow)?;
        // Only the scopes of every operation are worth keeping a token for; the others are asked for
        // when they are needed, so that the admin client does not have to have them.
        let token = if scopes == CLIENTS {
            self.admin.get(&self.http, &request).await
        } else {
            token::request_token(&self.http, &request)
                .await
                .map(|answer| answer.access_token)
        };
        token
            .map(Auth::Bearer)
            .map_err(|source| ProviderError::Admin { source })
    }

    /// A token of the admin client for these scopes, never kept.
    pub(super) async fn admin_token(
        &self,
        scopes: &[&str],
        flow: Uuid,
    ) -> Result<TokenResponse, ProviderError> {
        let request = self.admin_token_request(scopes, flow)?;
        token::request_token(&self.http, &request)
            .await
            .map_err(|source| ProviderError::Admin { source })
    }

    /// RFC 7523 §2.2 at the org's own authorization server.
    fn admin_token_request(
        &self,
        scopes: &[&str],
        flow: Uuid,
    ) -> Result<TokenRequest, ProviderError> {
        let Some(client_id) = self.config.admin_client_id() else {
            return Err(ProviderError::Missing {
                key: Self::DCR_TOKEN,
            });
        };
        let Some((client_id, private_key)) =
            self.admin_client().filter(|(known, _)| *known == client_id)
        else {
            return Err(ProviderError::Missing {
                key: key::ADMIN_PRIVATE_KEY,
            });
        };
        let endpoint = self.org()?.token_endpoint();
        let key = ClientKey::import(private_key.expose(), None)
            .map_err(|source| ProviderError::AdminKey { source })?;
        // Okta knows a key by the identifier of its JWK. An assertion without one is good for a client with one key alone.
        let key = match &self.settings.admin_key_id {
            Some(id) => key.named(id),
            None if key.kid() == key.thumbprint() => key.named(""),
            None => key,
        };
        let audience = endpoint.to_string();
        Ok(TokenRequest {
            endpoint,
            client_id: client_id.to_owned(),
            client_secret: None,
            client_auth: ClientAuth::PrivateKeyJwt,
            assertion: AssertionParams {
                key: Some(key),
                audience,
                ..AssertionParams::default()
            },
            certificate: None,
            dpop: None,
            grant: Grant::ClientCredentials,
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            extra: Vec::new(),
            flow,
        })
    }
}

/// Okta answers 401, or 403 "Invalid session", when it does not take the admin credential. That says
/// nothing of the client that the request was about.
fn admin_refusal(error: RegistrationError) -> ProviderError {
    match error {
        RegistrationError::Refused {
            words,
            retry_after,
            exchange,
            ..
        } if words.status == 401 || is(&words, "E0000005") => ProviderError::Admin {
            source: TokenError::Refused {
                words,
                retry_after,
                exchange,
            },
        },
        other => other.into(),
    }
}

/// The words carry this code.
pub(super) fn is(words: &ErrorResponse, code: &str) -> bool {
    words.error.as_deref() == Some(code)
}

/// The words of a refusal, whoever was refused.
pub(super) fn words_of(error: &ProviderError) -> Option<&ErrorResponse> {
    match error {
        ProviderError::Registration(RegistrationError::Refused { words, .. })
        | ProviderError::Admin {
            source: TokenError::Refused { words, .. },
        } => Some(words),
        _ => None,
    }
}
