//! A key set (RFC 7517).

use keywright_oauth::{
    jwks::Jwks,
    jwt::{self, Expected, Signature},
};

use crate::jwt::KNOWN_TOKENS;

/// No more keys are used than this.
const MOST_KEYS: usize = 100;

/// Few and only public keys are used, and a token is believed by them only if it was made with one of them.
pub fn run(data: &[u8]) {
    let Some(keys) = Jwks::read(data) else {
        return;
    };
    assert!(keys.keys.len() <= MOST_KEYS && keys.keys.len() <= keys.total);
    let known = String::from_utf8_lossy(data);
    let expected = Expected {
        issuer: "https://id.example",
        client_id: "orders",
        audience: Some("https://orders.example"),
        now: 1_700_000_000,
    };
    for (token, of_key) in KNOWN_TOKENS.lines().zip(KNOWN_PARTS) {
        let seen = jwt::inspect(token, Some(&keys), &expected).unwrap();
        // A set that still names the key may believe its token; any other must not.
        if !known.contains(of_key) && !known.contains('\\') {
            assert_ne!(seen.signature, Signature::Verified, "{token}");
        }
    }
}

/// The public part of the key of each known token, by which it is known whether a set holds that key.
const KNOWN_PARTS: [&str; 3] = [
    "p-RO4mKrVChJhJOq5NvtPsUQIhghDggVBZw0RyI0_YBA1SseXxwk229XqEUkRsoN5r5CzfZp4ph7",
    "sMtxXTIQqZGkf1oJrI1ZkB76T3zdp4Z27A5Mof9zLks",
    "frpw2oh31bt90nG7OM41D2DwDrzWbNvDRxsC7EGQ87E",
];
