//! ID tokens (OpenID Connect Core section 2): who signed in, for the client alone.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::answer::Refusal;
use super::users::User;
use crate::personality::Personality;
use crate::state::Shared;
use crate::state::logins::SignIn;
use crate::state::store::Client;

/// Lifetime in seconds.
const LIFETIME_SECS: i64 = 900;
/// Its `typ`, which no access token of the plain provider has.
const KIND: &str = "JWT";

/// The claims of an ID token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct IdClaims {
    iss: String,
    pub(super) sub: String,
    /// The client.
    pub(super) aud: String,
    iat: i64,
    exp: i64,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
    at_hash: String,
}

/// The ID token of a sign-in, given together with this access token.
pub(super) fn signed(
    shared: &Shared,
    client: &Client,
    sign_in: &SignIn,
    access_token: &str,
) -> Result<String, Refusal> {
    let user = User::named(&sign_in.user).ok_or(Refusal::ServerError)?;
    let iat = shared.now();
    // OpenID Connect Core section 3.1.3.6: the left half of the hash that the algorithm has.
    let hash = digest(&SHA256, access_token.as_bytes());
    let half = hash.as_ref().split_at(hash.as_ref().len() / 2).0;
    let claims = IdClaims {
        iss: client.personality.issuer(shared),
        sub: user.subject.to_owned(),
        aud: client.id.clone(),
        iat,
        exp: iat.saturating_add(LIFETIME_SECS),
        auth_time: sign_in.auth_time,
        nonce: sign_in.nonce.clone(),
        at_hash: URL_SAFE_NO_PAD.encode(half),
    };
    Ok(shared
        .signing_key(client.personality)
        .sign(Some(KIND), &claims)?)
}

/// The claims of an ID token of this personality, which may have expired (OpenID Connect RP-Initiated
/// Logout 1.0 section 2).
pub(super) fn hinted(shared: &Shared, personality: Personality, token: &str) -> Option<IdClaims> {
    let claims: IdClaims = shared.signing_keys.verify(token)?;
    (claims.iss == personality.issuer(shared)).then_some(claims)
}
