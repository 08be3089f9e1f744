//! ID tokens: who signed in (OpenID Connect Core §2), checked as §3.1.3.7 says.

use aws_lc_rs::{digest, hmac};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use crate::{
    encryption::Encryption,
    jwks::Jwks,
    jwt::{self, ClaimFinding, Expected, Inspection, Signature, SignatureProblem},
    lenient,
    secret::{AccessToken, ClientSecret, IdToken},
    signature,
};

/// What must hold.
#[derive(Debug, Clone)]
pub struct ExpectedIdToken<'a> {
    /// The issuer that was asked.
    pub issuer: &'a str,
    /// The client that asked: the token must be for it.
    pub client_id: &'a str,
    /// `nonce` of the authorization request; none for a token that came with a refresh, which may leave it out
    /// (§12.2).
    pub nonce: Option<&'a str>,
    /// The secret of a confidential client: the issuer may sign with it (§3.1.3.7, number 8). None where the client was
    /// registered for another algorithm.
    pub client_secret: Option<&'a ClientSecret>,
    /// The access token that came with it.
    pub access_token: &'a AccessToken,
    /// Unix seconds.
    pub now: i64,
}

/// Why an ID token is refused, and the access token that came with it too.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenProblem {
    /// Not a JWT.
    #[error("the ID token is not a JWT")]
    NotJwt,
    /// Encrypted for a key that Keywright does not use (§10.2).
    #[error("the ID token is encrypted ({0})")]
    Encrypted(Encryption),
    /// Not signed by a key of the issuer.
    #[error("the signature of the ID token is not valid")]
    Signature(SignatureProblem),
    /// `iss` is absent or another issuer.
    #[error("the ID token is of another issuer")]
    Issuer,
    /// `aud` does not have the client, or has others as well and no `azp`.
    #[error("the ID token is for another client")]
    Audience,
    /// `azp` is another client.
    #[error("the ID token was given to another client")]
    AuthorizedParty,
    /// `nonce` is absent or another one: the token of another sign-in.
    #[error("the ID token belongs to another sign-in")]
    Nonce,
    /// `at_hash` is of another access token.
    #[error("the ID token belongs to another access token")]
    AccessTokenHash,
    /// `exp` is absent or past, or `nbf` is in the future.
    #[error("the ID token is not valid at this time")]
    Time,
    /// `sub` is absent.
    #[error("the ID token names nobody")]
    Subject,
}

impl IdTokenProblem {
    /// The claim that does not hold; `signature` or `format` where it is none.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::NotJwt => "format",
            Self::Encrypted(_) => "encrypted",
            Self::Signature(_) => "signature",
            Self::Issuer => "iss",
            Self::Audience => "aud",
            Self::AuthorizedParty => "azp",
            Self::Nonce => "nonce",
            Self::AccessTokenHash => "at_hash",
            Self::Time => "exp",
            Self::Subject => "sub",
        }
    }
}

/// Checks an ID token. Without keys its signature is not checked, and the answer says so.
pub fn check(
    token: &IdToken,
    keys: Option<&Jwks>,
    expected: &ExpectedIdToken<'_>,
) -> Result<Inspection, IdTokenProblem> {
    let wanted = Expected {
        issuer: expected.issuer,
        client_id: expected.client_id,
        audience: Some(expected.client_id),
        now: expected.now,
    };
    let text = token.expose();
    let mut seen = jwt::inspect(text, keys, &wanted).ok_or_else(|| {
        Encryption::of(text).map_or(IdTokenProblem::NotJwt, IdTokenProblem::Encrypted)
    })?;
    if let Some(secret) = expected.client_secret
        && let Some(by_secret) = by_secret(token, &seen, secret)
    {
        seen.signature = by_secret;
    }
    if let Signature::Invalid { reason } = seen.signature {
        return Err(IdTokenProblem::Signature(reason));
    }
    let found = |finding| seen.findings.iter().any(|(_, one)| *one == finding);
    let claims = &seen.claims;
    if !found(ClaimFinding::IssuerMatches) {
        return Err(IdTokenProblem::Issuer);
    }
    if !found(ClaimFinding::AudienceMatches) || (has_others(claims) && !claims.contains_key("azp"))
    {
        return Err(IdTokenProblem::Audience);
    }
    if claims.contains_key("azp")
        && lenient::text(claims, "azp").as_deref() != Some(expected.client_id)
    {
        return Err(IdTokenProblem::AuthorizedParty);
    }
    if !found(ClaimFinding::NotExpired) || found(ClaimFinding::NotYetValid) {
        return Err(IdTokenProblem::Time);
    }
    if expected
        .nonce
        .is_some_and(|sent| claims.get("nonce").and_then(Value::as_str) != Some(sent))
    {
        return Err(IdTokenProblem::Nonce);
    }
    if lenient::text(claims, "sub").is_none() {
        return Err(IdTokenProblem::Subject);
    }
    let hash = lenient::present(claims, "at_hash").map(|value| value.as_str().unwrap_or_default());
    let of_token = half_hash(&seen.header, expected.access_token);
    let matches_token = match (hash, of_token) {
        (Some(hash), Some(of_token)) if hash != of_token => {
            return Err(IdTokenProblem::AccessTokenHash);
        }
        (hash, of_token) => hash.is_some() && of_token.is_some(),
    };
    let held = [
        (
            expected.nonce.is_some(),
            "nonce",
            ClaimFinding::NonceMatches,
        ),
        (matches_token, "at_hash", ClaimFinding::AccessTokenMatches),
    ];
    for (holds, name, finding) in held {
        if holds {
            seen.findings.push((name.to_owned(), finding));
        }
    }
    Ok(seen)
}

