//! The first key of a client, made or taken before it is registered, and what its metadata says of it.

use keywright_oauth::{
    client_key::{ClientKey, KeyAlgorithm},
    client_metadata::ClientMetadata,
    lenient, mutual_tls, request_object,
    server_metadata::ServerMetadata,
};
use keywright_providers::ProviderConfig;
use serde_json::json;

use crate::{
    CoreError,
    error::input_problem::InputProblem,
    registration::{client_certificates::certified_key, given_keys::algorithm},
};

pub(super) const SIGNING_ALG: &str = "token_endpoint_auth_signing_alg";
pub(super) const PRIVATE_KEY_JWT: &str = "private_key_jwt";

/// Completes the metadata of a client that proves itself by an assertion, and makes the key where one is needed.
pub(crate) fn key_for(
    metadata: &mut ClientMetadata,
    config: &ProviderConfig,
    imported: Option<ClientKey>,
    now: i64,
) -> Result<Option<ClientKey>, CoreError> {
    let asked = lenient::text(metadata.members(), SIGNING_ALG);
    let method = metadata.token_endpoint_auth_method();
    let signs = method.as_deref() == Some(PRIVATE_KEY_JWT);
    let members = metadata.members();
    // The user has the key somewhere else.
    let is_elsewhere = members.contains_key("jwks") || members.contains_key("jwks_uri");
    if method.as_deref().is_some_and(mutual_tls::is_method)
        || mutual_tls::binds_tokens_of(metadata)
        || signs && config.needs_certified_keys() && (imported.is_some() || !is_elsewhere)
    {
        return certified_key(metadata, config, imported, now).map(Some);
    }
    if method.as_deref() == Some("client_secret_jwt") && asked.is_none() {
        metadata.set(SIGNING_ALG, "HS256");
    }
    if !signs {
        return match imported {
            Some(_) => Err(CoreError::Input {
                what: InputProblem::KeyWithoutMethod,
                detail: method.unwrap_or_default(),
            }),
            None => Ok(None),
        };
    }
    let asked = asked.as_deref().map(algorithm).transpose()?;
    let key = match imported {
        Some(key) => match asked {
            Some(asked) => key.signing_with(asked)?,
            None => key,
        },
        None if is_elsewhere => return Ok(None),
        None => ClientKey::generate(asked.unwrap_or_else(|| best(config)))?,
    };
    check_signature(&key, config)?;
    metadata.set(SIGNING_ALG, key.algorithm().as_str());
    sign_requests(metadata, config, key.algorithm());
    if !metadata.members().contains_key("jwks_uri") {
        metadata.set("jwks", json!({ "keys": [key.public_jwk()] }));
    }
    Ok(Some(key))
}

/// The same for a preview, which makes no key.
pub(crate) fn key_planned(
    metadata: &mut ClientMetadata,
    config: &ProviderConfig,
    stands_for: &str,
) {
    let members = metadata.members();
    let method = metadata.token_endpoint_auth_method();
    let method = method.as_deref();
    let is_made = [PRIVATE_KEY_JWT, mutual_tls::SELF_SIGNED]
        .iter()
        .any(|one| method == Some(one))
        && !["jwks", "jwks_uri"]
            .iter()
            .any(|name| members.contains_key(*name));
    if !is_made {
        return;
    }
    if method == Some(PRIVATE_KEY_JWT) {
        let asked = lenient::text(members, SIGNING_ALG);
        let algorithm = asked
            .as_deref()
            .map_or_else(|| Some(best(config)), KeyAlgorithm::named);
        if let Some(algorithm) = algorithm {
            metadata.set(SIGNING_ALG, algorithm.as_str());
            sign_requests(metadata, config, algorithm);
        }
    }
    metadata.set("jwks", json!({ "keys": [stands_for] }));
}

