//! Authorization requests (RFC 6749 §4.1.1) with PKCE (RFC 7636), and the answer that the browser brings back
//! (RFC 6749 §4.1.2, RFC 9207). The `oauth2` crate makes `state`, the verifier and the address.

pub mod signed_answer;

use std::borrow::Cow;

use oauth2::{
    AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    basic::BasicClient,
};
use serde_json::{Map, Value, json};
use url::{Url, form_urlencoded};

use crate::{
    error_response::ErrorResponse,
    secret::{AuthorizationCode, CodeVerifier},
    server_metadata::ServerMetadata,
};

/// The scope that makes an authorization request one of OpenID Connect (OpenID Connect Core §3.1.2.1).
pub const OPENID: &str = "openid";
/// The scope that asks for a refresh token (OpenID Connect Core §11).
pub const OFFLINE_ACCESS: &str = "offline_access";
/// The only challenge method that is used (RFC 9700 §2.1.1).
pub const S256: &str = "S256";

/// What a user is sent to the authorization endpoint for.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    /// Authorization endpoint.
    pub endpoint: Url,
    /// Client identifier.
    pub client_id: String,
    /// Where the answer goes, exactly as it is sent.
    pub redirect_uri: String,
    /// Scopes, each one.
    pub scopes: Vec<String>,
    /// Further parameters: `audience`, `resource`.
    pub extra: Vec<(String, String)>,
}

/// The redirect URI of a request cannot be used: it is not an absolute URI (RFC 6749 §3.1.2).
#[derive(Debug, thiserror::Error)]
#[error("the redirect URI is not an absolute URI")]
pub struct InvalidRedirect {
    #[from]
    source: url::ParseError,
}

/// An authorization request that was made and not answered yet. Holds the secrets of the flow, which go nowhere
/// else: `state` and the challenge are in the address.
#[derive(Debug)]
pub struct PendingAuthorization {
    /// The address to open in a browser.
    pub url: Url,
    /// The redirect URI that was sent.
    pub redirect_uri: String,
    /// `nonce` of an OpenID Connect request (OpenID Connect Core §3.1.2.1).
    pub nonce: Option<String>,
    state: CsrfToken,
    verifier: PkceCodeVerifier,
}

/// Who must have answered (RFC 9207 §2.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedIssuer {
    /// `issuer` of the metadata, compared as a plain string.
    pub issuer: String,
    /// The server says that it always names itself.
    pub is_required: bool,
}

impl ExpectedIssuer {
    /// The issuer of this metadata.
    pub fn of(metadata: &ServerMetadata) -> Self {
        Self {
            issuer: metadata.issuer.clone(),
            is_required: metadata.answers_with_issuer(),
        }
    }
}

/// What is exchanged for a token.
#[derive(Debug, Clone)]
pub struct CodeGrant {
    /// `code`.
    pub code: AuthorizationCode,
    /// `code_verifier` (RFC 7636 §4.5).
    pub verifier: CodeVerifier,
    /// `redirect_uri` of the authorization request.
    pub redirect_uri: String,
}

/// Why an answer of the browser has no code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// `state` is absent or another one: the answer to another request, or forged (RFC 6749 §10.12).
    #[error("the answer belongs to another sign-in")]
    State,
    /// A parameter that may be there once is there twice (RFC 6749 §3.1).
    #[error("the answer has {name} more than once")]
    Repeated {
        /// Its name.
        name: &'static str,
    },
    /// `iss` is another issuer, or absent although the server always sends it (RFC 9207 §2.4).
    #[error("the answer names another issuer")]
    Issuer {
        /// The issuer that was asked.
        expected: String,
        /// The issuer that answered; none where it does not say.
        named: Option<String>,
    },
    /// The server or the user refused (RFC 6749 §4.1.2.1).
    #[error("the authorization was refused")]
    Refused {
        /// In whose words; the status is 0, because a browser brought them.
        words: Box<ErrorResponse>,
    },
    /// Neither a code nor an error.
    #[error("the answer has no code")]
    NoCode,
}

