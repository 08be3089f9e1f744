//! What a server said when it refused, word for word.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use secrecy::ExposeSecret;

use crate::{
    http::{Response, redact},
    lenient,
};

/// The provider's own words, untranslated, with secrets removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderWords {
    /// HTTP status.
    pub status: u16,
    /// `error` (RFC 6749 §5.2, RFC 7591 §3.2.2), or the code of the server's own envelope.
    pub error: Option<String>,
    /// `error_description`, or the text of the server's own envelope, or the beginning of a text body.
    pub description: Option<String>,
    /// The server's own numbers beside them, such as `error_codes` of Microsoft Entra ID.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<i64>,
    /// What lies behind a general code: `details[].code` of Microsoft Graph.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
}

/// No more of a server's text is kept in an error than this many characters.
const LONGEST: usize = 600;
/// Nor more of its numbers and details than this.
const MOST: usize = 16;

impl ProviderWords {
    /// What an answer says, without the secrets that its request carried: some servers repeat them.
    pub fn of(response: &Response) -> Self {
        let sent: Vec<String> = response
            .sent
            .iter()
            .map(|secret| secret.expose_secret().to_owned())
            .collect();
        let mut words = if sent.is_empty() {
            Self::read(response.status, &response.body)
        } else {
            // Before the words are cut to their length, so that no half of a secret is left over.
            let body = redact::known(&String::from_utf8_lossy(&response.body), &sent);
            Self::read(response.status, body.as_bytes())
        };
        for text in words.error.iter_mut().chain(&mut words.description) {
            *text = redact::known(text, &sent);
        }
        for text in &mut words.details {
            *text = redact::known(text, &sent);
        }
        words
    }

    /// Reads the words out of any error body: OAuth members first, then what other envelopes use.
    pub fn read(status: u16, body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        match serde_json::from_slice::<Value>(redact::without_mark(body)) {
            Ok(Value::Object(map)) => Self::of_object(status, &map),
            Ok(Value::String(words)) => Self::of_text(status, clean(&words)),
            _ if looks_like_html(&text) => Self::of_text(status, html_title(&text)),
            _ => Self::of_text(status, clean(&text)),
        }
    }

    fn of_text(status: u16, description: Option<String>) -> Self {
        Self {
            status,
            error: None,
            description,
            codes: Vec::new(),
            details: Vec::new(),
        }
    }

    fn of_object(status: u16, map: &Map<String, Value>) -> Self {
        // Microsoft Graph puts its code and its text into an object named `error`.
        if let Some(Value::Object(inner)) = map.get("error") {
            return Self::of_object(status, inner);
        }
        let mut description = first(map, DESCRIPTIONS);
        let causes = map
            .get("errorCauses")
            .and_then(Value::as_array)
            .map(|causes| sentences(causes))
            .unwrap_or_default();
        if !causes.is_empty() {
            let text = description.map_or_else(String::new, |text| format!("{text} "));
            description = clean(&format!("{text}{causes}"));
        }
        Self {
            status,
            error: first(map, CODES),
            description,
            codes: map
                .get("error_codes")
                .and_then(Value::as_array)
                .map(|codes| codes.iter().filter_map(as_number).take(MOST).collect())
                .unwrap_or_default(),
            details: map
                .get("details")
                .and_then(Value::as_array)
                .map(|details| details.iter().filter_map(detail_code).take(MOST).collect())
                .unwrap_or_default(),
        }
    }
}

/// Members with a code. A machine's code goes before the status in words that Auth0 calls `error`.
const CODES: &[&str] = &["errorCode", "error", "code", "error_code"];
/// Members with a text.
const DESCRIPTIONS: &[&str] = &[
    "error_description",
    "errorSummary",
    "message",
    "detail",
    "error_message",
    "title",
    "description",
];

fn first(map: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names
        .iter()
        .find_map(|name| match lenient::present(map, name)? {
            // Some bridges send the description as a list, of sentences or of objects.
            Value::Array(items) => clean(&sentences(items)),
            Value::Object(inner) => first(inner, &["message", "description", "code"]),
            _ => lenient::text(map, name).as_deref().and_then(clean),
        })
}

fn as_number(code: &Value) -> Option<i64> {
    code.as_i64()
        .or_else(|| code.as_str().and_then(|text| text.trim().parse().ok()))
}

fn detail_code(detail: &Value) -> Option<String> {
    first(detail.as_object()?, &["code"])
}

