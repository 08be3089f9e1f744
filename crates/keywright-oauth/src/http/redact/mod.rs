//! Takes every secret out of what is kept or shown: by name, by known value, and by look.

mod body;
mod known;
mod labels;
mod names;
mod scan;
#[cfg(test)]
pub(super) mod tests;

use std::{collections::BTreeSet, ops::Range};

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use url::{Url, form_urlencoded};

use self::known::{Known, SHORTEST};
use crate::secret::REDACTED;

/// Of the secrets that a stranger's answer names, so many are searched for elsewhere; the others are hidden where they
/// stand.
const MOST_KNOWN: usize = 256;

/// Free text: known values, and what is a secret by its name or its look.
pub fn text(text: &str, known: &[String]) -> String {
    Redactor::new(known).text(text)
}

/// A secret as programs write it: as it is, in a form, in JSON, in base64 and in hexadecimal digits. For output that is
/// passed on as it comes.
pub fn encodings(secret: &str) -> impl Iterator<Item = String> {
    known::encodings(secret).into_iter()
}

/// Known values alone.
pub(crate) fn known(text: &str, known: &[String]) -> String {
    Redactor::new(known).known(text)
}

/// Known values alone, in the texts and numbers of JSON: what is read from it stays readable.
pub(crate) fn known_in(value: &Value, known: &[String]) -> Value {
    Redactor::new(known).known_in(value)
}

/// JSON, member by member.
pub fn json(value: &Value, known: &[String]) -> Value {
    Redactor::new(known).json(value)
}

/// JSON of an answer with this status, member by member.
pub fn answer(status: Option<u16>, value: &Value) -> Value {
    Redactor::default().json_of_answer(status, value)
}

/// A body of any kind. It keeps its layout where it holds nothing to hide.
pub fn body(bytes: &[u8], known: &[String]) -> String {
    let mut all = Redactor::new(known);
    // Secrets that the server issues in this very body may be repeated elsewhere in it.
    let mut found = Vec::new();
    let shown = all.body(bytes, None, &mut found);
    if all.learn(found) {
        all.body(bytes, None, &mut Vec::new())
    } else {
        shown
    }
}

/// An address: no user, no password, no secret in the query, no fragment.
pub fn url(url: &Url, known: &[String]) -> String {
    Redactor::new(known).url(url)
}

/// Headers in order.
pub fn headers(headers: &HeaderMap, known: &[String]) -> Vec<(String, String)> {
    Redactor::new(known).headers(headers, &mut Vec::new())
}

/// The name of a header says that its value is a secret.
pub fn is_secret_header(name: &HeaderName) -> bool {
    const VALUE: &str = "value";
    let value = HeaderValue::from_static(VALUE);
    let headers = HeaderMap::from_iter([(name.clone(), value)]);
    self::headers(&headers, &[])
        .iter()
        .any(|(_, shown)| shown != VALUE)
}

/// Without the byte order mark that some servers put before JSON.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Hides secrets in the parts of one exchange. What it hides by its name is handed out, so that it can be searched for
/// in the other parts.
#[derive(Default)]
pub(crate) struct Redactor {
    values: BTreeSet<String>,
    finder: Known,
}

impl Redactor {
    pub(crate) fn new(known: &[String]) -> Self {
        let mut all = Self::default();
        all.values = known
            .iter()
            .filter(|value| is_searched(value))
            .cloned()
            .collect();
        all.finder = Known::new(all.values.iter().map(String::as_str));
        all
    }

    /// Searches for these values too. True where one of them is new.
    pub(crate) fn learn(&mut self, found: Vec<String>) -> bool {
        let before = self.values.len();
        for value in found.into_iter().filter(|value| is_searched(value)) {
            if self.values.len() < before + MOST_KNOWN {
                self.values.insert(value);
            }
        }
        let new = self.values.len() > before;
        if new {
            self.finder = Known::new(self.values.iter().map(String::as_str));
        }
        new
    }

    /// All that is searched for.
    pub(crate) fn into_values(self) -> impl Iterator<Item = String> {
        self.values.into_iter()
    }

    fn known(&self, text: &str) -> String {
        let mut ranges = Vec::new();
        self.finder.find(text.as_bytes(), &mut ranges);
        without(text.as_bytes(), ranges)
    }

