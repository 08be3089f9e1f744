//! Secrets in free text, found by what stands before them: `name=value`, `"name": "value"`, elements of XML, fields of
//! an HTML form, a scheme, or by how they look themselves.

use std::{collections::HashMap, ops::Range, sync::LazyLock};

use regex::bytes::Regex;

use super::{
    labels,
    names::{self, Meaning},
};
use crate::secret::REDACTED;

/// A name is at most this long.
const LONGEST_NAME: usize = 64;

/// A JWS or JWE in compact form, wherever it stands.
static COMPACT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?-u)eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){0,3}").ok()
});
/// A private key in PEM (RFC 7468), also where it was cut off.
static PRIVATE_KEY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?-u)-----BEGIN ([A-Z ]*)PRIVATE KEY-----(?s:.)*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z)",
    )
    .ok()
});
static BEARER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i-u)\b(?:bearer|basic|ssws|dpop)\s+([A-Za-z0-9._~+/=-]{8,})").ok()
});
/// The password of an address.
static USERINFO: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?-u)://[^/\s:@"'<>]*:([^/\s@"'<>]+)@"#).ok());

/// The patterns compile.
#[cfg(test)]
pub(super) fn is_ready() -> bool {
    [&COMPACT, &PRIVATE_KEY, &BEARER, &USERINFO]
        .iter()
        .all(|one| one.is_some())
}

/// Where secrets are in a text.
pub(super) fn find(text: &[u8], into: &mut Vec<Range<usize>>) {
    looks(text, into);
    assignments(text, into);
    elements(text, into);
    labels::find(text, into);
}

fn looks(text: &[u8], into: &mut Vec<Range<usize>>) {
    for whole in [&*COMPACT, &*PRIVATE_KEY].into_iter().flatten() {
        into.extend(whole.find_iter(text).map(|found| found.range()));
    }
    for part in [&*BEARER, &*USERINFO].into_iter().flatten() {
        for found in part.captures_iter(text) {
            let Some(value) = found.get(1) else { continue };
            // `Bearer realm="…"` is a challenge, and "bearer authentication" is prose.
            let challenge =
                value.as_bytes().ends_with(b"=") && text.get(value.end()) == Some(&b'"');
            let scheme = part.as_str().contains("bearer");
            if !(scheme && (challenge || is_prose(value.as_bytes()))) {
                into.push(value.range());
            }
        }
    }
}

/// A word or words joined by a hyphen, with no sign of chance in it.
fn is_prose(value: &[u8]) -> bool {
    value.len() < 24
        && value.iter().enumerate().all(|(index, byte)| {
            byte.is_ascii_lowercase()
                || matches!(byte, b'-' | b'.')
                || (index == 0 && byte.is_ascii_uppercase())
        })
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'_' | b'-' | b'.' | b'$' | b'@' | b'[' | b']' | b'%')
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'')
}

/// The name that ends before `end`, whether it is in quotes, and the byte before it.
struct NameBefore<'a> {
    name: &'a [u8],
    quoted: bool,
    before: Option<u8>,
}

fn name_before(text: &[u8], end: usize) -> Option<NameBefore<'_>> {
    let lowest = end.saturating_sub(LONGEST_NAME);
    let byte = |at: usize| text.get(at).copied();
    let mut end = end;
    while end > lowest && byte(end - 1).is_some_and(is_blank) {
        end -= 1;
    }
    let quoted = end > lowest && byte(end - 1).is_some_and(is_quote);
    if quoted {
        end -= 1;
        while end > lowest && byte(end - 1) == Some(b'\\') {
            end -= 1;
        }
    }
    let mut start = end;
    while start > lowest && byte(start - 1).is_some_and(is_name) {
        start -= 1;
    }
    let name = text.get(start..end).filter(|name| !name.is_empty())?;
    Some(NameBefore {
        name,
        quoted,
        before: start.checked_sub(1).and_then(byte),
    })
}

/// What the name means, with `%5F` read as `_`.
pub(super) fn meaning(name: &[u8]) -> Meaning {
    let text = String::from_utf8_lossy(name);
    if text.contains('%') {
        let decoded: Vec<u8> = percent_decoded(name);
        return names::meaning(&String::from_utf8_lossy(&decoded));
    }
    names::meaning(&text)
}

fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let code = text
            .get(at + 1..at + 3)
            .filter(|_| byte == b'%')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(code.unwrap_or(byte));
        at += if code.is_some() { 3 } else { 1 };
    }
    out
}

/// Values after `name=` and `"name":`.
fn assignments(text: &[u8], into: &mut Vec<Range<usize>>) {
    let mut at = 0;
    while let Some(sign) = text
        .get(at..)
        .and_then(|rest| rest.iter().position(|byte| matches!(byte, b'=' | b':')))
    {
        let sign = at + sign;
        at = sign + 1;
        let colon = text.get(sign) == Some(&b':');
        let Some(found) = name_before(text, sign) else {
            continue;
        };
        let meaning = meaning(found.name);
        let hides = match meaning {
            Meaning::Public => false,
            Meaning::Secret | Meaning::Records => true,
            // `code=12` in a sentence is no authorization code.
            Meaning::Weak => {
                found.quoted
                    || found
                        .before
                        .is_none_or(|byte| matches!(byte, b'?' | b'&' | b';'))
            }
        };
        if !hides {
            continue;
        }
        if let Some(value) = value_after(text, sign + 1, colon, found.quoted, meaning) {
            at = value.end.max(at);
            push(text, value, into);
        }
    }
}

fn push(text: &[u8], range: Range<usize>, into: &mut Vec<Range<usize>>) {
    let value = text.get(range.clone()).unwrap_or_default();
    let mark = REDACTED.as_bytes();
    // What was hidden before stays as it is, also where the mark was cut.
    if !(value.starts_with(mark) || mark.starts_with(value)) {
        into.push(range);
    }
}

fn value_after(
    text: &[u8],
    sign: usize,
    colon: bool,
    quoted: bool,
    meaning: Meaning,
) -> Option<Range<usize>> {
    let byte = |at: usize| text.get(at).copied();
    let mut start = sign;
    while byte(start).is_some_and(|next| is_blank(next) || (colon && matches!(next, b'\n' | b'\r')))
    {
        start += 1;
    }
    let mut slashes = 0;
    while byte(start + slashes) == Some(b'\\') {
        slashes += 1;
    }
    if let Some(quote) = byte(start + slashes).filter(|next| is_quote(*next)) {
        let from = start + slashes + 1;
        return Some(from..end_of_quoted(text, from, quote, slashes));
    }
    match byte(start)? {
        b'{' | b'[' if colon && quoted => {
            (meaning == Meaning::Secret).then(|| start..end_of_brackets(text, start))
        }
        // A number, or a value of a dialect without quotes.
        _ if colon && quoted => {
            let end = end_at(text, start, |next| {
                matches!(next, b',' | b'}' | b']') || next.is_ascii_whitespace()
            });
            let value = text.get(start..end).unwrap_or_default();
            (!matches!(value, b"true" | b"false" | b"null")).then_some(start..end)
        }
        // `Token: expired` is prose, `X-Token: 8f3a91` is a header; `token:8080` is a host.
        _ if colon => {
            let end = end_at(text, start, |next| {
                next.is_ascii_whitespace() || is_quote(next) || matches!(next, b'<' | b'>')
            });
            let value = text.get(start..end).unwrap_or_default();
            (start > sign && value.len() >= 6 && value.iter().any(u8::is_ascii_digit))
                .then_some(start..end)
        }
        _ => Some(start..end_of_bare(text, start)),
    }
}

fn end_at(text: &[u8], start: usize, is_end: impl Fn(u8) -> bool) -> usize {
    text.get(start..)
        .and_then(|rest| rest.iter().position(|byte| is_end(*byte)))
        .map_or(text.len(), |length| start + length)
}

/// The closing quote, written with as many backslashes as the opening one.
fn end_of_quoted(text: &[u8], from: usize, quote: u8, slashes: usize) -> usize {
    let mut at = from;
    let mut run = 0;
    while let Some(&byte) = text.get(at) {
        if byte == quote
            && (if slashes == 0 {
                run % 2 == 0
            } else {
                run == slashes
            })
        {
            return at - run.min(slashes);
        }
        run = if byte == b'\\' { run + 1 } else { 0 };
        at += 1;
    }
    text.len()
}

/// The end of an object or a list, also where it was cut.
fn end_of_brackets(text: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = start;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => at = end_of_quoted(text, at + 1, b'"', 0),
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return at.min(text.len());
        }
    }
    text.len()
}

