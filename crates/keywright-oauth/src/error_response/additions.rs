//! What an error document says next to its sentence: a second sentence, a title, findings.

use serde_json::{Map, Value};

use super::{
    MOST, clean,
    envelope::{DEEPEST, is_explained, is_sentences, member, sentences},
    repeats_status,
};

/// Members with a second sentence, which is often the more telling one: Ory Hydra and `league/oauth2-server` write what
/// is wrong into a hint, WSO2 into `description`, Ory Kratos into `reason`, IBM API Connect into `moreInformation`.
const MORE: &[&str] = &[
    "errorMessage",
    "error_message",
    "description",
    "detail",
    "reason",
    "error_hint",
    "hint",
    "error_info",
    "moreInformation",
    "developerMessage",
];
/// The ends of names of members with findings, in small letters alone: `errorCauses`, `validationErrors`,
/// `invalid-params`.
const FINDINGS: &[&str] = &[
    "causes",
    "errors",
    "issues",
    "violations",
    "detail",
    "details",
    "invalidparams",
    "modelstate",
];

/// The sentence with everything next to it.
pub(super) fn with_all(
    status: u16,
    map: &Map<String, Value>,
    sentence: Option<String>,
) -> Option<String> {
    let sentence = with_title(map, sentence);
    let sentence = with_more(status, map, sentence);
    with_findings(map, sentence)
}

/// A sentence in a member whose name says that it is one: `statusMessage`, `developerMessage`, `hint`.
pub(super) fn other_message(status: u16, map: &Map<String, Value>) -> Option<String> {
    let of_name = map.iter().filter(|(name, _)| {
        let name = letters(name);
        name.ends_with("message") || name.ends_with("description")
    });
    let mut messages = of_name.filter_map(|(_, value)| sentence_in(status, value));
    messages.next().or_else(|| {
        MORE.iter()
            .find_map(|name| sentence_in(status, member(map, name)?))
    })
}

/// The title of a problem (RFC 9457 §3.1.3) before its detail.
fn with_title(map: &Map<String, Value>, description: Option<String>) -> Option<String> {
    let title = member(map, "title").and_then(Value::as_str).and_then(clean);
    let detail = member(map, "detail").is_some();
    match (title, description) {
        (Some(title), Some(text)) if detail && !text.contains(&title) => {
            clean(&format!("{title}: {text}"))
        }
        (_, description) => description,
    }
}

/// The first of the further sentences that says something else.
pub(super) fn with_more(
    status: u16,
    map: &Map<String, Value>,
    sentence: Option<String>,
) -> Option<String> {
    let known = sentence?;
    let says_more = |more: &String| !known.contains(more) && !more.contains(&known);
    let mut further = MORE
        .iter()
        .filter_map(|name| sentence_in(status, member(map, name)?));
    match further.find(says_more) {
        Some(more) => clean(&format!("{}: {more}", known.trim_end_matches(['.', ':']))),
        None => Some(known),
    }
}

/// Text of more than one word, which says more than the status does.
fn sentence_in(status: u16, value: &Value) -> Option<String> {
    let text = clean(value.as_str()?)?;
    let is_document = super::within_text(&text).is_some();
    (text.contains(' ') && !is_document && !repeats_status(status, &text)).then_some(text)
}

/// Findings next to a general sentence, as Okta's `errorCauses` do.
fn with_findings(map: &Map<String, Value>, description: Option<String>) -> Option<String> {
    // Django REST framework has the findings about a member under its name, and the others in `non_field_errors`.
    if map.values().all(is_sentences) {
        return description;
    }
    let mut text = description.unwrap_or_default();
    for (name, value) in map {
        let name = letters(name);
        if !FINDINGS.iter().any(|end| name.ends_with(end)) {
            continue;
        }
        let found = match value {
            Value::Array(items) if name.ends_with("details") => {
                let explained = items.iter().filter(|item| is_explained(item));
                sentences(&explained.cloned().collect::<Vec<_>>(), DEEPEST)
            }
            Value::Array(items) => sentences(items, DEEPEST),
            // Laravel, Rails, ASP.NET and FusionAuth: a list of sentences for each member.
            Value::Object(fields) if !name.contains("detail") => by_field(fields),
            _ => continue,
        };
        if !found.is_empty() && !text.contains(&found) {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&found);
        }
    }
    clean(&text)
}

