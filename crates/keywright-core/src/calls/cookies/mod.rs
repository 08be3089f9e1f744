//! The jar of a session: what RFC 6265bis §5.7 and §5.8 let an API set and get back, in its own bytes and in the order
//! of browsers.

mod browser;
mod date;
mod legacy;
mod roles;
mod set_cookie;

use std::fmt;

use http::{HeaderMap, header::SET_COOKIE};
use keywright_oauth::{http::is_loopback, secret::CookieValue};
use keywright_vault::SecretText;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::{Host, Url};
use zeroize::Zeroizing;

use crate::codes::codes;

pub(crate) use browser::{BrowserCookie, Format, read as read_browser};
pub(crate) use roles::{chunk_base, is_analytics, role_of};

/// Cookies in one jar (RFC 6265bis §6.1 asks for at least this many a domain).
const MOST: usize = 50;
/// A deleted cookie is remembered for this time, so that an answer to an older request does not bring it back.
const REMEMBERED_MS: i64 = 60 * 60 * 1000;

/// A value: bytes that the API alone understands.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Value(Zeroizing<Vec<u8>>);

impl Value {
    pub(crate) fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(bytes.into()))
    }

    pub(crate) fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        kept::serialize(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        kept::deserialize(deserializer).map(Self::new)
    }
}

/// Bytes in JSON: as text where they are text.
mod kept {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    use super::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Kept {
        Text(String),
        Bytes { base64: String },
    }

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(bytes) {
            Ok(text) => to.serialize_str(text),
            Err(_) => Kept::Bytes {
                base64: STANDARD.encode(bytes),
            }
            .serialize(to),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        match Kept::deserialize(from)? {
            Kept::Text(text) => Ok(text.into_bytes()),
            Kept::Bytes { base64 } => STANDARD.decode(base64).map_err(serde::de::Error::custom),
        }
    }
}

/// A cookie.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cookie {
    /// Its name, in bytes.
    #[serde(with = "kept")]
    pub(crate) name: Vec<u8>,
    pub(crate) value: Value,
    /// The host, or a parent of it.
    pub(crate) domain: String,
    /// For this host alone.
    pub(crate) host_only: bool,
    pub(crate) path: String,
    pub(crate) secure: bool,
    pub(crate) http_only: bool,
    pub(crate) same_site: Option<String>,
    /// In Unix seconds; none = with the session.
    pub(crate) expires_at: Option<i64>,
    /// Domain and path are not known, only that it was sent: the next of its name takes its place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) bare: bool,
    /// When the request began whose answer set it.
    #[serde(default)]
    pub(crate) asked_at_ms: i64,
}

impl Cookie {
    /// Its name as text, to show and to compare with what people type.
    pub(crate) fn label(&self) -> String {
        String::from_utf8_lossy(&self.name).into_owned()
    }

    pub(crate) fn is_live(&self, now: i64) -> bool {
        self.expires_at.is_none_or(|end| end > now)
    }

    /// Another takes its place. Name, domain, host-only flag and path make a cookie (RFC 6265bis §5.7).
    fn is_same(&self, other: &Self) -> bool {
        self.name == other.name
            && (self.bare
                || (self.domain == other.domain
                    && self.host_only == other.host_only
                    && self.path == other.path))
    }

    /// May go to this address (RFC 6265bis §5.8.3).
    pub(crate) fn fits(&self, url: &Url) -> bool {
        let trusted = url.scheme() == "https" || is_loopback(url);
        let here = url.host().is_some_and(|host| {
            let name = host.to_string();
            name == self.domain
                || (!self.host_only
                    && matches!(host, Host::Domain(_))
                    && name
                        .strip_suffix(&self.domain)
                        .is_some_and(|rest| rest.ends_with('.')))
        });
        here && path_matches(url.path(), &self.path) && (trusted || !self.secure)
    }
}

fn path_matches(request: &str, cookie: &str) -> bool {
    request
        .strip_prefix(cookie)
        .is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}

/// The path of a cookie that names none (RFC 6265bis §5.1.4).
fn default_path(request: &str) -> &str {
    match request.rfind('/') {
        None | Some(0) => "/",
        Some(end) => &request[..end],
    }
}

codes! {
    /// Why a cookie was not kept.
    pub(crate) enum CookieFault {
        /// It has a control character, or no name.
        Unreadable = "unreadable",
        /// It is longer than a browser keeps.
        TooLong = "too_long",
        /// Its domain is not that of the address.
        Foreign = "foreign",
        /// It may only be set over https.
        Insecure = "insecure",
        /// Its name promises attributes that it does not have.
        Prefix = "prefix",
        /// It has expired.
        Over = "over",
        /// There are too many of that host.
        TooMany = "too_many",
    }
}

/// A cookie that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Its name, as far as it has one.
    pub(crate) name: String,
    /// Why.
    pub(crate) why: CookieFault,
}

/// What the `Set-Cookie` headers of an answer ask for.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// Those that may be set, and those that delete one.
    pub(crate) cookies: Vec<Cookie>,
    /// The others.
    pub(crate) refused: Vec<Refused>,
    /// Every cookie from before is to be deleted.
    pub(crate) clears: bool,
}

/// Ends a session without naming its cookies (Clear Site Data, W3C, §3.1).
const CLEAR_SITE_DATA: &str = "clear-site-data";

