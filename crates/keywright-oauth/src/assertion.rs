//! Client assertions signed with a private key (RFC 7523 §2.2, `private_key_jwt`).

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use uuid::Uuid;

use crate::secret::AdminSecret;

/// Value of `client_assertion_type`.
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// An assertion is good for one request, which ends sooner than this.
const LIVES_SECS: i64 = 300;

/// Why an assertion cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum AssertionError {
    /// The text is no PEM of an RSA or elliptic-curve private key.
    #[error("no usable private key: {source}")]
    Key {
        /// Why.
        source: jsonwebtoken::errors::Error,
    },
    /// The claims could not be signed.
    #[error("the assertion could not be signed: {source}")]
    Sign {
        /// Why.
        source: jsonwebtoken::errors::Error,
    },
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: Uuid,
}

/// An assertion that `client_id` is who asks `audience`, made at `now` (Unix seconds). `key_id` names
/// the key where the server knows several.
pub fn sign(
    private_key_pem: &AdminSecret,
    key_id: Option<&str>,
    client_id: &str,
    audience: &str,
    now: i64,
) -> Result<AdminSecret, AssertionError> {
    let pem = private_key_pem.expose().as_bytes();
    let (algorithm, key) = EncodingKey::from_rsa_pem(pem)
        .map(|key| (Algorithm::RS256, key))
        .or_else(|_not_rsa| EncodingKey::from_ec_pem(pem).map(|key| (Algorithm::ES256, key)))
        .map_err(|source| AssertionError::Key { source })?;
    let mut header = Header::new(algorithm);
    header.kid = key_id.map(str::to_owned);
    let claims = Claims {
        iss: client_id,
        sub: client_id,
        aud: audience,
        iat: now,
        exp: now.saturating_add(LIVES_SECS),
        jti: Uuid::now_v7(),
    };
    jsonwebtoken::encode(&header, &claims, &key)
        .map(AdminSecret::new)
        .map_err(|source| AssertionError::Sign { source })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use jsonwebtoken::{DecodingKey, Validation};
    use serde_json::Value;

    use super::*;

    #[test]
    fn an_assertion_names_its_client_and_is_signed_with_its_key() {
        let pair = rcgen::KeyPair::generate().unwrap();
        let pem = AdminSecret::new(pair.serialize_pem());
        let jwt = sign(
            &pem,
            Some("k1"),
            "the-client",
            "https://as.example/token",
            1_000,
        )
        .unwrap();
        let header = jsonwebtoken::decode_header(jwt.expose()).unwrap();
        assert_eq!(header.kid.as_deref(), Some("k1"));
        let mut rules = Validation::new(header.alg);
        rules.validate_exp = false;
        rules.set_audience(&["https://as.example/token"]);
        let public = DecodingKey::from_ec_pem(pair.public_key_pem().as_bytes()).unwrap();
        let claims = jsonwebtoken::decode::<Value>(jwt.expose(), &public, &rules)
            .unwrap()
            .claims;
        assert_eq!(claims["iss"], "the-client");
        assert_eq!(claims["sub"], "the-client");
        assert_eq!(claims["exp"], 1_300);
    }

    #[test]
    fn what_is_no_key_is_said_to_be_none() {
        let refused = sign(&AdminSecret::new("hello"), None, "c", "a", 0).unwrap_err();
        assert!(matches!(refused, AssertionError::Key { .. }));
        assert!(!refused.to_string().contains("hello"));
    }
}