/// Names the algorithm of signed requests at a server that takes no others (RFC 9101 §10.5).
fn sign_requests(metadata: &mut ClientMetadata, config: &ProviderConfig, algorithm: KeyAlgorithm) {
    let server = config.metadata.as_ref();
    let members = metadata.members();
    if server.is_some_and(ServerMetadata::requires_signed_requests)
        && metadata.redirect_uris().is_some_and(|all| !all.is_empty())
        && !members.contains_key(request_object::SIGNING_ALG)
    {
        metadata.set(request_object::SIGNING_ALG, algorithm.as_str());
    }
}

/// The algorithm to make a key for: the best that the server takes for assertions.
pub(super) fn best(config: &ProviderConfig) -> KeyAlgorithm {
    KeyAlgorithm::best_of(&config.assertion_signatures()).unwrap_or(KeyAlgorithm::Es256)
}

/// The algorithms to choose from for a key: those that the server takes as far as is known, else all.
pub(super) fn signing_choices(config: &ProviderConfig) -> Vec<String> {
    let taken = config.assertion_signatures();
    let taken: Vec<_> = taken
        .iter()
        .filter_map(|name| KeyAlgorithm::named(name))
        .collect();
    KeyAlgorithm::ALL
        .into_iter()
        .filter(|one| taken.is_empty() || taken.contains(one))
        .map(|one| one.as_str().to_owned())
        .collect()
}

