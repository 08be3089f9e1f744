//! Reads what servers really send: numbers as text, lists as text, dates for times.

use serde_json::{Map, Value};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use url::Url;

use crate::{error_response, http::redact::without_mark, masked::is_masked, time::http_date};

/// The JSON object of an answer. A byte order mark before it is passed over, as RFC 8259 §8.1 allows;
/// of members with one name the last counts; objects and arrays may stand 127 deep. A server that passes on the answer
/// of another one may write it as a text.
pub fn object(body: &[u8]) -> Result<Map<String, Value>, serde_json::Error> {
    strict_object(body).or_else(|error| {
        let other = match serde_json::from_slice(without_mark(body)) {
            Ok(Value::String(text)) => written(&text),
            Ok(_) => None,
            Err(_) => after_notices(body),
        };
        other.ok_or(error)
    })
}

/// The object that ends an answer which begins with notices in HTML: PHP writes its warnings before what a program
/// answers. What is written after an object is another matter: nothing says which of the two was meant.
fn after_notices(body: &[u8]) -> Option<Map<String, Value>> {
    let text = std::str::from_utf8(body).ok()?.trim();
    if !text.starts_with('<') || !text.ends_with('}') || error_response::looks_like_html(text) {
        return None;
    }
    let begins = text.match_indices('{').filter(|(at, _)| {
        let before = text.get(..*at).unwrap_or_default();
        before.ends_with(['>', '\n'])
    });
    begins
        .take(MOST_BEGINS)
        .find_map(|(at, _)| serde_json::from_str(text.get(at..)?).ok())
}

/// A JSON object and nothing else, for what is signed or has to be of one form.
pub(crate) fn strict_object(body: &[u8]) -> Result<Map<String, Value>, serde_json::Error> {
    serde_json::from_slice(without_mark(body))
}

/// So many places are tried where an object may begin.
const MOST_BEGINS: usize = 16;

/// An object that is written as a text.
fn written(text: &str) -> Option<Map<String, Value>> {
    let text = text.trim();
    text.starts_with('{')
        .then(|| serde_json::from_str(text).ok())
        .flatten()
}

/// A member that says something: `null` and `""` are the same as absent.
pub fn present<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    match map.get(name)? {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        value => Some(value),
    }
}

/// The answer is an error whatever its status says: some servers answer a refusal with 200.
pub fn is_error(map: &Map<String, Value>) -> bool {
    let failed = ["success", "ok"]
        .iter()
        .any(|name| map.get(*name) == Some(&Value::Bool(false)));
    let status = map
        .get("status")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let says_so = ["error", "fail", "failed", "failure"];
    if failed || says_so.iter().any(|word| status.eq_ignore_ascii_case(word)) {
        return true;
    }
    if integer(map, "errcode").is_some_and(|code| code != 0) {
        return true;
    }
    // A gateway that passes on what its function returned: the status is in the document. That of a server's own failure
    // does not say that nothing was done.
    let names = ["statusCode", "status_code", "status"];
    let mut statuses = names.iter().filter_map(|name| integer(map, name));
    if statuses.any(|status| (400..500).contains(&status) && ![408, 499].contains(&status)) {
        return true;
    }
    match present(map, "error") {
        None | Some(Value::Bool(false)) => false,
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(members)) => !members.is_empty(),
        Some(Value::Number(number)) => number.as_i64() != Some(0),
        Some(_) => true,
    }
}

/// The object that holds this member: the answer itself, else the only object in it that has the member. Frameworks
/// put every answer into an envelope such as `data`; Authlete writes it as a text in `responseContent`.
pub fn holding(map: Map<String, Value>, name: &str) -> Map<String, Value> {
    holding_where(map, |one| text(one, name).is_some())
}

/// The object that this holds of: the answer itself, else the only object in it, or in an object in it (`data.client`).
pub(crate) fn holding_where(
    map: Map<String, Value>,
    holds: impl Fn(&Map<String, Value>) -> bool,
) -> Map<String, Value> {
    const DEEPEST: usize = 2;
    if holds(&map) {
        return map;
    }
    let mut level: Vec<Map<String, Value>> = objects_in(&map).collect();
    for _ in 0..DEEPEST {
        let mut holding = level.iter().filter(|one| holds(one));
        match (holding.next(), holding.next()) {
            (Some(only), None) => return only.clone(),
            (Some(_), Some(_)) => return map,
            (None, _) => level = level.iter().flat_map(objects_in).collect(),
        }
    }
    map
}

/// The objects among the members, also those that are written as a text.
fn objects_in(map: &Map<String, Value>) -> impl Iterator<Item = Map<String, Value>> {
    map.values().filter_map(|value| match value {
        Value::Object(one) => Some(one.clone()),
        Value::String(text) => written(text),
        _ => None,
    })
}