/// The answer asks for the end of all cookies. Browsers follow it where nobody on the way could have written it.
fn clears_cookies(url: &Url, headers: &HeaderMap) -> bool {
    let types = headers
        .get_all(CLEAR_SITE_DATA)
        .into_iter()
        .filter_map(|field| field.to_str().ok())
        .flat_map(|field| field.split(','));
    (url.scheme() == "https" || is_loopback(url))
        && types
            .map(str::trim)
            .any(|kind| kind == "\"cookies\"" || kind == "\"*\"")
}

/// Reads every `Set-Cookie` of an answer to a request that began at `asked_at_ms`.
pub(crate) fn asked(url: &Url, headers: &HeaderMap, asked_at_ms: i64, now: i64) -> Asked {
    let mut asked = Asked {
        clears: clears_cookies(url, headers),
        ..Asked::default()
    };
    for header in headers.get_all(SET_COOKIE) {
        match set_cookie::parse(url, header, now) {
            Ok(cookie) => asked.cookies.push(Cookie {
                asked_at_ms,
                ..cookie
            }),
            Err(why) => asked.refused.push(Refused {
                name: set_cookie::name_of(header),
                why,
            }),
        }
    }
    asked
}

/// The cookies of one application at one origin, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Jar {
    cookies: Vec<Cookie>,
}

impl Jar {
    /// Reads a stored jar, also one that an earlier version wrote.
    pub(crate) fn read(kept: &SecretText) -> Result<Self, serde_json::Error> {
        let text = kept.expose().trim_start();
        if text.starts_with('[') {
            return legacy::read(text);
        }
        serde_json::from_str(text)
    }

    /// The jar as it is stored.
    pub(crate) fn kept(&self) -> Result<SecretText, serde_json::Error> {
        serde_json::to_string(self).map(SecretText::new)
    }

    /// Those that have not expired, the oldest first.
    pub(crate) fn live(&self, now: i64) -> impl Iterator<Item = &Cookie> {
        self.cookies.iter().filter(move |one| one.is_live(now))
    }

    /// Those for an address, as they go out: longer paths first, then the older (RFC 6265bis §5.8.3).
    pub(crate) fn for_url(&self, url: &Url, now: i64) -> Vec<&Cookie> {
        let mut fitting: Vec<&Cookie> = self.live(now).filter(|one| one.fits(url)).collect();
        fitting.sort_by_key(|one| std::cmp::Reverse(one.path.len()));
        fitting
    }

    /// Sets and deletes what an answer asks for. What was set by an answer to a later request stays. Gives what was
    /// not kept, and whether anything changed.
    pub(crate) fn merge(&mut self, asked: Vec<Cookie>, now_ms: i64) -> (bool, Vec<Refused>) {
        let now = now_ms.div_euclid(1000);
        let mut refused = Vec::new();
        let mut changed = false;
        for cookie in asked {
            let known = self.cookies.iter().position(|one| one.is_same(&cookie));
            let deletes = !cookie.is_live(now);
            match known {
                Some(index) if self.cookies[index].is_newer(&cookie, now_ms) => {}
                Some(index) if deletes => {
                    self.cookies[index] = cookie.deleted();
                    changed = true;
                }
                // Its place is kept: it counts as old as the one before it.
                Some(index) if self.cookies[index].is_live(now) => {
                    self.cookies[index] = cookie;
                    changed = true;
                }
                Some(index) => {
                    self.cookies.remove(index);
                    self.cookies.push(cookie);
                    changed = true;
                }
                None if deletes => {
                    refused.push(Refused {
                        name: cookie.label(),
                        why: CookieFault::Over,
                    });
                    if self.cookies.len() < 2 * MOST {
                        self.cookies.push(cookie.deleted());
                    }
                }
                None if self.live(now).count() >= MOST => refused.push(Refused {
                    name: cookie.label(),
                    why: CookieFault::TooMany,
                }),
                None => {
                    self.cookies.push(cookie);
                    changed = true;
                }
            }
        }
        self.cookies
            .retain(|one| one.is_live(now) || now_ms - one.asked_at_ms < REMEMBERED_MS);
        (changed, refused)
    }

    /// Deletes all that no answer to a later request has set; whether there were any.
    pub(crate) fn clear(&mut self, asked_at_ms: i64, now_ms: i64) -> bool {
        let now = now_ms.div_euclid(1000);
        let mut changed = false;
        for one in &mut self.cookies {
            let is_newer = one.asked_at_ms > asked_at_ms && one.asked_at_ms <= now_ms;
            if one.is_live(now) && !is_newer {
                *one = Cookie {
                    asked_at_ms,
                    ..one.clone()
                }
                .deleted();
                changed = true;
            }
        }
        changed
    }

    /// Deletes those that `gone` names, as if the API had.
    pub(crate) fn remove(&mut self, gone: impl Fn(&Cookie) -> bool) {
        self.cookies.retain(|one| !gone(one));
    }
}

impl Cookie {
    /// Set by the answer to a later request. A time to come is of a clock that was put back, and no reason.
    fn is_newer(&self, other: &Self, now_ms: i64) -> bool {
        self.asked_at_ms > other.asked_at_ms && self.asked_at_ms <= now_ms
    }

    fn deleted(self) -> Self {
        Self {
            value: Value::new(Vec::new()),
            expires_at: Some(0),
            ..self
        }
    }
}

/// The `Cookie` header of these cookies, in their order.
pub(crate) fn header_of(cookies: &[&Cookie]) -> CookieValue {
    let mut out = Zeroizing::new(Vec::new());
    for (index, cookie) in cookies.iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(b"; ");
        }
        out.extend_from_slice(&cookie.name);
        out.push(b'=');
        out.extend_from_slice(cookie.value.expose());
    }
    CookieValue::new(out.to_vec())
}

#[cfg(test)]
mod tests;
