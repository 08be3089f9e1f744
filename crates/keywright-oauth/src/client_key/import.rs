//! Private keys from PEM (RFC 7468) and from JWK (RFC 7517, RFC 7518 §6, RFC 8037 §2).

use aws_lc_rs::{
    rsa::{KeyPairComponents, PublicKeyComponents},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
        ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rustls::pki_types::pem::{PemObject as _, SectionKind};
use serde_json::{Map, Value};

use super::{ClientKey, KeyAlgorithm, KeyError, Pair};

/// What a key says of itself is shown up to here.
const LONGEST_NAME: usize = 40;

pub(super) fn read(text: &str, algorithm: Option<KeyAlgorithm>) -> Result<ClientKey, KeyError> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.starts_with('{') {
        let members = serde_json::from_str(text).map_err(|_may_repeat_it| KeyError::NotAKey)?;
        return from_jwk(&members, algorithm);
    }
    let is = |label: &str| text.contains(&format!("-----BEGIN {label}-----"));
    if is("ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(KeyError::Encrypted);
    }
    if is("OPENSSH PRIVATE KEY") || is("PGP PRIVATE KEY BLOCK") {
        return Err(KeyError::Kind {
            kind: "OpenSSH or PGP".to_owned(),
        });
    }
    // A file may hold the certificate of the key, or the parameters of its curve, before it.
    let sections = <(SectionKind, Vec<u8>)>::pem_slice_iter(text.as_bytes());
    let mut public = false;
    for section in sections {
        let (kind, der) = section.map_err(|_may_repeat_it| KeyError::NotAKey)?;
        match kind {
            SectionKind::PrivateKey | SectionKind::EcPrivateKey | SectionKind::RsaPrivateKey => {
                let key = ClientKey::of(from_der(&der)?, None, algorithm)?;
                return Ok(key.with_certificates_of(text));
            }
            SectionKind::PublicKey | SectionKind::Certificate => public = true,
            _ => {}
        }
    }
    Err(if public || is("RSA PUBLIC KEY") {
        KeyError::Public
    } else {
        KeyError::NotAKey
    })
}

/// PKCS#8, PKCS#1 or SEC 1.
pub(super) fn from_der(der: &[u8]) -> Result<Pair, KeyError> {
    let rsa = || RsaKeyPair::from_pkcs8(der).or_else(|_| RsaKeyPair::from_der(der));
    EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, der)
        .map(Pair::Ec)
        .or_else(|_| Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map(Pair::Ed))
        .or_else(|_| rsa().map(Pair::Rsa))
        .map_err(|rejected| {
            let other = [
                ("P-384", &ECDSA_P384_SHA384_FIXED_SIGNING),
                ("P-521", &ECDSA_P521_SHA512_FIXED_SIGNING),
            ];
            let named = other
                .into_iter()
                .find(|(_, curve)| EcdsaKeyPair::from_private_key_der(curve, der).is_ok());
            named.map_or(KeyError::Rejected(rejected), |(name, _)| KeyError::Kind {
                kind: name.to_owned(),
            })
        })
}

fn from_jwk(
    members: &Map<String, Value>,
    algorithm: Option<KeyAlgorithm>,
) -> Result<ClientKey, KeyError> {
    if let Some(keys) = members.get("keys").and_then(Value::as_array) {
        return from_set(keys, algorithm);
    }
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let kty = text("kty").ok_or(KeyError::NotAKey)?;
    let unsupported = |kind: &str| KeyError::Kind { kind: cut(kind) };
    if let Some(other) = text("use").filter(|one| *one != "sig") {
        return Err(unsupported(&format!("use={other}")));
    }
    let named = text("alg")
        .map(|name| {
            KeyAlgorithm::named(name).ok_or_else(|| KeyError::Algorithm { wanted: cut(name) })
        })
        .transpose()?;
    if let (Some(wanted), Some(named)) = (algorithm, named)
        && wanted != named
    {
        return Err(KeyError::Algorithm {
            wanted: wanted.as_str().to_owned(),
        });
    }
    let bytes = |name: &str| {
        let text = text(name).ok_or(KeyError::Damaged)?;
        // Some programs write the padding that RFC 7515 §2 leaves out.
        URL_SAFE_NO_PAD
            .decode(text.trim_end_matches('='))
            .map_err(|_names_a_letter| KeyError::Damaged)
    };
    let curve = text("crv").unwrap_or_default();
    match (kty, curve) {
        ("EC", "P-256") | ("OKP", "Ed25519") | ("RSA", _) => {}
        ("EC" | "OKP", other) | (other, _) => return Err(unsupported(other)),
    }
    if text("d").is_none() {
        return Err(KeyError::NoPrivatePart);
    }
    let private = bytes("d")?;
    let pair = match kty {
        "EC" => {
            let mut point = vec![4];
            for name in ["x", "y"] {
                point.extend(padded(&bytes(name)?)?);
            }
            EcdsaKeyPair::from_private_key_and_public_key(
                &ECDSA_P256_SHA256_FIXED_SIGNING,
                &padded(&private)?,
                &point,
            )
            .map(Pair::Ec)
        }
        "OKP" => Ed25519KeyPair::from_seed_and_public_key(&private, &bytes("x")?).map(Pair::Ed),
        _ => RsaKeyPair::from_components(&KeyPairComponents {
            public_key: PublicKeyComponents {
                n: bytes("n")?,
                e: bytes("e")?,
            },
            d: private,
            p: bytes("p")?,
            q: bytes("q")?,
            dP: bytes("dp")?,
            dQ: bytes("dq")?,
            qInv: bytes("qi")?,
        })
        .map(Pair::Rsa),
    };
    let kid = text("kid").filter(|kid| !kid.is_empty());
    ClientKey::of(pair?, kid, algorithm.or(named))
}

/// A set is taken where it has one private key.
fn from_set(keys: &[Value], algorithm: Option<KeyAlgorithm>) -> Result<ClientKey, KeyError> {
    let private: Vec<_> = keys
        .iter()
        .filter_map(Value::as_object)
        .filter(|key| key.contains_key("d"))
        .collect();
    match private.as_slice() {
        [only] => from_jwk(only, algorithm),
        [] => Err(KeyError::NoPrivatePart),
        several => Err(KeyError::Several {
            count: several.len(),
        }),
    }
}

/// A number of P-256 at its full length (RFC 7518 §6.2.1.2); some programs leave zeros out.
fn padded(number: &[u8]) -> Result<Vec<u8>, KeyError> {
    let zeros = 32_usize
        .checked_sub(number.len())
        .ok_or(KeyError::Damaged)?;
    let mut full = vec![0; zeros];
    full.extend(number);
    Ok(full)
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST_NAME).collect()
}
