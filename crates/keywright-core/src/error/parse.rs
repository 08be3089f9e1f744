//! Why a text could not be read as an address or as JSON, in the user's words: those of a parser are English and speak
//! of its own terms.

use keywright_oauth::discover::suggested_issuer;
use serde_json::error::Category;
use url::{ParseError, Url};

use crate::{
    Lang,
    i18n::{key::Key, translate},
};

/// Why a text is not an http or https address.
pub(crate) fn address_problem(text: &str) -> Key {
    let text = text.trim();
    if text.is_empty() {
        return Key::ReasonAddressEmpty;
    }
    match Url::parse(text) {
        // What has no scheme may still parse: `localhost:3000`.
        Ok(url) if !matches!(url.scheme(), "http" | "https") => Key::ReasonAddressScheme,
        Err(ParseError::RelativeUrlWithoutBase | ParseError::RelativeUrlWithCannotBeABaseBase) => {
            Key::ReasonAddressScheme
        }
        Ok(_) | Err(ParseError::EmptyHost) => Key::ReasonAddressHost,
        Err(ParseError::InvalidPort) => Key::ReasonAddressPort,
        Err(ParseError::InvalidIpv4Address | ParseError::InvalidIpv6Address) => {
            Key::ReasonAddressIp
        }
        Err(ParseError::IdnaError | ParseError::InvalidDomainCharacter) => {
            Key::ReasonAddressHostName
        }
        Err(_) => Key::ReasonAddressUnreadable,
    }
}

/// The address that was probably meant by a text that lacks its scheme. None where nothing likely is left.
pub(crate) fn address_meant(text: &str) -> Option<String> {
    let text = text.trim();
    let end = text.find(['?', '#']).unwrap_or(text.len());
    let (place, rest) = text.split_at(end);
    if address_problem(text) != Key::ReasonAddressScheme || place.contains("://") {
        return None;
    }
    // The same rule as for an issuer, which has no query.
    let meant = suggested_issuer(place)?;
    let scheme = meant.split_once("://")?.0;
    Some(format!("{scheme}://{place}{rest}"))
}

/// Why a text is not the JSON that was expected: a phrase with its line and column, which count from 1.
pub fn json_problem(lang: Lang, error: &serde_json::Error) -> String {
    let text = error.to_string();
    let (line, column) = (error.line().to_string(), error.column().to_string());
    let member = text.split('`').nth(1).unwrap_or_default();
    let key = match error.classify() {
        Category::Eof => Key::JsonEnd,
        Category::Data if !member.is_empty() => Key::JsonMember,
        Category::Data => Key::JsonType,
        Category::Syntax | Category::Io => Key::JsonSyntax,
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
        return translate(lang, Key::JsonObject, &[]);
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
            (" ", Key::ReasonAddressEmpty),
            ("id.example.com/realms/a", Key::ReasonAddressScheme),
            ("localhost:3000", Key::ReasonAddressScheme),
            ("ftp://id.example", Key::ReasonAddressScheme),
            ("https://", Key::ReasonAddressHost),
            ("https://id.example:99999/", Key::ReasonAddressPort),
            ("https://1.2.3.999/", Key::ReasonAddressIp),
            ("https://[::1/", Key::ReasonAddressIp),
            ("https://a b.example/", Key::ReasonAddressHostName),
        ] {
            assert_eq!(address_problem(text), problem, "{text}");
        }
    }

    #[test]
    fn an_address_without_its_scheme_is_offered_with_one() {
        for (text, meant) in [
            (
                "api.example.com/orders?a=b#c",
                Some("https://api.example.com/orders?a=b#c"),
            ),
            (
                "localhost:3000/orders",
                Some("http://localhost:3000/orders"),
            ),
            ("127.0.0.1:8250", Some("http://127.0.0.1:8250")),
            ("orders", None),
            ("ftp://id.example", None),
            ("https://[::1/", None),
            ("", None),
        ] {
            assert_eq!(address_meant(text).as_deref(), meant, "{text}");
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
        assert_eq!(said("{\"a\": [1"), "the text ends unexpectedly in line 1");
        assert_eq!(said("[1]"), "a JSON object was expected");
        let error =
            serde_json::from_str::<std::collections::BTreeMap<String, u8>>("{\"a\":\n\"x\"}");
        let said = json_problem(Lang::En, &error.unwrap_err());
        assert_eq!(said, "line 2, column 3 has an unexpected type");
    }
}
