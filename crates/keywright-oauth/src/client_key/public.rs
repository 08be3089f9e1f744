//! Public keys as vendors take and answer them: PEM of the key itself, and the JWK of a certificate.

use aws_lc_rs::{
    digest,
    encoding::{AsDer, PublicKeyX509Der},
    signature::RsaPublicKeyComponents,
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Map, Value, json};
use x509_parser::public_key::PublicKey;

use super::certificate::parsed;

/// Letters of base64 in a line of PEM (RFC 7468 §2).
const LINE: usize = 64;

/// The members of a public JWK from which its thumbprint is made (RFC 7638 §3.2).
fn required(kty: &str) -> Option<&'static [&'static str]> {
    match kty {
        "RSA" => Some(&["e", "kty", "n"]),
        "EC" => Some(&["crv", "kty", "x", "y"]),
        "OKP" => Some(&["crv", "kty", "x"]),
        _ => None,
    }
}

/// SHA-256 thumbprint (RFC 7638) of a public JWK; none where a member that it is made of is missing.
pub fn thumbprint_of(jwk: &Map<String, Value>) -> Option<String> {
    let names = required(jwk.get("kty")?.as_str()?)?;
    let member = |name: &&str| {
        let value = jwk.get(*name)?.as_str()?;
        Some(((*name).to_owned(), Value::from(value)))
    };
    // In the order of their names (RFC 7638 §3.3), which the map keeps.
    let members: Map<String, Value> = names.iter().map(member).collect::<Option<_>>()?;
    let text = Value::Object(members).to_string();
    Some(URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes())))
}

/// `SubjectPublicKeyInfo` in PEM (RFC 7468 §13) of a public RSA key; none for a key of another kind, or a damaged one.
pub fn public_pem(jwk: &Map<String, Value>) -> Option<String> {
    if jwk.get("kty")?.as_str()? != "RSA" {
        return None;
    }
    let bytes = |name: &str| {
        let text = jwk.get(name)?.as_str()?;
        URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
    };
    let parts = RsaPublicKeyComponents {
        n: bytes("n")?,
        e: bytes("e")?,
    };
    let der: PublicKeyX509Der<'_> = parts.as_der().ok()?;
    let text = STANDARD.encode(der.as_ref());
    let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
    let mut rest = text.as_str();
    while let Some((line, more)) = rest.split_at_checked(LINE) {
        pem.push_str(line);
        pem.push('\n');
        rest = more;
    }
    if !rest.is_empty() {
        pem.push_str(rest);
        pem.push('\n');
    }
    pem.push_str("-----END PUBLIC KEY-----\n");
    Some(pem)
}

/// The certificate of a public JWK in DER: the first of `x5c` (RFC 7517 §4.7).
pub fn certificate_of(jwk: &Map<String, Value>) -> Option<Vec<u8>> {
    let first = jwk.get("x5c")?.get(0)?.as_str()?;
    STANDARD.decode(first).ok()
}

/// The public JWK of a certificate in DER, with the certificate itself in `x5c` and its thumbprint as `kid`. RSA alone.
pub fn certified_jwk(der: &[u8]) -> Option<Map<String, Value>> {
    let certificate = parsed(der).ok()?;
    let key = certificate.public_key().parsed().ok()?;
    let PublicKey::RSA(key) = key else {
        return None;
    };
    // DER writes a zero before a number whose first bit is set.
    let number = |bytes: &[u8]| {
        let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(0);
        URL_SAFE_NO_PAD.encode(bytes.get(first..).unwrap_or_default())
    };
    let members = json!({
        "kty": "RSA",
        "n": number(key.modulus),
        "e": number(key.exponent),
        "use": "sig",
        "x5c": [STANDARD.encode(der)],
    });
    let mut members = members.as_object().cloned()?;
    members.insert("kid".to_owned(), thumbprint_of(&members)?.into());
    Some(members)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use x509_parser::{prelude::FromDer as _, x509::SubjectPublicKeyInfo};

    use super::*;
    use crate::client_key::{ClientKey, KeyAlgorithm};

    #[test]
    fn the_thumbprint_of_a_public_key_is_that_of_the_key() {
        for algorithm in KeyAlgorithm::ALL {
            let key = ClientKey::generate(algorithm).unwrap();
            let thumbprint = thumbprint_of(&key.public_jwk());
            assert_eq!(thumbprint, Some(key.thumbprint()));
        }
        assert_eq!(thumbprint_of(&Map::new()), None);
    }

    #[test]
    fn the_key_of_a_certificate_is_found_in_it() {
        let key = ClientKey::generate(KeyAlgorithm::Ps256).unwrap();
        let key = key.self_signed("orders", 1_800_000_000).unwrap();
        let der = &key.certificate().unwrap().chain()[0];
        let found = certified_jwk(der).unwrap();
        assert_eq!(found["kid"], key.kid());
        for name in ["n", "e", "x5c"] {
            assert_eq!(found[name], key.public_jwk()[name], "{name}");
        }
        let other = ClientKey::generate(KeyAlgorithm::Es256).unwrap();
        let other = other.self_signed("other", 1_800_000_000).unwrap();
        let der = &other.certificate().unwrap().chain()[0];
        assert_eq!(certified_jwk(der), None);
        assert_eq!(certified_jwk(b"no certificate"), None);
    }

    #[test]
    fn a_public_key_in_pem_is_the_same_key() {
        let key = ClientKey::generate(KeyAlgorithm::Rs256).unwrap();
        let pem = public_pem(&key.public_jwk()).unwrap();
        assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\nMII"), "{pem}");
        assert!(pem.lines().all(|line| line.len() <= LINE));
        let base64: String = pem.lines().filter(|line| !line.contains('-')).collect();
        let der = STANDARD.decode(base64).unwrap();
        let (_, read) = SubjectPublicKeyInfo::from_der(&der).unwrap();
        let PublicKey::RSA(read) = read.parsed().unwrap() else {
            panic!("another kind of key");
        };
        assert_eq!(read.key_size(), 2048);
        let other = ClientKey::generate(KeyAlgorithm::Es256).unwrap();
        assert_eq!(public_pem(&other.public_jwk()), None);
    }
}
