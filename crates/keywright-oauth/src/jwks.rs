//! Key sets (RFC 7517). Keys that cannot be used are left out, not fatal: sets mix kinds.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderValue, Method, header};
use serde_json::{Map, Value};
use url::Url;
use uuid::Uuid;

use crate::{
    error_response::ErrorResponse,
    http::{HttpClient, HttpError, Purpose, Request},
    lenient,
    signature::{Curve, Material},
};

/// A set with more keys than this is cut: no server signs with so many.
pub const MOST_KEYS: usize = 100;
/// RSA keys outside of these bits are refused: weaker than RFC 7518 §3.3 allows, or so long that each
/// check takes a server's time from us.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// Members that only the owner of a key may know (RFC 7518 §6.2.2, §6.3.2, §6.4.1); `priv` is that of a key of kind AKP.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "k", "priv"];

/// Media types of a key set (RFC 7517 §8.5).
const ACCEPT: HeaderValue = HeaderValue::from_static("application/jwk-set+json, application/json");

/// A public key that can check a signature.
#[derive(Debug, Clone)]
pub struct Key {
    /// Key identifier.
    pub(crate) kid: Option<String>,
    /// The one algorithm that it signs with, where it says so.
    pub(crate) alg: Option<String>,
    /// The key itself.
    pub(crate) material: Material,
}

/// A key that cannot check a signature here.
#[derive(Debug, Clone)]
pub(crate) struct OtherKey {
    /// Key identifier.
    pub(crate) kid: Option<String>,
    /// The one algorithm that it signs with, where it says so.
    pub(crate) alg: Option<String>,
    /// Why.
    pub(crate) kind: OtherKind,
}

/// Why a key cannot check a signature here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OtherKind {
    /// Weak, malformed, not for signatures, or published with its private part: nothing that it signed is believed.
    Refused,
    /// Ed448, which signs with `EdDSA` too (RFC 8037 §3.1).
    Ed448,
    /// Of a kind or on a curve that this program does not know.
    Unknown,
}

/// Public keys of an issuer.
#[derive(Debug, Clone, Default)]
pub struct Jwks {
    /// Keys that can check a signature.
    pub keys: Vec<Key>,
    /// Keys that cannot check one here.
    pub(crate) others: Vec<OtherKey>,
    /// Keys in the document.
    pub total: usize,
    /// Keys that give away what only their owner may know.
    pub private: usize,
}

/// A key set as its server answered it.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// Its keys.
    pub keys: Jwks,
    /// The document that they were read from.
    pub document: Bytes,
    /// Seconds for which it may be used again; none where the server does not say.
    pub lifetime: Option<u64>,
    /// The recorded exchange.
    pub exchange: Uuid,
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
        words: ErrorResponse,
        /// The recorded exchange.
        exchange: Uuid,
    },
    /// The answer is no key set.
    #[error("the response is not a key set")]
    NotKeys {
        /// The recorded exchange.
        exchange: Uuid,
    },
}

impl Jwks {
    /// Parses a document. `None` if it is not a key set.
    pub fn read(body: &[u8]) -> Option<Self> {
        Self::of(&lenient::object(body).ok()?)
    }

    /// The key set in a parsed document. `None` if it is not one.
    pub fn of(document: &Map<String, Value>) -> Option<Self> {
        let all = document.get("keys")?.as_array()?;
        let gives_away = |key: &&Value| PRIVATE.iter().any(|name| key.get(name).is_some());
        let mut read = Self {
            total: all.len(),
            private: all.iter().filter(gives_away).count(),
            ..Self::default()
        };
        for members in all.iter().take(MOST_KEYS).filter_map(Value::as_object) {
            let kid = lenient::text(members, "kid");
            let alg = lenient::text(members, "alg");
            match material(members) {
                Ok(material) => read.keys.push(Key { kid, alg, material }),
                Err(why) => read.others.push(OtherKey {
                    kid,
                    alg,
                    kind: why,
                }),
            }
        }
        Some(read)
    }

    /// The set was cut: a key that is not here may still be the issuer's.
    pub(crate) fn is_cut(&self) -> bool {
        self.total > MOST_KEYS
    }
}

/// A public, asymmetric key meant for signatures. A symmetric key in a public set is worth nothing,
/// and neither is one whose private half stands next to it.
fn is_for_signatures(members: &Map<String, Value>) -> bool {
    let says = |name: &str, wanted: &str| match members.get(name) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty() || text == wanted,
        Some(Value::Array(all)) => all.iter().any(|one| one == wanted),
        Some(_) => false,
    };
    says("use", "sig")
        && says("key_ops", "verify")
        && !PRIVATE.iter().any(|name| members.contains_key(*name))
}

