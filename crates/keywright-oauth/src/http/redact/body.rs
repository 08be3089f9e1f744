//! Bodies: JSON, forms, parts of a form, and everything else as text.

use std::ops::Range;

use serde_json::{Map, Value};

use super::{
    Redactor,
    names::{self, Meaning},
    without_mark,
};
use crate::secret::REDACTED;

/// Where a member of JSON stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Anywhere,
    /// In the answer of a refused request, outside of what describes the error: there, `code` alone may say what went wrong.
    Refusal,
    /// In what describes an error: there, `code` and `key` say what went wrong, as in Microsoft Graph's answers.
    Error,
    /// Below a name such as `credentials`: only what describes a secret stays.
    Records,
    /// Below the name of a secret: nothing stays.
    Secret,
}

impl Place {
    fn of_answer(status: Option<u16>) -> Self {
        match status {
            Some(400..) => Self::Refusal,
            _ => Self::Anywhere,
        }
    }
}

/// The longest name of a field.
const LONGEST_NAME: usize = 128;

impl Redactor {
    /// A body of any kind.
    pub(crate) fn body(
        &self,
        bytes: &[u8],
        content_type: Option<&str>,
        found: &mut Vec<String>,
    ) -> String {
        let shown = self.structured(Place::Anywhere, bytes, content_type, found);
        // A known value may reach over the parts that were looked at one by one.
        self.known(&shown)
    }

    fn structured(
        &self,
        place: Place,
        bytes: &[u8],
        content_type: Option<&str>,
        found: &mut Vec<String>,
    ) -> String {
        let bytes = without_mark(bytes);
        if let Ok(value) = serde_json::from_slice::<Value>(bytes) {
            let shown = self.json_at(place, &value, found);
            return if shown == value {
                // Its layout, and numbers of any length, as they came.
                String::from_utf8_lossy(bytes).into_owned()
            } else {
                shown.to_string()
            };
        }
        let content_type = content_type.unwrap_or_default().to_ascii_lowercase();
        let declared = content_type.starts_with("application/x-www-form-urlencoded");
        if let Ok(text) = std::str::from_utf8(bytes)
            && (declared || is_form(text))
        {
            return self.query(text, found);
        }
        if (content_type.is_empty() || content_type.starts_with("multipart/"))
            && let Some(shown) = self.parts(bytes, found)
        {
            return shown;
        }
        let shown = self.lines(bytes, found);
        // What was taken out may have been what kept it from being read.
        match serde_json::from_str::<Value>(&shown) {
            Ok(value) => self.json_at(place, &value, found).to_string(),
            Err(_) => shown,
        }
    }

