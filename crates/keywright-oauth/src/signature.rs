//! Signatures of tokens, by the names of RFC 7518 §3.1, RFC 8037, RFC 8812 and RFC 9864.

use aws_lc_rs::{
    hmac,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256K1_SHA256_FIXED, ECDSA_P384_SHA384_FIXED,
        ECDSA_P521_SHA512_FIXED, ED25519, EcdsaVerificationAlgorithm, RSA_PKCS1_2048_8192_SHA256,
        RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
        RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
        UnparsedPublicKey,
    },
};

/// A public key.
#[derive(Debug, Clone)]
pub(crate) enum Material {
    /// RSA, both numbers without leading zeros.
    Rsa {
        /// `n`.
        modulus: Vec<u8>,
        /// `e`.
        exponent: Vec<u8>,
    },
    /// A point of a curve, uncompressed (SEC 1 §2.3.3).
    Point {
        /// The curve.
        curve: Curve,
        /// 4, then both coordinates.
        point: Vec<u8>,
    },
    /// Ed25519.
    Ed25519(Vec<u8>),
}

/// A curve. Each belongs to one algorithm (RFC 7518 §3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
    Secp256k1,
}

impl Curve {
    /// The curve that `crv` names.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "P-256" => Some(Self::P256),
            "P-384" => Some(Self::P384),
            "P-521" => Some(Self::P521),
            "secp256k1" => Some(Self::Secp256k1),
            _ => None,
        }
    }

    /// The point of two coordinates without leading zeros; none where one is too long.
    pub(crate) fn point(self, x: &[u8], y: &[u8]) -> Option<Vec<u8>> {
        let length: usize = match self {
            Self::P256 | Self::Secp256k1 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        };
        let mut point = vec![4];
        for coordinate in [x, y] {
            let zeros = length.checked_sub(coordinate.len())?;
            point.resize(point.len() + zeros, 0);
            point.extend(coordinate);
        }
        Some(point)
    }
}

/// An algorithm that this program can check.
#[derive(Clone, Copy)]
pub(crate) enum Algorithm {
    Rsa(&'static RsaParameters),
    Ecdsa(Curve, &'static EcdsaVerificationAlgorithm),
    Ed25519,
}

impl Algorithm {
    /// The algorithm that `alg` names.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Rsa(&RSA_PKCS1_2048_8192_SHA256),
            "RS384" => Self::Rsa(&RSA_PKCS1_2048_8192_SHA384),
            "RS512" => Self::Rsa(&RSA_PKCS1_2048_8192_SHA512),
            "PS256" => Self::Rsa(&RSA_PSS_2048_8192_SHA256),
            "PS384" => Self::Rsa(&RSA_PSS_2048_8192_SHA384),
            "PS512" => Self::Rsa(&RSA_PSS_2048_8192_SHA512),
            "ES256" => Self::Ecdsa(Curve::P256, &ECDSA_P256_SHA256_FIXED),
            "ES384" => Self::Ecdsa(Curve::P384, &ECDSA_P384_SHA384_FIXED),
            "ES512" => Self::Ecdsa(Curve::P521, &ECDSA_P521_SHA512_FIXED),
            "ES256K" => Self::Ecdsa(Curve::Secp256k1, &ECDSA_P256K1_SHA256_FIXED),
            // RFC 9864 §2.2 gives the algorithm its full name; keys and signatures are the same.
            "EdDSA" | "Ed25519" => Self::Ed25519,
            _ => return None,
        })
    }

    /// Keys of this kind sign with it.
    pub(crate) fn takes(self, key: &Material) -> bool {
        match (self, key) {
            (Self::Rsa(_), Material::Rsa { .. }) | (Self::Ed25519, Material::Ed25519(_)) => true,
            (Self::Ecdsa(wanted, _), Material::Point { curve, .. }) => wanted == *curve,
            _ => false,
        }
    }

    /// The key made this signature of these bytes.
    pub(crate) fn verifies(self, key: &Material, signed: &[u8], signature: &[u8]) -> bool {
        match (self, key) {
            (Self::Rsa(parameters), Material::Rsa { modulus, exponent }) => {
                let key = RsaPublicKeyComponents {
                    n: modulus,
                    e: exponent,
                };
                key.verify(parameters, signed, signature).is_ok()
            }
            (Self::Ecdsa(wanted, algorithm), Material::Point { curve, point })
                if wanted == *curve =>
            {
                let key = UnparsedPublicKey::new(algorithm, point);
                key.verify(signed, signature).is_ok()
            }
            (Self::Ed25519, Material::Ed25519(key)) => UnparsedPublicKey::new(&ED25519, key)
                .verify(signed, signature)
                .is_ok(),
            _ => false,
        }
    }
}

/// The algorithm by which whoever knows a secret signs (RFC 7518 §3.2).
pub(crate) fn by_secret(name: &str) -> Option<hmac::Algorithm> {
    match name {
        "HS256" => Some(hmac::HMAC_SHA256),
        "HS384" => Some(hmac::HMAC_SHA384),
        "HS512" => Some(hmac::HMAC_SHA512),
        _ => None,
    }
}

/// Algorithms of RFC 7518 §4.1 that encrypt a key and sign nothing.
const ENCRYPTION: [&str; 7] = [
    "RSA1_5", "RSA-OAEP", "ECDH-ES", "PBES2-", "A128", "A192", "A256",
];

/// No signature at all, one that everyone who can check it could have made, or one that can be forged.
pub(crate) fn is_refused(algorithm: &str) -> bool {
    let name = algorithm.trim();
    let begins = |start: &str| {
        let begin = name.get(..start.len());
        begin.is_some_and(|begin| begin.eq_ignore_ascii_case(start))
    };
    name.is_empty()
        || name.eq_ignore_ascii_case("none")
        || name.eq_ignore_ascii_case("dir")
        // RSA with SHA-1, prohibited by the registry of RFC 7518 §7.1.
        || name.eq_ignore_ascii_case("RS1")
        || begins("HS")
        || ENCRYPTION.iter().any(|start| begins(start))
}

/// Two names of `alg` are of one algorithm (RFC 9864 §2.2).
pub(crate) fn same(one: &str, other: &str) -> bool {
    let canonical = |name| if name == "Ed25519" { "EdDSA" } else { name };
    canonical(one) == canonical(other)
}
