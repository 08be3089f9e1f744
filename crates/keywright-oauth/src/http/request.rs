//! What is sent and what comes back.

use std::time::Instant;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use keywright_secret::SecretText;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};
use uuid::Uuid;

use super::{HttpError, freshness, wait};
use crate::secret::{
    AccessToken, AdminSecret, ClientSecret, CookieValue, InitialAccessToken,
    RegistrationAccessToken,
};
use crate::{client_key::ClientKey, codes, lenient};

codes! {
    /// What an exchange is for.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Purpose {
        /// RFC 8414 or OpenID discovery.
        Discovery = "discovery",
        /// RFC 7591 registration.
        Registration = "registration",
        /// RFC 7592 read.
        ReadRegistration = "read_registration",
        /// RFC 7592 update.
        UpdateRegistration = "update_registration",
        /// RFC 7592 delete.
        DeleteRegistration = "delete_registration",
        /// A new client secret.
        RotateSecret = "rotate_secret",
        /// RFC 6749 token request.
        Token = "token",
        /// RFC 7662.
        Introspection = "introspection",
        /// RFC 7009.
        Revocation = "revocation",
        /// OpenID Connect Core §5.3.
        Userinfo = "userinfo",
        /// RFC 7517 key set.
        Jwks = "jwks",
        /// A call of an API.
        ApiCall = "api_call",
        /// A vendor's admin API.
        Admin = "admin",
    }
}

/// How ID and secret are written into a Basic header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BasicEncoding {
    /// Form-encoded first, as RFC 6749 §2.3.1 says.
    #[default]
    Rfc6749,
    /// As they are: what some servers expect.
    Raw,
}

/// The credential of a request: one kind, never two.
#[derive(Debug, Clone, Default)]
pub enum Auth {
    /// None.
    #[default]
    None,
    /// RFC 7617 Basic.
    Basic {
        /// Client identifier.
        id: String,
        /// Client secret.
        secret: ClientSecret,
        /// How both are written.
        encoding: BasicEncoding,
    },
    /// RFC 6750 bearer.
    Bearer(AccessToken),
    /// A token that is bound to a key (RFC 9449 §7.1); goes with a proof by that key.
    Dpop(AccessToken),
    /// RFC 7591 initial access token, sent as a bearer.
    Initial(InitialAccessToken),
    /// RFC 7592 registration access token, sent as a bearer.
    Registration(RegistrationAccessToken),
    /// A vendor's own header.
    Header {
        /// Its name.
        name: HeaderName,
        /// Its value.
        value: AdminSecret,
    },
    /// A session cookie.
    Cookie(CookieValue),
}

impl Auth {
    /// Header and value to send, and each part of it that is secret.
    pub(super) fn header(&self) -> Result<Option<(HeaderName, HeaderValue)>, HttpError> {
        let (name, text) = match self {
            Self::None => return Ok(None),
            // RFC 7617 §2: the receiver ends the id at its first colon and takes the rest for the secret.
            Self::Basic {
                id,
                encoding: BasicEncoding::Raw,
                ..
            } if id.contains(':') => return Err(HttpError::ColonInId { id: id.clone() }),
            Self::Basic {
                id,
                secret,
                encoding,
            } => (
                http::header::AUTHORIZATION,
                basic(id, secret.expose(), *encoding),
            ),
            Self::Bearer(token) => (
                http::header::AUTHORIZATION,
                format!("Bearer {}", token.expose()),
            ),
            Self::Dpop(token) => (
                http::header::AUTHORIZATION,
                format!("DPoP {}", token.expose()),
            ),
            Self::Initial(token) => (http::header::AUTHORIZATION, as_header(token.expose())),
            Self::Registration(token) => (http::header::AUTHORIZATION, as_header(token.expose())),
            Self::Header { name, value } => (name.clone(), value.expose().to_owned()),
            Self::Cookie(value) => {
                let mut value = HeaderValue::from_bytes(value.expose()).map_err(|source| {
                    HttpError::Request {
                        source: source.into(),
                    }
                })?;
                value.set_sensitive(true);
                return Ok(Some((http::header::COOKIE, value)));
            }
        };
        let mut value = HeaderValue::try_from(text).map_err(|source| HttpError::Request {
            source: source.into(),
        })?;
        value.set_sensitive(true);
        Ok(Some((name, value)))
    }