    /// Text whose lines may be `name: value`, as in YAML or a list of headers.
    fn lines(&self, bytes: &[u8], found: &mut Vec<String>) -> String {
        let mut ranges = Vec::new();
        let mut at = 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            if let Some(value) = secret_of_line(line) {
                let value = at + value.start..at + value.end;
                if let Ok(secret) =
                    std::str::from_utf8(bytes.get(value.clone()).unwrap_or_default())
                    && !secret.starts_with(REDACTED)
                {
                    found.push(secret.to_owned());
                    ranges.push(value);
                }
            }
            at += line.len();
        }
        if ranges.is_empty() {
            return self.bytes(bytes, found);
        }
        self.bytes(super::without(bytes, ranges).as_bytes(), found)
    }

    /// `multipart/form-data` (RFC 7578): the values of fields with a secret name.
    fn parts(&self, bytes: &[u8], found: &mut Vec<String>) -> Option<String> {
        let text = String::from_utf8_lossy(bytes);
        let boundary = text.lines().next()?.trim_end();
        if !boundary.starts_with("--")
            || boundary.len() < 3
            || !text.split(boundary).any(|part| part_name(part).is_some())
        {
            return None;
        }
        let mut shown = Vec::new();
        for (index, part) in text.split(boundary).enumerate() {
            let Some((head, value)) = part
                .split_once("\r\n\r\n")
                .or_else(|| part.split_once("\n\n"))
            else {
                // Before the first part and after the last one.
                shown.push(self.bytes(part.as_bytes(), found));
                continue;
            };
            if index == 0 {
                return None;
            }
            let gap = if part.contains("\r\n\r\n") {
                "\r\n\r\n"
            } else {
                "\n\n"
            };
            let content = value.trim_end_matches(['\r', '\n']);
            let end = value.get(content.len()..).unwrap_or_default();
            let value = if part_name(head).is_some_and(|name| names::meaning(name).hides()) {
                Self::hide(content, found)
            } else {
                self.body(content.as_bytes(), Some("text/plain"), found)
            };
            shown.push(format!("{}{gap}{value}{end}", self.known(head)));
        }
        Some(shown.join(boundary))
    }

    /// The body of an answer with this status.
    pub(crate) fn answer(
        &self,
        status: Option<u16>,
        bytes: &[u8],
        content_type: Option<&str>,
        found: &mut Vec<String>,
    ) -> String {
        let shown = self.structured(Place::of_answer(status), bytes, content_type, found);
        self.known(&shown)
    }

    /// JSON of an answer with this status.
    pub(crate) fn json_of_answer(&self, status: Option<u16>, value: &Value) -> Value {
        self.json_at(Place::of_answer(status), value, &mut Vec::new())
    }

    /// JSON, member by member.
    pub(crate) fn json(&self, value: &Value) -> Value {
        self.json_at(Place::Anywhere, value, &mut Vec::new())
    }

    /// JSON, and what was hidden in it by name.
    pub(crate) fn json_found(&self, value: &Value, found: &mut Vec<String>) -> Value {
        self.json_at(Place::Anywhere, value, found)
    }

    fn json_at(&self, place: Place, value: &Value, found: &mut Vec<String>) -> Value {
        match value {
            Value::Object(map) => Value::Object(
                map.iter()
                    .map(|(name, inner)| {
                        let kept = self.member(place, map, name, inner, found);
                        (self.known(name), kept)
                    })
                    .collect(),
            ),
            Value::Array(items) if are_pairs(items) => Value::Array(
                items
                    .iter()
                    .map(|item| self.pair_at(place, item, found))
                    .collect(),
            ),
            Value::Array(items) => Value::Array(
                items
                    .iter()
                    .map(|item| self.json_at(place, item, found))
                    .collect(),
            ),
            Value::String(text) if matches!(place, Place::Secret | Place::Records) => {
                Value::String(Self::hide(text, found))
            }
            Value::String(text) => Value::String(self.bytes(text.as_bytes(), found)),
            Value::Number(number) => {
                let shown = number.to_string();
                if place == Place::Secret {
                    Value::String(Self::hide(&shown, found))
                } else if self.known(&shown) == shown {
                    value.clone()
                } else {
                    Value::String(REDACTED.to_owned())
                }
            }
            other => other.clone(),
        }
    }

    /// `["password", "…"]`, one of several.
    fn pair_at(&self, place: Place, pair: &Value, found: &mut Vec<String>) -> Value {
        let [Value::String(name), inner] = pair.as_array().map(Vec::as_slice).unwrap_or_default()
        else {
            return self.json_at(place, pair, found);
        };
        let inner = self.member(place, &Map::new(), name, inner, found);
        Value::Array(vec![Value::String(self.known(name)), inner])
    }

    fn member(
        &self,
        place: Place,
        map: &Map<String, Value>,
        name: &str,
        inner: &Value,
        found: &mut Vec<String>,
    ) -> Value {
        let is_secret = is_private_of_key(map, name)
            || is_value_of_pair(map, name)
            || is_of_secret_store(map, name);
        if place == Place::Secret || is_secret {
            return self.json_at(Place::Secret, inner, found);
        }
        let plain = |value: &Value| matches!(value, Value::String(_) | Value::Number(_));
        let all_plain = match inner {
            Value::Array(items) => items.iter().all(plain),
            other => plain(other),
        };
        let inside = match names::meaning(name) {
            Meaning::Secret => Place::Secret,
            // How many, not which.
            Meaning::Records | Meaning::Weak if inner.is_number() => place,
            Meaning::Records if all_plain => Place::Secret,
            Meaning::Records => Place::Records,
            Meaning::Weak if place == Place::Error || is_name_of_pair(map, name) => place,
            Meaning::Weak if place == Place::Refusal && is_error_code(name, inner) => place,
            Meaning::Weak if all_plain => Place::Secret,
            Meaning::Weak | Meaning::Public => match place {
                Place::Records if names::describes(name) && all_plain => Place::Anywhere,
                Place::Records => Place::Records,
                _ if is_error(name) => Place::Error,
                _ => place,
            },
        };
        self.json_at(inside, inner, found)
    }
}