/// Gives members the names of the standard where they are written in another way: `clientId`, `access-token`. A name of
/// the standard that is present stays.
pub(crate) fn with_standard_names(map: &mut Map<String, Value>, names: &[&str]) {
    let plain = |name: &str| -> String {
        let letters = name.chars().filter(|letter| letter.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect()
    };
    for name in names
        .iter()
        .filter(|name| present(map, name).is_none())
        .collect::<Vec<_>>()
    {
        let wanted = plain(name);
        let other = map.keys().find(|key| key != name && plain(key) == wanted);
        if let Some(value) = other.cloned().and_then(|other| map.remove(&other)) {
            map.insert((*name).to_owned(), value);
        }
    }
}

/// A token for a header (RFC 6750 §2.1): without the blanks and line ends around it and without the scheme before it,
/// which some servers write.
pub(crate) fn bearer_text(map: &Map<String, Value>, name: &str) -> Option<String> {
    const SCHEME: &str = "bearer ";
    let text = text(map, name)?;
    let text = text.trim();
    let has_scheme = text
        .get(..SCHEME.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(SCHEME));
    let bare = if has_scheme {
        text.get(SCHEME.len()..).unwrap_or_default().trim()
    } else {
        text
    };
    (!bare.is_empty()).then(|| bare.to_owned())
}

/// Text, or a number written as text.
pub fn text(map: &Map<String, Value>, name: &str) -> Option<String> {
    match present(map, name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A secret. Stars, a placeholder or a hash in its place are the same as absent.
pub fn secret(map: &Map<String, Value>, name: &str) -> Option<String> {
    text(map, name).filter(|text| !is_masked(text))
}

/// A web address. One with a user part is none: it would carry credentials of the server's choice.
pub fn address(map: &Map<String, Value>, name: &str) -> Option<Url> {
    let url = Url::parse(&text(map, name)?).ok()?;
    let bare = url.username().is_empty() && url.password().is_none();
    (bare && matches!(url.scheme(), "https" | "http")).then_some(url)
}

/// A web address, or one that is relative to the address of the request, at the same origin. Text without a scheme that
/// begins with a host is not relative, and a word alone is a placeholder.
pub fn address_at(map: &Map<String, Value>, name: &str, base: &Url) -> Option<Url> {
    if let Some(absolute) = address(map, name) {
        return Some(absolute);
    }
    let text = text(map, name)?;
    let first = text.split(['/', '?', '#']).next().unwrap_or_default();
    let is_host = first.contains('.') && !first.starts_with('.');
    let is_word = !text.contains(['/', '?']);
    if is_word || is_host || first.contains(':') || base.host_str() == Some(first) {
        return None;
    }
    same_origin(&text, base)
}

/// The address that a reference means at this base (RFC 3986 §5), where it is of the same origin.
pub(crate) fn same_origin(reference: &str, base: &Url) -> Option<Url> {
    let url = base.join(reference).ok()?;
    (url.origin() == base.origin() && url.username().is_empty() && url.password().is_none())
        .then_some(url)
}

/// Longest text in the place of an address that is shown, in characters.
pub(crate) const LONGEST_SHOWN: usize = 200;

/// Text in the place of a web address that cannot be asked: text without a scheme, a relative
/// address, a list. Cut for display, without a password; none where the member is absent or an address.
pub fn no_address(map: &Map<String, Value>, name: &str) -> Option<String> {
    let value = present(map, name)?;
    if address(map, name).is_some() {
        return None;
    }
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut shown: String = without_user(&text).chars().take(LONGEST_SHOWN).collect();
    if shown.len() < text.len() && text.starts_with(&shown) {
        shown.push('…');
    }
    Some(shown)
}

/// An address without the user part that it carries: it may hold a password.
fn without_user(text: &str) -> String {
    match text.split_once("//").and_then(|(before, rest)| {
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let at = rest[..end].rfind('@')?;
        Some(format!("{before}//…{}", &rest[at..]))
    }) {
        Some(bare) => bare,
        None => text.to_owned(),
    }
}

/// A list of texts; one text is a list of its space-separated parts.
pub fn list(map: &Map<String, Value>, name: &str) -> Option<Vec<String>> {
    match present(map, name)? {
        Value::String(text) => Some(text.split_whitespace().map(str::to_owned).collect()),
        Value::Array(items) => Some(
            items
                .iter()
                .filter_map(Value::as_str)
                .filter(|item| !item.is_empty())
                .map(str::to_owned)
                .collect(),
        ),
        _ => None,
    }
}

/// Scopes (RFC 6749 §3.3). GitHub, Slack and others write commas between them, which a scope may have as well: only names
/// of letters, digits and the signs of an address are parted at a comma.
pub(crate) fn scopes(map: &Map<String, Value>, name: &str) -> Option<Vec<String>> {
    let scopes = list(map, name)?;
    let is_plain = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.:/*-".contains(&byte))
    };
    let parted = scopes.into_iter().flat_map(|scope| {
        let parts: Vec<String> = scope
            .split(',')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect();
        if parts.iter().all(|part| is_plain(part)) {
            parts
        } else {
            vec![scope]
        }
    });
    Some(parted.collect())
}

/// A yes or no: `true`, 1, or either as text; none where the member is absent or says neither.
pub fn flag(map: &Map<String, Value>, name: &str) -> Option<bool> {
    match present(map, name)? {
        Value::Bool(is) => Some(*is),
        Value::Number(number) => match number.as_f64()? {
            1.0 => Some(true),
            0.0 => Some(false),
            _ => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Some(true),
            "false" | "0" | "no" | "off" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// A whole number, also as text or as a float.
pub fn integer(map: &Map<String, Value>, name: &str) -> Option<i64> {
    as_integer(present(map, name)?)
}

/// A span in seconds: a number, a duration of ISO 8601 such as `PT1H`, or one as libraries for JavaScript and Go are
/// configured with (`1h`, `15m`). Years and months have no fixed length and are not understood.
pub fn seconds(map: &Map<String, Value>, name: &str) -> Option<i64> {
    const UNITS: [(char, i64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];
    let value = present(map, name)?;
    as_integer(value).or_else(|| {
        let text = value.as_str()?.trim();
        let in_units = || units(text, &UNITS).filter(|_| !text.is_empty());
        duration(text).or_else(in_units)
    })
}

fn duration(text: &str) -> Option<i64> {
    let rest = text.strip_prefix(['P', 'p'])?;
    let (date, time) = match rest.split_once(['T', 't']) {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None if rest.is_empty() => return None,
        None => (rest, ""),
    };
    let date = units(date, &[('W', 604_800), ('D', 86_400)])?;
    let time = units(time, &[('H', 3_600), ('M', 60), ('S', 1)])?;
    date.checked_add(time)
}

/// The sum of a duration's units, each at most once and in this order.
fn units(mut text: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut sum = 0_i64;
    for (unit, length) in units {
        let Some((number, rest)) = text.split_once([*unit, unit.to_ascii_lowercase()]) else {
            continue;
        };
        // Only the smallest unit may have a fraction, which is left out.
        let number = match number.split_once('.') {
            Some((whole, _)) if *length == 1 => whole,
            _ => number,
        };
        if number.is_empty() || !number.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        sum = sum.checked_add(number.parse::<i64>().ok()?.checked_mul(*length)?)?;
        text = rest;
    }
    text.is_empty().then_some(sum)
}

fn as_integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(whole)),
        Value::String(text) => {
            let text = text.trim();
            text.parse()
                .ok()
                .or_else(|| text.parse::<f64>().ok().and_then(whole))
        }
        _ => None,
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "the range is checked on the same line"
)]
fn whole(number: f64) -> Option<i64> {
    (number.is_finite() && number.abs() < 9e15).then_some(number as i64)
}

/// The first second of the year 10000: what .NET and databases write for "never" is one before it, and milliseconds
/// passed it in 1978.
const FIRST_MILLISECONDS: u64 = 253_402_300_800;

/// A time in Unix seconds. Milliseconds and RFC 3339 dates are understood; 0 stays 0 ("never",
/// RFC 7591 §3.2.1).
pub fn time(map: &Map<String, Value>, name: &str) -> Option<i64> {
    let value = present(map, name)?;
    if let Some(number) = as_integer(value) {
        return Some(if number.unsigned_abs() >= FIRST_MILLISECONDS {
            number / 1000
        } else {
            number
        });
    }
    let text = value.as_str()?.trim();
    let rfc3339 = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok();
    let repaired = || {
        let text = with_common_separators(text);
        let colon = text.len().checked_sub(2)?;
        let (before, minutes) = text.split_at_checked(colon)?;
        rfc3339(&text)
            .or_else(|| rfc3339(&format!("{before}:{minutes}")))
            .or_else(|| rfc3339(&format!("{text}Z")))
    };
    rfc3339(text)
        .or_else(repaired)
        .map(OffsetDateTime::unix_timestamp)
        .or_else(|| http_date(text))
}

/// A date in the form of RFC 3339, but for the colon of an offset or the offset. Some libraries put a blank for the T;
/// Go and Ruby write `UTC` at the end, and Java leaves seconds out that are 0.
fn with_common_separators(text: &str) -> String {
    const AFTER_MINUTES: usize = "2023-11-14T22:13".len();
    let bare = text.strip_suffix(" UTC").unwrap_or(text);
    let mut text = bare.replacen(' ', "T", 1).replace(' ', "");
    let seconds_are_missing = text
        .get(AFTER_MINUTES..)
        .is_some_and(|rest| rest.starts_with(['Z', '+', '-']));
    if seconds_are_missing {
        text.insert_str(AFTER_MINUTES, ":00");
    }
    text
}

#[cfg(test)]
#[path = "lenient/tests.rs"]
mod tests;
