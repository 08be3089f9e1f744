//! A token request that waits out what a provider needs to make a new client or secret known everywhere,
//! and that tries the same client in another way where its credentials may have been misread, or its assertion was made
//! for another audience than the server expects.

use std::time::Duration;

use keywright_oauth::{
    http::HttpClient,
    token::{self, ClientAuth, TokenError, TokenRequest, TokenResponse},
};
use keywright_providers::{
    Provider, ProviderConfig, ProviderError, Registration, TokenWish, WishedGrant,
    client_auth_setting, client_method_setting, other_audience, other_client_auth,
    other_client_methods,
};
use uuid::Uuid;

use super::request::sorted;

/// Pauses between the tries, in seconds: a new secret of Microsoft Entra ID needs up to 18 s and more.
const PAUSES_SECS: [u64; 8] = [1, 2, 3, 5, 8, 13, 20, 30];

/// One token that is asked for.
pub(crate) struct TokenAttempt<'a> {
    pub(crate) provider: &'a Provider,
    pub(crate) config: &'a ProviderConfig,
    pub(crate) http: &'a HttpClient,
    pub(crate) at: Registration,
    /// The same client with the secret before a rotation, while both live.
    pub(crate) before: Option<Registration>,
    pub(crate) wish: TokenWish,
    pub(crate) flow: Uuid,
}

/// An answer, and what it shows.
pub(crate) struct Obtained {
    pub(crate) answer: TokenResponse,
    /// The current secret got it.
    pub(crate) proven: bool,
    /// The setting that remembers the way to authenticate that worked where the usual one did not.
    pub(crate) adapted: Option<(String, String)>,
}

impl Obtained {
    fn with_current_secret(answer: TokenResponse, adapted: Option<(String, String)>) -> Self {
        Self {
            answer,
            proven: true,
            adapted,
        }
    }
}

impl TokenAttempt<'_> {
    /// Asks with the current secret. Where the provider may not know it yet, the secret before it
    /// serves; where there is none, the request is sent again after a pause.
    pub(crate) async fn request(&self) -> Result<Obtained, ProviderError> {
        let mut pauses = PAUSES_SECS.into_iter();
        loop {
            let request = self.prepared(&self.at)?;
            let error = match token::request_token(self.http, &request).await {
                Ok(answer) => return Ok(Obtained::with_current_secret(answer, None)),
                Err(error) => error,
            };
            let now = self.http.clock().now();
            if !self.provider.may_not_have_propagated(&error, &self.at, now) {
                return self.otherwise(request, error).await;
            }
            if let Some(before) = &self.before
                && let Ok(answer) = token::request_token(self.http, &self.prepared(before)?).await
            {
                return Ok(Obtained {
                    answer,
                    proven: false,
                    adapted: None,
                });
            }
            match pauses.next() {
                Some(pause) => tokio::time::sleep(Duration::from_secs(pause)).await,
                None => return Err(error.into()),
            }
        }
    }

    /// Asks once with the current secret, in each way that may be meant, and waits for nothing.
    pub(crate) async fn without_waiting(&self) -> Result<Obtained, ProviderError> {
        let request = self.prepared(&self.at)?;
        match token::request_token(self.http, &request).await {
            Ok(answer) => Ok(Obtained::with_current_secret(answer, None)),
            Err(error) => self.otherwise(request, error).await,
        }
    }

    /// The same request with the credentials written in another way, where that may be what was refused.
    async fn otherwise(
        &self,
        request: TokenRequest,
        error: TokenError,
    ) -> Result<Obtained, ProviderError> {
        if error.may_refuse_assertion()
            && let Some((audience, setting)) = other_audience(self.config, &request)
        {
            let mut request = request;
            request.assertion.audience = audience;
            return match token::request_token(self.http, &request).await {
                Ok(answer) => Ok(Obtained::with_current_secret(answer, Some(setting))),
                Err(other) if is_recognised(&error, &other) => Err(other.into()),
                Err(_refused_as_well) => Err(error.into()),
            };
        }
        if !error.is_refused_client() {
            return Err(error.into());
        }
        let ways = other_client_auth(self.config, &self.at, request.client_auth);
        let outcome = self.first_of(&request, &error, ways, client_auth_setting);
        outcome.await.unwrap_or_else(|| Err(error.into()))
    }

    /// The same request with another method, after the registered one was refused. None where no method is left, or
    /// all were refused: the first refusal says more of the client than those of a guess. Only for a refusal after
    /// which no secret of the client can have been counted as wrong.
    pub(crate) async fn by_another_method(
        &self,
        error: &TokenError,
    ) -> Option<Result<Obtained, ProviderError>> {
        let request = match self.prepared(&self.at) {
            Ok(request) => request,
            Err(error) => return Some(Err(error)),
        };
        let usual = request.client_auth;
        let unidentified = error.misses_client_id();
        let mut ways = other_client_methods(self.config, &self.at, usual, unidentified);
        // No secret is sent twice in one way: these were tried after the same refusal.
        if error.is_refused_client() {
            let tried = other_client_auth(self.config, &self.at, usual);
            ways.retain(|way| !tried.contains(way));
        }
        let setting = |way| client_method_setting(usual, way);
        self.first_of(&request, error, ways, setting).await
    }

    /// The first of these ways that the server knows the client in.
    async fn first_of(
        &self,
        request: &TokenRequest,
        error: &TokenError,
        ways: Vec<ClientAuth>,
        setting: impl Fn(ClientAuth) -> (String, String),
    ) -> Option<Result<Obtained, ProviderError>> {
        for way in ways {
            let request = TokenRequest {
                client_auth: way,
                ..request.clone()
            };
            match token::request_token(self.http, &request).await {
                Ok(answer) => {
                    return Some(Ok(Obtained::with_current_secret(
                        answer,
                        Some(setting(way)),
                    )));
                }
                Err(other) if is_recognised(error, &other) => return Some(Err(other.into())),
                Err(_refused_as_well) => {}
            }
        }
        None
    }

    /// The request has no scope, neither a wished one nor one of the registration.
    pub(crate) fn names_no_scope(&self) -> bool {
        self.prepared(&self.at)
            .is_ok_and(|request| request.scopes.is_empty())
    }

    /// The scope that a client asks for by itself where none is wished, its parts sorted.
    pub(crate) fn scope_of_registration(&self) -> Option<String> {
        let asks = matches!(self.wish.grant, WishedGrant::ClientCredentials);
        let wished = self.wish.scopes.is_some();
        let request = (asks && !wished).then(|| self.prepared(&self.at))?.ok()?;
        Some(sorted(request.scopes))
    }

    fn prepared(&self, at: &Registration) -> Result<TokenRequest, ProviderError> {
        self.provider
            .token_request(at, self.wish.clone(), self.flow)
    }
}

