//! Challenges of an answer (RFC 9110 §11.6.1), and what OAuth says in them (RFC 6750 §3, RFC 9728 §5.1).

use http::{HeaderMap, header::WWW_AUTHENTICATE};
use serde::{Deserialize, Serialize};

/// What the `WWW-Authenticate` fields of an answer say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// Authentication scheme of the challenge that says most, as sent: `Bearer`, `Basic`, `DPoP`, …
    pub scheme: String,
    /// `realm`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub realm: Option<String>,
    /// `error` (RFC 6750 §3.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// `error_description`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `scope`: what a token needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// `resource_metadata` (RFC 9728 §5.1): where the resource describes itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_metadata: Option<String>,
}

impl Challenge {
    /// The challenge with an `error` where there is one, else the first for a token, else the first.
    /// `scope` and `resource_metadata` are taken from wherever they stand.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let all: Vec<Self> = headers
            .get_all(WWW_AUTHENTICATE)
            .iter()
            .flat_map(|value| parse(&String::from_utf8_lossy(value.as_bytes())))
            .collect();
        let for_a_token = |one: &&Self| {
            one.scheme.eq_ignore_ascii_case("bearer") || one.scheme.eq_ignore_ascii_case("dpop")
        };
        let mut chosen = all
            .iter()
            .find(|one| one.error.is_some())
            .or_else(|| all.iter().find(for_a_token))
            .or(all.first())?
            .clone();
        let anywhere =
            |read: fn(&Self) -> &Option<String>| all.iter().find_map(|one| read(one).clone());
        chosen.scope = chosen.scope.or_else(|| anywhere(|one| &one.scope));
        chosen.resource_metadata = chosen
            .resource_metadata
            .or_else(|| anywhere(|one| &one.resource_metadata));
        Some(chosen)
    }

    /// Every text in it.
    pub(super) fn texts(&mut self) -> impl Iterator<Item = &mut String> {
        std::iter::once(&mut self.scheme)
            .chain(&mut self.realm)
            .chain(&mut self.error)
            .chain(&mut self.description)
            .chain(&mut self.scope)
            .chain(&mut self.resource_metadata)
    }

    fn set(&mut self, name: &str, value: &str) {
        let value = value.trim();
        let place = match name.to_ascii_lowercase().as_str() {
            "realm" => &mut self.realm,
            "error" => &mut self.error,
            "error_description" => &mut self.description,
            "scope" => &mut self.scope,
            "resource_metadata" => &mut self.resource_metadata,
            _ => return,
        };
        if !value.is_empty() && place.is_none() {
            *place = Some(value.to_owned());
        }
    }
}

/// One field may hold several challenges, parted by the same comma as their parameters.
fn parse(field: &str) -> Vec<Challenge> {
    let mut all: Vec<Challenge> = Vec::new();
    for item in items(field) {
        let (word, rest) = item
            .find(|letter: char| letter.is_whitespace() || letter == '=')
            .map_or((item.as_str(), ""), |at| item.split_at(at));
        let rest = rest.trim_start();
        if let Some(value) = rest.strip_prefix('=')
            && let Some(current) = all.last_mut()
        {
            current.set(word, &unquoted(value));
            continue;
        }
        let mut begun = Challenge {
            scheme: word.to_owned(),
            ..Challenge::default()
        };
        // What follows a scheme is its first parameter, or a token that OAuth has no use for.
        if let Some((name, value)) = rest.split_once('=') {
            begun.set(name.trim(), &unquoted(value));
        }
        all.push(begun);
    }
    all
}

/// The parts between commas that stand outside of quotes.
fn items(field: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for letter in field.chars() {
        match letter {
            ',' if !quoted => {
                parts.push(String::new());
                continue;
            }
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = quoted && letter == '\\' && !escaped;
        if let Some(part) = parts.last_mut() {
            part.push(letter);
        }
    }
    parts
        .into_iter()
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

/// The value of a parameter, with or without quotes (RFC 9110 §5.6.4).
fn unquoted(value: &str) -> String {
    let value = value.trim();
    let Some(inner) = value.strip_prefix('"') else {
        // RFC 9110 §5.6.4 knows no other quotes; some servers write them anyway.
        let inner = value
            .strip_prefix('\'')
            .and_then(|rest| rest.strip_suffix('\''));
        return inner.unwrap_or(value).to_owned();
    };
    let mut out = String::new();
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => out.extend(letters.next()),
            '"' => break,
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn of(fields: &[&str]) -> Challenge {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_str(field).unwrap());
        }
        Challenge::of(&headers).unwrap_or_default()
    }

    #[test]
    fn a_challenge_keeps_its_commas_within_quotes() {
        let one = of(&[
            r#"Bearer realm="a, b", error="invalid_token", error_description="It \"ended\", sorry", scope="a b""#,
        ]);
        assert_eq!(one.scheme, "Bearer");
        assert_eq!(one.realm.as_deref(), Some("a, b"));
        assert_eq!(one.error.as_deref(), Some("invalid_token"));
        assert_eq!(one.description.as_deref(), Some("It \"ended\", sorry"));
        assert_eq!(one.scope.as_deref(), Some("a b"));
    }

    #[test]
    fn of_several_challenges_the_one_with_an_error_speaks() {
        let fields = [
            r#"Basic realm="proxy", Bearer scope="x", error=insufficient_scope"#,
            r#"Negotiate YWJjZA==, DPoP resource_metadata="https://a.example/.well-known/oauth-protected-resource""#,
        ];
        let one = of(&fields);
        assert_eq!(one.error.as_deref(), Some("insufficient_scope"));
        assert_eq!(one.scope.as_deref(), Some("x"));
        assert!(one.resource_metadata.unwrap().starts_with("https://a."));
        assert_eq!(of(&["Basic realm=\"x\", Bearer"]).scheme, "Bearer");
        assert_eq!(of(&["Negotiate"]).scheme, "Negotiate");
        assert_eq!(of(&[]), Challenge::default());
    }

    #[test]
    fn a_challenge_of_careless_form_is_read() {
        for field in [
            "Bearer error=\"invalid_token\",error_description=\"x\"",
            "bearer  Error = \"invalid_token\" , error_description = \"x\"",
            "Bearer realm=\"r\"  ,  error=invalid_token, error_description=\"x",
        ] {
            let one = of(&[field]);
            assert_eq!(one.error.as_deref(), Some("invalid_token"), "{field}");
            assert_eq!(one.description.as_deref(), Some("x"), "{field}");
        }
    }

    proptest! {
        #[test]
        fn no_field_makes_the_reader_panic(field in "\\PC*") {
            let _ = parse(&field);
        }
    }
}
