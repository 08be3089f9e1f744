//! Token requests: an audience, no scopes unless asked for, and a new secret that may come late.

use keywright_oauth::{
    assertion::AssertionParams,
    introspect::ClientAuthentication,
    token::{ClientAuth, TokenError, TokenRequest},
};
use uuid::Uuid;

use super::{Auth0, credentials, handle};
use crate::{ProviderError, Registration, TokenWish, WishedGrant, tokens};

/// A new secret may take this many seconds to work; until then the old one may.
const SETTLING_SECS: i64 = 30;

impl Auth0 {
    pub(crate) fn token_request(
        &self,
        at: &Registration,
        mut wish: TokenWish,
        flow: Uuid,
    ) -> Result<TokenRequest, ProviderError> {
        if matches!(wish.grant, WishedGrant::RefreshToken(_)) {
            // A refresh stays with the API of the token before it.
            wish.audience = None;
        } else {
            let granted = at.handle(handle::GRANT_AUDIENCE);
            wish.audience = wish
                .audience
                .or_else(|| granted.map(str::to_owned))
                .or_else(|| self.settings.audience.clone());
        }
        if !matches!(wish.grant, WishedGrant::User) {
            // Without `scope` comes all that is granted now, which may be more than we know of.
            wish.scopes = Some(wish.scopes.unwrap_or_default());
        }
        let mut request = tokens::token_request(&self.config, at, wish, flow)?;
        request.client_auth = self.or_post(request.client_auth, at);
        name_key(&mut request.assertion);
        Ok(request)
    }

    pub(crate) fn client_authentication(
        &self,
        at: &Registration,
    ) -> Result<ClientAuthentication, ProviderError> {
        let mut client_authentication = tokens::client_authentication(&self.config, at)?;
        client_authentication.client_auth = self.or_post(client_authentication.client_auth, at);
        name_key(&mut client_authentication.assertion);
        Ok(client_authentication)
    }

    /// A client whose way of authenticating Auth0 does not name sends its secret in the form.
    fn or_post(&self, auth: ClientAuth, at: &Registration) -> ClientAuth {
        let chosen = self.config.chosen_auth_method().is_some();
        match auth {
            ClientAuth::Basic(_)
                if !chosen && at.granted.token_endpoint_auth_method().is_none() =>
            {
                ClientAuth::Post
            }
            auth => auth,
        }
    }
}

/// Names the key as Auth0 knows it.
fn name_key(assertion: &mut AssertionParams) {
    assertion.key = assertion
        .key
        .take()
        .map(|key| key.named(&credentials::name_of(&key)));
}

/// A wrong secret, a client that is gone, and a secret that is too new are all refused with 401.
pub(super) fn may_not_have_propagated(error: &TokenError, at: &Registration, now: i64) -> bool {
    let since: Option<i64> = at
        .handle(handle::SECRET_SINCE)
        .and_then(|since| since.parse().ok());
    refuses_client(error)
        && since.is_some_and(|since| (0..=SETTLING_SECS).contains(&now.saturating_sub(since)))
}

/// Auth0 says `access_denied` where the standard says `invalid_client` (RFC 6749 §5.2); with another
/// status the same word is about the API.
pub(super) fn refuses_client(error: &TokenError) -> bool {
    error.is_invalid_client()
        || matches!(
            error,
            TokenError::Refused { words, .. }
                if words.status == 401 && words.error.as_deref() == Some("access_denied")
        )
}