    pub(super) fn secrets(&self) -> Vec<String> {
        match self {
            Self::None => Vec::new(),
            Self::Basic {
                id,
                secret,
                encoding,
            } => vec![
                secret.expose().to_owned(),
                encoded(secret.expose()),
                basic(id, secret.expose(), *encoding)
                    .trim_start_matches("Basic ")
                    .to_owned(),
            ],
            Self::Bearer(token) | Self::Dpop(token) => vec![token.expose().to_owned()],
            Self::Initial(token) => with_bare(token.expose()),
            Self::Registration(token) => with_bare(token.expose()),
            Self::Header { value, .. } => with_bare(value.expose()),
            Self::Cookie(value) => String::from_utf8_lossy(value.expose())
                .split("; ")
                .filter_map(|pair| pair.split_once('='))
                .map(|(_, value)| value.to_owned())
                .collect(),
        }
    }
}

/// A token as `Authorization` takes it. What was copied with its scheme, or as the whole line of the header, keeps the
/// scheme: a bearer token holds no blank (RFC 6750 §2.1), and some servers take Basic for registrations.
fn as_header(token: &str) -> String {
    let token = without_name(token);
    match token.split_once(char::is_whitespace) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            format!("Bearer {}", token.trim_start())
        }
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("basic") => token.to_owned(),
        _ => format!("Bearer {token}"),
    }
}

/// What was entered without the name of its header and the blanks around it.
fn without_name(token: &str) -> &str {
    let token = token.trim();
    match token.split_once(':') {
        Some((name, value)) if name.eq_ignore_ascii_case("authorization") => value.trim_start(),
        _ => token,
    }
}

/// The value, and what follows a name and a scheme in it: a server that repeats the token leaves them out.
fn with_bare(whole: &str) -> Vec<String> {
    let value = without_name(whole);
    let bare = value.split_once(char::is_whitespace);
    let bare = bare.map(|(_, token)| token.trim_start());
    let parts = [Some(value), bare].into_iter().flatten();
    let parts = parts.filter(|part| *part != whole).map(str::to_owned);
    std::iter::once(whole.to_owned()).chain(parts).collect()
}

impl BasicEncoding {
    /// The credentials as `Authorization` takes them.
    pub fn credentials(self, id: &str, secret: &str) -> String {
        basic(id, secret, self)
    }

    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Rfc6749 => Self::Raw,
            Self::Raw => Self::Rfc6749,
        }
    }

    /// Both encodings write these credentials in different ways.
    pub fn matters_for(client_id: &str, secret: Option<&ClientSecret>) -> bool {
        let secret = secret.map(ClientSecret::expose);
        let mut parts = [Some(client_id), secret].into_iter().flatten();
        parts.any(|text| encoded(text) != text)
    }
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn basic(id: &str, secret: &str, encoding: BasicEncoding) -> String {
    let pair = match encoding {
        BasicEncoding::Rfc6749 => format!("{}:{}", encoded(id), encoded(secret)),
        BasicEncoding::Raw => format!("{id}:{secret}"),
    };
    format!("Basic {}", STANDARD.encode(pair))
}

/// A request body.
#[derive(Debug, Clone, Default)]
pub enum Body {
    /// None.
    #[default]
    Empty,
    /// `application/x-www-form-urlencoded`.
    Form(Vec<(String, String)>),
    /// `application/json`.
    Json(Value),
    /// Text or bytes as the user typed them.
    Raw {
        /// `Content-Type`, where one is wanted.
        content_type: Option<String>,
        /// The bytes.
        bytes: Bytes,
    },
}