/// The key by its kind (RFC 7518 §6, RFC 8037 §2, RFC 8812 §3.1), or why it cannot check a signature.
fn material(members: &Map<String, Value>) -> Result<Material, OtherKind> {
    if !is_for_signatures(members) {
        return Err(OtherKind::Refused);
    }
    let text = |name: &str| {
        let member = members.get(name).and_then(Value::as_str);
        member.ok_or(OtherKind::Refused)
    };
    let bytes = |name: &str| number(text(name)?).ok_or(OtherKind::Refused);
    match text("kty")? {
        "RSA" => {
            let (modulus, exponent) = (bytes("n")?, bytes("e")?);
            if is_strong(&modulus, &exponent) {
                Ok(Material::Rsa { modulus, exponent })
            } else {
                Err(OtherKind::Refused)
            }
        }
        "EC" => {
            let curve = Curve::named(text("crv")?).ok_or(OtherKind::Unknown)?;
            let point = curve.point(&bytes("x")?, &bytes("y")?);
            let point = point.ok_or(OtherKind::Refused)?;
            Ok(Material::Point { curve, point })
        }
        "OKP" => match text("crv")? {
            "Ed25519" => {
                let key = URL_SAFE_NO_PAD.decode(text("x")?).ok();
                key.map(Material::Ed25519).ok_or(OtherKind::Refused)
            }
            "Ed448" => Err(OtherKind::Ed448),
            // Keys of these curves agree on a key and sign nothing (RFC 8037 §3.2).
            "X25519" | "X448" => Err(OtherKind::Refused),
            _ => Err(OtherKind::Unknown),
        },
        // A symmetric key signs nothing that anybody else could not have signed.
        "oct" => Err(OtherKind::Refused),
        _ => Err(OtherKind::Unknown),
    }
}

/// Counts bits, not characters: leading zeros would make a short key look long. An exponent of 1
/// would let anybody sign, and a huge one costs time.
fn is_strong(modulus: &[u8], exponent: &[u8]) -> bool {
    let odd = exponent.last().is_some_and(|last| last % 2 == 1);
    let sane = odd && exponent.len() <= 4 && exponent != [1];
    let bits = modulus.first().map_or(0, |first| {
        let unused = usize::try_from(first.leading_zeros()).unwrap_or(0);
        modulus.len() * 8 - unused
    });
    sane && RSA_BITS.contains(&bits)
}

/// A `Base64urlUInt` (RFC 7518 §2) without leading zeros.
fn number(text: &str) -> Option<Vec<u8>> {
    // Some programs write the alphabet of plain base64, or the padding that RFC 7515 §2 leaves out.
    let text = text
        .trim_end_matches('=')
        .replace('+', "-")
        .replace('/', "_");
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    Some(bytes.into_iter().skip_while(|byte| *byte == 0).collect())
}

/// Fetches the key set.
pub async fn fetch(http: &HttpClient, uri: &Url, flow: Uuid) -> Result<Fetched, JwksError> {
    let mut request = Request::new(Method::GET, uri.clone(), Purpose::Jwks, flow);
    request.headers.insert(header::ACCEPT, ACCEPT);
    let response = http.send_open(request).await?;
    if !response.is_success() {
        let words = ErrorResponse::of(&response);
        return Err(JwksError::Refused {
            words,
            exchange: response.exchange,
        });
    }
    let keys = Jwks::read(&response.body).ok_or(JwksError::NotKeys {
        exchange: response.exchange,
    })?;
    Ok(Fetched {
        keys,
        lifetime: response.lifetime(),
        exchange: response.exchange,
        document: response.body,
    })
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
            json!({"kty": "EC", "crv": "P-192", "x": "AA", "y": "AA"}),
            json!({"kty": "EC", "crv": "P-256", "x": URL_SAFE_NO_PAD.encode([9; 33]), "y": "AA"}),
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
    fn a_number_is_read_in_each_alphabet_of_base64() {
        let number = [vec![0xfb, 0xff], vec![0xc1; 254]].concat();
        let plain = URL_SAFE_NO_PAD.encode(&number);
        let other = format!("{}==", plain.replace('-', "+").replace('_', "/"));
        assert_ne!(plain, other.trim_end_matches('='));
        for n in [plain, other] {
            let key = json!({ "kty": "RSA", "n": n, "e": "AQAB", "use": "" });
            assert_eq!(usable_of(&[key]).keys.len(), 1, "{n}");
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
