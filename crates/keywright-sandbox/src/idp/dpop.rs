//! Proofs of possession (RFC 9449): who shows a token holds the key that it is bound to.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::ThumbprintHash;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;

use super::access_token::Claims;
use super::answer::Refusal;
use super::dials;
use crate::personality::Personality;
use crate::state::Shared;

/// Header of a nonce (RFC 9449 section 8).
pub(crate) const DPOP_NONCE: &str = "dpop-nonce";
/// Algorithms of a proof, for the metadata.
pub(crate) const ALGORITHMS: [&str; 4] = ["ES256", "EdDSA", "PS256", "RS256"];
const ALLOWED: [Algorithm; 4] = [
    Algorithm::ES256,
    Algorithm::EdDSA,
    Algorithm::PS256,
    Algorithm::RS256,
];
/// A nonce is taken for this long, in seconds.
const NONCE_SECS: i64 = 300;
/// The clocks of client and server may differ by this much, in seconds (RFC 9449 section 11.1).
const SKEW_SECS: i64 = 300;

/// The request that a proof is for.
pub(crate) struct Place<'a> {
    pub(crate) personality: Personality,
    pub(crate) method: &'a str,
    /// Without query.
    pub(crate) url: String,
    /// The access token that the request shows.
    pub(crate) access_token: Option<&'a str>,
}

#[derive(Deserialize)]
struct ProofClaims {
    jti: String,
    htm: String,
    htu: String,
    iat: i64,
    nonce: Option<String>,
    ath: Option<String>,
}

/// The thumbprint of the key that a request proves; none where it has no proof.
pub(crate) fn proved(
    shared: &Shared,
    headers: &HeaderMap,
    place: &Place<'_>,
) -> Result<Option<String>, Refusal> {
    let mut all = headers.get_all("dpop").iter();
    let Some(proof) = all.next() else {
        return Ok(None);
    };
    if all.next().is_some() {
        return Err(Refusal::InvalidDpopProof("There is more than one proof"));
    }
    let proof = proof.to_str().unwrap_or_default();
    let (claims, jkt) = read(proof).map_err(Refusal::InvalidDpopProof)?;
    check(shared, &claims, place).map_err(Refusal::InvalidDpopProof)?;
    let is_stormy = dials::rejects_all_nonces(&shared.faults(place.personality));
    let is_known = claims
        .nonce
        .as_deref()
        .is_some_and(|nonce| is_nonce(shared, nonce));
    if is_stormy || !is_known {
        return Err(Refusal::UseDpopNonce(
            nonce(shared).ok_or(Refusal::ServerError)?,
        ));
    }
    let now = shared.now();
    let until = now.saturating_add(SKEW_SECS.saturating_mul(2));
    let jti = format!("{jkt}.{}", claims.jti);
    if !shared.state().logins.note_proof(jti, until, now) {
        return Err(Refusal::InvalidDpopProof("The proof was used before"));
    }
    Ok(Some(jkt))
}

/// The thumbprint that a token is bound to (RFC 9449 section 6.1).
pub(crate) fn bound_to(claims: &Claims) -> Option<&str> {
    claims.own.get("cnf")?.get("jkt")?.as_str()
}

/// The token of an `Authorization: DPoP` header (RFC 9449 section 7.1).
pub(crate) fn dpop_token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("dpop") && !token.is_empty()).then_some(token)
}

/// The claims of a proof that its own key signed, and the thumbprint of that key.
fn read(proof: &str) -> Result<(ProofClaims, String), &'static str> {
    const BAD: &str = "The proof is not a JWT with its own public key";
    let head = jsonwebtoken::decode_header(proof).map_err(|_| BAD)?;
    let raw = proof.split('.').next().unwrap_or_default();
    let raw = URL_SAFE_NO_PAD.decode(raw).map_err(|_| BAD)?;
    let raw: Value = serde_json::from_slice(&raw).map_err(|_| BAD)?;
    if head.typ.as_deref() != Some("dpop+jwt") {
        return Err("typ of the proof must be dpop+jwt");
    }
    if !ALLOWED.contains(&head.alg) {
        return Err("The algorithm of the proof is not supported");
    }
    if raw["jwk"].get("d").is_some() {
        return Err("The proof has a private key in it");
    }
    let jwk = head.jwk.ok_or(BAD)?;
    let key = DecodingKey::from_jwk(&jwk).map_err(|_| BAD)?;
    let mut validation = Validation::new(head.alg);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let data = jsonwebtoken::decode::<ProofClaims>(proof, &key, &validation)
        .map_err(|_| "The signature or the claims of the proof are wrong")?;
    let jkt = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| BAD)?;
    Ok((data.claims, jkt))
}

fn check(shared: &Shared, claims: &ProofClaims, place: &Place<'_>) -> Result<(), &'static str> {
    if claims.htm != place.method {
        return Err("htm is not the method of the request");
    }
    let named = claims.htu.split(['?', '#']).next().unwrap_or_default();
    // The Sandbox answers by both names.
    let named = named.replacen("://localhost:", "://127.0.0.1:", 1);
    if named != place.url {
        return Err("htu is not the address of the request");
    }
    if claims.jti.is_empty() || shared.now().abs_diff(claims.iat) > SKEW_SECS.unsigned_abs() {
        return Err("iat is too far from the time of the server");
    }
    if let Some(token) = place.access_token {
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes());
        if claims.ath.as_deref() != Some(&*URL_SAFE_NO_PAD.encode(hash)) {
            return Err("ath is not the hash of the access token");
        }
    }
    Ok(())
}

/// A nonce says when it was made, sealed, so that none has to be remembered.
pub(crate) fn nonce(shared: &Shared) -> Option<String> {
    let now = format!("dpop {}", shared.now());
    shared.cookie_key.seal(now.as_bytes())
}

fn is_nonce(shared: &Shared, text: &str) -> bool {
    let made = shared
        .cookie_key
        .open(text)
        .and_then(|plain| String::from_utf8(plain).ok())
        .and_then(|plain| plain.strip_prefix("dpop ")?.parse::<i64>().ok());
    made.is_some_and(|made| shared.now().saturating_sub(made) <= NONCE_SECS)
}
