//! Looks into an access token: its claims, its signature, and what does not fit (RFC 7519, RFC 9068).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{jwks::Jwks, lenient, secret::AccessToken};

/// Clocks differ: this many seconds are forgiven.
const LEEWAY: i64 = 60;
/// Signatures that are believed. `none` and shared-key ones never are: the gateway could not check them.
const BELIEVED: &[Algorithm] = &[
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// What must hold.
#[derive(Debug, Clone)]
pub struct Expected<'a> {
    /// The issuer that the token must name.
    pub issuer: &'a str,
    /// The client that asked.
    pub client_id: &'a str,
    /// The audience that was asked for, where one was.
    pub audience: Option<&'a str>,
    /// Unix seconds.
    pub now: i64,
}

/// Result of the signature check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Signature {
    /// Signed by a key of the issuer.
    Verified,
    /// Not signed by a key of the issuer, or in a way that is not believed.
    Invalid {
        /// Stable reason.
        reason: SignatureProblem,
    },
    /// Could not be checked.
    NotChecked {
        /// Stable reason.
        reason: SignatureProblem,
    },
}

/// Why a signature is not verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureProblem {
    /// `alg` is `none` or a shared-key algorithm.
    AlgorithmRefused,
    /// `crit` names an extension that must be understood and is not (RFC 7515 §4.1.11).
    Critical,
    /// `typ` says that this is no access token (RFC 8725 §3.11, RFC 9068 §2.1).
    WrongType,
    /// No key of the set has this `kid`.
    UnknownKey,
    /// The bytes do not match.
    WrongSignature,
    /// The issuer's keys could not be had.
    NoKeys,
}

/// What a claim means here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimFinding {
    /// `iss` is the issuer asked.
    IssuerMatches,
    /// `iss` is another one.
    IssuerDiffers,
    /// `exp` is in the future.
    NotExpired,
    /// `exp` is past.
    Expired,
    /// `exp` is absent.
    NoExpiry,
    /// `nbf` is in the future.
    NotYetValid,
    /// `aud` is the audience asked for.
    AudienceMatches,
    /// `aud` is another audience.
    AudienceDiffers,
    /// `client_id`, `azp` or `sub` is the client.
    ClientMatches,
    /// `client_id` or `azp` is another client.
    ClientDiffers,
}

/// A token that is a JWT.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    /// Header.
    pub header: Map<String, Value>,
    /// Claims in the token's order.
    pub claims: Map<String, Value>,
    /// Signature check.
    pub signature: Signature,
    /// Claim name and what it means here.
    pub findings: Vec<(String, ClaimFinding)>,
}

impl Inspection {
    /// The signature holds, and so does every claim that must.
    pub fn holds(&self) -> bool {
        self.signature == Signature::Verified
            && !self.findings.iter().any(|(_, finding)| {
                matches!(
                    finding,
                    ClaimFinding::IssuerDiffers
                        | ClaimFinding::AudienceDiffers
                        | ClaimFinding::Expired
                        | ClaimFinding::NotYetValid
                )
            })
    }
}

