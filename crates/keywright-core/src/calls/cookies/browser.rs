//! Cookies of a browser: a `Cookie` header, the `Set-Cookie` headers of an answer, an HTTP Archive (HAR), or the file
//! of Netscape and curl.

use serde_json::Value as Json;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use url::Url;

use super::{Cookie, Value, default_path};

/// What was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    CookieHeader,
    Har,
    CookiesFile,
}

/// A cookie, and why it is not for the address, if it is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BrowserCookie {
    pub(crate) cookie: Cookie,
    /// `other_address` or `expired`.
    pub(crate) unfit: Option<&'static str>,
}

/// The cookies in a text for requests to `url`; none where no form is recognised.
pub(crate) fn read(bytes: &[u8], url: &Url, now: i64) -> Option<(Format, Vec<BrowserCookie>)> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let bytes = bytes.trim_ascii();
    let (format, cookies) = if bytes.starts_with(b"{") {
        (Format::Har, har(bytes, url)?)
    } else if let Some(cookies) = cookies_file(bytes) {
        (Format::CookiesFile, cookies)
    } else if let Some(cookies) = response_headers(bytes, url, now) {
        (Format::CookieHeader, cookies)
    } else {
        (Format::CookieHeader, header(bytes, url)?)
    };
    let mut all: Vec<BrowserCookie> = Vec::new();
    for cookie in cookies {
        let unfit = if !cookie.is_live(now) {
            Some("expired")
        } else if fits(&cookie, url) {
            None
        } else {
            Some("other_address")
        };
        // Of two in one header the first is for the longer path.
        if cookie.bare && all.iter().any(|one| one.cookie.name == cookie.name) {
            continue;
        }
        all.retain(|one| !one.cookie.is_same(&cookie));
        all.push(BrowserCookie { cookie, unfit });
    }
    Some((format, all))
}

/// An address without a path means the whole host.
fn fits(cookie: &Cookie, url: &Url) -> bool {
    let mut at = url.clone();
    if url.path() == "/" {
        at.set_path(&cookie.path);
    }
    cookie.fits(&at)
}

/// Whether a header holds them as one cookie (RFC 6265 section 4.2.1): a semicolon would begin another one.
fn can_be_sent(name: &[u8], value: &[u8]) -> bool {
    let is_outside = |byte: &u8| byte.is_ascii_control() || *byte == b';';
    !name.is_empty() && !name.contains(&b'=') && !name.iter().chain(value).any(is_outside)
}

fn of_host(url: &Url, name: &[u8], value: &[u8]) -> Option<Cookie> {
    if !can_be_sent(name, value) {
        return None;
    }
    Some(Cookie {
        name: name.to_vec(),
        value: Value::new(value),
        domain: url.host()?.to_string(),
        host_only: true,
        path: "/".to_owned(),
        secure: false,
        http_only: false,
        same_site: None,
        expires_at: None,
        bare: true,
        asked_at_ms: 0,
    })
}

/// The pairs of a header: `Cookie: a=1; b=2` with or without its name, alone, among other headers, or in a command of
/// curl. Lines of an environment file are none.
fn header(bytes: &[u8], url: &Url) -> Option<Vec<Cookie>> {
    let lines: Vec<(bool, &[u8])> = bytes
        .split(|byte| matches!(byte, b'\r' | b'\n'))
        .map(header_line)
        .filter(|(_, line)| !line.is_empty())
        .collect();
    let marked = lines.iter().any(|(marked, _)| *marked);
    let (_, before) = lines.split_last()?;
    let goes_on = before.iter().all(|(_, line)| line.ends_with(b";"));
    if !marked && !goes_on {
        return None;
    }
    let mut cookies = Vec::new();
    for (_, line) in lines.iter().filter(|(is_marked, _)| *is_marked == marked) {
        for pair in line.split(|byte| *byte == b';') {
            let Some(equals) = pair.iter().position(|byte| *byte == b'=') else {
                continue;
            };
            let (name, value) = (pair[..equals].trim_ascii(), pair[equals + 1..].trim_ascii());
            if is_token(name) {
                cookies.extend(of_host(url, name, value));
            }
        }
    }
    (!cookies.is_empty()).then_some(cookies)
}

