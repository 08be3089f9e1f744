//! Client assertions (RFC 7523 §2.2): `private_key_jwt` and `client_secret_jwt` of OpenID Connect Core §9.

use aws_lc_rs::hmac;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{
    client_key::{ClientKey, KeyAlgorithm, KeyError, compact},
    secret::{ClientAssertion, ClientSecret},
};

/// Value of `client_assertion_type`.
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Seconds from `iat` to `exp`. An assertion is good for one request. Servers refuse those that are good for long, and clocks differ: Okta takes at
/// most an hour, Curity and FAPI profiles a few minutes.
pub const LIVES_SECS: u32 = 120;

/// How the header of an assertion names its key (RFC 7515 §4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyReference {
    /// `kid`.
    #[default]
    KeyId,
    /// The thumbprint of its certificate: `x5t` with RS256, `x5t#S256` with every other signature. Microsoft Entra ID
    /// knows a key by nothing else.
    Certificate,
}

/// What an assertion is made with and for, apart from the client.
#[derive(Debug, Clone, Default)]
pub struct AssertionParams {
    /// The key of `private_key_jwt`.
    pub key: Option<ClientKey>,
    /// How its header names the key.
    pub key_reference: KeyReference,
    /// `aud`: the issuer, or the token endpoint where a server wants that.
    pub audience: String,
}

/// The fields of a request that `client_id` proves itself with by a key.
///
/// # Errors
///
/// [`KeyError::NoCertificate`] where the key is named by its certificate and has none.
pub fn by_key(
    key: &ClientKey,
    reference: KeyReference,
    client_id: &str,
    audience: &str,
    now: i64,
) -> Result<ClientAssertion, KeyError> {
    let mut header = Map::from_iter([("typ".to_owned(), Value::from("JWT"))]);
    match reference {
        KeyReference::KeyId if key.kid().is_empty() => {}
        KeyReference::KeyId => {
            header.insert("kid".to_owned(), key.kid().into());
        }
        KeyReference::Certificate => {
            let certificate = key.certificate().ok_or(KeyError::NoCertificate)?;
            let (name, thumbprint) = match key.algorithm() {
                KeyAlgorithm::Rs256 => ("x5t", certificate.short_thumbprint()),
                _ => ("x5t#S256", certificate.thumbprint()),
            };
            header.insert(name.to_owned(), thumbprint.into());
        }
    }
    key.sign(&header, &claims(client_id, audience, now))
        .map(ClientAssertion::new)
}

/// The same by the client secret (HS256).
pub fn by_secret(
    secret: &ClientSecret,
    client_id: &str,
    audience: &str,
    now: i64,
) -> Result<ClientAssertion, KeyError> {
    let header = Map::from_iter([("typ".to_owned(), Value::from("JWT"))]);
    let claims = claims(client_id, audience, now);
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    let signature = |message: &[u8]| Ok(hmac::sign(&key, message).as_ref().to_vec());
    compact("HS256", &header, &claims, signature).map(ClientAssertion::new)
}

/// `nbf` is left out: a server whose clock is behind would refuse it, and `iat` says the same.
fn claims(client_id: &str, audience: &str, now: i64) -> Map<String, Value> {
    let claims = json!({
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": now,
        "exp": now.saturating_add(LIVES_SECS.into()),
        "jti": Uuid::now_v7(),
    });
    claims.as_object().cloned().unwrap_or_default()
}

/// The form fields of an assertion (RFC 7521 §4.2).
pub fn fields(assertion: &ClientAssertion) -> [(String, String); 2] {
    [
        ("client_assertion_type".to_owned(), JWT_BEARER.to_owned()),
        ("client_assertion".to_owned(), assertion.expose().to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::Jwk};

    use super::*;

    fn read(jwt: &ClientAssertion, key: &DecodingKey) -> (Algorithm, Option<String>, Value) {
        let header = jsonwebtoken::decode_header(jwt.expose()).unwrap();
        let mut rules = Validation::new(header.alg);
        rules.validate_exp = false;
        rules.set_audience(&["https://as.example"]);
        let claims = jsonwebtoken::decode(jwt.expose(), key, &rules).unwrap();
        (header.alg, header.kid, claims.claims)
    }

    #[test]
    fn an_assertion_is_signed_with_the_key_of_each_algorithm() {
        for algorithm in KeyAlgorithm::ALL {
            let key = ClientKey::generate(algorithm).unwrap();
            let jwt = by_key(
                &key,
                KeyReference::KeyId,
                "c-1",
                "https://as.example",
                1_000,
            )
            .unwrap();
            let jwk: Jwk = serde_json::from_value(key.public_jwk().into()).unwrap();
            let (alg, kid, claims) = read(&jwt, &DecodingKey::from_jwk(&jwk).unwrap());
            assert_eq!(format!("{alg:?}"), algorithm.as_str());
            assert_eq!(kid.as_deref(), Some(key.kid()));
            assert_eq!(
                (&claims["iss"], &claims["sub"]),
                (&json!("c-1"), &json!("c-1"))
            );
            assert_eq!(
                (&claims["iat"], &claims["exp"]),
                (&json!(1_000), &json!(1_120))
            );
            let again = by_key(
                &key,
                KeyReference::KeyId,
                "c-1",
                "https://as.example",
                1_000,
            )
            .unwrap();
            assert!(!again.is_same(&jwt), "jti is used once");
        }
    }

    #[test]
    fn a_key_is_named_by_its_certificate_where_the_server_wants_that() {
        let key = ClientKey::generate(KeyAlgorithm::Ps256).unwrap();
        let named = |key: &ClientKey| {
            by_key(
                key,
                KeyReference::Certificate,
                "c-1",
                "https://as.example",
                1,
            )
            .map(|jwt| jsonwebtoken::decode_header(jwt.expose()).unwrap())
        };
        assert_eq!(named(&key).unwrap_err(), KeyError::NoCertificate);
        let key = key.self_signed("orders", 1_800_000_000).unwrap();
        let certificate = key.certificate().unwrap();
        let header = named(&key).unwrap();
        assert_eq!((header.kid, header.x5t), (None, None));
        assert_eq!(header.x5t_s256, Some(certificate.thumbprint()));
        let key = key.signing_with(KeyAlgorithm::Rs256).unwrap();
        let header = named(&key).unwrap();
        assert_eq!(header.x5t, Some(certificate.short_thumbprint()));
        assert_eq!(header.x5t_s256, None);
    }

    #[test]
    fn an_assertion_by_secret_is_signed_with_hs256() {
        let secret = ClientSecret::new("a secret that is long enough for it");
        let jwt = by_secret(&secret, "c-1", "https://as.example", 1_000).unwrap();
        let (alg, kid, claims) = read(&jwt, &DecodingKey::from_secret(secret.expose().as_bytes()));
        assert_eq!((alg, kid), (Algorithm::HS256, None));
        assert_eq!(claims["aud"], "https://as.example");
    }
}
