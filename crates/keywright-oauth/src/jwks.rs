//! Key sets (RFC 7517). Keys that cannot be used are left out, not fatal: sets mix kinds.

use http::Method;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use serde_json::{Map, Value};
use url::Url;
use uuid::Uuid;

use crate::{
    http::{HttpClient, HttpError, Purpose, Request},
    words::ProviderWords,
};

/// A set with more keys than this is cut: no server signs with so many.
const MOST_KEYS: usize = 100;

/// Public keys of an issuer.
#[derive(Debug, Clone, Default)]
pub struct Jwks {
    /// Keys that can check a signature.
    pub keys: Vec<Jwk>,
    /// Keys in the document.
    pub total: usize,
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
        let document: Map<String, Value> = serde_json::from_slice(body).ok()?;
        let all = document.get("keys")?.as_array()?;
        let keys = all.iter().take(MOST_KEYS).filter_map(usable).collect();
        Some(Self {
            keys,
            total: all.len(),
        })
    }
}

/// A public, asymmetric key meant for signatures. A symmetric key in a public set is worth nothing.
fn usable(value: &Value) -> Option<Jwk> {
    if value
        .get("use")
        .and_then(Value::as_str)
        .is_some_and(|usage| usage != "sig")
    {
        return None;
    }
    let key: Jwk = serde_json::from_value(value.clone()).ok()?;
    match &key.algorithm {
        AlgorithmParameters::OctetKey(_) => None,
        // 2048 bits are the least that RFC 7518 §3.3 allows; 342 characters of base64url.
        AlgorithmParameters::RSA(rsa) if rsa.n.len() < 342 => None,
        _ => Some(key),
    }
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
        let words = ProviderWords::read(response.status, &response.body);
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
