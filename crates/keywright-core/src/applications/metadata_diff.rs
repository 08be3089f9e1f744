//! Requested, granted and current metadata side by side.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::applications::{
    Applications,
    types::{ApplicationView, DifferenceKind, MetadataChange, MetadataLine},
};

use crate::i18n::key::Key;

/// Members that some servers write as one text with spaces.
const WORD_LISTS: [&str; 4] = ["scope", "grant_types", "redirect_uris", "contacts"];
/// Members that many servers leave out of an answer although they granted them (RFC 7591 §3.2.1).
const NOT_SAID: [&str; 2] = ["scope", "application_type"];

/// Members that say what a client may do: more than was asked for is a rise of rights.
const RIGHTS: [&str; 4] = ["scope", "grant_types", "response_types", "redirect_uris"];
const AUTH_METHOD: &str = "token_endpoint_auth_method";

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
    // An answer without any metadata says nothing of what was granted.
    let answered = !granted.is_empty();
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
            // What an answer does not say is taken for what it was.
            let silent = !answered || NOT_SAID.contains(&name.as_str());
            let told = given.as_deref().or(asked.as_deref().filter(|_| silent));
            let drift = now
                .as_ref()
                .map(|now| kind(told, now.as_deref().or(told.filter(|_| silent))))
                .filter(|kind| *kind != DifferenceKind::Same);
            let dropped = dropped(asked.as_deref(), told);
            let raised = raised(name, asked.as_deref(), told);
            MetadataLine {
                field: name.clone(),
                lost: answered
                    && (!dropped.is_empty()
                        || !raised.is_empty()
                        || unauthenticated(name, asked.as_deref(), told)),
                dropped,
                raised,
                kind: kind(asked.as_deref(), told),
                requested: asked,
                granted: given,
                current: now.flatten(),
                drift,
            }
        })
        .collect()
}

/// What differs between the metadata before and after a change. Lists are sets here, too.
pub(crate) fn changes(before: &Value, after: &Value) -> Vec<MetadataChange> {
    let names = |value: &Value| -> Vec<String> {
        let members = value.as_object().into_iter().flatten();
        members.map(|(name, _)| name.clone()).collect()
    };
    let mut all = names(before);
    all.extend(
        names(after)
            .into_iter()
            .filter(|name| before.get(name).is_none()),
    );
    let of = |value: &Value, name: &str| value.get(name).map(|value| values(name, value));
    all.into_iter()
        .map(|field| MetadataChange {
            before: of(before, &field),
            after: of(after, &field),
            field,
        })
        .filter(|one| kind(one.before.as_deref(), one.after.as_deref()) != DifferenceKind::Same)
        .collect()
}

/// What of an update the user asked for: RFC 7592 §2.2 replaces the whole, so that an update also repeats
/// what the server filled in.
pub(crate) fn asked_for(requested: &Value, before: &Value, asked: &Value) -> Value {
    let members = asked.as_object().cloned().unwrap_or_default();
    let own = members
        .into_iter()
        .filter(|(name, value)| requested.get(name).is_some() || before.get(name) != Some(value));
    Value::Object(own.collect())
}