/// Looks into a token. None when it is no JWT: opaque to everyone but its server.
pub fn inspect(token: &str, jwks: Option<&Jwks>, expected: &Expected<'_>) -> Option<Inspection> {
    let mut parts = token.split('.');
    let (header, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let header_members = object(header)?;
    let claims = object(claims)?;
    let signed = check(token, &header_members, !signature.is_empty(), jwks);
    let findings = findings(&claims, expected);
    Some(Inspection {
        header: header_members,
        claims,
        signature: signed,
        findings,
    })
}

/// The scopes that a token names in its own claims (RFC 8693 §4.2); none when it is no JWT or names none.
/// Believed only of a token that was just given to us by its issuer: nothing here is checked.
pub fn scopes(token: &AccessToken) -> Option<Vec<String>> {
    let claims = object(token.expose().split('.').nth(1)?)?;
    lenient::list(&claims, "scope")
}

fn object(part: &str) -> Option<Map<String, Value>> {
    lenient::object(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn check(
    token: &str,
    header: &Map<String, Value>,
    has_signature: bool,
    jwks: Option<&Jwks>,
) -> Signature {
    let algorithm = lenient::text(header, "alg").and_then(|name| name.parse::<Algorithm>().ok());
    let Some(algorithm) =
        algorithm.filter(|algorithm| has_signature && BELIEVED.contains(algorithm))
    else {
        return Signature::Invalid {
            reason: SignatureProblem::AlgorithmRefused,
        };
    };
    if header.contains_key("crit") {
        return Signature::Invalid {
            reason: SignatureProblem::Critical,
        };
    }
    if !may_be_access_token(header) {
        return Signature::Invalid {
            reason: SignatureProblem::WrongType,
        };
    }
    let Some(jwks) = jwks else {
        return Signature::NotChecked {
            reason: SignatureProblem::NoKeys,
        };
    };
    let kid = lenient::text(header, "kid");
    // Without a key identifier on either side, any key of the set may have signed.
    let candidates: Vec<_> = jwks
        .keys
        .iter()
        .filter(|key| kid.is_none() || key.common.key_id.is_none() || key.common.key_id == kid)
        .filter(|key| is_for(key, header))
        .collect();
    if candidates.is_empty() {
        return Signature::Invalid {
            reason: SignatureProblem::UnknownKey,
        };
    }
    let mut validation = Validation::new(algorithm);
    // Times are checked against our own clock, audience by the API that is called.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let verified = candidates.iter().any(|key| {
        DecodingKey::from_jwk(key).is_ok_and(|key| {
            jsonwebtoken::decode::<Map<String, Value>>(token, &key, &validation).is_ok()
        })
    });
    if verified {
        Signature::Verified
    } else {
        Signature::Invalid {
            reason: SignatureProblem::WrongSignature,
        }
    }
}

/// Servers that know no RFC 9068 write `JWT` or nothing; what names another kind is another kind.
fn may_be_access_token(header: &Map<String, Value>) -> bool {
    let Some(kind) = lenient::present(header, "typ") else {
        return true;
    };
    let kind = kind.as_str().unwrap_or_default().to_ascii_lowercase();
    matches!(
        kind.strip_prefix("application/").unwrap_or(&kind),
        "jwt" | "at+jwt"
    )
}

/// A key that names its algorithm signs with no other (RFC 8725 §3.1), and a curve belongs to one
/// algorithm (RFC 7518 §3.4).
fn is_for(key: &Jwk, header: &Map<String, Value>) -> bool {
    let algorithm = lenient::text(header, "alg").unwrap_or_default();
    let named = key.common.key_algorithm.map(|named| named.to_string());
    let by_curve = match &key.algorithm {
        AlgorithmParameters::EllipticCurve(point) => match point.curve {
            EllipticCurve::P256 => algorithm == "ES256",
            EllipticCurve::P384 => algorithm == "ES384",
            _ => false,
        },
        AlgorithmParameters::OctetKeyPair(_) => algorithm == "EdDSA",
        _ => true,
    };
    by_curve && named.is_none_or(|named| named == algorithm)
}

fn findings(claims: &Map<String, Value>, expected: &Expected<'_>) -> Vec<(String, ClaimFinding)> {
    let mut out = Vec::new();
    let mut note = |name: &str, finding| out.push((name.to_owned(), finding));
    if let Some(issuer) = lenient::text(claims, "iss") {
        let same = issuer == expected.issuer;
        note(
            "iss",
            if same {
                ClaimFinding::IssuerMatches
            } else {
                ClaimFinding::IssuerDiffers
            },
        );
    }
    if let Some(wanted) = expected.audience
        && let Some(audiences) = audiences(claims)
    {
        note(
            "aud",
            if audiences.iter().any(|one| one == wanted) {
                ClaimFinding::AudienceMatches
            } else {
                ClaimFinding::AudienceDiffers
            },
        );
    }
    match lenient::time(claims, "exp") {
        Some(end) if end.saturating_add(LEEWAY) <= expected.now => {
            note("exp", ClaimFinding::Expired);
        }
        Some(_) => note("exp", ClaimFinding::NotExpired),
        None => note("exp", ClaimFinding::NoExpiry),
    }
    if lenient::time(claims, "nbf").is_some_and(|start| start.saturating_sub(LEEWAY) > expected.now)
    {
        note("nbf", ClaimFinding::NotYetValid);
    }
    for name in ["client_id", "azp", "cid", "appid"] {
        if let Some(client) = lenient::text(claims, name) {
            let same = client == expected.client_id;
            note(
                name,
                if same {
                    ClaimFinding::ClientMatches
                } else {
                    ClaimFinding::ClientDiffers
                },
            );
        }
    }
    if lenient::text(claims, "sub").as_deref() == Some(expected.client_id) {
        note("sub", ClaimFinding::ClientMatches);
    }
    out
}

/// `aud` (RFC 7519 §4.1.3): one text, which may hold spaces, or a list.
fn audiences(claims: &Map<String, Value>) -> Option<Vec<String>> {
    match lenient::present(claims, "aud")? {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(_) => lenient::list(claims, "aud"),
        _ => Some(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const EXPECTED: Expected<'_> = Expected {
        issuer: "https://i",
        client_id: "c",
        audience: None,
        now: 1000,
    };

    fn unsigned(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.", part(header), part(claims))
    }

    #[test]
    fn t19_a_token_without_signature_is_never_believed() {
        for alg in ["none", "None", "NONE", "HS256", ""] {
            let token = unsigned(
                &json!({"alg": alg}),
                &json!({"iss": "https://i", "exp": 2000}),
            );
            let seen = inspect(&token, None, &EXPECTED).unwrap();
            assert_eq!(
                seen.signature,
                Signature::Invalid {
                    reason: SignatureProblem::AlgorithmRefused
                },
                "{alg}"
            );
            assert!(!seen.holds());
        }
    }

    #[test]
    fn claims_are_compared_with_what_was_asked() {
        let token = unsigned(
            &json!({"alg": "RS256"}),
            &json!({"iss": "https://other", "exp": 10, "client_id": "c", "sub": "c"}),
        );
        let seen = inspect(&token, None, &EXPECTED).unwrap();
        let has = |name: &str, finding| seen.findings.contains(&(name.to_owned(), finding));
        assert!(
            has("iss", ClaimFinding::IssuerDiffers)
                && has("exp", ClaimFinding::Expired)
                && has("sub", ClaimFinding::ClientMatches)
        );
    }

    #[test]
    fn the_scopes_of_a_token_are_in_its_claims() {
        let token = |claims: &Value| AccessToken::new(unsigned(&json!({"alg": "RS256"}), claims));
        assert_eq!(
            scopes(&token(&json!({"scope": "a b"}))).unwrap(),
            ["a", "b"]
        );
        assert_eq!(scopes(&token(&json!({}))), None);
        assert_eq!(scopes(&AccessToken::new("opaque")), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(token in ".{0,80}", dotted in "[A-Za-z0-9_-]{0,20}\\.[A-Za-z0-9_-]{0,20}\\.[A-Za-z0-9_-]{0,20}") {
            let _ = inspect(&token, Some(&Jwks::default()), &EXPECTED);
            let _ = inspect(&dotted, Some(&Jwks::default()), &EXPECTED);
            let _ = Jwks::read(token.as_bytes());
        }
    }
}
