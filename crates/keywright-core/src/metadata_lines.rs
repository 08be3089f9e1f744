//! Requested, granted and current metadata side by side.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::{
    Keywright,
    view::{DifferenceKind, MetadataLine},
};

/// Members whose text is a list of words.
const WORD_LISTS: [&str; 1] = ["scope"];

/// Compares member by member. Lists are sets: their order says nothing.
pub(crate) fn compare(
    requested: &Value,
    granted: &Value,
    current: Option<&Value>,
) -> Vec<MetadataLine> {
    let empty = Map::new();
    let object = |value: &'_ Value| value.as_object().cloned().unwrap_or_else(|| empty.clone());
    let (requested, granted) = (object(requested), object(granted));
    let current = current.map(object);
    let mut names: Vec<&String> = requested.keys().collect();
    names.extend(granted.keys().filter(|name| !requested.contains_key(*name)));
    if let Some(current) = &current {
        names.extend(
            current
                .keys()
                .filter(|name| !requested.contains_key(*name) && !granted.contains_key(*name)),
        );
    }
    names
        .into_iter()
        .map(|name| {
            let asked = requested.get(name).map(|value| values(name, value));
            let given = granted.get(name).map(|value| values(name, value));
            let now = current
                .as_ref()
                .map(|current| current.get(name).map(|value| values(name, value)));
            let drift = now
                .as_ref()
                .map(|now| kind(given.as_deref(), now.as_deref()))
                .filter(|kind| *kind != DifferenceKind::Same);
            MetadataLine {
                field: name.clone(),
                dropped: dropped(asked.as_deref(), given.as_deref()),
                kind: kind(asked.as_deref(), given.as_deref()),
                requested: asked,
                granted: given,
                current: now.flatten(),
                drift,
            }
        })
        .collect()
}

fn values(name: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::String(text) if WORD_LISTS.contains(&name) => {
            text.split_whitespace().map(str::to_owned).collect()
        }
        other => vec![plain(other)],
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn set(values: Option<&[String]>) -> BTreeSet<&String> {
    values.unwrap_or_default().iter().collect()
}

fn dropped(asked: Option<&[String]>, given: Option<&[String]>) -> Vec<String> {
    let given = set(given);
    asked
        .unwrap_or_default()
        .iter()
        .filter(|value| !given.contains(value))
        .cloned()
        .collect()
}

fn kind(asked: Option<&[String]>, given: Option<&[String]>) -> DifferenceKind {
    let (a, g) = (set(asked), set(given));
    if a == g {
        DifferenceKind::Same
    } else if a.is_empty() {
        DifferenceKind::Added
    } else if g.is_subset(&a) {
        DifferenceKind::Dropped
    } else {
        DifferenceKind::Changed
    }
}

impl Keywright {
    /// What a difference means, in plain words.
    pub(crate) fn difference_note(&self, line: &MetadataLine) -> String {
        let (key, detail) = match line.kind {
            DifferenceKind::Dropped => ("difference.dropped", line.dropped.join(", ")),
            DifferenceKind::Added => (
                "difference.added",
                line.granted.clone().unwrap_or_default().join(", "),
            ),
            DifferenceKind::Changed | DifferenceKind::Same => (
                "difference.changed",
                line.granted.clone().unwrap_or_default().join(", "),
            ),
        };
        self.say(key, &[("what", &line.field), ("detail", &detail)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(requested: &Value, granted: &Value) -> DifferenceKind {
        compare(
            &json!({ "scope": requested }),
            &json!({ "scope": granted }),
            None,
        )[0]
        .kind
    }

    #[test]
    fn order_is_no_difference_and_less_is_dropped() {
        assert_eq!(line(&json!("a b"), &json!("b a")), DifferenceKind::Same);
        assert_eq!(line(&json!("a b"), &json!("a")), DifferenceKind::Dropped);
        assert_eq!(line(&json!("a"), &json!("b")), DifferenceKind::Changed);
        assert_eq!(line(&json!([]), &json!("b")), DifferenceKind::Added);
    }

    #[test]
    fn what_the_provider_changed_later_is_drift() {
        let lines = compare(
            &json!({"x": "1"}),
            &json!({"x": "1"}),
            Some(&json!({"x": "2"})),
        );
        assert_eq!(lines[0].drift, Some(DifferenceKind::Changed));
        assert_eq!(
            compare(&json!({"x": "1"}), &json!({"x": "1"}), None)[0].drift,
            None
        );
    }
}