/// The check of a signature by the client secret, which no key set has a part in; none where the token has another one.
fn by_secret(token: &IdToken, seen: &Inspection, secret: &ClientSecret) -> Option<Signature> {
    let name = seen.header.get("alg").and_then(Value::as_str)?;
    let algorithm = signature::by_secret(name)?;
    if seen.header.contains_key("crit") {
        let reason = SignatureProblem::Critical;
        return Some(Signature::Invalid { reason });
    }
    let (signed, tag) = token.expose().rsplit_once('.')?;
    let tag = URL_SAFE_NO_PAD.decode(tag).unwrap_or_default();
    let key = hmac::Key::new(algorithm, secret.expose().as_bytes());
    Some(match hmac::verify(&key, signed.as_bytes(), &tag) {
        Ok(()) => Signature::Verified,
        Err(_) => Signature::Invalid {
            reason: SignatureProblem::WrongSignature,
        },
    })
}

/// The issuer that a token names itself; nothing of it is checked.
pub fn issuer(token: &IdToken) -> Option<String> {
    lenient::text(&jwt::unchecked_claims(token.expose())?, "iss")
}

/// The token is also for somebody else.
fn has_others(claims: &Map<String, Value>) -> bool {
    claims
        .get("aud")
        .and_then(Value::as_array)
        .is_some_and(|all| all.len() > 1)
}

