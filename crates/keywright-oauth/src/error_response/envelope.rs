//! Reads the code and the sentence out of any error document: OAuth members first, then what other
//! servers, frameworks and gateways call them, wherever they stand.

use serde_json::{Map, Value};

use super::{
    MOST,
    additions::{self, by_field},
    clean,
};
use crate::lenient;

/// What a document says.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) error: Option<String>,
    pub(super) description: Option<String>,
    pub(super) codes: Vec<i64>,
    pub(super) details: Vec<String>,
}

/// A document within a document is opened this many times.
pub(super) const DEEPEST: usize = 5;

/// Members with a code. A machine's code goes before the status in words that Auth0 calls `error`.
const CODES: &[&str] = &["errorCode", "error", "code", "error_code", "errcode"];
/// Members with a sentence, the most telling first.
const SENTENCES: &[&str] = &[
    "error_description",
    "errorDescription",
    "errorSummary",
    "message",
    "detail",
    "details",
    "error_message",
    "errorMessage",
    "msg",
    "errmsg",
    "reason",
    "title",
    "description",
    "defaultMessage",
    "faultstring",
    "errors",
];
/// Where a validator says what its finding is about.
const PLACES: &[&str] = &[
    "instancePath",
    "loc",
    "path",
    "field",
    "property",
    "param",
    "pointer",
    "fieldPath",
    "fieldName",
    "parameter",
];

pub(super) fn read(status: u16, body: &Value) -> Said {
    match body {
        Value::Object(map) => object(status, map, DEEPEST),
        other => document(status, other, DEEPEST),
    }
}

fn object(status: u16, map: &Map<String, Value>, depth: usize) -> Said {
    let own = |name: &str| member(map, name);
    let mut said = Said {
        error: code(status, map),
        codes: own("error_codes")
            .and_then(Value::as_array)
            .map(|codes| codes.iter().filter_map(as_number).take(MOST).collect())
            .unwrap_or_default(),
        details: own("details")
            .and_then(Value::as_array)
            .map(|details| details.iter().filter_map(detail_code).take(MOST).collect())
            .unwrap_or_default(),
        description: None,
    };
    if depth == 0 {
        return said;
    }
    // Microsoft Graph and others put code and text into an object named `error`; some write it as text.
    if let Some(inner) = own("error").and_then(as_document) {
        said = said.or(document(status, &inner, depth - 1));
    }
    for name in SENTENCES {
        let Some(value) = own(name) else { continue };
        match as_document(value) {
            Some(inner) => said = said.or(document(status, &inner, depth - 1)),
            None if said.description.is_none() => {
                said.description = lenient::text(map, name)
                    .or_else(|| value.as_str().map(str::to_owned))
                    .and_then(|text| clean(&text));
            }
            None => {}
        }
    }
    if said.description.is_none() {
        said.description = in_languages(map)
            .or_else(|| in_one_language(map))
            .or_else(|| next_to_code(map, said.error.as_deref()));
    }
    if said.description.is_none() {
        said.description = additions::other_message(status, map);
    }
    said.description = additions::with_all(status, map, said.description);
    // Django REST framework: nothing but a list of sentences for each member.
    if said.error.is_none() && said.description.is_none() && map.values().all(is_sentences) {
        said.description = clean(&by_field(map));
    }
    // Nothing known by name: an envelope around the real document.
    if said.error.is_none() && said.description.is_none() {
        let inner = map.values().filter_map(as_document);
        for inner in inner.filter(Value::is_object) {
            said = said.or(document(status, &inner, depth - 1));
        }
    }
    // Where the meaning of a code is explained (RFC 6749 §5.2), if that is all.
    if said.error.is_some() && said.description.is_none() {
        said.description = own("error_uri").and_then(Value::as_str).and_then(clean);
    }
    said
}

impl Said {
    /// What is missing is taken from another.
    fn or(mut self, other: Self) -> Self {
        // A vendor's envelope may hold the document of an OAuth server.
        let named = |code: &Option<String>| code.as_deref().is_some_and(is_oauth_code);
        if self.error.is_none() || (!named(&self.error) && named(&other.error)) {
            self.error = other.error;
        }
        self.description = self.description.or(other.description);
        if self.codes.is_empty() {
            self.codes = other.codes;
        }
        if self.details.is_empty() {
            self.details = other.details;
        }
        self
    }
}

fn document(status: u16, value: &Value, depth: usize) -> Said {
    match value {
        Value::Object(map) if is_finding(map) => Said {
            description: clean(&sentences(std::slice::from_ref(value), depth)),
            ..Said::default()
        },
        Value::Object(map) => object(status, map, depth),
        Value::Array(items) => {
            let error = items
                .iter()
                .filter_map(Value::as_object)
                .find(|map| !is_finding(map))
                .and_then(|map| code(status, map));
            Said {
                error,
                description: clean(&sentences(items, depth)),
                ..Said::default()
            }
        }
        _ => Said::default(),
    }
}

/// An object or a list, also one that is written as text (over several lines, as Zod and others do).
fn as_document(value: &Value) -> Option<Value> {
    match value {
        Value::Object(_) | Value::Array(_) => Some(value.clone()),
        Value::String(text) => super::within_text(text),
        _ => None,
    }
}

/// A member by its name, else by the same name in other letters: `Message`, `ErrorCode`.
pub(super) fn member<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    lenient::present(map, name).or_else(|| {
        let (_, value) = map
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))?;
        (!value.is_null() && value.as_str() != Some("")).then_some(value)
    })
}

