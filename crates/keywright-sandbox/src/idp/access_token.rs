//! Access tokens: JWTs of one key, with the claims of each personality (RFC 9068 for the plain one).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::personality::Personality;
use crate::state::Shared;
use crate::state::keys::random_text;

/// The claim that names the sign-in of a user's token, with which the token ends.
pub(crate) const SIGN_IN: &str = "sign_in";

/// The claims of an access token: those that all have, then those of its personality.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) sub: String,
    pub(crate) aud: String,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    /// Not every provider gives one; without it a token can be neither revoked nor spent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) jti: Option<String>,
    #[serde(flatten)]
    pub(crate) own: Map<String, Value>,
}

impl Claims {
    /// Claims of a token that begins now.
    pub(crate) fn new(
        shared: &Shared,
        personality: Personality,
        client_id: &str,
        aud: String,
        lifetime_secs: i64,
    ) -> Self {
        let iat = shared.now();
        Self {
            iss: personality.issuer(shared),
            sub: client_id.to_owned(),
            aud,
            iat,
            exp: iat.saturating_add(lifetime_secs),
            jti: None,
            own: Map::new(),
        }
    }

    /// With a claim of the personality's own.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.own.insert(name.to_owned(), value.into());
        self
    }

    /// With a random `jti` behind this prefix.
    pub(crate) fn with_jti(mut self, prefix: &str) -> Result<Self, getrandom::Error> {
        self.jti = Some(format!("{prefix}{}", random_text()?));
        Ok(self)
    }

    /// A claim that is a text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.own.get(name)?.as_str()
    }

    /// What the token opens, whichever way it is written: `scope` or `roles`, a text or a list.
    pub(crate) fn scope(&self) -> Vec<&str> {
        ["scope", "scp", "roles"]
            .into_iter()
            .filter_map(|name| self.own.get(name))
            .flat_map(|value| match value {
                Value::String(text) => text.split(' ').collect(),
                Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
                _ => Vec::new(),
            })
            .filter(|name| !name.is_empty())
            .collect()
    }
}

/// The token that says this.
pub(crate) fn signed(
    shared: &Shared,
    personality: Personality,
    claims: &Claims,
) -> Result<String, jsonwebtoken::errors::Error> {
    let kind = personality.provider_behavior().token_kind();
    shared.signing_key(personality).sign(kind, claims)
}

/// The claims of an access token that this personality signed, not over, not dead, and whose client
/// still exists. Whom it is for is the caller's to check.
pub(crate) fn live_token(shared: &Shared, personality: Personality, token: &str) -> Option<Claims> {
    let claims: Claims = shared.signing_keys.verify(token)?;
    let provider_behavior = personality.provider_behavior();
    let client_id = provider_behavior.client_of(&claims)?;
    let is_admin = shared
        .admins
        .of(personality)
        .is_some_and(|admin| !admin.id.is_empty() && admin.id == client_id);
    let state = shared.state();
    let is_ended = |sign_in: &str| {
        state
            .logins
            .sign_in(sign_in)
            .is_none_or(|one| one.personality != personality)
    };
    let live = provider_behavior.issuers(shared).contains(&claims.iss)
        && !claims.text(SIGN_IN).is_some_and(is_ended)
        && claims.exp > shared.now()
        && !claims.jti.as_deref().is_some_and(|jti| state.is_dead(jti))
        && (is_admin || state.client(personality, client_id).is_some());
    drop(state);
    live.then_some(claims)
}

/// The claims of a live token that the personality's administrator got for this audience.
pub(crate) fn admin_token(
    shared: &Shared,
    personality: Personality,
    token: &str,
    audience: &str,
) -> Option<Claims> {
    let claims = live_token(shared, personality, token)?;
    let id = personality.provider_behavior().client_of(&claims)?;
    let is_admin = shared.admins.of(personality)?.id == id;
    (is_admin && claims.aud == audience).then_some(claims)
}

/// Spends a token that may be used once; false when it was spent before or cannot be.
pub(crate) fn spend(shared: &Shared, claims: &Claims) -> bool {
    let Some(jti) = claims.jti.clone() else {
        return false;
    };
    let fresh = shared.state().kill(jti, claims.exp, shared.now());
    shared.touch();
    fresh
}

/// The members of a token endpoint's success (RFC 6749 section 5.1) that all providers send.
pub(crate) fn token_answer(access_token: &str, token_type: &str, expires_in: i64) -> Value {
    json!({ "access_token": access_token, "token_type": token_type, "expires_in": expires_in })
}
