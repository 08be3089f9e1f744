//! The admin token of a configuration: fetched once, used by many operations, never written down.

use std::sync::Arc;

use keywright_oauth::{
    http::HttpClient,
    secret::AccessToken,
    token::{self, TokenError, TokenRequest},
};
use tokio::sync::Mutex;

/// A token that ends within this many seconds is not used for a new operation.
const MARGIN_SECS: i64 = 60;
/// Lifetime where the server names none.
const SHORT_SECS: i64 = 300;

/// Keeps the admin token of one configuration in memory. Cheap to clone; all clones share the token.
#[derive(Debug, Clone, Default)]
pub struct AdminTokens(Arc<Mutex<Option<Kept>>>);

#[derive(Debug)]
struct Kept {
    token: AccessToken,
    ends_at: i64,
}

impl AdminTokens {
    /// The kept token, or a new one. One request serves all who wait.
    pub(crate) async fn get(
        &self,
        http: &HttpClient,
        request: &TokenRequest,
    ) -> Result<AccessToken, TokenError> {
        let mut kept = self.0.lock().await;
        let now = http.clock().now();
        if let Some(kept) = kept.as_ref()
            && kept.ends_at.saturating_sub(MARGIN_SECS) > now
        {
            return Ok(kept.token.clone());
        }
        let answer = token::request_token(http, request).await?;
        let lives = answer.expires_in.unwrap_or(SHORT_SECS);
        *kept = Some(Kept {
            token: answer.access_token.clone(),
            ends_at: now.saturating_add(lives),
        });
        Ok(answer.access_token)
    }

    /// Forgets the token: the vendor's API refused it.
    pub(crate) async fn forget(&self) {
        *self.0.lock().await = None;
    }
}
