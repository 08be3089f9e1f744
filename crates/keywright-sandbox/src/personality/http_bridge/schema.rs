//! The bodies of the contract, checked as the reference bridge's validator (Ajv behind Fastify) does:
//! the first broken rule is told, a single text stands for a list of one, and members that the
//! contract does not know are dropped.

use serde_json::{Map, Value, json};
use uuid::Uuid;

/// What a member must be.
#[derive(Clone, Copy)]
enum Shape {
    Text,
    Uuid,
    Texts,
}

/// Members of `POST /`, all of which are required.
const APPLICATION: [(&str, Shape); 11] = [
    ("redirect_uris", Shape::Texts),
    ("client_name", Shape::Text),
    ("grant_types", Shape::Texts),
    ("scopes", Shape::Texts),
    ("token_endpoint_auth_method", Shape::Text),
    ("application_description", Shape::Text),
    ("portal_id", Shape::Uuid),
    ("organization_id", Shape::Uuid),
    ("developer_id", Shape::Uuid),
    ("auth_strategy_id", Shape::Uuid),
    ("dcr_provider_id", Shape::Uuid),
];

/// Members of each event, all of which are required.
const EVENT: [(&str, Shape); 10] = [
    ("event_type", Shape::Text),
    ("client_id", Shape::Text),
    ("application_id", Shape::Text),
    ("application_name", Shape::Text),
    ("application_description", Shape::Text),
    ("portal_id", Shape::Text),
    ("organization_id", Shape::Text),
    ("developer_id", Shape::Text),
    ("auth_strategy_id", Shape::Text),
    ("dcr_provider_id", Shape::Text),
];

/// The application has changed.
pub(super) const UPDATE: &str = "update_application";
const UPDATED: [(&str, Shape); 1] = [("redirect_uris", Shape::Texts)];
const REGISTERED: [(&str, Shape); 1] = [("api_product_version_id", Shape::Text)];
const EVENTS: [(&str, [(&str, Shape); 1]); 3] = [
    (UPDATE, UPDATED),
    ("add_registration", REGISTERED),
    ("remove_registration", REGISTERED),
];

/// The members of a new application, or the rule that they break.
pub(super) fn application(body: &Value) -> Result<Map<String, Value>, Value> {
    members(body, &APPLICATION)
}

/// The members of an event, or the rule that they break.
pub(super) fn event(body: &Value) -> Result<Map<String, Value>, Value> {
    let mut event = members(body, &EVENT)?;
    let kind = event.get("event_type").and_then(Value::as_str);
    let Some((_, own)) = EVENTS.iter().find(|(name, _)| Some(*name) == kind) else {
        let names: Vec<&str> = EVENTS.iter().map(|(name, _)| *name).collect();
        return Err(broken(
            "/event_type",
            "enum",
            &json!({ "allowedValues": names }),
            "must be equal to one of the allowed values",
        ));
    };
    event.extend(members(body, own)?);
    Ok(event)
}

fn members(body: &Value, wanted: &[(&str, Shape)]) -> Result<Map<String, Value>, Value> {
    let Value::Object(sent) = body else {
        return Err(wrong_type("", "object"));
    };
    if let Some((name, _)) = wanted.iter().find(|(name, _)| !sent.contains_key(*name)) {
        return Err(broken(
            "",
            "required",
            &json!({ "missingProperty": name }),
            &format!("must have required property '{name}'"),
        ));
    }
    let of = |name: &str| sent.get(name).cloned().unwrap_or_default();
    wanted
        .iter()
        .map(|(name, shape)| Ok(((*name).to_owned(), shaped(name, *shape, of(name))?)))
        .collect()
}

fn shaped(name: &str, shape: Shape, value: Value) -> Result<Value, Value> {
    let at = format!("/{name}");
    match (shape, value) {
        (Shape::Text, value) => text(&at, value),
        (Shape::Uuid, value) => {
            let value = text(&at, value)?;
            if value.as_str().is_some_and(|id| Uuid::try_parse(id).is_ok()) {
                return Ok(value);
            }
            Err(broken(
                &at,
                "format",
                &json!({ "format": "uuid" }),
                "must match format \"uuid\"",
            ))
        }
        (Shape::Texts, Value::Array(items)) => items
            .into_iter()
            .enumerate()
            .map(|(index, item)| text(&format!("{at}/{index}"), item))
            .collect(),
        (Shape::Texts, Value::Object(_)) => Err(wrong_type(&at, "array")),
        (Shape::Texts, single) => Ok(json!([text(&at, single)?])),
    }
}

fn text(at: &str, value: Value) -> Result<Value, Value> {
    match value {
        Value::String(_) => Ok(value),
        Value::Null => Ok(json!("")),
        Value::Bool(_) | Value::Number(_) => Ok(json!(value.to_string())),
        Value::Array(_) | Value::Object(_) => Err(wrong_type(at, "string")),
    }
}

fn wrong_type(at: &str, kind: &str) -> Value {
    broken(
        at,
        "type",
        &json!({ "type": kind }),
        &format!("must be {kind}"),
    )
}

fn broken(at: &str, rule: &str, params: &Value, text: &str) -> Value {
    let properties = at.replace('/', "/properties/");
    json!({
        "instancePath": at,
        "schemaPath": format!("#{properties}/{rule}"),
        "keyword": rule,
        "params": params,
        "message": text,
    })
}
