//! Whether an answer of the Sandbox has the shape of a recorded one: the same members with the same
//! kinds of value. The values themselves differ.

use serde_json::{Map, Value};

/// The kind of a JSON value; of a list, the kind of its first item.
fn kind(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "boolean".to_owned(),
        Value::Number(_) => "number".to_owned(),
        Value::String(_) => "text".to_owned(),
        Value::Object(_) => "object".to_owned(),
        Value::Array(items) => items.first().map_or_else(
            || "list".to_owned(),
            |item| format!("list of {}", kind(item)),
        ),
    }
}

/// An empty list may be a list of anything.
fn same_kind(one: &Value, other: &Value) -> bool {
    let (one, other) = (kind(one), kind(other));
    let either_is_empty_list = |a: &str, b: &str| a == "list" && b.starts_with("list");
    one == other || either_is_empty_list(&one, &other) || either_is_empty_list(&other, &one)
}

/// What a recorded answer has and ours has not, or has in another kind; but for `absent`.
pub(crate) fn missing(
    recorded: &Map<String, Value>,
    ours: &Map<String, Value>,
    absent: &[&str],
) -> Vec<String> {
    recorded
        .iter()
        .filter(|(name, _)| !absent.contains(&name.as_str()))
        .filter_map(|(name, value)| match ours.get(name) {
            None => Some(format!("{name} is missing")),
            Some(own) if !same_kind(value, own) => {
                Some(format!("{name} is {}, not {}", kind(own), kind(value)))
            }
            Some(_) => None,
        })
        .collect()
}

/// What ours has and no recorded answer has.
pub(crate) fn invented(recorded: &[&Map<String, Value>], ours: &Map<String, Value>) -> Vec<String> {
    ours.keys()
        .filter(|name| !recorded.iter().any(|answer| answer.contains_key(*name)))
        .map(|name| format!("{name} was never recorded"))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: &Value) -> &Map<String, Value> {
        value.as_object().unwrap()
    }

    #[test]
    fn another_kind_and_a_missing_member_are_noticed() {
        let recorded = json!({ "a": 1, "b": ["x"], "c": "t", "d": true });
        let ours = json!({ "a": "1", "b": [], "e": 1 });
        assert_eq!(
            missing(map(&recorded), map(&ours), &["d"]),
            ["a is text, not number", "c is missing"]
        );
        assert_eq!(
            invented(&[map(&recorded)], map(&ours)),
            ["e was never recorded"]
        );
    }
}