/// The end of a value without quotes: a separator, which `;` and `,` are only before another name.
fn end_of_bare(text: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'&' | b'"' | b'\'' | b'<' | b'>' => return at,
            _ if byte.is_ascii_whitespace() => return at,
            b';' | b',' => {
                let mut next = at + 1;
                while text.get(next).copied().is_some_and(is_blank) {
                    next += 1;
                }
                let name = end_at(text, next, |byte| !is_name(byte)).min(next + LONGEST_NAME);
                if name > next && text.get(name) == Some(&b'=') {
                    return at;
                }
            }
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// Elements of XML whose name is in an attribute: `<entry key="password">…</entry>` of Java, and its kin.
const NAMED: [&[u8]; 9] = [
    b"entry",
    b"property",
    b"string",
    b"item",
    b"setting",
    b"param",
    b"parameter",
    b"attribute",
    b"data",
];

/// The text of elements with a secret name, and the value of fields and metadata with one.
fn elements(text: &[u8], into: &mut Vec<Range<usize>>) {
    let mut open: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut at = 0;
    while let Some(start) = text
        .get(at..)
        .and_then(|rest| rest.iter().position(|byte| *byte == b'<'))
    {
        let start = at + start;
        at = start + 1;
        let closing = text.get(at) == Some(&b'/');
        let from = if closing { at + 1 } else { at };
        let end =
            end_at(text, from, |byte| !(is_name(byte) || byte == b':')).min(from + LONGEST_NAME);
        let Some(name) = text.get(from..end).filter(|name| !name.is_empty()) else {
            continue;
        };
        let local = name
            .rsplit(|byte| *byte == b':')
            .next()
            .unwrap_or(name)
            .to_ascii_lowercase();
        if closing {
            if let Some(begin) = open.remove(&local) {
                push(text, begin..start, into);
            }
            at = end;
            continue;
        }
        let close = end_of_tag(text, end);
        let Some(inside) = text.get(end..close) else {
            continue;
        };
        if text.get(close).is_none() {
            break;
        }
        let names_secret = fields(inside, end, text, into);
        at = close + 1;
        // `<code>` and `<key>` are ordinary elements of HTML, of SOAP and of object stores.
        let original = text.get(end - local.len()..end).unwrap_or_default();
        let is_secret = matches!(meaning(original), Meaning::Secret | Meaning::Records)
            || (names_secret && NAMED.contains(&local.as_slice()));
        if is_secret && !inside.ends_with(b"/") {
            open.entry(local).or_insert(close + 1);
        }
    }
    // Cut in the middle of the element, in a document that is one.
    if text.trim_ascii_start().starts_with(b"<")
        && let Some(first) = open.values().min()
    {
        push(text, *first..text.len(), into);
    }
}

/// The `>` of a tag, which may stand in quotes before.
fn end_of_tag(text: &[u8], from: usize) -> usize {
    let mut at = from;
    let mut quote = None;
    while let Some(&byte) = text.get(at) {
        match quote {
            Some(open) if byte == open => quote = None,
            None if is_quote(byte) => quote = Some(byte),
            None if byte == b'>' => return at,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// `<input name="csrf_token" value="…">` and `<meta name="csrf-token" content="…">`. True where an attribute names a
/// secret.
fn fields(inside: &[u8], offset: usize, text: &[u8], into: &mut Vec<Range<usize>>) -> bool {
    let mut secret = false;
    let mut values = Vec::new();
    let mut at = 0;
    while let Some(sign) = inside
        .get(at..)
        .and_then(|rest| rest.iter().position(|byte| *byte == b'='))
    {
        let sign = at + sign;
        at = sign + 1;
        let Some(found) = name_before(inside, sign) else {
            continue;
        };
        let Some(value) = value_after(inside, sign + 1, false, false, Meaning::Secret) else {
            continue;
        };
        at = value.end.max(at);
        match found.name.to_ascii_lowercase().as_slice() {
            b"name" | b"id" | b"property" | b"key" => {
                secret |= meaning(inside.get(value).unwrap_or_default()).hides();
            }
            b"type" => {
                let kind = inside.get(value).unwrap_or_default();
                secret |= kind.eq_ignore_ascii_case(b"password");
            }
            b"value" | b"content" => values.push(value),
            _ => {}
        }
    }
    if secret {
        for value in values {
            push(text, value.start + offset..value.end + offset, into);
        }
    }
    secret
}
