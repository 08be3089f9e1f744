//! Token requests (RFC 6749 §4.1.3, §4.4 and §6) through the `oauth2` crate, which writes the form and
//! checks the answer; its bytes travel by our one client.

mod adapter;

use std::{borrow::Cow, sync::Arc};

use oauth2::{HttpRequest, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope};
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use self::adapter::{ACCESS_TOKEN, Answer, CarryError, Wire, client, field};
use crate::{
    assertion::AssertionParams,
    authorize::CodeGrant,
    client_key::{ClientKey, KeyError},
    error_response::{self, BodyForm, ErrorResponse},
    exchange::{JWT_BEARER, SAML_BEARER, TOKEN_EXCHANGE, TokenExchange, saml_assertion},
    http::{HttpClient, HttpError, Response},
    secret::{AccessToken, Assertion, ClientSecret, DeviceCode, IdToken, RefreshToken},
};

pub use crate::client_auth::ClientAuth;

/// `grant_type` of a code for another device (RFC 8628 §3.4).
pub const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Parameter and member of what is asked for and granted in detail (RFC 9396 §2 and §7).
pub const AUTHORIZATION_DETAILS: &str = "authorization_details";

/// What is asked for.
#[derive(Debug, Clone)]
pub enum Grant {
    /// RFC 8693 §2.1.
    TokenExchange(Box<TokenExchange>),
    /// RFC 7523 §2.1.
    JwtBearer(Assertion),
    /// RFC 7522 §2.1.
    SamlBearer(Assertion),
    /// RFC 6749 §4.1.3, with the verifier of RFC 7636 §4.5.
    AuthorizationCode(CodeGrant),
    /// RFC 8628 §3.4.
    DeviceCode(DeviceCode),
    /// RFC 6749 §4.4.
    ClientCredentials,
    /// RFC 6749 §6.
    RefreshToken(RefreshToken),
}

/// One token request.
#[derive(Clone)]
pub struct TokenRequest {
    /// Token endpoint.
    pub endpoint: Url,
    /// Client identifier.
    pub client_id: String,
    /// Client secret, unless the client is public.
    pub client_secret: Option<ClientSecret>,
    /// How the client proves itself.
    pub client_auth: ClientAuth,
    /// Key and audience of an assertion.
    pub assertion: AssertionParams,
    /// The key that the token is to be bound to (RFC 9449 §5).
    pub dpop: Option<ClientKey>,
    /// The key whose certificate goes with the request: it proves the client, or the token is to be bound to it (RFC
    /// 8705).
    pub certificate: Option<ClientKey>,
    /// Grant.
    pub grant: Grant,
    /// Scopes, each one.
    pub scopes: Vec<String>,
    /// Further form fields: `audience`, `resource`.
    pub extra: Vec<(String, String)>,
    /// The user's action it belongs to.
    pub flow: Uuid,
}

impl std::fmt::Debug for TokenRequest {
    /// Further fields by name only: they may hold what a user typed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let extra: Vec<&str> = self.extra.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("TokenRequest")
            .field("endpoint", &self.endpoint)
            .field("client_id", &self.client_id)
            .field("client_auth", &self.client_auth)
            .field("grant", &self.grant)
            .field("scopes", &self.scopes)
            .field("extra", &extra)
            .finish_non_exhaustive()
    }
}

/// The answer (RFC 6749 §5.1).
#[derive(Debug, Clone)]
pub struct TokenResponse {
    /// Access token.
    pub access_token: AccessToken,
    /// `token_type`; `Bearer` where the server leaves it out.
    pub token_type: String,
    /// Seconds; none when the server did not say.
    pub expires_in: Option<i64>,
    /// Scope as answered.
    pub scope: Option<String>,
    /// Refresh token.
    pub refresh_token: Option<RefreshToken>,
    /// `id_token` (OpenID Connect Core §3.1.3.3), not checked yet.
    pub id_token: Option<IdToken>,
    /// What was granted in detail (RFC 9396 §7).
    pub authorization_details: Option<Value>,
    /// Time of the answer.
    pub elapsed_ms: u64,
    /// The recorded exchange.
    pub exchange: Uuid,
}

