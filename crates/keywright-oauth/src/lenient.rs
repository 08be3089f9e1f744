//! Reads what servers really send: numbers as text, lists as text, dates for times.

use serde_json::{Map, Value};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// A member that says something: `null` and `""` are the same as absent.
pub fn present<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    match map.get(name)? {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        value => Some(value),
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
        return Some(if number.abs() >= 100_000_000_000 {
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