/// The server knew the client in another way of writing its credentials, and refused what it asked for. After
/// `invalid_client`, `unauthorized_client` is such a refusal: a server that says both does not mean the same by them.
fn is_recognised(first: &TokenError, other: &TokenError) -> bool {
    other.is_about_the_request() || (first.is_invalid_client() && other.is_unauthorized_client())
}

#[cfg(test)]
mod tests {
    use keywright_oauth::error_response::ErrorResponse;
    use uuid::Uuid;

    use super::*;

    fn refused(code: &str) -> TokenError {
        let body = format!(r#"{{"error":"{code}"}}"#);
        TokenError::Refused {
            words: ErrorResponse::read(400, body.as_bytes()),
            retry_after: None,
            exchange: Uuid::nil(),
        }
    }

    #[test]
    fn another_refusal_in_another_way_means_a_known_client() {
        let first = refused("invalid_client");
        assert!(is_recognised(&first, &refused("unauthorized_client")));
        assert!(is_recognised(&first, &refused("invalid_scope")));
        assert!(!is_recognised(&first, &refused("invalid_client")));
        assert!(!is_recognised(&first, &refused("server_error")));
    }

    /// idpyoidc takes an assertion for its token endpoint alone, and refuses another one with these words.
    #[test]
    fn an_assertion_may_be_refused_as_any_other_request() {
        let may_be = |code: &str, said: &str| {
            let body = format!(r#"{{"error":"{code}","error_description":"{said}"}}"#);
            TokenError::Refused {
                words: ErrorResponse::read(400, body.as_bytes()),
                retry_after: None,
                exchange: Uuid::nil(),
            }
            .may_refuse_assertion()
        };
        assert!(may_be("invalid_client", ""));
        assert!(may_be("invalid_request", "Authorization failed"));
        assert!(may_be(
            "unauthorized_client",
            "client_assertion has a wrong audience"
        ));
        assert!(!may_be("invalid_request", "code is missing"));
        // The assertion of a grant.
        assert!(!may_be("invalid_grant", "the assertion has expired"));
    }
}