/// A token of this type is good only together with a proof that its client makes for each request (RFC 9449 §5, and
/// the MAC tokens that RFC 6749 §7.1 mentions): an API refuses a copy of it that is sent as a bearer token.
pub fn needs_proof(token_type: &str) -> bool {
    ["dpop", "pop", "mac"].contains(&token_type.trim().to_ascii_lowercase().as_str())
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// No usable answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The server refused (RFC 6749 §5.2).
    #[error("the token endpoint refused with {}", words.status)]
    Refused {
        /// Its words.
        words: ErrorResponse,
        /// Seconds it asks to wait.
        retry_after: Option<u64>,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// The client cannot prove itself: its key cannot be used. Nothing was sent.
    #[error("the client assertion could not be signed: {0}")]
    Assertion(#[from] KeyError),
    /// A success that is no token answer.
    #[error("the token endpoint answered {status} without an access token")]
    NoToken {
        /// Status.
        status: u16,
        /// Title, when a web page came instead; empty where the page has none.
        title: Option<String>,
        /// What a document says instead.
        words: Option<Box<ErrorResponse>>,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// A success without a usable member: an access token that no header can carry, or, at an endpoint that comes before
    /// the token endpoint, what it is asked for (RFC 8628 §3.2, RFC 9126 §2.2).
    #[error("the answer with status {status} has no usable {members}")]
    Incomplete {
        /// Status.
        status: u16,
        /// The members that are missing, or not usable.
        members: &'static str,
        /// The recorded exchange.
        exchange: Uuid,
    },
}

impl TokenError {
    /// The server does not accept this client, and says so in a document of OAuth (RFC 6749 §5.2
    /// `invalid_client`). A 401 without one may come from whatever stands before the server.
    pub fn is_invalid_client(&self) -> bool {
        matches!(self, Self::Refused { words, .. } if words.is_oauth_error("invalid_client"))
    }

    /// The same in another name for it, or with a sentence for it. Good enough for advice, and no proof.
    pub fn means_invalid_client(&self) -> bool {
        let Self::Refused { words, .. } = self else {
            return false;
        };
        let code = words.oauth_code();
        words.form == BodyForm::Document
            && (code == Some("invalid_client")
                || (code == Some("unauthorized_client") && words.lacks_client()))
    }

    /// The server did not recognise the client: `invalid_client`, or a 401 that gives no reason.
    pub fn is_refused_client(&self) -> bool {
        matches!(self, Self::Refused { words, .. } if words.oauth_code() == Some("invalid_client")
            || (words.status == 401 && words.error.is_none()))
    }

    /// The server may have refused the assertion of the client, which gives no secret away when it is made again.
    /// Some servers say that with the code of any other request.
    pub fn may_refuse_assertion(&self) -> bool {
        let Self::Refused { words, .. } = self else {
            return false;
        };
        let said = words.description.as_deref().unwrap_or_default();
        let said = said.to_ascii_lowercase();
        let names = [
            "assertion",
            "audience",
            "authentication",
            "authorization failed",
        ];
        self.is_refused_client()
            || (matches!(
                words.oauth_code(),
                Some("invalid_request" | "unauthorized_client")
            ) && names.iter().any(|name| said.contains(name)))
    }

    /// The server found no client identifier in the request: it looked for it in another place.
    pub fn misses_client_id(&self) -> bool {
        self.misses("clientid")
    }

    /// The server found no client secret in the form.
    pub fn misses_client_secret(&self) -> bool {
        self.misses("clientsecret")
    }

    /// The server saw no credentials at all: a proxy on the way may have taken the header.
    pub fn misses_authentication(&self) -> bool {
        let says_so = matches!(self, Self::Refused { words, .. }
            if words.description.as_deref().is_some_and(|said| said.to_ascii_lowercase().contains("no client authentication")));
        says_so || self.misses("clientauthentication")
    }

    /// The refusal says that this parameter is missing; its name without what separates its words.
    fn misses(&self, parameter: &str) -> bool {
        let Self::Refused { words, .. } = self else {
            return false;
        };
        let said: String = words
            .description
            .iter()
            .flat_map(|text| text.chars())
            .filter(|letter| letter.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        let missing = [
            "missing",
            "required",
            "notprovided",
            "mustbeprovided",
            "absent",
        ];
        matches!(words.status, 400 | 401 | 422)
            && said.contains(parameter)
            && missing.iter().any(|word| said.contains(word))
    }

    /// The server recognised the client and refused what it asked for (RFC 6749 §5.2, RFC 8707 §2).
    pub fn is_about_the_request(&self) -> bool {
        let codes = [
            "invalid_scope",
            "invalid_target",
            "invalid_grant",
            "unsupported_grant_type",
        ];
        matches!(self, Self::Refused { words, .. }
            if words.oauth_code().is_some_and(|error| codes.contains(&error)))
    }

    /// The client may not use the grant (RFC 6749 §5.2). Some servers say so of a client that they do not know.
    pub fn is_unauthorized_client(&self) -> bool {
        matches!(self, Self::Refused { words, .. }
            if words.oauth_code() == Some("unauthorized_client"))
    }

    /// The recorded exchange.
    pub fn exchange(&self) -> Option<Uuid> {
        match self {
            Self::Http(error) => error.exchange(),
            Self::Refused { exchange, .. }
            | Self::NoToken { exchange, .. }
            | Self::Incomplete { exchange, .. } => Some(*exchange),
            Self::Assertion(_) => None,
        }
    }
}

/// Asks for a token. Never sent twice by itself: a refresh token may be good for one use only.
pub async fn request_token(
    http: &HttpClient,
    wanted: &TokenRequest,
) -> Result<TokenResponse, TokenError> {
    let client = client(wanted);
    let wire = Wire {
        http: http.clone(),
        wanted: wanted.clone(),
        answer: Arc::default(),
    };
    let send = |request: HttpRequest| {
        let wire = wire.clone();
        async move { wire.carry(request).await }
    };
    let scopes = wanted.scopes.iter().cloned().map(Scope::new);
    let outcome = match &wanted.grant {
        Grant::AuthorizationCode(grant) => {
            let code = oauth2::AuthorizationCode::new(grant.code.expose().to_owned());
            let verifier = PkceCodeVerifier::new(grant.verifier.expose().to_owned());
            let mut request = client.exchange_code(code).set_pkce_verifier(verifier);
            if let Ok(redirect) = RedirectUrl::new(grant.redirect_uri.clone()) {
                request = request.set_redirect_uri(Cow::Owned(redirect));
            }
            for (name, value) in &wanted.extra {
                request = request.add_extra_param(name, value);
            }
            request.request_async(&send).await
        }
        // The crate polls by itself; here each answer is looked at.
        Grant::DeviceCode(code) => {
            let fields = vec![field("device_code", code.expose())];
            wire.form(DEVICE_CODE, fields).await
        }
        // The crate has none of these.
        Grant::JwtBearer(assertion) => {
            let mut fields = vec![field("assertion", assertion.expose())];
            fields.extend(scope_field(wanted));
            wire.form(JWT_BEARER, fields).await
        }
        Grant::SamlBearer(given) => {
            let assertion = saml_assertion(given);
            let mut fields = vec![field("assertion", assertion.expose())];
            fields.extend(scope_field(wanted));
            wire.form(SAML_BEARER, fields).await
        }
        Grant::TokenExchange(exchange) => {
            let mut fields = exchange.fields();
            fields.extend(scope_field(wanted));
            wire.form(TOKEN_EXCHANGE, fields).await
        }
        Grant::ClientCredentials => {
            let mut request = client.exchange_client_credentials().add_scopes(scopes);
            for (name, value) in &wanted.extra {
                request = request.add_extra_param(name, value);
            }
            request.request_async(&send).await
        }
        Grant::RefreshToken(token) => {
            let token = oauth2::RefreshToken::new(token.expose().to_owned());
            let mut request = client.exchange_refresh_token(&token).add_scopes(scopes);
            for (name, value) in &wanted.extra {
                request = request.add_extra_param(name, value);
            }
            request.request_async(&send).await
        }
    };
    let response = wire.take();
    let answer = match (outcome, &response) {
        (Err(RequestTokenError::Request(CarryError::Http(error))), _) => return Err(error.into()),
        (Err(RequestTokenError::Request(CarryError::Key(error))), _) => return Err(error.into()),
        (Ok(answer), Some(_)) => Some(answer),
        // What the crate found wrong is told again from the answer itself, in the server's words.
        _ => None,
    };
    let Some(response) = response else {
        return Err(TokenError::NoToken {
            status: 0,
            title: None,
            words: None,
            exchange: Uuid::nil(),
        });
    };
    finish(answer, &response, http.clock().now())
}

/// What a server says in the place of a token: Casdoor writes `error: invalid client_secret` there.
fn error_in_place(token: &str) -> Option<&str> {
    token.strip_prefix("error:")
}

fn scope_field(wanted: &TokenRequest) -> Option<(String, String)> {
    let scope = wanted.scopes.join(" ");
    (!scope.is_empty()).then(|| field("scope", &scope))
}

fn finish(
    answer: Option<Answer>,
    response: &Response,
    now: i64,
) -> Result<TokenResponse, TokenError> {
    use oauth2::TokenResponse as _;
    let exchange = response.exchange;
    match answer {
        // Visible letters of ASCII (RFC 6749 appendix A.12): a line break would begin another header of a call.
        Some(answer) if answer.access_token().secret().contains(char::is_control) => {
            Err(TokenError::Incomplete {
                status: response.status,
                members: ACCESS_TOKEN,
                exchange,
            })
        }
        Some(answer)
            if !answer.access_token().secret().is_empty()
                && error_in_place(answer.access_token().secret()).is_none() =>
        {
            Ok(TokenResponse {
                access_token: AccessToken::new(answer.access_token().secret().clone()),
                token_type: answer.written_type.clone(),
                expires_in: match (answer.expires_in, answer.ends_at) {
                    (Some(number), _) => Some(response.token_lifetime(number, now)),
                    (None, end) => end.map(|end| response.time_left(end, now)),
                },
                scope: answer.scope.clone(),
                refresh_token: answer
                    .refresh_token()
                    .map(|token| RefreshToken::new(token.secret().clone())),
                id_token: answer.id_token.clone(),
                authorization_details: answer.authorization_details.clone(),
                elapsed_ms: response.elapsed_ms,
                exchange,
            })
        }
        answer => {
            let mut words = ErrorResponse::of(response);
            let token = answer.as_ref().map(|answer| answer.access_token().secret());
            let said = token.and_then(|token| error_in_place(token));
            if let Some(said) = said {
                words.state(said);
            }
            if response.is_success() && words.error.is_none() && said.is_none() {
                let text = String::from_utf8_lossy(&response.body);
                let page = || error_response::looks_like_html(&text).then(String::new);
                let title = error_response::html_title(&text).or_else(page);
                let words = Some(words).filter(|words| words.form == BodyForm::Json);
                return Err(TokenError::NoToken {
                    status: response.status,
                    title,
                    words: words.map(Box::new),
                    exchange,
                });
            }
            Err(TokenError::Refused {
                words,
                retry_after: response.retry_after(now),
                exchange,
            })
        }
    }
}