/// Parameters that may be there once.
const ONCE: [&str; 4] = ["code", "state", "iss", "error"];

impl PendingAuthorization {
    /// Makes `state`, verifier, challenge and, with `openid`, `nonce`, and the address that has them.
    pub fn begin(request: AuthorizationRequest) -> Result<Self, InvalidRedirect> {
        let redirect = RedirectUrl::new(request.redirect_uri.clone())?;
        let client = BasicClient::new(ClientId::new(request.client_id))
            .set_auth_uri(AuthUrl::from_url(request.endpoint));
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let nonce = request
            .scopes
            .iter()
            .any(|scope| scope == OPENID)
            .then(|| CsrfToken::new_random().into_secret());
        let asks_offline = nonce.is_some() && request.scopes.iter().any(|s| s == OFFLINE_ACCESS);
        let mut made = client
            .authorize_url(CsrfToken::new_random)
            .set_redirect_uri(Cow::Owned(redirect))
            .set_pkce_challenge(challenge)
            .add_scopes(request.scopes.into_iter().map(Scope::new));
        for (name, value) in request.extra {
            made = made.add_extra_param(name, value);
        }
        if let Some(nonce) = &nonce {
            made = made.add_extra_param("nonce", nonce.clone());
        }
        // OpenID Connect Core §11: a server ignores `offline_access` where the user is not asked.
        if asks_offline {
            made = made.add_extra_param("prompt", "consent");
        }
        let (url, state) = made.url();
        Ok(Self {
            url,
            redirect_uri: request.redirect_uri,
            nonce,
            state,
            verifier,
        })
    }

    /// What is sent to this endpoint, without what the endpoint has in its own query.
    pub(crate) fn parameters(&self, endpoint: &Url) -> Vec<(String, String)> {
        let own: Vec<_> = endpoint.query_pairs().collect();
        self.url
            .query_pairs()
            .filter(|pair| !own.contains(pair))
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect()
    }

    /// The answer in the query of the redirect is of this request. Nothing else of it may be used before.
    pub fn is_mine(&self, query: &str) -> bool {
        let mut states = parameters(query).filter(|(name, _)| name == "state");
        let first = states.next();
        first.is_some_and(|(_, value)| value == *self.state.secret()) && states.next().is_none()
    }

    /// Reads the answer in the query of the redirect. A code is good for one use.
    pub fn answered(self, query: &str, from: &ExpectedIssuer) -> Result<CodeGrant, AnswerError> {
        if !self.is_mine(query) {
            return Err(AnswerError::State);
        }
        for name in ONCE {
            if parameters(query).filter(|(found, _)| found == name).count() > 1 {
                return Err(AnswerError::Repeated { name });
            }
        }
        let one = |wanted: &str| {
            parameters(query)
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value.into_owned())
                .filter(|value| !value.is_empty())
        };
        let named = one("iss");
        let error = one("error");
        // A refusal without an issuer brings no code that another server could get: its words are passed on.
        let is_expected = match &named {
            Some(named) => *named == from.issuer,
            None => !from.is_required || error.is_some(),
        };
        if !is_expected {
            return Err(AnswerError::Issuer {
                expected: from.issuer.clone(),
                named,
            });
        }
        if let Some(error) = error {
            let words = json!({ "error": error, "error_description": one("error_description") });
            return Err(AnswerError::Refused {
                words: Box::new(ErrorResponse::read(0, words.to_string().as_bytes())),
            });
        }
        let code = one("code").ok_or(AnswerError::NoCode)?;
        Ok(CodeGrant {
            code: AuthorizationCode::new(code),
            verifier: CodeVerifier::new(self.verifier.into_secret()),
            redirect_uri: self.redirect_uri,
        })
    }
}

fn parameters(query: &str) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    form_urlencoded::parse(query.as_bytes())
}

/// The members of a document of metadata that matter to authorization requests.
pub(crate) fn lists_s256(document: &Map<String, Value>) -> bool {
    crate::lenient::list(document, "code_challenge_methods_supported")
        .is_some_and(|methods| methods.iter().any(|method| method == S256))
}

#[cfg(test)]
mod tests;
