//! Certificates by which clients prove themselves, or that their tokens are bound to (RFC 8705).

use keywright_oauth::{
    client_key::{ClientKey, KeyAlgorithm},
    client_metadata::ClientMetadata,
    lenient, mutual_tls,
};
use keywright_providers::ProviderConfig;
use serde_json::json;

use crate::{
    CoreError,
    error::input_problem::InputProblem,
    registration::{
        first_key::{PRIVATE_KEY_JWT, SIGNING_ALG, best, check_signature},
        given_keys::algorithm,
    },
};

/// Names of the certificate that a server compares, of which a client registers one (RFC 8705 §2.1.2).
const NAMES: &str = "tls_client_auth_";
const SUBJECT: &str = "tls_client_auth_subject_dn";

/// The key of a client with a certificate, and the metadata that its server needs: `jwks` with the certificate, or the
/// subject of one that an authority issued.
pub(super) fn certified_key(
    metadata: &mut ClientMetadata,
    config: &ProviderConfig,
    imported: Option<ClientKey>,
    now: i64,
) -> Result<ClientKey, CoreError> {
    let method = metadata.token_endpoint_auth_method().unwrap_or_default();
    let signs = method == PRIVATE_KEY_JWT;
    let asked = lenient::text(metadata.members(), SIGNING_ALG).filter(|_| signs);
    let asked = asked.as_deref().map(algorithm).transpose()?;
    let key = match (imported, asked) {
        (Some(key), Some(asked)) => key.signing_with(asked)?,
        (Some(key), None) => key,
        (None, Some(asked)) => ClientKey::generate(asked)?,
        (None, None) if signs => ClientKey::generate(best(config))?,
        (None, None) => ClientKey::generate(KeyAlgorithm::Es256)?,
    };
    if method == mutual_tls::BY_AUTHORITY && key.certificate().is_none() {
        listed_or_refused(config, &method)?;
    }
    let name = metadata.client_name().unwrap_or_default();
    let key = certified_like(key, metadata, config, &name, now)?;
    if signs {
        check_signature(&key, config)?;
        metadata.set(SIGNING_ALG, key.algorithm().as_str());
    }
    let members = metadata.members();
    if method == mutual_tls::BY_AUTHORITY {
        if !members.keys().any(|name| name.starts_with(NAMES)) {
            name_subject(metadata, &key);
        }
    } else if (signs || method == mutual_tls::SELF_SIGNED) && !members.contains_key("jwks_uri") {
        metadata.set("jwks", json!({ "keys": [key.public_jwk()] }));
    }
    Ok(key)
}

/// Says that the server does not list the method before anybody gets a certificate for it.
fn listed_or_refused(config: &ProviderConfig, method: &str) -> Result<(), CoreError> {
    let metadata = config.metadata.as_ref();
    let listed = metadata.and_then(|one| one.token_endpoint_auth_methods_supported.as_deref());
    let listed = listed.unwrap_or_default();
    if listed.is_empty() || listed.iter().any(|one| one == method) {
        return Ok(());
    }
    Err(CoreError::Input {
        what: InputProblem::CertificateMethodUnlisted,
        detail: listed.join(", "),
    })
}

/// The key with the certificate that a client of this metadata needs: its own, or one that is made now where the server
/// does not ask an authority.
pub(super) fn certified_like(
    key: ClientKey,
    metadata: &ClientMetadata,
    config: &ProviderConfig,
    name: &str,
    now: i64,
) -> Result<ClientKey, CoreError> {
    let method = metadata.token_endpoint_auth_method();
    let needs = method.as_deref().is_some_and(mutual_tls::is_method)
        || mutual_tls::binds_tokens_of(metadata)
        || config.needs_certified_keys();
    if key.certificate().is_some() || !needs {
        return Ok(key);
    }
    if method.as_deref() == Some(mutual_tls::BY_AUTHORITY) {
        return Err(CoreError::Input {
            what: InputProblem::CertificateNeeded,
            detail: mutual_tls::BY_AUTHORITY.to_owned(),
        });
    }
    Ok(key.self_signed(name, now)?)
}

