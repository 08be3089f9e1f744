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
    for alg in [
        "none",
        "None",
        "NONE",
        " none",
        "HS256",
        "hs512",
        "",
        "RS1",
        "dir",
        "RSA-OAEP-256",
        "ECDH-ES+A128KW",
        "PBES2-HS256+A128KW",
        "A256GCMKW",
        "ML-DSA-44",
    ] {
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

/// A token and the key set that holds the key of its signature.
fn signed(header: &Value, key: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> (String, Jwks) {
    let token = unsigned(header, &json!({"iss": "https://i", "exp": 2000}));
    let text = token.trim_end_matches('.');
    let token = format!("{text}.{}", URL_SAFE_NO_PAD.encode(sign(text.as_bytes())));
    let keys = Jwks::read(json!({ "keys": [key] }).to_string().as_bytes()).unwrap();
    (token, keys)
}

fn ecdsa(
    algorithm: &'static aws_lc_rs::signature::EcdsaSigningAlgorithm,
) -> (aws_lc_rs::signature::EcdsaKeyPair, Vec<u8>) {
    use aws_lc_rs::signature::{EcdsaKeyPair, KeyPair as _};
    let pair = EcdsaKeyPair::generate(algorithm).unwrap();
    let point = pair.public_key().as_ref()[1..].to_vec();
    (pair, point)
}

#[test]
fn each_algorithm_of_a_public_key_is_verified() {
    use aws_lc_rs::{
        rand::SystemRandom,
        signature::{
            ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P256K1_SHA256_FIXED_SIGNING,
            ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING, Ed25519KeyPair,
            KeyPair as _,
        },
    };
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    for (alg, curve, algorithm) in [
        ("ES256", "P-256", &ECDSA_P256_SHA256_FIXED_SIGNING),
        ("ES384", "P-384", &ECDSA_P384_SHA384_FIXED_SIGNING),
        ("ES512", "P-521", &ECDSA_P521_SHA512_FIXED_SIGNING),
        ("ES256K", "secp256k1", &ECDSA_P256K1_SHA256_FIXED_SIGNING),
    ] {
        let (pair, point) = ecdsa(algorithm);
        let (x, y) = point.split_at(point.len() / 2);
        let key = json!({"kty": "EC", "crv": curve, "x": part(x), "y": part(y), "alg": alg});
        let (token, keys) = signed(&json!({ "alg": alg }), &key, |text| {
            let made = pair.sign(&SystemRandom::new(), text).unwrap();
            made.as_ref().to_vec()
        });
        let seen = inspect(&token, Some(&keys), &EXPECTED).unwrap();
        assert_eq!(seen.signature, Signature::Verified, "{alg}");
        assert!(seen.holds());
    }
    let pair = Ed25519KeyPair::generate().unwrap();
    let x = part(pair.public_key().as_ref());
    for alg in ["EdDSA", "Ed25519"] {
        for named in ["EdDSA", "Ed25519"] {
            let key = json!({"kty": "OKP", "crv": "Ed25519", "x": x, "alg": named});
            let header = json!({ "alg": alg });
            let (token, keys) = signed(&header, &key, |text| pair.sign(text).as_ref().into());
            let seen = inspect(&token, Some(&keys), &EXPECTED).unwrap();
            assert_eq!(seen.signature, Signature::Verified, "{alg} by {named}");
            let (forged, _) = signed(&header, &key, |_| vec![0; 64]);
            let seen = inspect(&forged, Some(&keys), &EXPECTED).unwrap();
            assert_eq!(
                seen.signature,
                Signature::Invalid {
                    reason: SignatureProblem::WrongSignature
                }
            );
        }
    }
}

#[test]
fn an_algorithm_without_code_here_is_not_called_invalid() {
    let ed448 = json!({"kty": "OKP", "crv": "Ed448", "x": "AA", "kid": "k"});
    for (alg, key) in [
        ("Ed448", &ed448),
        ("EdDSA", &ed448),
        ("ML-DSA-44", &json!({"kty": "AKP", "pub": "AA", "kid": "k"})),
        (
            "ESB256",
            &json!({"kty": "EC", "crv": "BP-256", "kid": "k", "alg": "ESB256"}),
        ),
    ] {
        let (token, keys) = signed(&json!({"alg": alg, "kid": "k"}), key, |_| vec![1; 64]);
        let seen = inspect(&token, Some(&keys), &EXPECTED).unwrap();
        assert_eq!(
            seen.signature,
            Signature::NotChecked {
                reason: SignatureProblem::AlgorithmUnsupported
            },
            "{alg}"
        );
        assert!(!seen.holds());
    }
}

/// What is said of a token of this algorithm with the key `k`, by a set of these keys.
fn said(alg: impl Into<Value>, keys: &Value) -> Signature {
    let header = json!({"alg": alg.into(), "kid": "k"});
    let (token, _) = signed(&header, &json!({}), |_| vec![1; 64]);
    let keys = Jwks::read(json!({ "keys": keys }).to_string().as_bytes()).unwrap();
    inspect(&token, Some(&keys), &EXPECTED).unwrap().signature
}

fn refused(reason: SignatureProblem) -> Signature {
    Signature::Invalid { reason }
}

#[test]
fn t19_a_refused_algorithm_is_invalid_with_any_key() {
    let keys = json!([{"kty": "AKP", "pub": "AA", "kid": "k"}]);
    for alg in [
        "none",
        "HS256",
        "RS1",
        "dir",
        "RSA-OAEP",
        "PBES2-HS256+A128KW",
    ] {
        let seen = said(alg, &keys);
        assert_eq!(seen, refused(SignatureProblem::AlgorithmRefused), "{alg}");
    }
    for alg in [json!(256), json!(["ES256"]), json!({}), json!(true)] {
        let seen = said(alg.clone(), &keys);
        assert_eq!(seen, refused(SignatureProblem::AlgorithmRefused), "{alg}");
    }
}

#[test]
fn t19_a_key_of_another_algorithm_signs_no_unknown_one() {
    let point = URL_SAFE_NO_PAD.encode([9; 32]);
    let key =
        json!({"kty": "EC", "crv": "P-256", "x": point, "y": point, "kid": "k", "alg": "ES256"});
    let ed448 = json!({"kty": "OKP", "crv": "Ed448", "x": "AA", "kid": "k"});
    for (alg, keys) in [
        ("ML-DSA-44", json!([key])),
        ("null", json!([key])),
        ("ML-DSA-44", json!([ed448])),
        ("ES256", json!([ed448])),
        ("ML-DSA-44", json!([])),
    ] {
        let seen = said(alg, &keys);
        assert_eq!(seen, refused(SignatureProblem::UnknownKey), "{alg} {keys}");
    }
}

#[test]
fn t20_a_refused_key_makes_a_token_invalid() {
    let short = URL_SAFE_NO_PAD.encode([0xc1; 64]);
    for key in [
        json!({"kty": "RSA", "n": short, "e": "AQAB", "kid": "k"}),
        json!({"kty": "OKP", "crv": "Ed448", "x": "AA", "d": "AA", "kid": "k"}),
        json!({"kty": "AKP", "pub": "AA", "priv": "AA", "kid": "k"}),
        json!({"kty": "AKP", "pub": "AA", "use": "enc", "kid": "k"}),
        json!({"kty": "EC", "crv": "P-256", "x": "!", "y": "AA", "kid": "k"}),
        json!({"kty": "OKP", "crv": "X448", "x": "AA", "kid": "k"}),
        json!({"kty": "oct", "kid": "k"}),
        json!({"kid": "k"}),
    ] {
        for alg in ["RS256", "EdDSA", "Ed448", "ML-DSA-44"] {
            let seen = said(alg, &json!([key, key]));
            assert_eq!(seen, refused(SignatureProblem::KeyRefused), "{alg} {key}");
        }
    }
}

#[test]
fn t20_a_key_beyond_the_limit_leaves_a_token_unchecked() {
    let keys = vec![json!({"kty": "RSA", "kid": "another"}); 101];
    let reason = SignatureProblem::TooManyKeys;
    assert_eq!(
        said("ES256", &json!(keys)),
        Signature::NotChecked { reason }
    );
    let unknown = refused(SignatureProblem::UnknownKey);
    assert_eq!(said("ES256", &json!(keys[1..])), unknown);
}

#[test]
fn the_end_of_a_token_is_in_its_claims() {
    let token = |claims: &Value| AccessToken::new(unsigned(&json!({"alg": "RS256"}), claims));
    assert_eq!(expires_at(&token(&json!({"exp": 2000}))), Some(2000));
    assert_eq!(expires_at(&token(&json!({"exp": "2000"}))), Some(2000));
    assert_eq!(expires_at(&token(&json!({}))), None);
    assert_eq!(expires_at(&AccessToken::new("opaque")), None);
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
