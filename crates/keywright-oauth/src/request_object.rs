//! Authorization requests that the client signs (RFC 9101): their parameters are claims of a JWT, which nobody on the
//! way can change.

use serde_json::{Map, Value};
use url::Url;
use uuid::Uuid;

use crate::{
    authorize::{OPENID, PendingAuthorization},
    client_key::{ClientKey, KeyError},
    client_metadata::ClientMetadata,
    lenient,
    server_metadata::ServerMetadata,
    token::AUTHORIZATION_DETAILS,
};

/// The parameter that carries a request object (RFC 9101 §5).
pub const REQUEST: &str = "request";
/// Member of the metadata of a client: how its requests are signed (RFC 9101 §10.5, OpenID Connect Registration §2).
pub const SIGNING_ALG: &str = "request_object_signing_alg";
/// Member of the metadata of a server and of a client (RFC 9101 §10.5).
const REQUIRED: &str = "require_signed_request_object";
/// Seconds from `iat` to `exp`. It is good for one request, and the user has the page of the server open meanwhile.
const LIVES_SECS: i64 = 300;
/// Seconds that the clock of the server may be behind. Profiles want `nbf`.
const LEEWAY_SECS: i64 = 60;

impl ServerMetadata {
    /// The server takes no authorization request that is not signed.
    pub fn requires_signed_requests(&self) -> bool {
        lenient::flag(&self.document, REQUIRED) == Some(true)
    }
}

/// The client was registered for signed authorization requests.
pub fn is_used_by(client: &ClientMetadata) -> bool {
    lenient::flag(client.members(), REQUIRED) == Some(true)
        || lenient::text(client.members(), SIGNING_ALG).is_some_and(|alg| alg != "none")
}