/// The cookies that `Set-Cookie` lines set, as a browser or curl shows an answer, after those that were sent with the
/// request, where it is shown as well. None without such a line.
fn response_headers(bytes: &[u8], url: &Url, now: i64) -> Option<Vec<Cookie>> {
    let mut lines = bytes
        .split(|byte| matches!(byte, b'\r' | b'\n'))
        .filter_map(set_cookie_value)
        .peekable();
    lines.peek()?;
    let is_sent = |line| header_line(line).0;
    let was_sent = bytes.split(|byte| *byte == b'\n').any(is_sent);
    let mut cookies = match header(bytes, url) {
        Some(sent) if was_sent => sent,
        _ => Vec::new(),
    };
    for value in lines {
        if let Ok(value) = http::HeaderValue::from_bytes(value)
            && let Ok(set) = super::set_cookie::parse(url, &value, now)
        {
            cookies.retain(|one| one.name != set.name);
            cookies.push(set);
        }
    }
    Some(cookies)
}

/// The value of a `Set-Cookie` line.
fn set_cookie_value(line: &[u8]) -> Option<&[u8]> {
    const NAME: &[u8] = b"set-cookie:";
    let line = line.trim_ascii();
    let line = line.strip_prefix(b"<").unwrap_or(line).trim_ascii();
    let (name, value) = line.split_at_checked(NAME.len())?;
    name.eq_ignore_ascii_case(NAME).then(|| value.trim_ascii())
}

/// What a line holds, and whether it says that these are cookies.
fn header_line(line: &[u8]) -> (bool, &[u8]) {
    let line = line.trim_ascii();
    // `curl -v` marks what it sends.
    let mut line = line.strip_prefix(b">").unwrap_or(line).trim_ascii();
    let mut marked = false;
    for (option, means_cookies) in [
        (&b"-H"[..], false),
        (b"--header", false),
        (b"-b", true),
        (b"--cookie", true),
    ] {
        if let Some(rest) = line.strip_prefix(option)
            && rest.first().is_some_and(|next| b" '\"".contains(next))
        {
            line = rest.trim_ascii();
            marked = means_cookies;
        }
    }
    line = line.strip_suffix(b"\\").unwrap_or(line).trim_ascii();
    for quote in [b'\'', b'"'] {
        if line.len() >= 2 && line.first() == Some(&quote) && line.last() == Some(&quote) {
            line = &line[1..line.len() - 1];
        }
    }
    let name = b"cookie:";
    if line.len() >= name.len() && line[..name.len()].eq_ignore_ascii_case(name) {
        line = line[name.len()..].trim_ascii();
        marked = true;
    }
    (marked, line)
}

/// A name that may stand in a header: no blank in it, so that prose is not taken for cookies.
fn is_token(name: &[u8]) -> bool {
    !name.is_empty()
        && !name
            .iter()
            .any(|byte| b" \t\"(),/:<>?@[\\]{}".contains(byte))
}

/// An HTTP Archive 1.2: what went to the address, then what came from it.
fn har(bytes: &[u8], url: &Url) -> Option<Vec<Cookie>> {
    let archive: Json = serde_json::from_slice(bytes).ok()?;
    let entries = archive.pointer("/log/entries")?.as_array()?;
    let mut cookies: Vec<Cookie> = Vec::new();
    for entry in entries {
        let at = |pointer: &str| entry.pointer(pointer);
        let Some(from) = at("/request/url")
            .and_then(Json::as_str)
            .and_then(|text| Url::parse(text).ok())
        else {
            continue;
        };
        // A browser takes cookies to every port of a host (RFC 6265 section 8.5); what another server there sent is not
        // meant for this one.
        if from.origin() != url.origin() {
            continue;
        }
        for cookie in sent(entry, &from) {
            match cookies.iter_mut().find(|one| one.name == cookie.name) {
                // Known with its attributes from the answer that set it.
                Some(known) => known.value = cookie.value,
                None => cookies.push(cookie),
            }
        }
        for set in received(entry, &from) {
            cookies.retain(|one| !one.is_same(&set));
            cookies.push(set);
        }
    }
    Some(cookies)
}