/// Tells the server the subject of the certificate.
pub(super) fn name_subject(metadata: &mut ClientMetadata, key: &ClientKey) {
    if let Some(certificate) = key.certificate() {
        metadata.set(SUBJECT, certificate.subject());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::collections::BTreeMap;

    use keywright_oauth::server_metadata::ServerMetadata;
    use keywright_providers::ProviderKind;
    use serde_json::Value;

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn config() -> ProviderConfig {
        ProviderConfig {
            kind: ProviderKind::Rfc7591,
            issuer: "https://id.example".into(),
            settings: BTreeMap::new(),
            secrets: BTreeMap::new(),
            metadata: None,
        }
    }

    fn asked(members: &Value) -> ClientMetadata {
        ClientMetadata::from_answer(members.as_object().unwrap().clone())
    }

    #[test]
    fn a_self_signed_certificate_is_made_and_registered() {
        let mut wanted = asked(&json!({
            "client_name": "orders", "token_endpoint_auth_method": mutual_tls::SELF_SIGNED,
        }));
        let key = certified_key(&mut wanted, &config(), None, NOW).unwrap();
        assert_eq!(key.certificate().unwrap().subject(), "CN=orders");
        let registered = &wanted.members()["jwks"]["keys"][0];
        assert_eq!(registered["x5c"], key.public_jwk()["x5c"]);
        assert!(registered.get("d").is_none());
    }

    #[test]
    fn a_certificate_of_an_authority_is_brought_along() {
        let method = json!({ "token_endpoint_auth_method": mutual_tls::BY_AUTHORITY });
        let mut wanted = asked(&method);
        let refused = certified_key(&mut wanted, &config(), None, NOW).unwrap_err();
        assert_eq!(refused.code().as_str(), "certificate_needed");
        let key = ClientKey::generate(KeyAlgorithm::Es256).unwrap();
        let key = key.self_signed("issued", NOW).unwrap();
        certified_key(&mut wanted, &config(), Some(key.clone()), NOW).unwrap();
        assert_eq!(wanted.members()[SUBJECT], "CN=issued");
        assert!(wanted.members().get("jwks").is_none());
        // What the user says about it stays.
        let mut named = asked(&json!({
            "token_endpoint_auth_method": mutual_tls::BY_AUTHORITY,
            "tls_client_auth_san_dns": "client.example",
        }));
        certified_key(&mut named, &config(), Some(key), NOW).unwrap();
        assert!(named.members().get(SUBJECT).is_none());
    }

    #[test]
    fn a_method_that_the_server_does_not_list_comes_first() {
        let code = |listed: &Value| {
            let document = json!({
                "issuer": "https://id.example", "token_endpoint_auth_methods_supported": listed,
            });
            let source = "https://id.example".parse().unwrap();
            let config = ProviderConfig {
                metadata: ServerMetadata::read(document.as_object().unwrap().clone(), source),
                ..config()
            };
            let method = json!({ "token_endpoint_auth_method": mutual_tls::BY_AUTHORITY });
            let refused = certified_key(&mut asked(&method), &config, None, NOW).unwrap_err();
            refused.code()
        };
        let other = json!(["client_secret_basic", "private_key_jwt"]);
        assert_eq!(code(&other).as_str(), "certificate_method_unlisted");
        assert_eq!(
            code(&json!(["tls_client_auth"])).as_str(),
            "certificate_needed"
        );
        assert_eq!(code(&json!(null)).as_str(), "certificate_needed");
    }

    #[test]
    fn a_client_whose_tokens_are_bound_has_a_certificate() {
        let mut wanted = asked(&json!({
            "client_name": "orders", "token_endpoint_auth_method": "private_key_jwt",
            mutual_tls::BOUND_TOKENS: true,
        }));
        let key = certified_key(&mut wanted, &config(), None, NOW).unwrap();
        assert!(key.certificate().is_some());
        assert_eq!(wanted.members()[SIGNING_ALG], key.algorithm().as_str());
    }
}