fn sentences(items: &[Value]) -> String {
    let said: Vec<String> = items
        .iter()
        .filter_map(|item| match item {
            Value::String(text) => Some(text.clone()),
            Value::Object(inner) => first(inner, &["errorSummary", "message", "description"])
                .map_or_else(
                    || broken_rule(inner),
                    |text| match lenient::text(inner, "instancePath") {
                        Some(place) => Some(format!("{place} {text}")),
                        None => Some(text),
                    },
                ),
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

fn clean(text: &str) -> Option<String> {
    // What is not shown goes first: it could keep the parts of a token from being seen as one.
    let plain: String = text
        .trim()
        .chars()
        .filter(|c| !c.is_control() || *c == '\n')
        .collect();
    let short: String = redact::text(&plain, &[]).chars().take(LONGEST).collect();
    (!short.is_empty()).then_some(short)
}

/// Is this a web page rather than data?
pub fn looks_like_html(text: &str) -> bool {
    let start = text
        .trim_start()
        .get(..15)
        .unwrap_or(text.trim_start())
        .to_ascii_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html") || start.starts_with("<head")
}

/// The title of a web page, to say what answered.
pub fn html_title(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let from = lower.find("<title>")? + "<title>".len();
    let to = from + lower.get(from..)?.find("</title>")?;
    clean(text.get(from..to)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(body: &str) -> (Option<String>, Option<String>) {
        let words = ProviderWords::read(400, body.as_bytes());
        (words.error, words.description)
    }

    #[test]
    fn every_envelope_keeps_its_words() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            words(r#"{"error":"invalid_redirect_uri","error_description":"no http"}"#),
            (some("invalid_redirect_uri"), some("no http"))
        );
        assert_eq!(
            words(r#"{"errorCode":"E0000001","errorSummary":"Api validation failed"}"#),
            (some("E0000001"), some("Api validation failed"))
        );
        assert_eq!(
            words(r#"{"error":{"code":"x","message":"nested"}}"#),
            (some("x"), some("nested"))
        );
        assert_eq!(
            words(
                r#"{"statusCode":403,"error":"Forbidden","message":"m","errorCode":"insufficient_scope"}"#
            ),
            (some("insufficient_scope"), some("m"))
        );
        assert_eq!(
            words(
                r#"{"errorCode":"E0000001","errorSummary":"s","errorCauses":[{"errorSummary":"why"}]}"#
            ),
            (some("E0000001"), some("s why"))
        );
        assert_eq!(
            words(r#"{"error":"a","error_description":[{"message":"must be array"}]}"#),
            (some("a"), some("must be array"))
        );
        assert_eq!(
            words(r#"{"error":"a","error_description":["one.","two."]}"#),
            (some("a"), some("one. two."))
        );
        assert_eq!(
            words(
                r#"{"error":"Bad Request","error_description":[{"keyword":"required","params":{"missingProperty":"redirect_uris"}},{"instancePath":"/portal_id","keyword":"format","message":"must match format"}]}"#
            ),
            (
                some("Bad Request"),
                some("required redirect_uris /portal_id must match format")
            )
        );
        assert_eq!(
            words("<!DOCTYPE html><html><title>502 Bad Gateway</title>"),
            (None, some("502 Bad Gateway"))
        );
        assert_eq!(words("plain"), (None, some("plain")));
        assert_eq!(words(""), (None, None));
    }

    #[test]
    fn numbers_beside_the_words_are_kept() {
        let body = br#"{"error":"invalid_client","error_codes":[7000215,"90002"]}"#;
        assert_eq!(ProviderWords::read(401, body).codes, [7_000_215, 90_002]);
    }

    #[test]
    fn the_codes_behind_a_general_code_are_kept() {
        let body = br#"{"error":{"code":"Request_BadRequest","message":"m","details":[{"code":"NoBackingApplicationObject"}]}}"#;
        let words = ProviderWords::read(400, body);
        assert_eq!(words.error.as_deref(), Some("Request_BadRequest"));
        assert_eq!(words.details, ["NoBackingApplicationObject"]);
    }

    #[test]
    fn a_token_inside_the_words_is_removed() {
        let (_, description) = words(
            r#"{"error_description":"bad token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl here"}"#,
        );
        assert_eq!(description.as_deref(), Some("bad token [redacted] here"));
        let (_, description) = words(
            r#"{"message":"eyJhbGci\u0000OiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0\u001bdXJl here"}"#,
        );
        assert_eq!(description.as_deref(), Some("[redacted] here"));
    }

    #[test]
    fn no_more_numbers_and_details_are_kept_than_anyone_reads() {
        let codes = vec![1; 5000];
        let details = vec![serde_json::json!({"code": "a"}); 5000];
        let body = serde_json::json!({"error": "e", "error_codes": codes, "details": details});
        let words = ProviderWords::read(400, body.to_string().as_bytes());
        assert_eq!((words.codes.len(), words.details.len()), (MOST, MOST));
    }
}
