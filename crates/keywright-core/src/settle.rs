//! A token request that waits out what a provider needs to make a new client or secret known everywhere.

use std::time::Duration;

use keywright_oauth::{
    http::HttpClient,
    token::{self, TokenResponse},
};
use keywright_providers::{Provider, ProviderError, Registration, TokenWish};
use uuid::Uuid;

/// Pauses between the tries, in seconds: a new secret of Microsoft Entra ID needs up to 18 s and more.
const PAUSES_SECS: [u64; 8] = [1, 2, 3, 5, 8, 13, 20, 30];

/// One token that is asked for.
pub(crate) struct Asking<'a> {
    pub(crate) provider: &'a Provider,
    pub(crate) http: &'a HttpClient,
    pub(crate) at: Registration,
    /// The same client with the secret before a rotation, while both live.
    pub(crate) before: Option<Registration>,
    pub(crate) wish: TokenWish,
    pub(crate) flow: Uuid,
}

/// An answer, and whether the current secret got it.
pub(crate) struct Settled {
    pub(crate) answer: TokenResponse,
    pub(crate) proven: bool,
}

impl Asking<'_> {
    /// Asks with the current secret. Where the provider may not know it yet, the secret before it
    /// serves; where there is none, the request is sent again after a pause.
    pub(crate) async fn request(&self) -> Result<Settled, ProviderError> {
        let mut pauses = PAUSES_SECS.into_iter();
        loop {
            let error = match self.once(&self.at).await {
                Ok(answer) => {
                    return Ok(Settled {
                        answer,
                        proven: true,
                    });
                }
                Err(error) => error,
            };
            let settling = match &error {
                ProviderError::Token(error) => {
                    let now = self.http.clock().now();
                    self.provider.is_settling(error, &self.at, now)
                }
                _ => false,
            };
            if !settling {
                return Err(error);
            }
            if let Some(before) = &self.before
                && let Ok(answer) = self.once(before).await
            {
                return Ok(Settled {
                    answer,
                    proven: false,
                });
            }
            match pauses.next() {
                Some(pause) => tokio::time::sleep(Duration::from_secs(pause)).await,
                None => return Err(error),
            }
        }
    }

    async fn once(&self, at: &Registration) -> Result<TokenResponse, ProviderError> {
        let request = self
            .provider
            .token_request(at, self.wish.clone(), self.flow)?;
        Ok(token::request_token(self.http, &request).await?)
    }
}