fn sent(entry: &Json, from: &Url) -> Vec<Cookie> {
    let listed = entry.pointer("/request/cookies").and_then(Json::as_array);
    let listed: Vec<Cookie> = listed
        .into_iter()
        .flatten()
        .filter_map(|one| {
            let text = |name: &str| one.get(name).and_then(Json::as_str);
            of_host(from, text("name")?.as_bytes(), text("value")?.as_bytes())
        })
        .collect();
    if !listed.is_empty() {
        return listed;
    }
    headers(entry, "request", "cookie")
        .filter_map(|text| header(text.as_bytes(), from))
        .flatten()
        .collect()
}

fn received(entry: &Json, from: &Url) -> Vec<Cookie> {
    let now = entry
        .pointer("/startedDateTime")
        .and_then(Json::as_str)
        .and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok())
        .map_or(0, OffsetDateTime::unix_timestamp);
    headers(entry, "response", "set-cookie")
        .flat_map(str::lines)
        .filter_map(|text| http::HeaderValue::from_bytes(text.as_bytes()).ok())
        .filter_map(|value| super::set_cookie::parse(from, &value, now).ok())
        .collect()
}

fn headers<'a>(entry: &'a Json, side: &str, wanted: &'a str) -> impl Iterator<Item = &'a str> {
    entry
        .pointer(&format!("/{side}/headers"))
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .filter(move |header| {
            let name = header.get("name").and_then(Json::as_str);
            name.is_some_and(|name| name.eq_ignore_ascii_case(wanted))
        })
        .filter_map(|header| header.get("value").and_then(Json::as_str))
}

/// Lines of seven fields with tabs between: domain, subdomains, path, https, expiry, name, value.
fn cookies_file(bytes: &[u8]) -> Option<Vec<Cookie>> {
    let mut cookies = Vec::new();
    let mut known = false;
    for line in bytes.split(|byte| matches!(byte, b'\r' | b'\n')) {
        let (line, http_only) = match line.strip_prefix(b"#HttpOnly_") {
            Some(rest) => (rest, true),
            None => (line, false),
        };
        if line.starts_with(b"#") {
            let comment = line.to_ascii_lowercase();
            known |= comment.windows(11).any(|part| part == b"cookie file")
                || comment.windows(16).any(|part| part == b"http cookie file");
            continue;
        }
        let fields: Vec<&[u8]> = line.splitn(7, |byte| *byte == b'\t').collect();
        let [domain, below, path, secure, expires, name, rest @ ..] = fields.as_slice() else {
            continue;
        };
        let yes = |field: &[u8]| field.trim_ascii().eq_ignore_ascii_case(b"true");
        let text = |field: &[u8]| String::from_utf8_lossy(field.trim_ascii()).into_owned();
        // A fraction is cut off, as some tools write one.
        let until = text(expires);
        let Ok(until) = until.split('.').next().unwrap_or_default().parse::<i64>() else {
            continue;
        };
        let domain = text(domain).to_ascii_lowercase();
        known = true;
        let value = *rest.first().unwrap_or(&&[][..]);
        if !can_be_sent(name, value) {
            continue;
        }
        cookies.push(Cookie {
            name: name.to_vec(),
            value: Value::new(value),
            host_only: !yes(below) && !domain.starts_with('.'),
            domain: domain.trim_start_matches('.').to_owned(),
            path: Some(text(path))
                .filter(|path| path.starts_with('/'))
                .unwrap_or_else(|| default_path("/").to_owned()),
            secure: yes(secure),
            http_only,
            same_site: None,
            // 0 = with the session.
            expires_at: (until != 0).then_some(until),
            bare: false,
            asked_at_ms: 0,
        });
    }
    known.then_some(cookies)
}
