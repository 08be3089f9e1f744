//! What a server said when it refused, word for word.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{http::redact, lenient};

/// The provider's own words, untranslated, with secrets removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderWords {
    /// HTTP status.
    pub status: u16,
    /// `error` (RFC 6749 §5.2, RFC 7591 §3.2.2), or the code of the server's own envelope.
    pub error: Option<String>,
    /// `error_description`, or the text of the server's own envelope, or the beginning of a text body.
    pub description: Option<String>,
}

/// No more of a server's text is kept in an error than this many characters.
const LONGEST: usize = 600;

impl ProviderWords {
    /// Reads the words out of any error body: OAuth members first, then what other envelopes use.
    pub fn read(status: u16, body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        match serde_json::from_slice::<Value>(body) {
            Ok(Value::Object(map)) => Self {
                status,
                error: first(&map, &["error", "errorCode", "code", "error_code"]),
                description: first(
                    &map,
                    &[
                        "error_description",
                        "errorSummary",
                        "message",
                        "detail",
                        "error_message",
                        "title",
                        "description",
                    ],
                ),
            },
            Ok(Value::String(words)) => Self {
                status,
                error: None,
                description: clean(&words),
            },
            _ if looks_like_html(&text) => Self {
                status,
                error: None,
                description: html_title(&text),
            },
            _ => Self {
                status,
                error: None,
                description: clean(&text),
            },
        }
    }
}

fn first(map: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names
        .iter()
        .find_map(|name| match lenient::present(map, name)? {
            // Some bridges send the description as a list of sentences.
            Value::Array(items) => clean(
                &items
                    .iter()
                    .filter_map(Value::as_str)
                    .collect::<Vec<_>>()
                    .join(" "),
            ),
            Value::Object(inner) => first(inner, &["message", "description", "code"]),
            _ => lenient::text(map, name).as_deref().and_then(clean),
        })
}

fn clean(text: &str) -> Option<String> {
    let text = redact::text(text.trim(), &[]);
    let short: String = text
        .chars()
        .filter(|c| !c.is_control() || *c == '\n')
        .take(LONGEST)
        .collect();
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
            (some("nested"), None)
        );
        assert_eq!(
            words(r#"{"error":"a","error_description":["one.","two."]}"#),
            (some("a"), some("one. two."))
        );
        assert_eq!(
            words("<!DOCTYPE html><html><title>502 Bad Gateway</title>"),
            (None, some("502 Bad Gateway"))
        );
        assert_eq!(words("plain"), (None, some("plain")));
        assert_eq!(words(""), (None, None));
    }

    #[test]
    fn a_token_inside_the_words_is_removed() {
        let (_, description) = words(
            r#"{"error_description":"bad token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl here"}"#,
        );
        assert_eq!(description.as_deref(), Some("bad token [redacted] here"));
    }
}
