//! Why a text could not be read as an address or as JSON, in the user's words: those of a parser are English and speak
//! of its own terms.

use serde_json::error::Category;
use url::{ParseError, Url};

use crate::{Lang, i18n::translate};

/// Why a text is not an http or https address: key of the sentence (`reason.KEY` in the message files).
pub(crate) fn address_problem(text: &str) -> &'static str {
    let text = text.trim();
    if text.is_empty() {
        return "address_empty";
    }
    match Url::parse(text) {
        // What has no scheme may still parse: `localhost:3000`.
        Ok(url) if !matches!(url.scheme(), "http" | "https") => "address_scheme",
        Err(ParseError::RelativeUrlWithoutBase | ParseError::RelativeUrlWithCannotBeABaseBase) => {
            "address_scheme"
        }
        Ok(_) | Err(ParseError::EmptyHost) => "address_host",
        Err(ParseError::InvalidPort) => "address_port",
        Err(ParseError::InvalidIpv4Address | ParseError::InvalidIpv6Address) => "address_ip",
        Err(ParseError::IdnaError | ParseError::InvalidDomainCharacter) => "address_host_name",
        Err(_) => "address_unreadable",
    }
}

/// Why a text is not the JSON that was expected: a phrase with its line and column, which count from 1.
pub fn json_problem(lang: Lang, error: &serde_json::Error) -> String {
    let text = error.to_string();
    let (line, column) = (error.line().to_string(), error.column().to_string());
    let member = text.split('`').nth(1).unwrap_or_default();
    let key = match error.classify() {
        Category::Eof => "json.end",
        Category::Data if !member.is_empty() => "json.member",
        Category::Data => "json.type",
        Category::Syntax | Category::Io => "json.syntax",
    };
    let blanks = [
        ("line", line.as_str()),
        ("column", column.as_str()),
        ("name", member),
    ];
    translate(lang, key, &blanks)
}

/// The same where any JSON object will do.
pub(crate) fn object_problem(lang: Lang, error: &serde_json::Error) -> String {
    if error.is_data() {
        return translate(lang, "json.object", &[]);
    }
    json_problem(lang, error)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use serde_json::{Map, Value};

    use super::*;

    #[test]
    fn an_address_is_refused_for_what_is_wrong_with_it() {
        for (text, problem) in [
            (" ", "address_empty"),
            ("id.example.com/realms/a", "address_scheme"),
            ("localhost:3000", "address_scheme"),
            ("ftp://id.example", "address_scheme"),
            ("https://", "address_host"),
            ("https://id.example:99999/", "address_port"),
            ("https://1.2.3.999/", "address_ip"),
            ("https://[::1/", "address_ip"),
            ("https://a b.example/", "address_host_name"),
        ] {
            assert_eq!(address_problem(text), problem, "{text}");
            for lang in [Lang::En, Lang::Ja] {
                let key = format!("reason.{problem}");
                assert_ne!(translate(lang, &key, &[]), key);
            }
        }
    }

    #[test]
    fn json_is_refused_for_what_is_wrong_with_it() {
        let of = |text: &str| serde_json::from_str::<Map<String, Value>>(text).unwrap_err();
        let said = |text: &str| object_problem(Lang::En, &of(text));
        assert_eq!(
            said("{\n  a: 1 }"),
            "line 2, column 3 does not follow the JSON syntax"
        );
        assert_eq!(said("{\"a\": [1"), "the text ends too early, in line 1");
        assert_eq!(said("[1]"), "a JSON object was expected");
        let error =
            serde_json::from_str::<std::collections::BTreeMap<String, u8>>("{\"a\":\n\"x\"}");
        let said = json_problem(Lang::En, &error.unwrap_err());
        assert_eq!(said, "line 2, column 3 has another type than expected");
    }
}