/// The sentences of each member of a request.
pub(super) fn by_field(fields: &Map<String, Value>) -> String {
    let told = fields.iter().filter_map(|(field, value)| {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Array(items) => sentences(items, DEEPEST),
            _ => return None,
        };
        (!text.is_empty()).then(|| format!("{field}: {text}"))
    });
    told.take(MOST).collect::<Vec<_>>().join(" ")
}

fn letters(name: &str) -> String {
    let letters = name.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use serde_json::json;

    use crate::error_response::ErrorResponse;

    #[test]
    fn the_reason_next_to_a_general_sentence_is_read() {
        for (document, wanted) in [
            // Ory Hydra.
            (
                json!({ "error": "invalid_client_metadata", "error_description": "One field is invalid.",
                    "error_hint": "No fragments, please" }),
                "One field is invalid: No fragments, please",
            ),
            // league/oauth2-server.
            (
                json!({ "error": "access_denied", "hint": "Ask for a token at /admin" }),
                "Ask for a token at /admin",
            ),
            // Ory Kratos.
            (
                json!({ "error": { "code": 400, "status": "Bad Request", "reason": "The grant is unknown",
                    "message": "The request was malformed" } }),
                "The request was malformed: The grant is unknown",
            ),
            // ForgeRock repeats its status.
            (
                json!({ "code": 400, "reason": "Bad Request", "message": "Invalid attribute" }),
                "Invalid attribute",
            ),
            // Descope.
            (
                json!({ "errorCode": "E011001", "errorDescription": "Request is invalid",
                    "errorMessage": "field loginPageUrl is required" }),
                "Request is invalid: field loginPageUrl is required",
            ),
            // IBM API Connect.
            (
                json!({ "httpCode": "400", "httpMessage": "Bad Request",
                    "moreInformation": "Client is not registered" }),
                "Client is not registered",
            ),
            (
                json!({ "status": 400, "statusMessage": "Tenant is suspended" }),
                "Tenant is suspended",
            ),
            // Intuit.
            (
                json!({ "Fault": { "Error": [{ "Message": "no authorization", "Detail": "Token is not valid" }] } }),
                "no authorization: Token is not valid",
            ),
            // OData and SAP.
            (
                json!({ "odata.error": { "code": "X1", "message": { "lang": "en-US", "value": "Read only" } } }),
                "Read only",
            ),
            (
                json!({ "error": "invalid_client", "error_uri": "https://docs.example/errors/77" }),
                "https://docs.example/errors/77",
            ),
        ] {
            let words = ErrorResponse::read(400, document.to_string().as_bytes());
            assert_eq!(words.description.as_deref(), Some(wanted), "{document}");
        }
    }

    #[test]
    fn findings_are_read_under_any_name() {
        for (document, wanted) in [
            // PingFederate.
            (
                json!({ "message": "Validation failed.", "validationErrors": [
                    { "message": "is required", "fieldPath": "redirectUris" }] }),
                "Validation failed. redirectUris: is required",
            ),
            // FusionAuth.
            (
                json!({ "fieldErrors": { "application.name": [{ "code": "[x]", "message": "is taken" }] },
                    "generalErrors": [{ "message": "No licence" }] }),
                "application.name: is taken No licence",
            ),
            // ASP.NET.
            (
                json!({ "Message": "Not valid.", "ModelState": { "client.name": ["is required"] } }),
                "Not valid. client.name: is required",
            ),
            // Google, with one detail that has a code alone.
            (
                json!({ "error": { "code": 400, "message": "Invalid argument.", "status": "INVALID_ARGUMENT",
                    "details": [{ "@type": "t/google.rpc.Other", "code": "X" },
                        { "@type": "t/google.rpc.BadRequest", "fieldViolations": [
                            { "field": "redirect_uris", "description": "must use https" }] }] } }),
                "Invalid argument. redirect_uris: must use https",
            ),
            // A function behind a gateway of AWS.
            (
                json!({ "statusCode": 400, "body": "{\"error\":\"x\",\"error_description\":\"Loopback only\"}" }),
                "Loopback only",
            ),
            // RFC 9457.
            (
                json!({ "title": "Wrong parameters", "status": 400, "invalid-params": [
                    { "name": "redirect_uris", "reason": "must not be empty" }] }),
                "Wrong parameters redirect_uris: must not be empty",
            ),
        ] {
            let words = ErrorResponse::read(400, document.to_string().as_bytes());
            assert_eq!(words.description.as_deref(), Some(wanted), "{document}");
        }
    }
}
