//! Encrypted tokens (RFC 7516). None is read here; its header says how it was made.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::lenient;

/// Longest name of an algorithm that is shown.
const LONGEST: usize = 40;

/// How a token is encrypted, in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encryption {
    /// `alg`: how its key is (RFC 7516 §4.1.1).
    pub alg: String,
    /// `enc`: how its content is (RFC 7516 §4.1.2).
    pub enc: String,
}

impl Encryption {
    /// Of a token in the compact form; none where it is not an encrypted one.
    pub fn of(token: &str) -> Option<Self> {
        let mut parts = token.trim().split('.');
        let header = parts.next()?;
        if parts.count() != 4 {
            return None;
        }
        let header = lenient::strict_object(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        let name = |member: &str| {
            let text = header.get(member)?.as_str()?;
            let name: String = text
                .chars()
                .filter(char::is_ascii_graphic)
                .take(LONGEST)
                .collect();
            (!name.is_empty()).then_some(name)
        };
        Some(Self {
            alg: name("alg")?,
            enc: name("enc")?,
        })
    }
}

impl fmt::Display for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.alg, self.enc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str, rest: &str) -> String {
        format!("{}{rest}", URL_SAFE_NO_PAD.encode(header))
    }

    #[test]
    fn an_encrypted_token_is_known_by_its_header() {
        let header = r#"{"alg":"RSA-OAEP-256","enc":"A128CBC-HS256","kid":"1"}"#;
        let seen = Encryption::of(&token(header, ".a.b.c.d"));
        let text = seen.map(|one| one.to_string());
        assert_eq!(text.as_deref(), Some("RSA-OAEP-256, A128CBC-HS256"));
        // The key of `dir` and `ECDH-ES` is empty (RFC 7516 §5.1).
        assert!(Encryption::of(&token(r#"{"alg":"dir","enc":"A256GCM"}"#, "..b.c.d")).is_some());
        for (header, rest) in [
            (header, ".a.b"),
            (header, ".a.b.c"),
            (header, ".a.b.c.d.e"),
            (r#"{"alg":"RS256"}"#, ".a.b.c.d"),
            (r#"{"alg":["a"],"enc":1}"#, ".a.b.c.d"),
            (r#"{"alg":"\u0007","enc":"A256GCM"}"#, ".a.b.c.d"),
            ("[]", ".a.b.c.d"),
        ] {
            assert_eq!(Encryption::of(&token(header, rest)), None, "{header}{rest}");
        }
        let long = format!(r#"{{"alg":"{}","enc":"x"}}"#, "a".repeat(4000));
        let seen = Encryption::of(&token(&long, ".a.b.c.d"));
        assert_eq!(seen.map(|one| one.alg.len()), Some(LONGEST));
    }
}
