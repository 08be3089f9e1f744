//! What a server said when it refused, word for word.

mod additions;
mod challenge;
mod codes;
mod envelope;
mod meaning;
mod page;
mod xml;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::form_urlencoded;

pub use challenge::Challenge;
pub use page::looks_like_html;

use crate::http::{Response, redact};
use envelope::{Said, is_oauth_code};

/// The provider's own words, untranslated, with secrets removed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorResponse {
    /// HTTP status.
    pub status: u16,
    /// `error` (RFC 6749 §5.2, RFC 7591 §3.2.2), or the code of the server's own envelope, or that of the
    /// challenge where the body has none.
    pub error: Option<String>,
    /// `error_description`, or the text of the server's own envelope, or the beginning of a text body.
    pub description: Option<String>,
    /// The server's own numbers next to them, such as `error_codes` of Microsoft Entra ID.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<i64>,
    /// What lies behind a general code: `details[].code` of Microsoft Graph.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    /// What the body is, which tells an OAuth server from what may stand before it.
    #[serde(default)]
    pub form: BodyForm,
    /// `WWW-Authenticate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub challenge: Option<Challenge>,
    /// Updates are taken by PATCH alone (RFC 5789), as Gravitee has it: another method is not allowed (RFC 9110 §15.5.6),
    /// and `Allow` names PATCH and not PUT.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wants_patch: bool,
}

/// What the body of an error answer is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyForm {
    /// Nothing.
    #[default]
    Empty,
    /// An object with a code of its own, as RFC 6749 §5.2 asks.
    Document,
    /// JSON that names no code.
    Json,
    /// A web page.
    Page,
    /// Other text.
    Text,
}

/// No more of a server's text is kept in an error than this many characters.
const LONGEST: usize = 600;
/// Nor more of its numbers, details and findings than this.
const MOST: usize = 16;

impl ErrorResponse {
    /// What an answer says, without the secrets that its request carried: some servers repeat them.
    pub fn of(response: &Response) -> Self {
        let sent: Vec<String> = response
            .sent
            .iter()
            .map(|secret| secret.expose().to_owned())
            .collect();
        let mut words = if sent.is_empty() {
            Self::read(response.status, &response.body)
        } else {
            // Before the words are cut to their length, so that no half of a secret is left over.
            let body = redact::known(&String::from_utf8_lossy(&response.body), &sent);
            let parsed =
                |body: &[u8]| serde_json::from_slice::<Value>(redact::without_mark(body)).ok();
            match parsed(&response.body) {
                // The mark took the place of a number, or of a part of the document.
                Some(value) if parsed(body.as_bytes()).is_none() => {
                    let body = redact::known_in(&value, &sent);
                    Self::read(response.status, body.to_string().as_bytes())
                }
                _ => Self::read(response.status, body.as_bytes()),
            }
        };
        if !response.is_success() {
            words.challenged(Challenge::of(&response.headers), &sent);
        }
        words.wants_patch =
            response.status == 405 && meaning::allows_patch_alone(&response.headers);
        for text in words.error.iter_mut().chain(&mut words.description) {
            *text = redact::known(text, &sent);
        }
        for text in &mut words.details {
            *text = redact::known(text, &sent);
        }
        words
    }

    /// The challenge speaks where the body does not: a status in words is no code.
    fn challenged(&mut self, challenge: Option<Challenge>, sent: &[String]) {
        let Some(mut challenge) = challenge else {
            return;
        };
        for text in challenge.texts() {
            *text = clean(&redact::known(text, sent)).unwrap_or_default();
        }
        let spoken = self
            .error
            .as_deref()
            .is_some_and(|code| !repeats_status(self.status, code));
        if !spoken && challenge.error.is_some() {
            self.error.clone_from(&challenge.error);
            self.description = challenge.description.clone().or(self.description.take());
        } else if self.error == challenge.error || self.description.is_none() {
            self.description = self
                .description
                .take()
                .or_else(|| challenge.description.clone());
        }
        self.challenge = Some(challenge);
    }

    /// Reads the words out of any error body: OAuth members first, then what other envelopes use.
    pub fn read(status: u16, body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(redact::without_mark(body));
        match serde_json::from_slice::<Value>(redact::without_mark(body)) {
            Ok(value @ (Value::Object(_) | Value::Array(_))) => Self::of_value(status, &value),
            Ok(Value::String(words)) => match within_text(&words) {
                Some(value) => Self::of_value(status, &value),
                None => Self::of_text(status, &words),
            },
            _ if looks_like_html(&text) => Self {
                status,
                description: html_title(&text),
                form: BodyForm::Page,
                ..Self::default()
            },
            _ => Self::of_form(status, &text)
                .or_else(|| Self::of_xml(status, &text))
                .unwrap_or_else(|| Self::of_text(status, &text)),
        }
    }