/// A list of names with their values, as some write an object: `[["user", "…"], ["password", "…"]]`.
fn are_pairs(items: &[Value]) -> bool {
    let is_pair = |item: &Value| {
        matches!(
            item.as_array().map(Vec::as_slice),
            Some([Value::String(_), _])
        )
    };
    !items.is_empty() && items.iter().all(is_pair)
}

fn is_error(name: &str) -> bool {
    names::words(name).last().is_some_and(|last| {
        matches!(
            last.as_str(),
            "error" | "errors" | "fault" | "problem" | "problems" | "cause" | "causes"
        )
    })
}

/// A code that says what went wrong, without a sign of chance: words, and a number of few digits after one (`APP-60001`,
/// `rest_forbidden`, `900901`). A code for a person to type has hardly a vowel (RFC 8628 §6.1).
fn is_error_code(name: &str, value: &Value) -> bool {
    const LONGEST: usize = 64;
    const MOST_DIGITS: usize = 7;
    const MOST_WITHOUT_VOWEL: usize = 4;
    let Some(text) = value.as_str() else {
        return false;
    };
    let (mut digits, mut without_vowel) = (0, 0);
    let is_plain = text.split(['-', '_', '.', ':', ' ']).all(|part| {
        let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
        if !letters.contains(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']) {
            without_vowel += letters.len();
        }
        digits += part.len() - letters.len();
        is_words(letters)
    });
    name.eq_ignore_ascii_case("code")
        && text.len() <= LONGEST
        && is_plain
        && digits <= MOST_DIGITS
        && without_vowel <= MOST_WITHOUT_VOWEL
}

/// Letters in one case, or words with a capital each (`NotFound`).
fn is_words(letters: &str) -> bool {
    let capitals = letters.bytes().filter(u8::is_ascii_uppercase).count();
    let is_ascii = letters.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_ascii && (capitals == letters.len() || capitals * 3 <= letters.len())
}

/// Members of a JWK (RFC 7518 §6) that only its owner has.
fn is_private_of_key(map: &Map<String, Value>, name: &str) -> bool {
    matches!(name, "d" | "p" | "q" | "dp" | "dq" | "qi" | "oth" | "k")
        && map.get("kty").is_some_and(Value::is_string)
}

/// Members that name what `value` holds, in lower case.
const PAIR_NAMES: [&str; 5] = ["name", "key", "field", "header", "k"];
/// The same, where ordinary words such as `code` are more likely.
const PAIR_LABELS: [&str; 7] = [
    "id",
    "label",
    "type",
    "attribute",
    "property",
    "parameter",
    "option",
];
const PAIR_VALUES: [&str; 4] = ["value", "values", "val", "v"];

/// `{"name": "password", "value": "…"}`.
fn is_value_of_pair(map: &Map<String, Value>, name: &str) -> bool {
    let is_one_of = |all: &[&str], name: &str| all.iter().any(|one| one.eq_ignore_ascii_case(name));
    let names_it = |(pair, named): (&String, &Value)| {
        let Some(named) = named.as_str() else {
            return false;
        };
        match meaning_of_path(named) {
            Meaning::Public => false,
            Meaning::Weak => is_one_of(&PAIR_NAMES, pair),
            Meaning::Secret | Meaning::Records => {
                is_one_of(&PAIR_NAMES, pair) || is_one_of(&PAIR_LABELS, pair)
            }
        }
    };
    is_one_of(&PAIR_VALUES, name) && map.iter().any(names_it)
}

/// The last part of a path counts too, as in `/prod/db/password`.
fn meaning_of_path(name: &str) -> Meaning {
    match (names::meaning(name), name.rsplit_once('/')) {
        (Meaning::Public, Some((_, last))) => names::meaning(last),
        (meaning, _) => meaning,
    }
}

