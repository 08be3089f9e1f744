//! Grants by which a token or an assertion of somebody else is exchanged for a token: RFC 8693, RFC 7523 §2.1, RFC 7522
//! §2.1.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::secret::Assertion;

/// `grant_type` of an assertion (RFC 7523 §2.1).
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// `grant_type` of a SAML assertion (RFC 7522 §2.1).
pub const SAML_BEARER: &str = "urn:ietf:params:oauth:grant-type:saml2-bearer";
/// `grant_type` of a token exchange (RFC 8693 §2.1).
pub const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// What the names of token types begin with (RFC 8693 §3).
const TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:";

/// A token type by its short name, such as `id_token`, or as it is where it is a URI (RFC 8693 §3).
pub fn token_type_uri(name: &str) -> String {
    if name.contains(':') {
        name.to_owned()
    } else {
        format!(
            "{TOKEN_TYPE}{}",
            name.replace('-', "_").replace("id_jag", "id-jag")
        )
    }
}

/// A SAML assertion as a request carries it (RFC 7522 §2.1): base64url without padding. XML is encoded; an assertion that
/// is encoded already, in either alphabet, is kept in this one.
pub fn saml_assertion(given: &Assertion) -> Assertion {
    let text = given.expose().trim_start_matches('\u{feff}').trim();
    if text.starts_with('<') {
        return Assertion::new(URL_SAFE_NO_PAD.encode(text));
    }
    let encoded = text
        .chars()
        .filter(|letter| !letter.is_ascii_whitespace() && *letter != '=')
        .map(|letter| match letter {
            '+' => '-',
            '/' => '_',
            other => other,
        });
    Assertion::new(encoded.collect::<String>())
}

/// A token exchange (RFC 8693 §2.1).
#[derive(Debug, Clone)]
pub struct TokenExchange {
    /// `subject_token`: for whom the token is asked.
    pub subject_token: Assertion,
    /// `subject_token_type`.
    pub subject_token_type: String,
    /// `actor_token` and `actor_token_type`: who acts for the subject.
    pub actor: Option<(Assertion, String)>,
    /// `requested_token_type`; the server chooses where it is absent.
    pub requested_token_type: Option<String>,
}

impl TokenExchange {
    /// The fields of the form (RFC 8693 §2.1).
    pub(crate) fn fields(&self) -> Vec<(String, String)> {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut fields = vec![
            field("subject_token", self.subject_token.expose()),
            field("subject_token_type", &self.subject_token_type),
        ];
        if let Some((token, token_type)) = &self.actor {
            fields.push(field("actor_token", token.expose()));
            fields.push(field("actor_token_type", token_type));
        }
        let wanted = self.requested_token_type.as_deref();
        fields.extend(wanted.map(|wanted| field("requested_token_type", wanted)));
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saml_assertion_is_sent_as_base64url() {
        let xml = "<Assertion>ä?~</Assertion>";
        let wanted = URL_SAFE_NO_PAD.encode(xml);
        let standard = base64::engine::general_purpose::STANDARD.encode(xml);
        assert!(standard.contains(['+', '/', '=']), "{standard}");
        let (first, second) = standard.split_at(9);
        for given in [
            xml.to_owned(),
            format!("\u{feff}{xml}\n"),
            wanted.clone(),
            format!("{first}\r\n{second}\n"),
        ] {
            let sent = saml_assertion(&Assertion::new(given.clone()));
            assert_eq!(sent.expose(), wanted, "{given}");
        }
    }

    #[test]
    fn a_token_type_has_a_short_name() {
        for (name, uri) in [
            ("id_token", "urn:ietf:params:oauth:token-type:id_token"),
            (
                "access-token",
                "urn:ietf:params:oauth:token-type:access_token",
            ),
            ("id-jag", "urn:ietf:params:oauth:token-type:id-jag"),
            ("urn:example:mine", "urn:example:mine"),
        ] {
            assert_eq!(token_type_uri(name), uri);
        }
    }
}