/// Refuses a key whose signatures the vendor does not take, before anything is sent. A server of the standard decides
/// by itself: its list may be out of date.
pub(super) fn check_signature(key: &ClientKey, config: &ProviderConfig) -> Result<(), CoreError> {
    let taken = config.assertion_signatures();
    let alg = key.algorithm().as_str();
    if config.kind.has_fixed_signatures() && !taken.iter().any(|one| one == alg) {
        return Err(CoreError::Input {
            what: InputProblem::KeySignature,
            detail: alg.to_owned(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use keywright_oauth::server_metadata::ServerMetadata;
    use keywright_providers::ProviderKind;
    use serde_json::Value;

    use super::*;

    const METHOD: &str = "token_endpoint_auth_method";
    const LISTED: &str = "token_endpoint_auth_signing_alg_values_supported";

    fn config(listed: &[&str]) -> ProviderConfig {
        let document = json!({ "issuer": "https://id.example", LISTED: listed });
        ProviderConfig {
            kind: ProviderKind::Rfc7591,
            issuer: "https://id.example".into(),
            settings: std::collections::BTreeMap::new(),
            secrets: std::collections::BTreeMap::new(),
            metadata: ServerMetadata::read(
                document.as_object().unwrap().clone(),
                "https://id.example".parse().unwrap(),
            ),
        }
    }

    fn metadata(members: &Value) -> ClientMetadata {
        ClientMetadata::from_answer(members.as_object().unwrap().clone())
    }

    #[test]
    fn a_key_is_made_for_what_the_server_lists() {
        for (listed, wanted) in [
            (&[][..], "ES256"),
            (&["PS256", "RS256"], "PS256"),
            (&["RS256", "EdDSA"], "EdDSA"),
            (&["HS256", "RS512"], "ES256"),
        ] {
            let mut asked = metadata(&json!({ METHOD: PRIVATE_KEY_JWT }));
            let key = key_for(&mut asked, &config(listed), None, 0)
                .unwrap()
                .unwrap();
            assert_eq!(asked.members()[SIGNING_ALG], wanted);
            assert_eq!(asked.members()["jwks"]["keys"][0]["kid"], key.kid());
            assert!(asked.members()["jwks"]["keys"][0].get("d").is_none());
        }
    }

    #[test]
    fn a_key_is_made_as_the_vendor_takes_it() {
        for (kind, listed, wanted, certified) in [
            (
                ProviderKind::Auth0,
                &["RS256", "RS384", "PS256"][..],
                "PS256",
                false,
            ),
            (ProviderKind::Auth0, &[], "PS256", false),
            (ProviderKind::Entra, &[], "PS256", true),
            (ProviderKind::Okta, &[], "ES256", false),
            (ProviderKind::Curity, &["RS256"], "RS256", false),
        ] {
            let config = ProviderConfig {
                kind,
                ..config(listed)
            };
            let mut asked = metadata(&json!({ "client_name": "orders", METHOD: PRIVATE_KEY_JWT }));
            let key = key_for(&mut asked, &config, None, 0).unwrap().unwrap();
            assert_eq!(asked.members()[SIGNING_ALG], wanted, "{kind:?}");
            assert_eq!(key.certificate().is_some(), certified, "{kind:?}");
            assert_eq!(
                asked.members()["jwks"]["keys"][0].get("x5c").is_some(),
                certified
            );
        }
    }

    #[test]
    fn a_signature_that_the_vendor_does_not_take_is_refused() {
        for kind in [ProviderKind::Auth0, ProviderKind::Entra] {
            let config = ProviderConfig {
                kind,
                ..config(&[])
            };
            let mut asked = metadata(&json!({ METHOD: PRIVATE_KEY_JWT, SIGNING_ALG: "ES256" }));
            let refused = key_for(&mut asked, &config, None, 0).unwrap_err();
            assert_eq!(refused.code().as_str(), "key_signature");
            let key = ClientKey::generate(KeyAlgorithm::EdDsa).unwrap();
            let mut asked = metadata(&json!({ METHOD: PRIVATE_KEY_JWT }));
            let refused = key_for(&mut asked, &config, Some(key), 0).unwrap_err();
            assert_eq!(refused.code().as_str(), "key_signature");
        }
    }

    #[test]
    fn no_key_is_made_where_the_user_names_one() {
        for keys in [
            json!({ "jwks_uri": "https://a.example/keys" }),
            json!({ "jwks": {"keys": []} }),
        ] {
            let mut asked = metadata(&keys);
            asked.set(METHOD, PRIVATE_KEY_JWT);
            let before = asked.clone();
            assert!(
                key_for(&mut asked, &config(&[]), None, 0)
                    .unwrap()
                    .is_none()
            );
            assert_eq!(asked, before);
        }
    }

    #[test]
    fn an_imported_key_needs_the_method_it_is_for() {
        let key = ClientKey::generate(KeyAlgorithm::Es256).unwrap();
        let mut asked = metadata(&json!({ METHOD: "client_secret_basic" }));
        let refused = key_for(&mut asked, &config(&[]), Some(key.clone()), 0).unwrap_err();
        assert_eq!(refused.code().as_str(), "key_without_method");
        let mut asked = metadata(&json!({ METHOD: PRIVATE_KEY_JWT, SIGNING_ALG: "RS256" }));
        let refused = key_for(&mut asked, &config(&[]), Some(key), 0).unwrap_err();
        assert_eq!(refused.code().as_str(), "key_algorithm");
    }

    #[test]
    fn a_client_with_a_signing_secret_asks_for_hs256() {
        let mut asked = metadata(&json!({ METHOD: "client_secret_jwt" }));
        assert!(
            key_for(&mut asked, &config(&[]), None, 0)
                .unwrap()
                .is_none()
        );
        assert_eq!(asked.members()[SIGNING_ALG], "HS256");
    }

    #[test]
    fn the_algorithms_to_choose_from_are_those_that_the_server_takes() {
        let of = |kind, listed: &[&str]| {
            let config = ProviderConfig {
                kind,
                ..config(listed)
            };
            signing_choices(&config).join(" ")
        };
        let all = "ES256 EdDSA PS256 RS256";
        assert_eq!(of(ProviderKind::Rfc7591, &[]), all);
        assert_eq!(of(ProviderKind::Rfc7591, &["RS512"]), all);
        assert_eq!(
            of(ProviderKind::Rfc7591, &["RS256", "Ed25519"]),
            "EdDSA RS256"
        );
        assert_eq!(of(ProviderKind::Entra, &[]), "PS256 RS256");
        let listed = ["RS256", "RS384", "PS256"];
        assert_eq!(of(ProviderKind::Auth0, &listed), "PS256 RS256");
    }
}
