//! Proofs of possession (RFC 9449): a token that only the holder of a key can use.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, Method, header::WWW_AUTHENTICATE};
use serde_json::{Map, Value, json};
use url::Url;
use uuid::Uuid;

use crate::{
    client_key::{ClientKey, KeyError},
    lenient,
    secret::{AccessToken, DpopProof},
};

/// Header of a proof.
pub const DPOP: &str = "dpop";
/// Header of a nonce (RFC 9449 §8 and §9).
pub const DPOP_NONCE: &str = "dpop-nonce";
/// Code of a server that wants its nonce in the proof.
pub const USE_DPOP_NONCE: &str = "use_dpop_nonce";
/// For how long a proof is good, in seconds, as servers usually have it: RFC 9449 §11.1 says seconds or minutes.
pub const LIVES_SECS: u32 = 60;
/// A nonce is an opaque text of visible letters (RFC 9449 §8.1); one longer than this is not kept.
const LONGEST_NONCE: usize = 1024;

/// The newest nonce of each server, in memory alone: a new one costs one request.
#[derive(Debug, Clone, Default)]
pub struct Nonces(Arc<Mutex<HashMap<String, String>>>);

impl Nonces {
    /// The nonce for an address. Each server has its own (RFC 9449 §9).
    pub(crate) fn of(&self, url: &Url) -> Option<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&url.origin().ascii_serialization()).cloned()
    }

    /// Keeps the nonce of an answer; says whether there was another one than before.
    pub(crate) fn learn(&self, url: &Url, headers: &HeaderMap) -> bool {
        let nonce = headers
            .get(DPOP_NONCE)
            .and_then(|value| value.to_str().ok());
        let Some(nonce) = nonce.filter(|one| !one.is_empty() && one.len() <= LONGEST_NONCE) else {
            return false;
        };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = all.insert(url.origin().ascii_serialization(), nonce.to_owned());
        before.as_deref() != Some(nonce)
    }
}

/// A proof for one request at `now` (Unix seconds) (RFC 9449 §4.2). `token` is the access token that goes with it.
pub fn proof(
    key: &ClientKey,
    method: &Method,
    url: &Url,
    nonce: Option<&str>,
    token: Option<&AccessToken>,
    now: i64,
) -> Result<DpopProof, KeyError> {
    let header = Map::from_iter([
        ("typ".to_owned(), Value::from("dpop+jwt")),
        ("jwk".to_owned(), Value::Object(key.bare_public_jwk())),
    ]);
    let mut place = url.clone();
    place.set_query(None);
    place.set_fragment(None);
    let mut claims = json!({
        "jti": Uuid::now_v7(),
        "htm": method.as_str(),
        "htu": place.as_str(),
        "iat": now,
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = nonce.into();
    }
    if let Some(token) = token {
        let hash = digest::digest(&digest::SHA256, token.expose().as_bytes());
        claims["ath"] = URL_SAFE_NO_PAD.encode(hash).into();
    }
    let claims = claims.as_object().cloned().unwrap_or_default();
    key.sign(&header, &claims).map(DpopProof::new)
}

/// The server asks for a proof with its nonce: the token endpoint in the document of its error (RFC 9449 §8), an API in
/// its challenge (§9).
pub(crate) fn asks_for_nonce(status: u16, headers: &HeaderMap, body: &[u8]) -> bool {
    let challenges = || {
        let mut all = headers.get_all(WWW_AUTHENTICATE).iter();
        all.any(|one| one.to_str().is_ok_and(|text| text.contains(USE_DPOP_NONCE)))
    };
    let says = || {
        let members = lenient::object(body).ok();
        let code = members.and_then(|members| lenient::text(&members, "error"));
        code.as_deref() == Some(USE_DPOP_NONCE)
    };
    matches!(status, 400 | 401) && (challenges() || says())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use jsonwebtoken::{DecodingKey, Validation};

    use super::*;
    use crate::client_key::KeyAlgorithm;

    #[test]
    fn a_proof_names_the_request_and_the_token() {
        let key = ClientKey::generate(KeyAlgorithm::Es256).unwrap();
        let url = Url::parse("https://api.example/orders?page=2#top").unwrap();
        let token = AccessToken::new("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU");
        let made = |nonce| proof(&key, &Method::POST, &url, nonce, Some(&token), 1_000).unwrap();
        let jwt = made(Some("n-1"));
        let header = jsonwebtoken::decode_header(jwt.expose()).unwrap();
        assert_eq!(header.typ.as_deref(), Some("dpop+jwt"));
        let jwk = header.jwk.unwrap();
        let mut rules = Validation::new(header.alg);
        rules.required_spec_claims.clear();
        rules.validate_exp = false;
        let public = DecodingKey::from_jwk(&jwk).unwrap();
        let claims = jsonwebtoken::decode::<Value>(jwt.expose(), &public, &rules)
            .unwrap()
            .claims;
        assert_eq!(claims["htu"], "https://api.example/orders");
        assert_eq!(
            (&claims["htm"], &claims["nonce"]),
            (&json!("POST"), &json!("n-1"))
        );
        // The token and its hash of RFC 9449 §7.1.
        assert_eq!(claims["ath"], "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo");
        assert!(!made(None).is_same(&made(None)), "jti is used once");
        assert!(!serde_json::to_string(&jwk).unwrap().contains("\"d\""));
    }

    #[test]
    fn a_nonce_belongs_to_its_server_and_is_learned_once() {
        let nonces = Nonces::default();
        let (here, there) = (
            Url::parse("https://a.example/token").unwrap(),
            Url::parse("https://b.example/token").unwrap(),
        );
        let headers = |nonce: &str| {
            HeaderMap::from_iter([(DPOP_NONCE.parse().unwrap(), nonce.parse().unwrap())])
        };
        assert!(nonces.learn(&here, &headers("n-1")));
        assert!(
            !nonces.learn(&here, &headers("n-1")),
            "the same answer gives no reason to try again"
        );
        assert!(nonces.learn(&here, &headers("n-2")));
        assert!(!nonces.learn(&here, &HeaderMap::new()));
        assert!(!nonces.learn(&here, &headers(&"n".repeat(2000))));
        assert_eq!(
            (nonces.of(&here).as_deref(), nonces.of(&there)),
            (Some("n-2"), None)
        );
    }
}