    fn known_in(&self, value: &Value) -> Value {
        match value {
            Value::Object(map) => Value::Object(
                map.iter()
                    .map(|(name, inner)| (self.known(name), self.known_in(inner)))
                    .collect(),
            ),
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.known_in(item)).collect())
            }
            Value::String(text) => Value::String(self.known(text)),
            Value::Number(number) => {
                let text = number.to_string();
                let shown = self.known(&text);
                if shown == text {
                    value.clone()
                } else {
                    Value::String(shown)
                }
            }
            other => other.clone(),
        }
    }

    /// Free text.
    pub(crate) fn text(&self, text: &str) -> String {
        self.bytes(text.as_bytes(), &mut Vec::new())
    }

    /// Text in any encoding.
    fn bytes(&self, text: &[u8], found: &mut Vec<String>) -> String {
        let mut ranges = Vec::new();
        scan::find(text, &mut ranges);
        found.extend(ranges.iter().filter_map(|range| {
            let value = std::str::from_utf8(text.get(range.clone())?).ok()?;
            let before = text.get(..range.start).unwrap_or_default();
            let of_error = before.ends_with(b"code=") && is_short_number(value);
            // A subtree is no value.
            (!value.starts_with(['{', '[']) && !of_error).then(|| value.to_owned())
        }));
        self.finder.find(text, &mut ranges);
        without(text, ranges)
    }

    /// A member or a field with a secret name.
    fn hide(value: &str, found: &mut Vec<String>) -> String {
        if value.is_empty() {
            return String::new();
        }
        found.push(value.to_owned());
        REDACTED.to_owned()
    }

    /// An address, also one without scheme and host.
    pub(crate) fn address(&self, text: &str, found: &mut Vec<String>) -> String {
        if let Ok(url) = Url::parse(text) {
            return self.url_found(&url, found);
        }
        // A relative address may name a host, and a user before it (RFC 3986 §4.2).
        if let Some(authority) = text.strip_prefix("//")
            && let Ok(url) = Url::parse(&format!("https://{authority}"))
        {
            let shown = self.url_found(&url, found);
            return shown.strip_prefix("https:").unwrap_or(&shown).to_owned();
        }
        let address = text.split('#').next().unwrap_or_default();
        let Some((path, query)) = address.split_once('?') else {
            return self.bytes(address.as_bytes(), found);
        };
        format!(
            "{}?{}",
            self.bytes(path.as_bytes(), found),
            self.query(query, found)
        )
    }

    pub(crate) fn url(&self, url: &Url) -> String {
        self.url_found(url, &mut Vec::new())
    }

    pub(crate) fn url_found(&self, url: &Url, found: &mut Vec<String>) -> String {
        let mut shown = url.clone();
        // An address that cannot have a user has none.
        let _ = shown.set_username("");
        let _ = shown.set_password(None);
        shown.set_fragment(None);
        shown.set_query(None);
        let place = self.bytes(shown.as_str().as_bytes(), found);
        match url.query() {
            Some(query) => self.known(&format!("{place}?{}", self.query(query, found))),
            None => place,
        }
    }

    /// A query or a form as it was sent.
    fn query(&self, query: &str, found: &mut Vec<String>) -> String {
        let pairs: Vec<String> = query
            .split('&')
            .map(|pair| self.pair(pair, found))
            .collect();
        pairs.join("&")
    }

    fn pair(&self, pair: &str, found: &mut Vec<String>) -> String {
        let Some((raw_name, raw_value)) = pair.split_once('=') else {
            return self.bytes(pair.as_bytes(), found);
        };
        let decoded = |text: &str| {
            let mut pairs = form_urlencoded::parse(text.as_bytes());
            pairs
                .next()
                .map_or_else(String::new, |(name, _)| name.into_owned())
        };
        // `=` within a value ends no name.
        let value = decoded(&raw_value.replace('=', "%3D"));
        let shown_name = self.known(raw_name);
        if scan::meaning(raw_name.as_bytes()).hides() {
            if raw_name == "code" && is_short_number(&value) {
                return format!("{shown_name}={REDACTED}");
            }
            if !value.is_empty() && value != raw_value {
                found.push(raw_value.to_owned());
            }
            return format!("{shown_name}={}", Self::hide(&value, found));
        }
        let shown = self.bytes(value.as_bytes(), found);
        if shown == value {
            return format!("{shown_name}={raw_value}");
        }
        let encoded: String = form_urlencoded::byte_serialize(shown.as_bytes()).collect();
        format!(
            "{shown_name}={}",
            encoded.replace("%5Bredacted%5D", REDACTED)
        )
    }

    /// A form, field by field.
    pub(crate) fn form(&self, fields: &[(String, String)], found: &mut Vec<String>) -> String {
        let sent = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.query(&sent, found)
    }

    /// Headers in order.
    pub(crate) fn headers(
        &self,
        headers: &HeaderMap,
        found: &mut Vec<String>,
    ) -> Vec<(String, String)> {
        headers
            .iter()
            .map(|(name, value)| {
                let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
                let shown = if value.is_sensitive() && !has_structure(name) {
                    found.push(text);
                    REDACTED.to_owned()
                } else {
                    self.header(name, &text, found)
                };
                (name.as_str().to_owned(), shown)
            })
            .collect()
    }

    fn header(&self, name: &HeaderName, value: &str, found: &mut Vec<String>) -> String {
        match name.as_str() {
            "cookie" => value
                .split("; ")
                .map(|pair| match pair.split_once('=') {
                    Some((name, value)) => format!("{name}={}", cookie(value, found)),
                    None => cookie(pair, found),
                })
                .collect::<Vec<_>>()
                .join("; "),
            "set-cookie" => {
                let (pair, attributes) = value
                    .split_once(';')
                    .map_or((value, None), |(pair, rest)| (pair, Some(rest)));
                let (name, value) = pair.split_once('=').unwrap_or(("", pair));
                let shown = format!("{}={}", self.known(name), cookie(value, found));
                match attributes {
                    Some(rest) => format!("{shown};{}", self.bytes(rest.as_bytes(), found)),
                    None => shown,
                }
            }
            "location" | "content-location" | "referer" => self.address(value, found),
            // A subprotocol may be a token: browsers let a page set nothing else (the API of Kubernetes, Hasura).
            "sec-websocket-protocol" => {
                let protocols = value.split(", ").map(|one| {
                    let is_name = one.len() < 24 || !one.bytes().any(|byte| byte.is_ascii_digit());
                    if is_name {
                        self.bytes(one.as_bytes(), found)
                    } else {
                        Self::hide(one, found)
                    }
                });
                protocols.collect::<Vec<_>>().join(", ")
            }
            other if other.ends_with("authorization") || other == "authentication" => {
                if let Some((scheme, credential)) = value.split_once(' ') {
                    of_basic(scheme, credential, found);
                    found.push(credential.to_owned());
                    format!("{} {REDACTED}", self.known(scheme))
                } else {
                    found.push(value.to_owned());
                    REDACTED.to_owned()
                }
            }
            other if names::meaning(other).hides() => {
                // Behind a scheme: who repeats the token leaves the scheme out.
                found.extend(value.split_once(' ').map(|(_, bare)| bare.to_owned()));
                found.push(value.to_owned());
                REDACTED.to_owned()
            }
            _ => self.bytes(value.as_bytes(), found),
        }
    }
}

