//! Reads what servers really send: numbers as text, lists as text, dates for times.

use serde_json::{Map, Value};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use url::Url;

use crate::{http::redact::without_mark, masked::is_masked};

/// The JSON object of an answer. A byte order mark before it is passed over, as RFC 8259 §8.1 allows;
/// of members with one name the last counts; objects and arrays may stand 127 deep.
pub fn object(body: &[u8]) -> Result<Map<String, Value>, serde_json::Error> {
    serde_json::from_slice(without_mark(body))
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
    match present(map, "error") {
        None | Some(Value::Bool(false)) => false,
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(members)) => !members.is_empty(),
        Some(Value::Number(number)) => number.as_i64() != Some(0),
        Some(_) => true,
    }
}

/// The object that holds this member: the answer itself, else the only object in it that has the member. Frameworks
/// put every answer into an envelope such as `data`.
pub fn holding(map: Map<String, Value>, name: &str) -> Map<String, Value> {
    if text(&map, name).is_some() {
        return map;
    }
    let holds = |value: &Value| {
        value
            .as_object()
            .is_some_and(|one| text(one, name).is_some())
    };
    let inside: Vec<String> = map
        .iter()
        .filter(|(_, value)| holds(value))
        .map(|(key, _)| key.clone())
        .collect();
    let [only] = inside.as_slice() else {
        return map;
    };
    match map.get(only) {
        Some(Value::Object(inner)) => inner.clone(),
        _ => map,
    }
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

/// A time in Unix seconds. Milliseconds and RFC 3339 dates are understood; 0 stays 0 ("never",
/// RFC 7591 §3.2.1).
pub fn time(map: &Map<String, Value>, name: &str) -> Option<i64> {
    let value = present(map, name)?;
    if let Some(number) = as_integer(value) {
        // Seconds reach this size in the year 5138; milliseconds passed it in 1973.
        return Some(if number.unsigned_abs() >= 100_000_000_000 {
            number / 1000
        } else {
            number
        });
    }
    let text = value.as_str()?.trim();
    OffsetDateTime::parse(text, &Rfc3339)
        .ok()
        .map(OffsetDateTime::unix_timestamp)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn times_come_as_seconds_milliseconds_text_or_dates() {
        for value in [
            json!(1_700_000_000),
            json!("1700000000"),
            json!(1_700_000_000_000_i64),
            json!("2023-11-14T22:13:20Z"),
            json!(1_700_000_000.0),
        ] {
            assert_eq!(
                time(&map(&json!({"t": value})), "t"),
                Some(1_700_000_000),
                "{value}"
            );
        }
        assert_eq!(time(&map(&json!({"t": 0})), "t"), Some(0));
        assert_eq!(time(&map(&json!({"t": null})), "t"), None);
        assert_eq!(time(&map(&json!({"t": ""})), "t"), None);
        assert_eq!(time(&map(&json!({"t": "soon"})), "t"), None);
    }

    #[test]
    fn t18_only_a_bare_web_address_is_an_address() {
        let read = |text: &str| address(&map(&json!({ "u": text })), "u");
        for other in [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "data:text/html,x",
            "smb://host/share",
            "\\\\host\\share",
            "https://",
            "https://user@id.example/",
            "https://user:pass@id.example/",
            "https://id.example@evil.example/",
            "/relative",
            "$(id)",
            "",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
        assert_eq!(
            read("https://id.example/$(id);'").unwrap().host_str(),
            Some("id.example")
        );
    }

    #[test]
    fn t13_odd_documents_are_read_or_refused() {
        let read = |body: &[u8]| object(body).ok();
        assert_eq!(read(b"\xef\xbb\xbf{\"a\":1}").unwrap().len(), 1);
        assert_eq!(read(br#"{"a":1,"a":2}"#).unwrap()["a"], 2);
        for wrong in [
            &b"\xef\xbb\xbf\xef\xbb\xbf{}"[..],
            b"\xff\xfe{\0}\0",
            br#"{"a":"\ud800"}"#,
            br#"{"a":1}{"b":2}"#,
            br#"{"a":1} x"#,
            b"{\"a\":\"\xff\"}",
            b"{\"a\":NaN}",
            b"{'a':1}",
            b"{\"a\":1,}",
            b"",
        ] {
            assert!(read(wrong).is_none(), "{}", String::from_utf8_lossy(wrong));
        }
        let digits = format!("{{\"a\":{}}}", "9".repeat(1000));
        assert!(read(digits.as_bytes()).is_none());
        for depth in [128, 10_000] {
            let deep = format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
            assert!(read(deep.as_bytes()).is_none(), "{depth}");
        }
    }

    #[test]
    fn an_error_is_one_that_says_something() {
        let is = |value: Value| is_error(&map(&json!({ "error": value })));
        for error in [
            json!("invalid_token"),
            json!({ "code": 1 }),
            json!(["x"]),
            json!(true),
        ] {
            assert!(is(error.clone()), "{error}");
        }
        for none in [
            json!(null),
            json!(""),
            json!(false),
            json!([]),
            json!({}),
            json!(0),
        ] {
            assert!(!is(none.clone()), "{none}");
        }
    }

    #[test]
    fn an_envelope_is_opened_where_one_object_has_the_member() {
        let held = |value: Value| super::text(&holding(map(&value), "id"), "id");
        assert_eq!(
            held(json!({ "id": "a", "data": { "id": "b" } })).as_deref(),
            Some("a")
        );
        assert_eq!(
            held(json!({ "ok": true, "data": { "id": "b" } })).as_deref(),
            Some("b")
        );
        assert_eq!(
            held(json!({ "x": { "id": "a" }, "y": { "id": "b" } })),
            None
        );
        assert_eq!(held(json!({ "data": [{ "id": "b" }] })), None);
    }

    #[test]
    fn a_flag_comes_as_bool_number_or_text() {
        for (value, wanted) in [
            (json!(true), Some(true)),
            (json!("True"), Some(true)),
            (json!(1), Some(true)),
            (json!("1"), Some(true)),
            (json!("yes"), Some(true)),
            (json!(false), Some(false)),
            (json!("false"), Some(false)),
            (json!(0), Some(false)),
            (json!("no"), Some(false)),
            (json!("active"), None),
            (json!(2), None),
            (json!(null), None),
            (json!(""), None),
            (json!([true]), None),
        ] {
            assert_eq!(flag(&map(&json!({"f": value})), "f"), wanted, "{value}");
        }
        assert_eq!(flag(&map(&json!({})), "f"), None);
    }

    #[test]
    fn the_ends_of_time_are_no_overflow() {
        for (number, wanted) in [
            (i64::MIN, i64::MIN / 1000),
            (i64::MAX, i64::MAX / 1000),
            (-1, -1),
        ] {
            assert_eq!(time(&map(&json!({"t": number})), "t"), Some(wanted));
        }
    }

    #[test]
    fn lists_come_as_arrays_or_text() {
        assert_eq!(
            list(&map(&json!({"l": ["a", "", 3, "b"]})), "l").unwrap(),
            ["a", "b"]
        );
        assert_eq!(list(&map(&json!({"l": "a b"})), "l").unwrap(), ["a", "b"]);
        assert_eq!(
            list(&map(&json!({"l": []})), "l").unwrap(),
            Vec::<String>::new()
        );
        assert_eq!(list(&map(&json!({"l": {}})), "l"), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_a_reader_panic(text in ".*", number in any::<f64>()) {
            let m = map(&json!({"x": text, "n": number}));
            for name in ["x", "n"] {
                let _ = (time(&m, name), integer(&m, name), list(&m, name), super::text(&m, name));
            }
        }
    }
}
