//! Bodies of the Management API and how they are checked, in the words of its schema.

use axum::http::HeaderMap;
use serde_json::{Map, Value};

use super::answer::ManagementRefusal;
use crate::idp;

/// What kind of value a member takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Switch,
    List,
    Object,
}

impl Kind {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Switch => value.is_boolean(),
            Self::List => value
                .as_array()
                .is_some_and(|items| items.iter().all(Value::is_string)),
            Self::Object => value.is_object(),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Switch => "boolean",
            Self::List => "array",
            Self::Object => "object",
        }
    }
}

/// The members of a JSON body; none for an empty one.
pub(super) fn members(
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Map<String, Value>, ManagementRefusal> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    let wrong = || ManagementRefusal::InvalidBody("'Invalid JSON'.".to_owned());
    if !idp::is_kind(headers, "application/json") {
        return Err(wrong());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(wrong()),
    }
}

/// Each member is known and of its kind. `null` takes a member away, where `null` is allowed at all.
pub(super) fn check(
    members: &Map<String, Value>,
    known: &[(&str, Kind)],
    may_be_null: bool,
) -> Result<(), ManagementRefusal> {
    for (name, value) in members {
        let Some((_, kind)) = known.iter().find(|(one, _)| one == name) else {
            return Err(ManagementRefusal::InvalidBody(format!(
                "'Additional properties not allowed: {name}'."
            )));
        };
        let fits = kind.fits(value) || (may_be_null && value.is_null());
        if !fits {
            return Err(ManagementRefusal::InvalidBody(format!(
                "'Expected type {} but found type {}' on property {name}.",
                kind.name(),
                type_of(value),
            )));
        }
    }
    Ok(())
}

/// A member that must be there.
pub(super) fn needed<'a>(
    members: &'a Map<String, Value>,
    name: &str,
) -> Result<&'a str, ManagementRefusal> {
    match members.get(name).and_then(Value::as_str) {
        Some(text) if !text.is_empty() => Ok(text),
        Some(_) => Err(ManagementRefusal::InvalidBody(format!(
            "'String is too short (0 chars), minimum 1' on property {name}."
        ))),
        None => Err(ManagementRefusal::InvalidBody(format!(
            "'Missing required property: {name}'."
        ))),
    }
}

/// A list of texts.
pub(super) fn texts(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

const fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
