//! One `Set-Cookie` header, read as RFC 6265bis §5.6 says, and what an API may set (§5.7): cookies for itself and its
//! own parents, never for a public suffix.

use http::HeaderValue;
use keywright_oauth::http::is_loopback;
use url::{Host, Url};

use super::{Cookie, CookieFault, Value, date};

/// Name and value together, in bytes (RFC 6265bis §5.6).
const LONGEST_PAIR: usize = 4096;
/// A longer attribute is passed over (RFC 6265bis §5.6).
const LONGEST_ATTRIBUTE: usize = 1024;

/// What a cookie asks for in addition to its name and value.
#[derive(Default)]
struct Attributes {
    expires_at: Option<i64>,
    max_age: Option<i64>,
    domain: String,
    path: Option<String>,
    secure: bool,
    http_only: bool,
    same_site: Option<&'static str>,
}

/// The name in a header that may not be kept, as far as it has one.
pub(super) fn name_of(header: &HeaderValue) -> String {
    let pair = pair_of(header.as_bytes()).0;
    let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
    String::from_utf8_lossy(trim(name))
        .chars()
        .take(80)
        .collect()
}

/// The cookie that a header sets, or the key of the reason why it may not. A cookie that has expired deletes.
pub(super) fn parse(url: &Url, header: &HeaderValue, now: i64) -> Result<Cookie, CookieFault> {
    let bytes = header.as_bytes();
    if bytes.iter().any(|byte| is_control(*byte)) {
        return Err(CookieFault::Unreadable);
    }
    let (pair, attributes) = pair_of(bytes);
    let Some(equals) = pair.iter().position(|byte| *byte == b'=') else {
        return Err(CookieFault::Unreadable);
    };
    let (name, value) = (trim(&pair[..equals]), trim(&pair[equals + 1..]));
    if name.is_empty() {
        return Err(CookieFault::Unreadable);
    }
    if name.len() + value.len() > LONGEST_PAIR {
        return Err(CookieFault::TooLong);
    }
    let asked = attributes_of(attributes, now);
    let host = url.host().ok_or(CookieFault::Foreign)?;
    let (domain, host_only) = domain_of(&host, &asked.domain).ok_or(CookieFault::Foreign)?;
    let trusted = url.scheme() == "https" || is_loopback(url);
    if (asked.secure && !trusted) || (asked.same_site == Some("None") && !asked.secure) {
        return Err(CookieFault::Insecure);
    }
    if !keeps_its_prefix(name, &asked) {
        return Err(CookieFault::Prefix);
    }
    Ok(Cookie {
        name: name.to_vec(),
        value: Value::new(value),
        domain,
        host_only,
        path: asked
            .path
            .unwrap_or_else(|| super::default_path(url.path()).to_owned()),
        secure: asked.secure,
        http_only: asked.http_only,
        same_site: asked.same_site.map(str::to_owned),
        // Max-Age wins (RFC 6265bis §5.7).
        expires_at: asked.max_age.or(asked.expires_at),
        bare: false,
        asked_at_ms: 0,
    })
}

/// The pair, and the attributes after it.
fn pair_of(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.iter().position(|byte| *byte == b';') {
        Some(end) => (&bytes[..end], &bytes[end + 1..]),
        None => (bytes, &[]),
    }
}

/// A tab is the only control character that RFC 6265bis lets pass.
fn is_control(byte: u8) -> bool {
    byte.is_ascii_control() && byte != b'\t'
}

fn trim(bytes: &[u8]) -> &[u8] {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = bytes.iter().take_while(|byte| blank(byte)).count();
    let bytes = &bytes[start..];
    let end = bytes.iter().rev().take_while(|byte| blank(byte)).count();
    &bytes[..bytes.len() - end]
}

fn attributes_of(bytes: &[u8], now: i64) -> Attributes {
    let mut asked = Attributes::default();
    for part in bytes.split(|byte| *byte == b';') {
        let (name, value) = match part.iter().position(|byte| *byte == b'=') {
            Some(equals) => (trim(&part[..equals]), trim(&part[equals + 1..])),
            None => (trim(part), &[][..]),
        };
        if value.len() > LONGEST_ATTRIBUTE {
            continue;
        }
        let text = || String::from_utf8_lossy(value).into_owned();
        match name.to_ascii_lowercase().as_slice() {
            b"expires" => asked.expires_at = date::parse(value).or(asked.expires_at),
            b"max-age" => asked.max_age = max_age(value, now).or(asked.max_age),
            b"domain" => {
                let whole = text().to_ascii_lowercase();
                whole
                    .strip_prefix('.')
                    .unwrap_or(&whole)
                    .clone_into(&mut asked.domain);
            }
            b"path" => asked.path = Some(text()).filter(|path| path.starts_with('/')),
            b"secure" => asked.secure = true,
            b"httponly" => asked.http_only = true,
            b"samesite" => {
                asked.same_site = ["None", "Lax", "Strict"]
                    .into_iter()
                    .find(|known| value.eq_ignore_ascii_case(known.as_bytes()));
            }
            _ => {}
        }
    }
    asked
}

/// When a cookie of this age ends; zero and less is long ago (RFC 6265bis §5.6.2).
fn max_age(value: &[u8], now: i64) -> Option<i64> {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    if digits.len() < value.len() {
        return Some(0);
    }
    // More digits than a number holds mean a very long time.
    let seconds = std::str::from_utf8(digits)
        .ok()?
        .parse()
        .unwrap_or(i64::MAX);
    Some(if seconds == 0 {
        0
    } else {
        now.saturating_add(seconds)
    })
}

/// Domain, and whether it means this host alone: the host itself, or a parent of it that is not a public suffix. An
/// address has no parents. None where the host may not set it.
fn domain_of(host: &Host<&str>, asked: &str) -> Option<(String, bool)> {
    let own = host.to_string();
    if asked.is_empty() {
        return Some((own, true));
    }
    let Host::Domain(name) = host else {
        return (own == asked).then_some((own, true));
    };
    let is_suffix = psl::suffix_str(asked).is_none_or(|suffix| suffix == asked);
    if *name == asked {
        return Some((own, is_suffix));
    }
    let below = name
        .strip_suffix(asked)
        .is_some_and(|rest| rest.ends_with('.'));
    (below && !is_suffix).then(|| (asked.to_owned(), false))
}

/// `__Secure-` and its kin promise how a cookie was set (RFC 6265bis §4.1.3).
fn keeps_its_prefix(name: &[u8], asked: &Attributes) -> bool {
    let name = name.to_ascii_lowercase();
    let whole_host = asked.path.as_deref() == Some("/") && asked.domain.is_empty();
    if name.starts_with(b"__host-http-") {
        return asked.secure && asked.http_only && whole_host;
    }
    if name.starts_with(b"__host-") {
        return asked.secure && whole_host;
    }
    if name.starts_with(b"__http-") {
        return asked.secure && asked.http_only;
    }
    asked.secure || !name.starts_with(b"__secure-")
}
