//! An access token that looks like a JWT (RFC 7519), against keys that signed three others.

use std::sync::LazyLock;

use keywright_oauth::{
    jwks::Jwks,
    jwt::{self, Expected, Signature},
    secret::AccessToken,
};

/// Tokens that the keys below signed, one a line. The private keys were thrown away.
pub(crate) const KNOWN_TOKENS: &str = include_str!("known/tokens.txt");
const KNOWN_KEYS: &[u8] = include_bytes!("known/keys.json");

static KEYS: LazyLock<Jwks> = LazyLock::new(|| Jwks::read(KNOWN_KEYS).unwrap());

/// A token is verified only if its signed part is one that was really signed.
pub fn run(data: &[u8]) {
    let Ok(token) = std::str::from_utf8(data) else {
        return;
    };
    let _scopes = jwt::scopes(&AccessToken::new(token));
    let expected = Expected {
        issuer: "https://id.example",
        client_id: "orders",
        audience: Some("https://orders.example"),
        now: 1_700_000_000,
    };
    let unchecked = jwt::inspect(token, None, &expected);
    let Some(seen) = jwt::inspect(token, Some(&KEYS), &expected) else {
        assert!(unchecked.is_none());
        return;
    };
    assert!(unchecked.is_some_and(|seen| seen.signature != Signature::Verified && !seen.holds()));
    if seen.signature == Signature::Verified {
        let signed = signed_part(token);
        assert!(
            KNOWN_TOKENS
                .lines()
                .any(|known| signed_part(known) == signed),
            "nobody signed {token}"
        );
    } else {
        assert!(!seen.holds());
    }
}

fn signed_part(token: &str) -> &str {
    token.rsplit_once('.').map_or("", |(signed, _)| signed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_tokens_hold() {
        for token in KNOWN_TOKENS.lines() {
            let expected = Expected {
                issuer: "https://id.example",
                client_id: "orders",
                audience: Some("https://orders.example"),
                now: 1_700_000_000,
            };
            assert!(jwt::inspect(token, Some(&KEYS), &expected).unwrap().holds());
            run(token.as_bytes());
        }
    }
}
