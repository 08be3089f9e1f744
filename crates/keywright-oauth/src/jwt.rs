//! Looks into an access token: its claims, its signature, and what does not fit (RFC 7519, RFC 9068).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    http::Response,
    jwks::{Jwks, Key, OtherKey, OtherKind},
    lenient,
    secret::AccessToken,
    signature::{self, Algorithm},
};

/// Clocks differ: this many seconds are forgiven.
const LEEWAY: i64 = 60;

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

impl Signature {
    /// Other keys than those of this check may lead to another result.
    pub fn depends_on_keys(&self) -> bool {
        match self {
            Self::Verified => false,
            Self::Invalid { reason } | Self::NotChecked { reason } => !matches!(
                reason,
                SignatureProblem::AlgorithmRefused
                    | SignatureProblem::Critical
                    | SignatureProblem::WrongType
            ),
        }
    }
}

/// Why a signature is not verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureProblem {
    /// `alg` is `none`, a shared-key algorithm, one that encrypts, or one with SHA-1.
    AlgorithmRefused,
    /// The key that has this `kid` is weak, malformed, not for signatures, or published with its private part.
    KeyRefused,
    /// The set has more keys than are read, and none that was read has this `kid`.
    TooManyKeys,
    /// `alg`, or the kind of key that has this `kid`, is not one that this program can check.
    AlgorithmUnsupported,
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
    /// `nonce` is that of the authorization request (OpenID Connect Core §2).
    NonceMatches,
    /// `at_hash` is of the access token that came with it (OpenID Connect Core §3.1.3.6).
    AccessTokenMatches,
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
    let signed = token.get(..token.len() - signature.len() - 1)?;
    let checked = check(&header_members, signed, signature, jwks);
    let findings = findings(&claims, expected);
    Some(Inspection {
        header: header_members,
        claims,
        signature: checked,
        findings,
    })
}

/// When a token ends by its own claims, in Unix seconds; none when it is no JWT or does not say.
/// Believed only of a token that was just given to us by its issuer: nothing here is checked.
pub fn expires_at(token: &AccessToken) -> Option<i64> {
    let claims = unchecked_claims(token.expose())?;
    lenient::time(&claims, "exp").filter(|end| *end > 0)
}

/// The scopes that a token names in its own claims (RFC 8693 §4.2); none when it is no JWT or names none.
/// Believed only of a token that was just given to us by its issuer: nothing here is checked.
pub fn scopes(token: &AccessToken) -> Option<Vec<String>> {
    let claims = unchecked_claims(token.expose())?;
    lenient::scopes(&claims, "scope")
}

/// The claims of an answer that is a signed JWT (RFC 9701 §5, OpenID Connect Core §5.3.2). It came from the server itself
/// over TLS, as the same answer in JSON would: that is what it is trusted for, and its signature adds nothing to it.
pub(crate) fn answered(response: &Response) -> Option<Map<String, Value>> {
    let kind = response.header("content-type")?.to_ascii_lowercase();
    let media_type = kind.split(';').next().unwrap_or_default().trim();
    let is_jwt = media_type == "application/jwt" || media_type.ends_with("+jwt");
    let text = std::str::from_utf8(&response.body).ok()?;
    unchecked_claims(text.trim()).filter(|_| is_jwt)
}

/// The claims of a token, whoever signed it.
pub(crate) fn unchecked_claims(token: &str) -> Option<Map<String, Value>> {
    object(token.split('.').nth(1)?)
}

fn object(part: &str) -> Option<Map<String, Value>> {
    lenient::strict_object(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn check(
    header: &Map<String, Value>,
    signed: &str,
    signature: &str,
    jwks: Option<&Jwks>,
) -> Signature {
    let invalid = |reason| Signature::Invalid { reason };
    let not_checked = |reason| Signature::NotChecked { reason };
    // A text (RFC 7515 §4.1.1): a number or a list names no algorithm.
    let name = header
        .get("alg")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if signature.is_empty() || signature::is_refused(name) {
        return invalid(SignatureProblem::AlgorithmRefused);
    }
    if header.contains_key("crit") {
        return invalid(SignatureProblem::Critical);
    }
    if !may_be_access_token(header) {
        return invalid(SignatureProblem::WrongType);
    }
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(signature) else {
        return invalid(SignatureProblem::WrongSignature);
    };
    let algorithm = Algorithm::named(name);
    let Some(jwks) = jwks else {
        return not_checked(match algorithm {
            Some(_) => SignatureProblem::NoKeys,
            None => SignatureProblem::AlgorithmUnsupported,
        });
    };
    let kid = lenient::text(header, "kid");
    // Without a key identifier on either side, any key of the set may have signed.
    let may_be = |known: &Option<String>| kid.is_none() || known.is_none() || *known == kid;
    let mut has_candidate = false;
    for key in jwks.keys.iter().filter(|key| may_be(&key.kid)) {
        let Some(algorithm) = algorithm else {
            // A key of a known kind that names no algorithm may sign with one that came later.
            if key.alg.as_deref().is_none_or(|named| named == name) {
                return not_checked(SignatureProblem::AlgorithmUnsupported);
            }
            continue;
        };
        if is_for(key, algorithm, name) {
            has_candidate = true;
            if algorithm.verifies(&key.material, signed.as_bytes(), &bytes) {
                return Signature::Verified;
            }
        }
    }
    let mut others = jwks.others.iter().filter(|key| may_be(&key.kid));
    if has_candidate {
        invalid(SignatureProblem::WrongSignature)
    } else if others.clone().any(|key| may_sign(key, algorithm, name)) {
        not_checked(SignatureProblem::AlgorithmUnsupported)
    } else if others
        .any(|key| key.kid.is_some() && key.kid == kid && key.kind == OtherKind::Refused)
    {
        invalid(SignatureProblem::KeyRefused)
    } else if jwks.is_cut() {
        not_checked(SignatureProblem::TooManyKeys)
    } else {
        invalid(SignatureProblem::UnknownKey)
    }
}

/// A key that this program cannot use may have made such a signature. A refused one may too, and is not believed.
fn may_sign(key: &OtherKey, algorithm: Option<Algorithm>, name: &str) -> bool {
    match key.kind {
        OtherKind::Refused => false,
        OtherKind::Ed448 => {
            let names = ["EdDSA", "Ed448"];
            names.contains(&name)
                && key
                    .alg
                    .as_deref()
                    .is_none_or(|named| names.contains(&named))
        }
        // An algorithm that is known belongs to kinds that are known.
        OtherKind::Unknown => {
            algorithm.is_none() && key.alg.as_deref().is_none_or(|named| named == name)
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

/// A key that names its algorithm signs with no other (RFC 8725 §3.1).
fn is_for(key: &Key, algorithm: Algorithm, name: &str) -> bool {
    let named = key.alg.as_deref();
    algorithm.takes(&key.material) && named.is_none_or(|named| signature::same(named, name))
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
#[path = "jwt_tests.rs"]
mod tests;
