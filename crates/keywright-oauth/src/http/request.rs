//! What is sent and what comes back.

use std::time::Instant;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::{Url, form_urlencoded};
use uuid::Uuid;

use crate::secret::{
    AccessToken, AdminSecret, ClientSecret, CookieValue, InitialAccessToken,
    RegistrationAccessToken,
};

/// No server may announce a longer wait than a day; what it says beyond that is nonsense or malice.
pub const LONGEST_WAIT_SECS: u64 = 24 * 60 * 60;

/// What an exchange is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// RFC 8414 or OpenID discovery.
    Discovery,
    /// RFC 7591 registration.
    Registration,
    /// RFC 7592 read.
    ReadRegistration,
    /// RFC 7592 update.
    UpdateRegistration,
    /// RFC 7592 delete.
    DeleteRegistration,
    /// A new client secret.
    RotateSecret,
    /// RFC 6749 token request.
    Token,
    /// RFC 7662.
    Introspection,
    /// RFC 7009.
    Revocation,
    /// RFC 7517 key set.
    Jwks,
    /// A call of an API.
    ApiCall,
    /// A vendor's admin API.
    Admin,
}

impl Purpose {
    /// The name used in Activity.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Registration => "registration",
            Self::ReadRegistration => "read_registration",
            Self::UpdateRegistration => "update_registration",
            Self::DeleteRegistration => "delete_registration",
            Self::RotateSecret => "rotate_secret",
            Self::Token => "token",
            Self::Introspection => "introspection",
            Self::Revocation => "revocation",
            Self::Jwks => "jwks",
            Self::ApiCall => "api_call",
            Self::Admin => "admin",
        }
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
    pub(super) fn header(&self) -> Result<Option<(HeaderName, HeaderValue)>, http::Error> {
        let (name, text) = match self {
            Self::None => return Ok(None),
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
            Self::Initial(token) => (
                http::header::AUTHORIZATION,
                format!("Bearer {}", token.expose()),
            ),
            Self::Registration(token) => (
                http::header::AUTHORIZATION,
                format!("Bearer {}", token.expose()),
            ),
            Self::Header { name, value } => (name.clone(), value.expose().to_owned()),
            Self::Cookie(value) => (http::header::COOKIE, value.expose().to_owned()),
        };
        let mut value = HeaderValue::try_from(text)?;
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
            Self::Bearer(token) => vec![token.expose().to_owned()],
            Self::Initial(token) => vec![token.expose().to_owned()],
            Self::Registration(token) => vec![token.expose().to_owned()],
            Self::Header { value, .. } => {
                let whole = value.expose();
                // A vendor's scheme before it: a server that repeats the token leaves the scheme out.
                let bare = whole.split_once(' ').map(|(_, token)| token.to_owned());
                std::iter::once(whole.to_owned()).chain(bare).collect()
            }
            Self::Cookie(value) => value
                .expose()
                .split("; ")
                .filter_map(|pair| pair.split_once('='))
                .map(|(_, value)| value.to_owned())
                .collect(),
        }
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

/// One request. Redirects are never followed.
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
    /// Secrets that the request carried: a server may repeat them, and nobody else shall.
    pub(crate) sent: Vec<SecretString>,
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
            sent: Vec::new(),
        }
    }

    /// 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Seconds to wait, at most [`LONGEST_WAIT_SECS`]: `Retry-After` (RFC 9110 §10.2.3) as seconds or as
    /// a date against `now`; else, on a 429, the reset that Auth0 and Okta announce in Unix seconds. A
    /// reset is the server's time, so it is held against the server's own `Date`.
    pub fn retry_after(&self, now: i64) -> Option<u64> {
        let wait = self.announced_wait(now)?;
        Some(wait.min(LONGEST_WAIT_SECS))
    }

    fn announced_wait(&self, now: i64) -> Option<u64> {
        let now = u64::try_from(now).ok()?;
        if let Some(text) = self.header("retry-after").map(str::trim) {
            if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
                // More digits than a number holds mean a very long time.
                return Some(text.parse().unwrap_or(u64::MAX));
            }
            return Some(seconds_of_date(text)?.saturating_sub(now));
        }
        if self.status != 429 {
            return None;
        }
        let reset = self
            .header("x-ratelimit-reset")
            .or_else(|| self.header("x-rate-limit-reset"))?;
        let there = self.header("date").and_then(seconds_of_date);
        let until: u64 = reset.trim().parse().ok()?;
        Some(until.saturating_sub(there.unwrap_or(now)))
    }
}

fn seconds_of_date(text: &str) -> Option<u64> {
    let date = httpdate::parse_http_date(text.trim()).ok()?;
    Some(date.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &str)]) -> Response {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_str(value).unwrap());
        }
        Response::new(status, map, Bytes::new())
    }

    #[test]
    fn a_pause_is_read_in_each_dialect() {
        type Case<'a> = (u16, &'a [(&'static str, &'a str)], Option<u64>);
        let date = "Tue, 14 Nov 2023 22:13:20 GMT"; // 1_700_000_000
        let cases: [Case<'_>; 7] = [
            (429, &[("retry-after", "7")], Some(7)),
            (503, &[("retry-after", date)], Some(10)),
            (
                429,
                &[("x-ratelimit-reset", "1700000005"), ("date", date)],
                Some(5),
            ),
            (429, &[("x-rate-limit-reset", "1700000005")], Some(15)),
            (
                429,
                &[("retry-after", "1"), ("x-ratelimit-reset", "1700009999")],
                Some(1),
            ),
            (200, &[("x-rate-limit-reset", "1700000005")], None),
            (429, &[], None),
        ];
        for (status, headers, wanted) in cases {
            let got = answer(status, headers).retry_after(1_699_999_990);
            assert_eq!(got, wanted, "{status} {headers:?}");
        }
    }
    #[test]
    fn t55_a_pause_is_bounded_whatever_the_server_says() {
        let day = Some(LONGEST_WAIT_SECS);
        for (text, wanted) in [
            ("315360000", day),
            ("99999999999999999999999999", day),
            ("Fri, 31 Dec 9999 23:59:59 GMT", day),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Mon, 01 Jan 1900 00:00:00 GMT", None),
            ("-1", None),
            ("+5", None),
            ("1.5", None),
            ("1e9", None),
            ("soon", None),
            ("", None),
            ("5, 6", None),
            ("0", Some(0)),
        ] {
            let got = answer(429, &[("retry-after", text)]).retry_after(1_700_000_000);
            assert_eq!(got, wanted, "{text}");
        }
        let reset = |text| answer(429, &[("x-ratelimit-reset", text)]).retry_after(1_700_000_000);
        assert_eq!(reset("18446744073709551615"), day);
        assert_eq!(reset("-5"), None);
        assert_eq!(reset("1"), Some(0));
    }
}
