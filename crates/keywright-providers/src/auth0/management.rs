//! The Management API: its token, and one request to it.

use http::Method;
use keywright_oauth::{
    http::{Auth, Purpose},
    register::RegistrationError,
    secret::AccessToken,
    token::{ClientAuth, Grant, TokenError, TokenRequest},
};
use uuid::Uuid;

use super::{Auth0, addresses};
use crate::{
    ProviderError,
    api::{self, Answer, Call},
};

/// The code of a missing permission.
pub(super) const INSUFFICIENT_SCOPE: &str = "insufficient_scope";

impl Auth0 {
    /// The token of the admin client. It is asked for at the issuer's own host, whatever the token
    /// endpoint of applications is: Auth0 wants the token and the call that uses it at the same host.
    pub(super) async fn admin_token(&self, flow: Uuid) -> Result<AccessToken, ProviderError> {
        let (client_id, client_secret) = self.config.required_admin_client()?;
        let request = TokenRequest {
            endpoint: addresses::below(&self.config, &["oauth", "token"])?,
            client_id,
            client_secret: Some(client_secret),
            client_auth: ClientAuth::Post,
            assertion: keywright_oauth::assertion::AssertionParams::default(),
            certificate: None,
            dpop: None,
            grant: Grant::ClientCredentials,
            scopes: Vec::new(),
            extra: vec![("audience".to_owned(), self.management_audience()?)],
            flow,
        };
        let token = self.admin.get(&self.http, &request).await;
        token.map_err(|source| ProviderError::Admin { source })
    }

    /// A request to the Management API, without body and token yet.
    pub(super) fn request(
        &self,
        method: Method,
        purpose: Purpose,
        path: &[&str],
    ) -> Result<Call, ProviderError> {
        let path: Vec<&str> = ["api", "v2"].iter().chain(path).copied().collect();
        Ok(Call {
            method,
            url: addresses::below(&self.config, &path)?,
            purpose,
            auth: Auth::None,
            body: None,
        })
    }

    /// Sends it. A token that the API does not take any more is replaced once: a request refused with
    /// 401 was not carried out.
    pub(super) async fn ask(&self, call: Call, flow: Uuid) -> Result<Answer, ProviderError> {
        let mut fresh = false;
        loop {
            let auth = Auth::Bearer(self.admin_token(flow).await?);
            let call = Call {
                auth,
                ..call.clone()
            };
            match api::call(&self.http, call, flow).await {
                Ok(answer) => return Ok(answer),
                Err(error) if is_unauthorized(&error) && !fresh => {
                    self.admin.forget().await;
                    fresh = true;
                }
                Err(error) => return Err(blamed(error)),
            }
        }
    }
}

fn is_unauthorized(error: &RegistrationError) -> bool {
    matches!(error, RegistrationError::Refused { words, .. } if words.status == 401)
}

/// 401 and a missing permission are about the admin client, and say nothing of the client asked about.
fn blamed(error: RegistrationError) -> ProviderError {
    match error {
        RegistrationError::Refused {
            words,
            retry_after,
            exchange,
            ..
        } if words.status == 401
            || (words.status == 403 && words.error.as_deref() == Some(INSUFFICIENT_SCOPE)) =>
        {
            ProviderError::Admin {
                source: TokenError::Refused {
                    words,
                    retry_after,
                    exchange,
                },
            }
        }
        error => error.into(),
    }
}

/// There is no such client or grant (any more).
pub(super) fn is_gone(error: &ProviderError) -> bool {
    matches!(
        error,
        ProviderError::Registration(RegistrationError::Refused { words, .. })
            if matches!(words.status, 404 | 410)
    )
}
