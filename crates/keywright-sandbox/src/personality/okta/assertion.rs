//! Client assertions (RFC 7523 section 2.2) of clients that are registered with their keys.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;

use super::answer::TokenRefusal;
use super::{SELF, clients, organisation};
use crate::idp::Form;
use crate::state::Shared;
use crate::state::store::Client;

/// Value of `client_assertion_type`.
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    exp: i64,
}

/// The client that signed the assertion of a token request.
pub(super) fn client_of(shared: &Shared, form: &Form) -> Result<Client, TokenRefusal> {
    let assertion = form
        .get("client_assertion")
        .filter(|_| form.get("client_assertion_type") == Some(JWT_BEARER))
        .ok_or(TokenRefusal::NoCredentials)?;
    // Who signed it says the assertion itself; the signature is checked with that client's keys.
    let claimed: Claims = jsonwebtoken::dangerous::insecure_decode(assertion)
        .map_err(|error| refused(&error))?
        .claims;
    let client = shared
        .state()
        .client(SELF, &claimed.iss)
        .filter(|client| !clients::is_inactive(client))
        .cloned()
        .ok_or(TokenRefusal::UnknownClient)?;
    let keys = clients::shown(&client, "jwks").and_then(|jwks| jwks.get("keys")?.as_array());
    let claims = keys
        .into_iter()
        .flatten()
        .find_map(|key| checked(assertion, key))
        .ok_or(TokenRefusal::BadAssertion)?;
    let org = organisation(shared);
    let is_ours = claims.aud == org || claims.aud == format!("{org}/oauth2/v1/token");
    if claims.iss != claims.sub || !is_ours || claims.exp <= shared.now() {
        return Err(TokenRefusal::BadAssertion);
    }
    Ok(client)
}

fn checked(assertion: &str, key: &Value) -> Option<Claims> {
    let key: Jwk = serde_json::from_value(key.clone()).ok()?;
    let algorithm = jsonwebtoken::decode_header(assertion).ok()?.alg;
    if !matches!(algorithm, Algorithm::RS256 | Algorithm::ES256) {
        return None;
    }
    let mut rules = Validation::new(algorithm);
    // Both are checked by the caller: the time by the Sandbox's clock, two audiences are right.
    rules.validate_exp = false;
    rules.validate_aud = false;
    let key = DecodingKey::from_jwk(&key).ok()?;
    let decoded = jsonwebtoken::decode::<Claims>(assertion, &key, &rules);
    decoded.ok().map(|decoded| decoded.claims)
}

fn refused(error: &jsonwebtoken::errors::Error) -> TokenRefusal {
    tracing::debug!(%error, "a client assertion cannot be read");
    TokenRefusal::BadAssertion
}