/// What a store of secrets hands out under names that the user chose: Kubernetes, `HashiCorp` Vault (`lease_id`), Azure
/// Key Vault, AWS Systems Manager.
fn is_of_secret_store(map: &Map<String, Value>, name: &str) -> bool {
    let text = |name: &str| map.get(name).and_then(Value::as_str).unwrap_or_default();
    match name {
        "data" | "stringData" => text("kind") == "Secret" || map.contains_key("lease_id"),
        "value" => text("id").contains("/secrets/"),
        "Value" => text("Type") == "SecureString",
        _ => false,
    }
}

fn is_name_of_pair(map: &Map<String, Value>, name: &str) -> bool {
    name == "key" && (map.contains_key("value") || map.contains_key("values"))
}

/// Shaped like a form, whether it says so or not: names and values on one line.
fn is_form(text: &str) -> bool {
    let text = text.trim();
    text.contains('=')
        && !text.contains(['\n', '\r'])
        && text.split('&').all(|pair| {
            pair.split_once('=').is_some_and(|(name, _)| {
                !name.is_empty()
                    && name.len() <= LONGEST_NAME
                    && name.bytes().all(|byte| {
                        byte.is_ascii_alphanumeric() || b"_-.[]%~$@:+*!()".contains(&byte)
                    })
            })
        })
}

/// The value of a line `name: value`, where the name is that of a secret.
fn secret_of_line(line: &[u8]) -> Option<Range<usize>> {
    let colon = line
        .iter()
        .take(LONGEST_NAME)
        .position(|byte| *byte == b':')?;
    let name = line.get(..colon)?;
    let begin = name
        .iter()
        .position(|byte| !matches!(byte, b' ' | b'\t' | b'-' | b'*'))?;
    let name = std::str::from_utf8(name.get(begin..)?).ok()?.trim_end();
    let rest = line.get(colon + 1..)?;
    let value = rest.trim_ascii();
    let word = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    // Values in quotes and brackets are read as such.
    let bare = value
        .first()
        .is_some_and(|first| !matches!(first, b'"' | b'\'' | b'{' | b'[' | b'/' | b'|' | b'>'));
    if !(word && bare && matches!(names::meaning(name), Meaning::Secret | Meaning::Records)) {
        return None;
    }
    let start = colon + 1 + rest.len() - rest.trim_ascii_start().len();
    Some(start..start + value.len())
}

/// The name in `Content-Disposition: form-data; name="…"`.
fn part_name(head: &str) -> Option<&str> {
    let line = head.lines().find(|line| {
        line.get(..20)
            .is_some_and(|start| start.eq_ignore_ascii_case("content-disposition:"))
    })?;
    let name = line.split(';').find_map(|one| {
        let (key, value) = one.trim().split_once('=')?;
        key.eq_ignore_ascii_case("name").then_some(value)
    })?;
    Some(name.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::body;

    #[test]
    fn t28_the_value_of_a_named_secret_is_hidden() {
        for document in [
            json!({ "id": "password", "value": "pl4nted", "x": "bobby" }),
            json!({ "label": "Client secret", "value": "pl4nted", "x": "bobby" }),
            json!({ "Attribute": "client_secret", "Val": "pl4nted", "x": "bobby" }),
            json!({ "k": "api_key", "v": "pl4nted", "x": "bobby" }),
            json!({ "kind": "Secret", "data": { "db": "pl4nted" }, "x": "bobby" }),
            json!({ "lease_id": "", "data": { "data": { "db": "pl4nted" } }, "x": "bobby" }),
            json!({ "id": "https://v.example/secrets/db/1", "value": "pl4nted", "x": "bobby" }),
            json!({ "Name": "/prod/db", "Type": "SecureString", "Value": "pl4nted", "x": "bobby" }),
            json!({ "Name": "/prod/db/password", "Value": "pl4nted", "x": "bobby" }),
        ] {
            let shown = body(document.to_string().as_bytes(), &[]);
            assert!(
                !shown.contains("pl4nted") && shown.contains("bobby"),
                "{shown}"
            );
        }
        for document in [
            json!({ "id": "code", "value": "plain", "label": "Key" }),
            json!({ "title": "Reset your password", "content": "plain" }),
            json!({ "kind": "ConfigMap", "data": { "db": "plain" } }),
        ] {
            let text = document.to_string();
            assert_eq!(body(text.as_bytes(), &[]), text);
        }
    }
}