fn values(name: &str, value: &Value) -> Vec<String> {
    match value {
        // `code token` and `token code` are one response type (RFC 6749 §3.1.1).
        Value::Array(items) if name == "response_types" => items.iter().map(words_sorted).collect(),
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
        .map_or_else(|| sorted(value).to_string(), str::to_owned)
}

/// The same with the members of its objects in one order, which means nothing (RFC 8259 §4).
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members: BTreeMap<_, _> = members.iter().collect();
            let all = members.into_iter();
            Value::Object(
                all.map(|(name, value)| (name.clone(), sorted(value)))
                    .collect(),
            )
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

fn words_sorted(value: &Value) -> String {
    let text = plain(value);
    let mut words: Vec<_> = text.split_whitespace().collect();
    words.sort_unstable();
    words.join(" ")
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

/// What was granted beyond what was asked for, where something was.
fn raised(name: &str, asked: Option<&[String]>, given: Option<&[String]>) -> Vec<String> {
    if !RIGHTS.contains(&name) || set(asked).is_empty() {
        return Vec::new();
    }
    dropped(given, asked)
}

/// The client is let in without a secret, and that was not asked for.
fn unauthenticated(name: &str, asked: Option<&[String]>, given: Option<&[String]>) -> bool {
    let none = |values: Option<&[String]>| values.is_some_and(|values| *values == ["none"]);
    name == AUTH_METHOD && none(given) && !none(asked)
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

/// What an operation at the provider changed of an application's metadata.
pub fn changed(before: &ApplicationView, after: &ApplicationView) -> Vec<MetadataChange> {
    let metadata = |view: &ApplicationView| view.current.as_ref().unwrap_or(&view.granted).clone();
    changes(&metadata(before), &metadata(after))
}

impl Applications<'_> {
    /// What was granted in another way than it was asked for, in plain words; without what is among the notes.
    pub fn difference_notes(self, one: &ApplicationView) -> Vec<String> {
        one.metadata
            .iter()
            .filter(|line| line.kind != DifferenceKind::Same)
            .map(|line| self.difference_note(line))
            .filter(|note| !one.notes.contains(note))
            .collect()
    }

    /// What a difference means, in plain words.
    pub(crate) fn difference_note(self, line: &MetadataLine) -> String {
        let open = unauthenticated(
            &line.field,
            line.requested.as_deref(),
            line.granted.as_deref(),
        );
        let (key, detail) = match line.kind {
            _ if open => (Key::DifferenceUnauthenticated, "none".to_owned()),
            _ if !line.raised.is_empty() => (Key::DifferenceRaised, line.raised.join(", ")),
            DifferenceKind::Dropped => (Key::DifferenceDropped, line.dropped.join(", ")),
            DifferenceKind::Added => (
                Key::DifferenceAdded,
                line.granted.clone().unwrap_or_default().join(", "),
            ),
            DifferenceKind::Changed | DifferenceKind::Same => (
                Key::DifferenceChanged,
                line.granted.clone().unwrap_or_default().join(", "),
            ),
        };
        self.app
            .translate(key, &[("what", &line.field), ("detail", &detail)])
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
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
    fn an_answer_without_scopes_refuses_none() {
        let seen = compare(&json!({"scope": "a b"}), &json!({}), Some(&json!({})));
        assert_eq!(seen[0].kind, DifferenceKind::Same);
        assert_eq!(seen[0].drift, None);
        assert_eq!(seen[0].granted, None);
        assert!(seen[0].dropped.is_empty());
        let seen = compare(
            &json!({"scope": "a b"}),
            &json!({}),
            Some(&json!({"scope": "a"})),
        );
        assert_eq!(seen[0].drift, Some(DifferenceKind::Dropped));
    }

    #[test]
    fn a_list_in_another_order_or_form_is_no_difference() {
        for (name, asked, granted) in [
            (
                "redirect_uris",
                json!(["https://a", "https://b"]),
                json!(["https://b", "https://a"]),
            ),
            ("grant_types", json!(["a", "b"]), json!("b a")),
            (
                "response_types",
                json!(["code token"]),
                json!(["token code"]),
            ),
            (
                "jwks",
                json!({"keys": [{"a": 1, "b": 2}]}),
                json!({"keys": [{"b": 2, "a": 1}]}),
            ),
        ] {
            let seen = compare(&json!({ name: asked }), &json!({ name: granted }), None);
            assert_eq!(seen[0].kind, DifferenceKind::Same, "{name}");
        }
    }

    #[test]
    fn t27_what_goes_beyond_what_was_asked_for_is_named() {
        let lines = compare(
            &json!({"scope": "read", "grant_types": ["client_credentials"], "client_name": "a"}),
            &json!({
                "scope": "read admin", "grant_types": ["password", "client_credentials"],
                "client_name": "b", "response_types": ["token"],
            }),
            None,
        );
        let of = |name: &str| lines.iter().find(|line| line.field == name).unwrap();
        assert_eq!(of("scope").raised, ["admin"]);
        assert_eq!(of("grant_types").raised, ["password"]);
        assert!(of("client_name").raised.is_empty());
        // Nothing was asked for here: the provider's own choice, shown as added.
        assert_eq!(of("response_types").kind, DifferenceKind::Added);
    }

    #[test]
    fn only_what_was_asked_for_is_lost() {
        let lines = compare(
            &json!({"scope": "read write", "client_name": "a", "contacts": ["a@b.example"]}),
            &json!({
                "scope": "read", "client_name": "a", "token_endpoint_auth_method": "client_secret_basic",
                "response_types": [], "contacts": ["a@b.example", "operator@id.example"],
            }),
            None,
        );
        let lost: Vec<&str> = lines
            .iter()
            .filter(|line| line.lost)
            .map(|line| line.field.as_str())
            .collect();
        assert_eq!(lost, ["scope"]);
    }

    #[test]
    fn an_answer_without_metadata_loses_nothing() {
        let lines = compare(&json!({"scope": "read"}), &json!({}), None);
        assert!(lines.iter().all(|line| !line.lost));
        assert_eq!(lines[0].kind, DifferenceKind::Same);
    }

    #[test]
    fn t27_a_client_that_needs_no_secret_is_lost_only_unasked() {
        let none = json!({ AUTH_METHOD: "none" });
        assert!(compare(&json!({}), &none, None)[0].lost);
        assert!(!compare(&none, &none, None)[0].lost);
    }

    #[test]
    fn an_update_asks_for_its_own_members_alone() {
        let requested = json!({"scope": "read", "client_name": "a"});
        let before =
            json!({"scope": "read", "client_name": "a", "contacts": ["b"], "logo_uri": "c"});
        let asked =
            json!({"scope": "read", "client_name": "d", "contacts": ["b"], "logo_uri": "e"});
        assert_eq!(
            asked_for(&requested, &before, &asked),
            json!({"scope": "read", "client_name": "d", "logo_uri": "e"})
        );
    }

    #[test]
    fn a_change_names_the_members_that_differ() {
        let before = json!({"client_name": "a", "scope": "x y", "logo_uri": "https://a.example"});
        let after = json!({"client_name": "b", "scope": "y x", "contacts": ["c"]});
        let changed: Vec<String> = changes(&before, &after)
            .into_iter()
            .map(|one| one.field)
            .collect();
        assert_eq!(changed, ["client_name", "logo_uri", "contacts"]);
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