/// Puts the parameters of a request to `endpoint` into a request object that `key` signs, for the issuer `audience` at
/// `now` (Unix seconds). What OpenID Connect Core §6.1 wants outside as well stays there.
///
/// # Errors
///
/// [`KeyError`] where the key does not sign.
pub fn sign(
    pending: &mut PendingAuthorization,
    endpoint: &Url,
    key: &ClientKey,
    audience: &str,
    now: i64,
) -> Result<(), KeyError> {
    let parameters = pending.parameters(endpoint);
    let named = |wanted: &str| {
        let mut all = parameters.iter().filter(|(name, _)| name == wanted);
        all.next().map(|(_, value)| value.as_str())
    };
    let client_id = named("client_id").unwrap_or_default();
    let mut claims = Map::from_iter([
        ("iss".to_owned(), Value::from(client_id)),
        ("aud".to_owned(), audience.into()),
        ("iat".to_owned(), now.into()),
        ("nbf".to_owned(), now.saturating_sub(LEEWAY_SECS).into()),
        ("exp".to_owned(), now.saturating_add(LIVES_SECS).into()),
        ("jti".to_owned(), Uuid::now_v7().to_string().into()),
    ]);
    for (name, value) in &parameters {
        let value = value_of(name, value);
        match claims.get_mut(name) {
            None => {
                claims.insert(name.clone(), value);
            }
            // A parameter that comes twice, such as `resource`.
            Some(Value::Array(all)) => all.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    let mut header = Map::from_iter([("typ".to_owned(), Value::from("oauth-authz-req+jwt"))]);
    if !key.kid().is_empty() {
        header.insert("kid".to_owned(), key.kid().into());
    }
    let signed = key.sign(&header, &claims)?;
    let mut url = endpoint.clone();
    {
        let mut query = url.query_pairs_mut();
        query.append_pair("client_id", client_id);
        let scope = named("scope").filter(|all| all.split(' ').any(|scope| scope == OPENID));
        if let (Some(scope), Some(kind)) = (scope, named("response_type")) {
            query
                .append_pair("response_type", kind)
                .append_pair("scope", scope);
        }
        query.append_pair(REQUEST, &signed);
    }
    pending.url = url;
    Ok(())
}

/// A parameter as a claim. Details are JSON themselves (RFC 9396 §3).
fn value_of(name: &str, text: &str) -> Value {
    let parsed = (name == AUTHORIZATION_DETAILS).then(|| serde_json::from_str(text));
    parsed.and_then(Result::ok).unwrap_or_else(|| text.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::collections::HashMap;

    use serde_json::json;

    use super::*;
    use crate::{
        authorize::AuthorizationRequest,
        client_key::KeyAlgorithm,
        jwks::Jwks,
        jwt::{self, Expected, Signature},
    };

    fn pending(scopes: &[&str]) -> (PendingAuthorization, Url) {
        let endpoint: Url = "https://id.example/authorize?tenant=1".parse().unwrap();
        let request = AuthorizationRequest {
            endpoint: endpoint.clone(),
            client_id: "c 1".into(),
            redirect_uri: "http://127.0.0.1:4711/callback".into(),
            scopes: scopes.iter().map(|one| (*one).to_owned()).collect(),
            extra: ["urn:a", "urn:b", "urn:c"]
                .map(|one| ("resource".to_owned(), one.to_owned()))
                .to_vec(),
        };
        (PendingAuthorization::begin(request).unwrap(), endpoint)
    }

    fn sent(pending: &PendingAuthorization) -> HashMap<String, String> {
        pending.url.query_pairs().into_owned().collect()
    }

    #[test]
    fn all_parameters_are_claims_of_a_signed_request() {
        for algorithm in KeyAlgorithm::ALL {
            let key = ClientKey::generate(algorithm).unwrap();
            let (mut pending, endpoint) = pending(&["orders:read"]);
            let plain = sent(&pending);
            sign(&mut pending, &endpoint, &key, "https://id.example", 1000).unwrap();
            let mut sent = sent(&pending);
            let signed = sent.remove(REQUEST).unwrap();
            assert_eq!(
                sent,
                HashMap::from([
                    ("client_id".into(), "c 1".into()),
                    ("tenant".into(), "1".into())
                ])
            );
            let keys =
                Jwks::of(json!({ "keys": [key.public_jwk()] }).as_object().unwrap()).unwrap();
            let expected = Expected {
                issuer: "c 1",
                client_id: "c 1",
                audience: Some("https://id.example"),
                now: 1000,
            };
            let unchecked = jwt::unchecked_claims(&signed).unwrap();
            // Its type keeps it from being taken for another token (RFC 9101 §10.8).
            let seen = jwt::inspect(&signed, Some(&keys), &expected).unwrap();
            assert_eq!(seen.header["typ"], "oauth-authz-req+jwt");
            assert_eq!(seen.header["kid"], key.kid());
            assert_ne!(seen.signature, Signature::Verified);
            assert_eq!(unchecked["iss"], "c 1");
            assert_eq!(unchecked["exp"], 1300);
            assert_eq!(unchecked["nbf"], 940);
            assert_eq!(unchecked["resource"], json!(["urn:a", "urn:b", "urn:c"]));
            for name in ["state", "code_challenge", "redirect_uri", "scope"] {
                assert_eq!(unchecked[name], plain[name], "{name}");
            }
            assert!(!unchecked.contains_key("tenant"));
        }
    }

    #[test]
    fn a_request_of_openid_connect_says_so_outside_as_well() {
        let key = ClientKey::generate(KeyAlgorithm::Es256).unwrap();
        let (mut pending, endpoint) = pending(&[OPENID, "orders:read"]);
        sign(&mut pending, &endpoint, &key, "https://id.example", 1000).unwrap();
        let sent = sent(&pending);
        assert_eq!(sent["response_type"], "code");
        assert_eq!(sent["scope"], "openid orders:read");
        assert!(!sent.contains_key("state"));
    }

    #[test]
    fn the_registration_says_who_signs_requests() {
        for (members, uses) in [
            (json!({}), false),
            (json!({ SIGNING_ALG: "none" }), false),
            (json!({ SIGNING_ALG: "PS256" }), true),
            (json!({ REQUIRED: true }), true),
            (json!({ REQUIRED: "false" }), false),
        ] {
            let members = members.as_object().unwrap().clone();
            assert_eq!(
                is_used_by(&ClientMetadata::from(members.clone())),
                uses,
                "{members:?}"
            );
        }
    }
}