/// The left half of the hash of the access token, by the hash of the token's own algorithm (§3.1.3.6); none for an
/// algorithm that is not known.
fn half_hash(header: &Map<String, Value>, token: &AccessToken) -> Option<String> {
    let name = header.get("alg").and_then(Value::as_str)?;
    let algorithm = match name.get(name.len().checked_sub(3)?..)? {
        "256" => &digest::SHA256,
        "384" => &digest::SHA384,
        "512" => &digest::SHA512,
        // Ed25519 signs with SHA-512 (RFC 8032 §5.1).
        _ if matches!(name, "EdDSA" | "Ed25519") => &digest::SHA512,
        _ => return None,
    };
    let whole = digest::digest(algorithm, token.expose().as_bytes());
    let half = whole.as_ref().get(..whole.as_ref().len() / 2)?;
    Some(URL_SAFE_NO_PAD.encode(half))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use serde_json::json;

    use super::*;

    /// The pair of OpenID Connect Core, appendix A.3.
    const ACCESS_TOKEN: &str = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";

    fn claims() -> Value {
        json!({
            "iss": "https://id.example", "aud": "c", "sub": "user", "exp": 2000, "iat": 1000, "nonce": "n",
        })
    }

    fn checked(header: &Value, claims: &Value) -> Result<Inspection, IdTokenProblem> {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let token = format!("{}.{}.c2ln", part(header), part(claims));
        checked_with(None, token)
    }

    fn checked_with(
        secret: Option<&ClientSecret>,
        token: String,
    ) -> Result<Inspection, IdTokenProblem> {
        check(
            &IdToken::new(token),
            None,
            &ExpectedIdToken {
                issuer: "https://id.example",
                client_id: "c",
                nonce: Some("n"),
                client_secret: secret,
                access_token: &AccessToken::new(ACCESS_TOKEN),
                now: 1000,
            },
        )
    }

    #[test]
    fn t24_an_encrypted_id_token_is_refused_as_such() {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RSA-OAEP","enc":"A128GCM"}"#);
        let refused = checked_with(None, format!("{header}.a.b.c.d")).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the ID token is encrypted (RSA-OAEP, A128GCM)"
        );
        let header = URL_SAFE_NO_PAD.encode("{}");
        let other = checked_with(None, format!("{header}.a.b.c.d"));
        assert_eq!(other.unwrap_err(), IdTokenProblem::NotJwt);
    }

    #[test]
    fn t24_an_id_token_of_another_sign_in_is_refused() {
        use IdTokenProblem as Problem;
        let header = json!({ "alg": "RS256" });
        assert_eq!(checked(&header, &claims()).err(), None);
        for (name, value, problem) in [
            ("nonce", json!("other"), Problem::Nonce),
            ("nonce", json!(null), Problem::Nonce),
            ("aud", json!("other"), Problem::Audience),
            ("aud", json!(["other"]), Problem::Audience),
            ("aud", json!(["c", "other"]), Problem::Audience),
            ("aud", json!(null), Problem::Audience),
            ("azp", json!("other"), Problem::AuthorizedParty),
            ("azp", json!(7), Problem::AuthorizedParty),
            ("iss", json!("https://id.example/"), Problem::Issuer),
            ("iss", json!(null), Problem::Issuer),
            ("exp", json!(900), Problem::Time),
            ("exp", json!(null), Problem::Time),
            ("nbf", json!(1100), Problem::Time),
            ("sub", json!(null), Problem::Subject),
            ("at_hash", json!("bm90IGl0"), Problem::AccessTokenHash),
            ("at_hash", json!(7), Problem::AccessTokenHash),
        ] {
            let mut wrong = claims();
            wrong[name] = value.clone();
            let problem_found = checked(&header, &wrong).err();
            assert_eq!(problem_found, Some(problem), "{name} {value}");
        }
        for (alg, reason) in [
            ("none", SignatureProblem::AlgorithmRefused),
            ("HS256", SignatureProblem::AlgorithmRefused),
        ] {
            let found = checked(&json!({ "alg": alg }), &claims()).err();
            assert_eq!(found, Some(Problem::Signature(reason)), "{alg}");
        }
    }

    #[test]
    fn t24_the_secret_of_the_client_signs_and_nothing_else_does() {
        use jsonwebtoken::{EncodingKey, Header};
        let secret = ClientSecret::new("a secret of at least thirty-two letters");
        let signed = |algorithm, by: &str| {
            let key = EncodingKey::from_secret(by.as_bytes());
            jsonwebtoken::encode(&Header::new(algorithm), &claims(), &key).unwrap()
        };
        for algorithm in [
            jsonwebtoken::Algorithm::HS256,
            jsonwebtoken::Algorithm::HS384,
            jsonwebtoken::Algorithm::HS512,
        ] {
            let token = signed(algorithm, secret.expose());
            let seen = checked_with(Some(&secret), token.clone()).unwrap();
            assert_eq!(seen.signature, Signature::Verified);
            let problem = |reason| Some(IdTokenProblem::Signature(reason));
            // A public client has no secret, and a key set has no part in it.
            assert_eq!(
                checked_with(None, token.clone()).err(),
                problem(SignatureProblem::AlgorithmRefused)
            );
            for wrong in [
                signed(algorithm, "another secret"),
                signed(algorithm, ""),
                format!("{}.", token.rsplit_once('.').unwrap().0),
                format!("{token}A"),
            ] {
                assert_eq!(
                    checked_with(Some(&secret), wrong).err(),
                    problem(SignatureProblem::WrongSignature)
                );
            }
        }
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        let unsigned = format!("{none}.{}.", URL_SAFE_NO_PAD.encode(claims().to_string()));
        assert_eq!(
            checked_with(Some(&secret), unsigned).err(),
            Some(IdTokenProblem::Signature(
                SignatureProblem::AlgorithmRefused
            ))
        );
    }

    #[test]
    fn an_id_token_for_several_names_who_asked() {
        let mut several = claims();
        several["aud"] = json!(["other", "c"]);
        several["azp"] = json!("c");
        assert_eq!(checked(&json!({ "alg": "RS256" }), &several).err(), None);
    }

    #[test]
    fn the_hash_of_the_access_token_is_that_of_the_standard() {
        let mut with_hash = claims();
        with_hash["at_hash"] = json!("77QmUPtjPfzWtF2AnpK9RQ");
        assert_eq!(checked(&json!({ "alg": "RS256" }), &with_hash).err(), None);
        let other = checked(&json!({ "alg": "ES384" }), &with_hash);
        assert_eq!(other.err(), Some(IdTokenProblem::AccessTokenHash));
    }
}
