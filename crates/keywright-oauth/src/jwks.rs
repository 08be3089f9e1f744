//! Key sets (RFC 7517). Keys that cannot be used are left out, not fatal: sets mix kinds.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::Method;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk};
use serde_json::{Map, Value};
use url::Url;
use uuid::Uuid;

use crate::{
    http::{HttpClient, HttpError, Purpose, Request},
    lenient,
    words::ProviderWords,
};

/// A set with more keys than this is cut: no server signs with so many.
const MOST_KEYS: usize = 100;
/// RSA keys outside of these bits are refused: weaker than RFC 7518 §3.3 allows, or so long that each
/// check takes a server's time from us.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// Members that only the owner of a key may know (RFC 7518 §6.2.2, §6.3.2, §6.4.1).
const PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];

/// Public keys of an issuer.
#[derive(Debug, Clone, Default)]
pub struct Jwks {
    /// Keys that can check a signature.
    pub keys: Vec<Jwk>,
    /// Keys in the document.
    pub total: usize,
    /// Keys that give away what only their owner may know.
    pub private: usize,
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum JwksError {
    /// No usable answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The server refused.
    #[error("the key set answered {}", words.status)]
    Refused {
        /// Its words.
        words: ProviderWords,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// The answer is no key set.
    #[error("the answer is no key set")]
    NotKeys {
        /// The recorded exchange.
        exchange: Uuid,
    },
}

impl Jwks {
    /// Reads a document; none when it is no key set.
    pub fn read(body: &[u8]) -> Option<Self> {
        let document = lenient::object(body).ok()?;
        let all = document.get("keys")?.as_array()?;
        let gives_away = |key: &&Value| PRIVATE.iter().any(|name| key.get(name).is_some());
        let keys = all.iter().take(MOST_KEYS).filter_map(usable).collect();
        Some(Self {
            keys,
            total: all.len(),
            private: all.iter().filter(gives_away).count(),
        })
    }
}

/// A public, asymmetric key meant for signatures. A symmetric key in a public set is worth nothing,
/// and neither is one whose private half stands beside it.
fn usable(value: &Value) -> Option<Jwk> {
    let members = value.as_object()?;
    let says = |name: &str, wanted: &str| match members.get(name) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text == wanted,
        Some(Value::Array(all)) => all.iter().any(|one| one == wanted),
        Some(_) => false,
    };
    if !says("use", "sig") || !says("key_ops", "verify") {
        return None;
    }
    if PRIVATE.iter().any(|name| members.contains_key(*name)) {
        return None;
    }
    let key: Jwk = serde_json::from_value(value.clone()).ok()?;
    // Read again by name: a symmetric key with the members of an RSA key would pass for one.
    let kind = lenient::text(members, "kty")?;
    let fits = match (kind.as_str(), &key.algorithm) {
        ("RSA", AlgorithmParameters::RSA(rsa)) => is_strong(members, &rsa.n),
        ("EC", AlgorithmParameters::EllipticCurve(point)) => {
            matches!(point.curve, EllipticCurve::P256 | EllipticCurve::P384)
        }
        ("OKP", AlgorithmParameters::OctetKeyPair(pair)) => pair.curve == EllipticCurve::Ed25519,
        _ => false,
    };
    fits.then_some(key)
}

/// Counts bits, not characters: leading zeros would make a short key look long. An exponent of 1
/// would let anybody sign, and a huge one costs time.
fn is_strong(members: &Map<String, Value>, modulus: &str) -> bool {
    let exponent = lenient::text(members, "e").and_then(|text| number(&text));
    let sane = exponent.is_some_and(|bytes| {
        let odd = bytes.last().is_some_and(|last| last % 2 == 1);
        odd && bytes.len() <= 4 && bytes != [1]
    });
    let Some(modulus) = number(modulus) else {
        return false;
    };
    let bits = modulus.first().map_or(0, |first| {
        let unused = usize::try_from(first.leading_zeros()).unwrap_or(0);
        modulus.len() * 8 - unused
    });
    sane && RSA_BITS.contains(&bits)
}

/// A `Base64urlUInt` (RFC 7518 §2) without leading zeros.
fn number(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    Some(bytes.into_iter().skip_while(|byte| *byte == 0).collect())
}

/// Fetches the key set.
pub async fn fetch(
    http: &HttpClient,
    uri: &Url,
    flow: Uuid,
) -> Result<(Jwks, Uuid, u64), JwksError> {
    let response = http
        .send(Request::new(Method::GET, uri.clone(), Purpose::Jwks, flow))
        .await?;
    if !response.is_success() {
        let words = ProviderWords::of(&response);
        return Err(JwksError::Refused {
            words,
            exchange: response.exchange,
        });
    }
    let jwks = Jwks::read(&response.body).ok_or(JwksError::NotKeys {
        exchange: response.exchange,
    })?;
    Ok((jwks, response.exchange, response.elapsed_ms))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    fn rsa(bytes: usize, exponent: &str) -> Value {
        json!({"kty": "RSA", "n": URL_SAFE_NO_PAD.encode(vec![0xc1; bytes]), "e": exponent})
    }

    fn with(mut key: Value, name: &str, value: impl Into<Value>) -> Value {
        key[name] = value.into();
        key
    }

    fn usable_of(keys: &[Value]) -> Jwks {
        Jwks::read(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
    }

    #[test]
    fn t20_weak_huge_and_odd_keys_are_left_out() {
        let good = rsa(256, "AQAB");
        assert_eq!(usable_of(std::slice::from_ref(&good)).keys.len(), 1);
        let mut padded = vec![0_u8; 192];
        padded.extend([0xc1; 64]);
        for wrong in [
            rsa(64, "AQAB"),
            rsa(255, "AQAB"),
            rsa(8192, "AQAB"),
            with(good.clone(), "n", URL_SAFE_NO_PAD.encode(&padded)),
            with(good.clone(), "n", "not base64!"),
            with(good.clone(), "n", ""),
            rsa(256, "AQ"),
            rsa(256, "AA"),
            rsa(256, "BA"),
            rsa(256, "__________8"),
            with(good.clone(), "use", "enc"),
            with(good.clone(), "use", 1),
            with(good.clone(), "key_ops", json!(["encrypt"])),
            with(good.clone(), "kty", "oct"),
            json!({"kty": "oct", "k": "c2VjcmV0"}),
            json!({"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}),
            json!({"kty": "EC", "crv": "P-192", "x": "AA", "y": "AA"}),
            json!({"kty": "OKP", "crv": "X25519", "x": 1}),
            json!("RSA"),
            json!(null),
            json!([]),
            json!({}),
        ] {
            let seen = usable_of(std::slice::from_ref(&wrong));
            assert_eq!((seen.keys.len(), seen.total), (0, 1), "{wrong}");
        }
    }

    #[test]
    fn t20_private_members_are_reported_and_their_keys_not_believed() {
        let seen = usable_of(&[rsa(256, "AQAB"), with(rsa(256, "AQAB"), "d", "AAAA")]);
        assert_eq!((seen.keys.len(), seen.total, seen.private), (1, 2, 1));
    }

    #[test]
    fn t20_ten_thousand_keys_are_cut() {
        let all: Vec<Value> = (0..10_000)
            .map(|number| {
                with(
                    json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}),
                    "kid",
                    number.to_string(),
                )
            })
            .collect();
        let seen = usable_of(&all);
        assert_eq!((seen.keys.len(), seen.total), (MOST_KEYS, 10_000));
    }
}