/// The code: an OAuth one first, then a vendor's own; a number that only repeats the status is none.
fn code(status: u16, map: &Map<String, Value>) -> Option<String> {
    let of = |name: &&str| match member(map, name)? {
        Value::String(text) if super::within_text(text).is_none() => clean(text),
        Value::Number(number) if *number != serde_json::Number::from(status) => {
            Some(number.to_string())
        }
        _ => None,
    };
    of(&"error")
        .filter(|code| is_oauth_code(code))
        .or_else(|| CODES.iter().find_map(of))
}

/// Spelled as the codes of RFC 6749 §5.2 and its kin: `invalid_client`.
pub(super) fn is_oauth_code(code: &str) -> bool {
    code.contains('_')
        && code
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The sentence in `error` where another member has the code, as Apigee writes it.
fn next_to_code(map: &Map<String, Value>, code: Option<&str>) -> Option<String> {
    let text = member(map, "error")?.as_str()?;
    let is_sentence = text.contains(' ') && super::within_text(text).is_none();
    clean(text).filter(|text| is_sentence && code.is_some_and(|code| code != text))
}

/// A sentence with its language, as `OData` has it: `{"lang": "en", "value": "…"}`.
fn in_one_language(map: &Map<String, Value>) -> Option<String> {
    ["lang", "language", "locale"]
        .iter()
        .any(|name| member(map, name).is_some_and(Value::is_string))
        .then(|| clean(member(map, "value")?.as_str()?))?
}

/// One sentence of those that stand by their language: `{"en": "…", "de": "…"}`.
fn in_languages(map: &Map<String, Value>) -> Option<String> {
    let is_language = |name: &str| {
        let primary = name.split(['-', '_']).next().unwrap_or_default();
        (2..=3).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_lowercase())
    };
    SENTENCES.iter().find_map(|name| {
        let told = member(map, name)?.as_object()?;
        if !told.keys().all(|name| is_language(name)) {
            return None;
        }
        let english = told.iter().find(|(name, _)| name.starts_with("en"));
        let (_, text) = english.or_else(|| told.iter().next())?;
        clean(text.as_str()?)
    })
}

/// A list of sentences.
pub(super) fn is_sentences(value: &Value) -> bool {
    let Value::Array(items) = value else {
        return false;
    };
    !items.is_empty() && items.iter().all(Value::is_string)
}

fn as_number(code: &Value) -> Option<i64> {
    code.as_i64()
        .or_else(|| code.as_str().and_then(|text| text.trim().parse().ok()))
}

fn detail_code(detail: &Value) -> Option<String> {
    match member(detail.as_object()?, "code")? {
        Value::String(text) => clean(text),
        _ => None,
    }
}

/// A finding, an object with a sentence of its own, or one with findings in it, as Google's `fieldViolations`; those of
/// Google and Microsoft may have a code alone.
pub(super) fn is_explained(detail: &Value) -> bool {
    detail.as_object().is_some_and(|map| {
        is_finding(map)
            || sentence(map).is_some()
            || map.iter().any(|(name, value)| {
                name.to_ascii_lowercase().ends_with("violations") && value.is_array()
            })
    })
}

/// A validator's finding about one member of the request, not an error document.
fn is_finding(map: &Map<String, Value>) -> bool {
    map.contains_key("keyword")
        || (place(map).is_some() && sentence(map).is_some() && !map.contains_key("error"))
}

fn place(map: &Map<String, Value>) -> Option<String> {
    PLACES
        .iter()
        .find_map(|name| match member(map, name)? {
            Value::String(text) => Some(text.clone()),
            Value::Array(parts) => {
                // FastAPI begins with the part of the request, which is always the body here.
                let parts: Vec<String> = parts
                    .iter()
                    .filter_map(|part| match part {
                        Value::String(text) if text == "body" => None,
                        Value::String(text) => Some(text.clone()),
                        Value::Number(number) => Some(number.to_string()),
                        _ => None,
                    })
                    .collect();
                (!parts.is_empty()).then(|| parts.join("."))
            }
            _ => None,
        })
        // A parameter by its name, with what is wrong with it (RFC 9457 §3.2).
        .or_else(|| {
            member(map, "reason")?;
            clean(member(map, "name")?.as_str()?)
        })
}

fn sentence(map: &Map<String, Value>) -> Option<String> {
    [
        "errorSummary",
        "message",
        "msg",
        "error_description",
        "detail",
        "description",
        "defaultMessage",
        "title",
        "reason",
    ]
    .iter()
    .find_map(|name| match member(map, name)? {
        Value::String(text) => clean(text),
        _ => None,
    })
}

pub(super) fn sentences(items: &[Value], depth: usize) -> String {
    let said: Vec<String> = items
        .iter()
        .take(MOST)
        .filter_map(|item| match item {
            Value::String(text) => clean(text),
            Value::Object(map) => match (place(map), sentence(map)) {
                (Some(place), Some(text)) if place.starts_with('/') => {
                    Some(format!("{place} {text}"))
                }
                (Some(place), Some(text)) => Some(format!("{place}: {text}")),
                (None, Some(text)) => additions::with_more(0, map, Some(text)),
                (_, None) => broken_rule(map).or_else(|| {
                    (depth > 0)
                        .then(|| object(0, map, depth - 1))
                        .and_then(|said| said.description.or(said.error))
                }),
            },
            _ => None,
        })
        .collect();
    said.join(" ")
}

/// A JSON Schema validator's finding without a sentence: the rule, and what it was about.
fn broken_rule(finding: &Map<String, Value>) -> Option<String> {
    let rule = lenient::text(finding, "keyword")?;
    let params = finding.get("params").and_then(Value::as_object);
    let about: Vec<String> = params
        .into_iter()
        .flatten()
        .filter_map(|(_, value)| value.as_str().map(str::to_owned))
        .collect();
    let place = lenient::text(finding, "instancePath");
    let parts = place.into_iter().chain([rule]).chain(about);
    Some(parts.collect::<Vec<_>>().join(" "))
}
