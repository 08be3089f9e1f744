//! References as they are copied in the place of a secret: `keywright://NAME/token`. They name what is
//! meant and hold nothing secret, and must never go out as if they were the credential.

use url::form_urlencoded;

const SCHEME: &str = "keywright://";
/// What a reference can name.
const KINDS: [&str; 5] = [
    "token",
    "client_secret",
    "registration_access_token",
    "initial_access_token",
    "cookie",
];

/// A reference in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// As it is written.
    pub text: String,
    /// Name of the application.
    pub name: String,
    /// What of it: `token`, `client_secret`, …
    pub kind: &'static str,
}

/// The first reference in a text.
pub fn find(text: &str) -> Option<Reference> {
    let mut rest = text;
    while let Some(at) = rest.find(SCHEME) {
        rest = &rest[at..];
        let after = &rest[SCHEME.len()..];
        let end = after
            .find(|c: char| !(c.is_ascii_alphanumeric() || "-._~%*/".contains(c)))
            .unwrap_or(after.len());
        let found = after[..end].split_once('/').and_then(|(name, kind)| {
            let kind = kind.trim_end_matches(['/', '.']);
            let kind = *KINDS.iter().find(|known| **known == kind)?;
            Some((name, kind))
        });
        if let Some((name, kind)) = found.filter(|(name, _)| !name.is_empty()) {
            let query = format!("n={name}");
            let name_text = form_urlencoded::parse(query.as_bytes())
                .next()?
                .1
                .into_owned();
            return Some(Reference {
                text: format!("{SCHEME}{name}/{kind}"),
                name: name_text,
                kind,
            });
        }
        rest = after;
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_reference_is_found_where_it_is_written() {
        for (text, reference, name, kind) in [
            (
                "keywright://orders/token",
                "keywright://orders/token",
                "orders",
                "token",
            ),
            (
                "Authorization: Bearer keywright://orders/token\n",
                "keywright://orders/token",
                "orders",
                "token",
            ),
            (
                "'keywright://a%20b%2F%C3%A9/client_secret'",
                "keywright://a%20b%2F%C3%A9/client_secret",
                "a b/é",
                "client_secret",
            ),
            (
                "keywright://x keywright://orders/cookie;",
                "keywright://orders/cookie",
                "orders",
                "cookie",
            ),
        ] {
            let found = find(text).unwrap();
            assert_eq!(
                (found.text.as_str(), found.name.as_str(), found.kind),
                (reference, name, kind)
            );
        }
        for none in [
            "",
            "keywright://",
            "keywright://orders",
            "keywright:///token",
            "keywright://callback/oauth",
            "https://orders/token",
        ] {
            assert_eq!(find(none), None, "{none}");
        }
    }
}
