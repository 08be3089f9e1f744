#![allow(clippy::unwrap_used, reason = "tests")]
use serde_json::json;

use super::*;

/// PKCS#8 of a new key, as another program writes it.
fn pem() -> String {
    rcgen::KeyPair::generate().unwrap().serialize_pem()
}

fn refused(text: &str) -> KeyError {
    ClientKey::import(text, None).unwrap_err()
}

#[test]
fn a_key_is_the_same_after_the_vault_had_it() {
    for algorithm in KeyAlgorithm::ALL {
        let key = ClientKey::generate(algorithm).unwrap();
        let text = key.pkcs8().unwrap();
        let read = ClientKey::from_pkcs8(text.expose(), "k-1", algorithm).unwrap();
        assert_eq!(read.thumbprint(), key.thumbprint());
        assert_eq!((read.kid(), read.algorithm()), ("k-1", algorithm));
        assert!(!format!("{key:?}").contains(text.expose()));
    }
}

/// The example of RFC 7638 §3.1.
#[test]
fn a_thumbprint_is_that_of_the_standard() {
    let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
    let members = json!({ "e": "AQAB", "kty": "RSA", "n": n });
    let text = members.to_string();
    let digest = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()));
    assert_eq!(digest, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    // A key of ours writes the same members in the same order.
    let key = ClientKey::generate(KeyAlgorithm::Rs256).unwrap();
    let names: Vec<_> = key.bare_public_jwk().keys().cloned().collect();
    assert_eq!(names, ["e", "kty", "n"]);
}

#[test]
fn a_private_key_in_pem_is_read() {
    let key = ClientKey::import(&pem(), None).unwrap();
    assert_eq!(key.algorithm(), KeyAlgorithm::Es256);
    assert_eq!(key.kid(), key.thumbprint());
    // A certificate may stand before the key.
    let both = format!(
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n{}",
        pem()
    );
    assert!(ClientKey::import(&both, None).is_ok());
}

/// RFC 8037 appendix A.1, and a key of RFC 7517 appendix A.2.
#[test]
fn a_private_key_in_jwk_is_read() {
    let ed = json!({
        "kty": "OKP", "crv": "Ed25519", "kid": "ed",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    });
    let ec = json!({
        "kty": "EC", "crv": "P-256", "kid": "1", "use": "sig",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    });
    for (jwk, algorithm) in [(ed, KeyAlgorithm::EdDsa), (ec, KeyAlgorithm::Es256)] {
        let key = ClientKey::import(&jwk.to_string(), None).unwrap();
        assert_eq!(key.algorithm(), algorithm);
        assert_eq!(key.public_jwk()["x"], jwk["x"]);
        let set = json!({ "keys": [jwk] }).to_string();
        assert_eq!(ClientKey::import(&set, None).unwrap().kid(), key.kid());
    }
}

#[test]
fn what_is_not_a_private_key_is_named() {
    let pair = rcgen::KeyPair::generate().unwrap();
    assert_eq!(refused(&pair.public_key_pem()), KeyError::Public);
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----";
    assert_eq!(refused(encrypted), KeyError::Encrypted);
    let legacy = "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,AA\n\nMIIB\n-----END EC PRIVATE KEY-----";
    assert_eq!(refused(legacy), KeyError::Encrypted);
    assert_eq!(refused("hello"), KeyError::NotAKey);
    assert_eq!(refused("{"), KeyError::NotAKey);
    assert_eq!(refused("{}"), KeyError::NotAKey);
    let cut = pem().replace("-----END PRIVATE KEY-----", "");
    assert_eq!(refused(&cut), KeyError::NotAKey);
    let damaged = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----";
    assert!(matches!(refused(damaged), KeyError::Rejected(_)));
    let other = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let kind = |kind: &str| KeyError::Kind { kind: kind.into() };
    assert_eq!(refused(&other.serialize_pem()), kind("P-384"));
}

#[test]
fn a_jwk_that_cannot_sign_is_refused() {
    let key = ClientKey::import(&pem(), None).unwrap();
    let mut jwk = Value::Object(key.public_jwk());
    assert_eq!(refused(&jwk.to_string()), KeyError::NoPrivatePart);
    let set = json!({ "keys": [jwk] }).to_string();
    assert_eq!(refused(&set), KeyError::NoPrivatePart);
    // A private part of another key.
    jwk["d"] = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI".into();
    assert!(matches!(refused(&jwk.to_string()), KeyError::Rejected(_)));
    jwk["alg"] = "RS256".into();
    assert!(matches!(refused(&jwk.to_string()), KeyError::Rejected(_)));
    jwk["alg"] = "HS256".into();
    let algorithm = |wanted: &str| KeyError::Algorithm {
        wanted: wanted.into(),
    };
    assert_eq!(refused(&jwk.to_string()), algorithm("HS256"));
    jwk["use"] = "enc".into();
    assert!(matches!(refused(&jwk.to_string()), KeyError::Kind { .. }));
    for (kty, crv) in [("oct", ""), ("EC", "P-521"), ("AKP", "")] {
        let jwk = json!({ "kty": kty, "crv": crv, "k": "AAAA", "d": "AAAA" });
        assert!(
            matches!(refused(&jwk.to_string()), KeyError::Kind { .. }),
            "{kty}"
        );
    }
    let wrong = ClientKey::import(&pem(), Some(KeyAlgorithm::Rs256)).unwrap_err();
    assert_eq!(wrong, algorithm("RS256"));
    let two = json!({ "keys": [{ "kty": "EC", "d": "a" }, { "kty": "EC", "d": "b" }] });
    assert_eq!(refused(&two.to_string()), KeyError::Several { count: 2 });
}
