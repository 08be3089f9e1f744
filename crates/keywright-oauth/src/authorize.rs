//! Authorization requests (RFC 6749 §4.1.1) with PKCE (RFC 7636), and the answer that the browser brings back
//! (RFC 6749 §4.1.2, RFC 9207). The `oauth2` crate makes `state`, the verifier and the address.

use std::borrow::Cow;

use oauth2::{
    AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    basic::BasicClient,
};
use serde_json::{Map, Value, json};
use url::{Url, form_urlencoded};

use crate::{
    secret::{AuthorizationCode, CodeVerifier},
    server_metadata::ServerMetadata,
    words::ErrorResponse,
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
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::collections::HashMap;

    use super::*;

    const ISSUER: &str = "https://id.example/";

    fn pending(scopes: &[&str]) -> PendingAuthorization {
        PendingAuthorization::begin(AuthorizationRequest {
            endpoint: "https://id.example/authorize?tenant=1".parse().unwrap(),
            client_id: "c 1".into(),
            redirect_uri: "http://127.0.0.1:4711/callback".into(),
            scopes: scopes.iter().map(|one| (*one).to_owned()).collect(),
            extra: vec![
                ("resource".into(), "urn:a".into()),
                ("resource".into(), "urn:b".into()),
            ],
        })
        .unwrap()
    }

    fn expected(is_required: bool) -> ExpectedIssuer {
        ExpectedIssuer {
            issuer: ISSUER.into(),
            is_required,
        }
    }

    fn sent(pending: &PendingAuthorization) -> HashMap<String, String> {
        pending.url.query_pairs().into_owned().collect()
    }

    fn query(pending: &PendingAuthorization, more: &[(&str, &str)]) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("state", pending.state.secret());
        for (name, value) in more {
            form.append_pair(name, value);
        }
        form.finish()
    }

    #[test]
    fn t25_an_authorization_request_has_a_challenge_by_s256() {
        let pending = pending(&["orders:read"]);
        let sent = sent(&pending);
        assert_eq!(sent["code_challenge_method"], "S256");
        assert_eq!(sent["response_type"], "code");
        assert_eq!(sent["client_id"], "c 1");
        assert_eq!(sent["redirect_uri"], "http://127.0.0.1:4711/callback");
        assert_eq!(sent["scope"], "orders:read");
        assert_eq!(sent["tenant"], "1");
        assert_eq!(sent["code_challenge"].len(), 43);
        assert!(sent["state"].len() >= 22);
        assert!(!sent.contains_key("nonce"));
        assert!(!sent.contains_key("prompt"));
        let resources = pending.url.query_pairs().filter(|(n, _)| n == "resource");
        assert_eq!(resources.count(), 2);
        // Nothing of it is in a debug print.
        let shown = format!("{:?}", (&pending.state, &pending.verifier));
        assert!(!shown.contains(&*sent["state"]), "{shown}");
        let grant = pending_answer();
        assert!(!format!("{grant:?}").contains("c0de"), "{grant:?}");
    }

    fn pending_answer() -> CodeGrant {
        let pending = pending(&[]);
        let query = query(&pending, &[("code", "c0de"), ("iss", ISSUER)]);
        pending.answered(&query, &expected(true)).unwrap()
    }

    #[test]
    fn openid_asks_with_a_nonce() {
        let sent = sent(&pending(&[OPENID, OFFLINE_ACCESS]));
        assert!(sent["nonce"].len() >= 22);
        assert_ne!(sent["nonce"], sent["state"]);
        assert_eq!(sent["prompt"], "consent");
    }

    #[test]
    fn t24_a_code_is_taken_from_the_answer_to_its_own_request() {
        let grant = pending_answer();
        assert_eq!(grant.code.expose(), "c0de");
        assert_eq!(grant.verifier.expose().len(), 43);
        let other = pending(&[]);
        for query in [
            "code=c0de",
            "code=c0de&state=",
            "code=c0de&state=another",
            &format!("code=c0de&{}&state=x", query(&other, &[])),
        ] {
            assert!(!other.is_mine(query), "{query}");
            let mine = pending(&[]);
            assert_eq!(
                mine.answered(query, &expected(false)).unwrap_err(),
                AnswerError::State,
                "{query}"
            );
        }
    }

    #[test]
    fn t24_another_issuer_is_refused_letter_by_letter() {
        for (named, required, fine) in [
            (Some("https://id.example/"), true, true),
            (Some("https://id.example/"), false, true),
            (Some("https://id.example"), false, false),
            (Some("https://ID.example/"), true, false),
            (Some("https://evil.example/"), false, false),
            (None, false, true),
            (None, true, false),
        ] {
            let pending = pending(&[]);
            let mut more = vec![("code", "c")];
            more.extend(named.map(|named| ("iss", named)));
            let query = query(&pending, &more);
            let outcome = pending.answered(&query, &expected(required));
            assert_eq!(outcome.is_ok(), fine, "{named:?} {required}: {outcome:?}");
            if let Err(error) = outcome {
                let named = named.map(str::to_owned);
                let expected = ISSUER.to_owned();
                assert_eq!(error, AnswerError::Issuer { expected, named });
            }
        }
        // A refusal of another issuer is not passed on either.
        let pending = pending(&[]);
        let query = query(&pending, &[("error", "x"), ("iss", "https://evil.example")]);
        let error = pending.answered(&query, &expected(true)).unwrap_err();
        assert!(matches!(error, AnswerError::Issuer { .. }));
    }

    #[test]
    fn a_refusal_that_leaves_out_the_issuer_is_passed_on() {
        let pending = pending(&[]);
        let query = query(&pending, &[("error", "unauthorized_client")]);
        let error = pending.answered(&query, &expected(true)).unwrap_err();
        assert!(
            matches!(&error, AnswerError::Refused { words }
                if words.error.as_deref() == Some("unauthorized_client")),
            "{error:?}"
        );
    }

    #[test]
    fn a_refusal_keeps_the_words_of_the_server() {
        let pending = pending(&[]);
        let more = [("error", "access_denied"), ("error_description", "No way")];
        let query = query(&pending, &more);
        let AnswerError::Refused { words } =
            pending.answered(&query, &expected(false)).unwrap_err()
        else {
            unreachable!("refused");
        };
        assert_eq!(words.error.as_deref(), Some("access_denied"));
        assert_eq!(words.description.as_deref(), Some("No way"));
        assert_eq!(words.status, 0);
    }

    #[test]
    fn an_answer_with_two_codes_is_refused() {
        for (more, wanted) in [
            (
                &[("code", "a"), ("code", "b")][..],
                AnswerError::Repeated { name: "code" },
            ),
            (&[], AnswerError::NoCode),
            (&[("code", "")], AnswerError::NoCode),
        ] {
            let pending = pending(&[]);
            let query = query(&pending, more);
            let error = pending.answered(&query, &expected(false)).unwrap_err();
            assert_eq!(error, wanted);
        }
    }

    #[test]
    fn each_request_has_its_own_secrets() {
        let (one, other) = (sent(&pending(&[OPENID])), sent(&pending(&[OPENID])));
        for name in ["state", "code_challenge", "nonce"] {
            assert_ne!(one[name], other[name], "{name}");
        }
    }
}