    /// The elements of an XML document that say what went wrong. A document of OAuth, as Spring had it, or that of a
    /// gateway or a SOAP stack.
    fn of_xml(status: u16, text: &str) -> Option<Self> {
        let said = envelope::read(status, &Value::Object(xml::elements(text)?));
        if said.error.is_none() && said.description.is_none() {
            return None;
        }
        let is_oauth = said.error.as_deref().is_some_and(is_oauth_code);
        let form = if is_oauth {
            BodyForm::Document
        } else {
            BodyForm::Text
        };
        Some(Self::of_said(status, said, form))
    }

    /// What the server said in a place that is not one of an error.
    pub(crate) fn state(&mut self, said: &str) {
        if self.description.is_none() {
            self.description = clean(said);
        }
    }

    fn of_value(status: u16, value: &Value) -> Self {
        let said = envelope::read(status, value);
        let form = if said.error.is_some() {
            BodyForm::Document
        } else {
            BodyForm::Json
        };
        Self::of_said(status, said, form)
    }

    fn of_said(status: u16, said: Said, form: BodyForm) -> Self {
        Self {
            status,
            error: said.error,
            description: said.description,
            codes: said.codes,
            details: said.details,
            form,
            challenge: None,
            wants_patch: false,
        }
    }

    fn of_text(status: u16, text: &str) -> Self {
        let description = clean(text);
        let form = if description.is_some() {
            BodyForm::Text
        } else {
            BodyForm::Empty
        };
        Self {
            status,
            description,
            form,
            ..Self::default()
        }
    }

    /// Some servers answer an error in the form of a form: `error=invalid_client&error_description=…`.
    fn of_form(status: u16, text: &str) -> Option<Self> {
        let text = text.trim();
        if !text.starts_with("error=") || text.contains(char::is_whitespace) {
            return None;
        }
        let field = |wanted: &str| {
            form_urlencoded::parse(text.as_bytes())
                .find(|(name, _)| name == wanted)
                .and_then(|(_, value)| clean(&value))
        };
        let said = Said {
            error: field("error"),
            description: field("error_description"),
            ..Said::default()
        };
        Some(Self::of_said(status, said, BodyForm::Document))
    }

    /// An OAuth server said it, in a document of its own: not a gateway, a page or a header alone.
    pub fn is_oauth_error(&self, code: &str) -> bool {
        self.form == BodyForm::Document && self.error.as_deref() == Some(code)
    }

    /// The code of OAuth that the server means, also where it has a name of its own for it (`INVALID_CLIENT`,
    /// `bad_refresh_token`).
    pub fn oauth_code(&self) -> Option<&str> {
        let code = self.error.as_deref()?;
        Some(codes::meant(code).unwrap_or(code))
    }

    /// The answer names an error in the words of OAuth, wherever they stand.
    pub fn speaks_oauth(&self) -> bool {
        self.error
            .as_deref()
            .is_some_and(|code| is_oauth_code(code) || codes::meant(code).is_some())
    }
}

/// `Forbidden` and `401 Unauthorized` say no more than the status does.
fn repeats_status(status: u16, code: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars()
            .filter(char::is_ascii_alphabetic)
            .collect::<String>()
            .to_ascii_lowercase()
    };
    let phrase = http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or_default();
    let code = plain(code);
    code.is_empty() || code == plain(phrase) || matches!(code.as_str(), "error" | "http")
}

/// A document that is written as text within another.
fn within_text(text: &str) -> Option<Value> {
    let text = text.trim();
    if !text.starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// One line of plain text, without what looks like a credential.
fn clean(text: &str) -> Option<String> {
    // What is not shown goes first: it could keep the parts of a token from being seen as one.
    let plain: String = text
        .chars()
        .filter(|c| !c.is_control() || c.is_whitespace())
        .collect();
    let one_line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = redact::text(&one_line, &[]).chars().take(LONGEST).collect();
    (!short.is_empty()).then_some(short)
}

/// The title of a web page, to say what answered.
pub fn html_title(text: &str) -> Option<String> {
    clean(&page::heading(text)?)
}

#[cfg(test)]
#[path = "error_response/tests.rs"]
mod tests;