/// A cookie's value; quotes around it are no part of it (RFC 6265 §4.1.1).
fn cookie(value: &str, found: &mut Vec<String>) -> String {
    found.push(value.trim().trim_matches('"').to_owned());
    REDACTED.to_owned()
}

/// A secret is a part of the value of such a header.
fn has_structure(name: &HeaderName) -> bool {
    let name = name.as_str();
    matches!(name, "cookie" | "set-cookie") || name.ends_with("authorization")
}

/// The secret within Basic (RFC 7617).
fn of_basic(scheme: &str, credential: &str, found: &mut Vec<String>) {
    if scheme.eq_ignore_ascii_case("basic")
        && let Ok(pair) = STANDARD.decode(credential.trim())
        && let Ok(pair) = String::from_utf8(pair)
        && let Some((_, secret)) = pair.split_once(':')
    {
        found.push(secret.to_owned());
    }
}

/// A number of an error, as in the `error_uri` of Microsoft Entra ID (`?code=700016`): hidden where it stands and not
/// searched for elsewhere, since the words of the error are made of it.
fn is_short_number(value: &str) -> bool {
    (1..8).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// Worth a search: long enough, and no mark of what was hidden before.
fn is_searched(value: &str) -> bool {
    value.len() >= SHORTEST
        && !REDACTED.contains(value)
        && !value
            .chars()
            .all(|letter| matches!(letter, '*' | '•' | 'x' | 'X'))
}

/// The text with a mark in place of each of these parts.
fn without(text: &[u8], mut ranges: Vec<Range<usize>>) -> String {
    ranges.retain(|range| range.start < range.end);
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    for range in ranges {
        if range.start >= at {
            out.extend_from_slice(text.get(at..range.start).unwrap_or_default());
            out.extend_from_slice(REDACTED.as_bytes());
        }
        at = at.max(range.end);
    }
    out.extend_from_slice(text.get(at..).unwrap_or_default());
    String::from_utf8_lossy(&out).into_owned()
}