/// One request. Redirects are not followed, but for the final slash of [`HttpClient::send_open`](super::HttpClient::send_open).
#[derive(Debug, Clone)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Address.
    pub url: Url,
    /// Further headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Body,
    /// Credential.
    pub auth: Auth,
    /// The key that possession is proved of, with a proof made for this request (RFC 9449 §4).
    pub dpop: Option<ClientKey>,
    /// The key whose certificate is presented where the server asks for one (RFC 8705).
    pub certificate: Option<ClientKey>,
    /// What it is for.
    pub purpose: Purpose,
    /// The user's action it belongs to.
    pub flow: Uuid,
    /// Safe to send twice: it may be tried again after a failure.
    pub idempotent: bool,
    /// A redirect is an answer to show, not a failure (calls of an API).
    pub keep_redirects: bool,
    /// Where this request is one of several, the end of all of them.
    pub until: Option<Instant>,
}

impl Request {
    /// A request without body, credential or further headers; asks for JSON.
    pub fn new(method: Method, url: Url, purpose: Purpose, flow: Uuid) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(
            http::header::ACCEPT,
            HeaderValue::from_static("application/json"),
        );
        let idempotent = method == Method::GET;
        Self {
            method,
            url,
            headers,
            body: Body::Empty,
            auth: Auth::None,
            dpop: None,
            certificate: None,
            purpose,
            flow,
            idempotent,
            keep_redirects: false,
            until: None,
        }
    }

    /// With a body.
    #[must_use]
    pub fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// With a credential.
    #[must_use]
    pub fn auth(mut self, auth: Auth) -> Self {
        self.auth = auth;
        self
    }
}

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body after decompression.
    pub body: Bytes,
    /// Time until its end.
    pub elapsed_ms: u64,
    /// The recorded exchange.
    pub exchange: Uuid,
    /// The server refused the proof for want of its nonce, which is known now.
    pub(crate) wants_nonce: bool,
    /// Secrets that the request carried: a server may repeat them, and nobody else shall.
    pub(crate) sent: Vec<SecretText>,
}

impl Response {
    /// An answer that is at hand, and not to a request of ours.
    pub fn new(status: u16, headers: HeaderMap, body: Bytes) -> Self {
        Self {
            status,
            headers,
            body,
            elapsed_ms: 0,
            exchange: Uuid::nil(),
            wants_nonce: false,
            sent: Vec::new(),
        }
    }

    /// 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The members of the body: a JSON object, or a form where the answer calls itself one, as GitHub and older servers
    /// have it.
    pub(crate) fn document(&self) -> Option<Map<String, Value>> {
        let is_form = || {
            self.header("content-type")
                .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
        };
        let form = || {
            form_urlencoded::parse(&self.body)
                .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
                .collect()
        };
        lenient::object(&self.body)
            .ok()
            .or_else(|| is_form().then(form))
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Seconds for which this answer may be used again (RFC 9111 §5.2.2); none where the server does not say.
    pub fn lifetime(&self) -> Option<u64> {
        freshness::lifetime(&self.headers)
    }

    /// Seconds to wait, where the server says so.
    pub fn retry_after(&self, now: i64) -> Option<u64> {
        wait::announced(self.status, &self.headers, &self.body, now)
    }

    /// Seconds until a point in time (Unix seconds) that the body names, by the clock of the server.
    pub fn time_left(&self, end: i64, now: i64) -> i64 {
        wait::left(end, &self.headers, now)
    }

    /// A lifetime of the body in seconds, also where the server wrote a point in time in its place.
    pub fn token_lifetime(&self, number: i64, now: i64) -> i64 {
        wait::lifetime(number, &self.headers, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_credential_is_sent_with_one_scheme() {
        for (typed, sent) in [
            ("iat-1", "Bearer iat-1"),
            (" bearer  iat-1\n", "Bearer iat-1"),
            ("Authorization: Bearer iat-1", "Bearer iat-1"),
            ("AUTHORIZATION:iat-1\r\n", "Bearer iat-1"),
            ("authorization: Basic YTpi", "Basic YTpi"),
            ("author", "Bearer author"),
        ] {
            assert_eq!(as_header(typed), sent, "{typed}");
            let bare = sent.rsplit(' ').next().unwrap_or_default();
            assert!(with_bare(typed).contains(&bare.to_owned()), "{typed}");
        }
        assert_eq!(
            with_bare("Authorization: Bearer iat-1"),
            ["Authorization: Bearer iat-1", "Bearer iat-1", "iat-1"]
        );
    }
}
