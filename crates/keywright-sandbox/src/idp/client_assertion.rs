//! Assertions by which clients prove themselves (RFC 7523 section 3), apart from the words of a refusal, which differ.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::Deserialize;
use serde_json::Value;

use super::form::Form;
use crate::state::Shared;
use crate::state::store::Client;

/// Value of `client_assertion_type`.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

#[derive(Deserialize)]
struct AssertionClaims {
    iss: String,
    sub: String,
    /// A text, or a list of one.
    aud: Value,
    exp: i64,
    #[serde(default)]
    iat: Option<i64>,
    #[serde(default)]
    jti: Option<String>,
}

/// What a provider takes for an assertion.
pub(crate) struct AssertionRules {
    pub(crate) algorithms: &'static [Algorithm],
    /// Each of these is right.
    pub(crate) audiences: Vec<String>,
    /// The longest time from now to `exp`, in seconds.
    pub(crate) longest_secs: i64,
    /// When the header has to name the key.
    pub(crate) key_name: KeyName,
    /// A `jti` may come once.
    pub(crate) once: bool,
}

/// When a header has to name its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyName {
    /// Never: all keys are tried.
    Optional,
    /// Where the client has several.
    AmongSeveral,
    Always,
}

/// Signatures of a provider that takes every usual key.
pub(crate) const USUAL: &[Algorithm] = &[
    Algorithm::ES256,
    Algorithm::EdDSA,
    Algorithm::PS256,
    Algorithm::RS256,
];

/// Why an assertion is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BadAssertion {
    /// The client has no such key. The name that the header gives it, where it gives one.
    UnknownKey(String),
    /// The signature is not of that key, or of a kind that is not taken.
    Signature,
    /// `iss` or `sub` is another client.
    Client,
    /// `aud` is somewhere else.
    Audience,
    /// It is over, or valid for too long. Times in Unix seconds.
    Time { from: i64, until: i64 },
    /// It came before.
    Used,
}

/// An assertion that was read and not checked yet.
pub(crate) struct Assertion {
    text: String,
    header: Header,
    claims: AssertionClaims,
}

impl Assertion {
    /// The one of a request; none where there is none.
    pub(crate) fn of(form: &Form) -> Option<Result<Self, jsonwebtoken::errors::Error>> {
        let text = form.get("client_assertion")?;
        Some(Self::read(text, form.get("client_assertion_type")))
    }

    fn read(text: &str, kind: Option<&str>) -> Result<Self, jsonwebtoken::errors::Error> {
        if kind != Some(JWT_BEARER) {
            return Err(jsonwebtoken::errors::ErrorKind::InvalidToken.into());
        }
        let header = jsonwebtoken::decode_header(text)?;
        // Whose it is says it itself; it is checked with the keys of that client.
        let claims = jsonwebtoken::dangerous::insecure_decode(text)?.claims;
        Ok(Self {
            text: text.to_owned(),
            header,
            claims,
        })
    }

    /// The client that it is about.
    pub(crate) fn client_id(&self) -> &str {
        &self.claims.sub
    }

    /// The key that the header names: `kid`, or a thumbprint of its certificate (RFC 7515 section 4.1).
    fn key_name(&self) -> Option<(&'static str, &str)> {
        let header = &self.header;
        [
            ("kid", &header.kid),
            ("x5t#S256", &header.x5t_s256),
            ("x5t", &header.x5t),
        ]
        .into_iter()
        .find_map(|(name, value)| Some((name, value.as_deref()?)))
    }

    /// One of the client's keys signed it, for this provider, and it is good now.
    pub(crate) fn check(
        &self,
        shared: &Shared,
        client: &Client,
        rules: &AssertionRules,
    ) -> Result<(), BadAssertion> {
        let keys = client.metadata.jwks.as_ref();
        let keys = keys.and_then(|set| set.get("keys")?.as_array());
        let all = keys.into_iter().flatten();
        let named: Vec<&Value> = match self.key_name() {
            Some((name, value)) => all.filter(|key| key[name] == value).collect(),
            None if rules.key_name == KeyName::Always => Vec::new(),
            None => all.collect(),
        };
        let is_named = self.key_name().is_some();
        let is_unclear = !is_named && named.len() > 1 && rules.key_name == KeyName::AmongSeveral;
        if named.is_empty() || is_unclear {
            let name = self.key_name().map(|(_, name)| name.to_owned());
            return Err(BadAssertion::UnknownKey(name.unwrap_or_default()));
        }
        if !rules.algorithms.contains(&self.header.alg)
            || !named.iter().any(|key| self.is_signed_by(key))
        {
            return Err(BadAssertion::Signature);
        }
        let claims = &self.claims;
        if claims.iss != client.id || claims.sub != client.id {
            return Err(BadAssertion::Client);
        }
        let audience = match &claims.aud {
            Value::Array(all) if all.len() == 1 => all[0].as_str(),
            other => other.as_str(),
        };
        if !audience.is_some_and(|audience| rules.audiences.iter().any(|one| one == audience)) {
            return Err(BadAssertion::Audience);
        }
        let now = shared.now();
        if claims.exp <= now || claims.exp.saturating_sub(now) > rules.longest_secs {
            return Err(BadAssertion::Time {
                from: claims.iat.unwrap_or(now),
                until: claims.exp,
            });
        }
        if rules.once {
            let jti = claims.jti.as_deref().unwrap_or_default();
            let own = format!("assertion {} {jti}", client.id);
            if jti.is_empty() || !shared.state().kill(own, claims.exp, now) {
                return Err(BadAssertion::Used);
            }
        }
        Ok(())
    }

    fn is_signed_by(&self, key: &Value) -> bool {
        let own = key.get("alg").and_then(Value::as_str);
        if own.is_some_and(|own| own.parse() != Ok(self.header.alg)) {
            return false;
        }
        let Ok(jwk) = serde_json::from_value::<Jwk>(key.clone()) else {
            return false;
        };
        let mut rules = Validation::new(self.header.alg);
        // The caller checks them: the time by the Sandbox's clock, and several audiences are right.
        rules.validate_exp = false;
        rules.validate_aud = false;
        DecodingKey::from_jwk(&jwk).is_ok_and(|key| {
            jsonwebtoken::decode::<AssertionClaims>(&self.text, &key, &rules).is_ok()
        })
    }
}
