//! Private keys by which clients prove themselves: made here, or imported as PEM or as JWK (RFC 7517).

use std::{fmt, sync::Arc};

use aws_lc_rs::{
    digest,
    encoding::{AsDer, Pkcs8V1Der},
    error::{KeyRejected, Unspecified},
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
        RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair, RsaPublicKeyComponents,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};

use crate::secret::PrivateKeyText;

mod certificate;
mod import;
mod public;

pub use certificate::{Certificate, VALID_DAYS};
pub use public::{certificate_of, certified_jwk, public_pem, thumbprint_of};

/// How a key signs (RFC 7518 §3.1, RFC 8037 §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyAlgorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
}

impl KeyAlgorithm {
    /// All, the one that most servers take first.
    pub const ALL: [Self; 4] = [Self::Es256, Self::EdDsa, Self::Ps256, Self::Rs256];

    /// Value of `alg`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Ps256 => "PS256",
            Self::Rs256 => "RS256",
        }
    }

    /// The algorithm that `alg` names. RFC 9864 §2.2 gives `EdDSA` with Ed25519 its full name.
    pub fn named(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("Ed25519") {
            return Some(Self::EdDsa);
        }
        Self::ALL
            .into_iter()
            .find(|one| one.as_str().eq_ignore_ascii_case(name))
    }

    /// The best of those that a server lists (`token_endpoint_auth_signing_alg_values_supported`); the first of all
    /// where it lists none, and none where it lists others alone.
    pub fn best_of(listed: &[String]) -> Option<Self> {
        if listed.is_empty() {
            return Some(Self::ALL[0]);
        }
        let is_listed = |one: &Self| listed.iter().any(|name| Self::named(name) == Some(*one));
        Self::ALL.into_iter().find(is_listed)
    }
}

/// Why a key cannot be used. What would repeat a part of the key is left out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum KeyError {
    /// Neither PEM nor JWK.
    #[error("the text is not a private key in PEM or JWK form")]
    NotAKey,
    /// A public key or a certificate.
    #[error("the text has a public key or a certificate, not a private key")]
    Public,
    /// The private key is encrypted with a passphrase.
    #[error("the private key is encrypted")]
    Encrypted,
    /// A JWK without `d`.
    #[error("the JWK has no private part (`d`)")]
    NoPrivatePart,
    /// A set of several keys.
    #[error("the key set has {count} private keys")]
    Several {
        /// How many.
        count: usize,
    },
    /// A kind of key, a curve or a use that is not for these signatures.
    #[error("keys of the kind {kind} are not supported")]
    Kind {
        /// What it says that it is.
        kind: String,
    },
    /// Keys of this kind do not sign with the algorithm.
    #[error("this key does not sign with {wanted}")]
    Algorithm {
        /// The algorithm that is asked for, cut for display.
        wanted: String,
    },
    /// A part of it is missing, is not base64url, or has the wrong length.
    #[error("the private key is damaged or too short")]
    Damaged,
    /// Its parts do not belong together, or it is too short.
    #[error("the private key is damaged or too short")]
    Rejected(#[from] KeyRejected),
    /// The system gave no random bytes, or the signature failed.
    #[error("the cryptography of this computer failed")]
    Failed(#[from] Unspecified),
    /// The members of a JWS, or a certificate, could not be written.
    #[error("the cryptography of this computer failed")]
    Unwritten,
    /// A certificate is needed, and there is none.
    #[error("a certificate is missing")]
    NoCertificate,
    /// The certificate cannot be read.
    #[error("the certificate is damaged")]
    BadCertificate,
    /// The certificate is of another key.
    #[error("the certificate belongs to another key")]
    OtherCertificate,
}

impl KeyError {
    /// Stable name.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::NotAKey => "not_a_key",
            Self::Public => "public",
            Self::Encrypted => "encrypted",
            Self::NoPrivatePart => "no_private_part",
            Self::Several { .. } => "several",
            Self::Kind { .. } => "kind",
            Self::Algorithm { .. } => "algorithm",
            Self::Damaged | Self::Rejected(_) => "rejected",
            Self::Failed(_) | Self::Unwritten => "failed",
            Self::NoCertificate => "no_certificate",
            Self::BadCertificate => "bad_certificate",
            Self::OtherCertificate => "other_certificate",
        }
    }

    /// What the key or the user named.
    pub fn detail(&self) -> String {
        match self {
            Self::Several { count } => count.to_string(),
            Self::Kind { kind } => kind.clone(),
            Self::Algorithm { wanted } => wanted.clone(),
            _ => String::new(),
        }
    }
}

enum Pair {
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

/// A private key. Its copies share it.
#[derive(Clone)]
pub struct ClientKey(Arc<Parts>);

#[derive(Clone)]
struct Parts {
    kid: String,
    algorithm: KeyAlgorithm,
    pair: Arc<Pair>,
    certificate: Option<Certificate>,
}

impl fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientKey")
            .field("kid", &self.0.kid)
            .field("algorithm", &self.0.algorithm)
            .finish_non_exhaustive()
    }
}

impl ClientKey {
    /// A new key. Its identifier is its thumbprint, which does not begin with a hyphen: a command line would read that
    /// as an option.
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self, KeyError> {
        loop {
            let pair = match algorithm {
                KeyAlgorithm::Es256 => {
                    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map(Pair::Ec)
                }
                KeyAlgorithm::EdDsa => Ed25519KeyPair::generate().map(Pair::Ed),
                KeyAlgorithm::Ps256 | KeyAlgorithm::Rs256 => {
                    RsaKeyPair::generate(KeySize::Rsa2048).map(Pair::Rsa)
                }
            };
            let key = Self::of(pair?, None, Some(algorithm))?;
            if !key.kid().starts_with('-') {
                return Ok(key);
            }
        }
    }

    /// Reads a private key in PEM (PKCS#8, PKCS#1, SEC 1) or JWK form. `algorithm` says how it signs; none for what the
    /// key says, else what is usual for its kind.
    pub fn import(text: &str, algorithm: Option<KeyAlgorithm>) -> Result<Self, KeyError> {
        import::read(text, algorithm)
    }

    /// The key as [`Self::pkcs8`] wrote it.
    pub fn from_pkcs8(text: &str, kid: &str, algorithm: KeyAlgorithm) -> Result<Self, KeyError> {
        let der = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_names_a_letter| KeyError::Damaged)?;
        Self::of(import::from_der(&der)?, Some(kid), Some(algorithm))
    }

    /// The key as base64url of PKCS#8 (RFC 5958), for the vault.
    pub fn pkcs8(&self) -> Result<PrivateKeyText, KeyError> {
        let text = match &*self.0.pair {
            Pair::Ec(pair) => pair.to_pkcs8v1().map(|der| URL_SAFE_NO_PAD.encode(der)),
            Pair::Ed(pair) => pair.to_pkcs8v1().map(|der| URL_SAFE_NO_PAD.encode(der)),
            Pair::Rsa(pair) => AsDer::<Pkcs8V1Der<'_>>::as_der(pair)
                .map(|der| URL_SAFE_NO_PAD.encode(der.as_ref())),
        };
        Ok(text.map(PrivateKeyText::new)?)
    }

    /// Joins a pair with its name and a way of signing that fits it.
    fn of(
        pair: Pair,
        kid: Option<&str>,
        algorithm: Option<KeyAlgorithm>,
    ) -> Result<Self, KeyError> {
        let usual = match &pair {
            Pair::Ec(_) => KeyAlgorithm::Es256,
            Pair::Ed(_) => KeyAlgorithm::EdDsa,
            Pair::Rsa(_) => KeyAlgorithm::Rs256,
        };
        let key = Self(Arc::new(Parts {
            kid: String::new(),
            algorithm: usual,
            pair: Arc::new(pair),
            certificate: None,
        }));
        let key = key.signing_with(algorithm.unwrap_or(usual))?;
        let kid = kid.map_or_else(|| key.thumbprint(), str::to_owned);
        Ok(key.with(|parts| parts.kid = kid))
    }

    /// A copy with one part changed.
    fn with(&self, change: impl FnOnce(&mut Parts)) -> Self {
        let mut parts = Parts::clone(&self.0);
        change(&mut parts);
        Self(Arc::new(parts))
    }

    /// The same key with another way of signing.
    pub fn signing_with(&self, algorithm: KeyAlgorithm) -> Result<Self, KeyError> {
        let fits = match &*self.0.pair {
            Pair::Ec(_) => algorithm == KeyAlgorithm::Es256,
            Pair::Ed(_) => algorithm == KeyAlgorithm::EdDsa,
            Pair::Rsa(_) => matches!(algorithm, KeyAlgorithm::Ps256 | KeyAlgorithm::Rs256),
        };
        if !fits {
            return Err(KeyError::Algorithm {
                wanted: algorithm.as_str().to_owned(),
            });
        }
        Ok(self.with(|parts| parts.algorithm = algorithm))
    }

    /// The same key under the name that the server knows it by.
    #[must_use]
    pub fn named(&self, kid: &str) -> Self {
        self.with(|parts| kid.clone_into(&mut parts.kid))
    }

    /// Key identifier.
    pub fn kid(&self) -> &str {
        &self.0.kid
    }

    /// How it signs.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.0.algorithm
    }

    /// The members that every public JWK of this key has (RFC 7638 §3.2), in the order of a thumbprint.
    fn required_members(&self) -> Map<String, Value> {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let members = match &*self.0.pair {
            Pair::Ec(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = point
                    .get(1..)
                    .unwrap_or_default()
                    .split_at_checked(32)
                    .unwrap_or_default();
                json!({ "crv": "P-256", "kty": "EC", "x": text(x), "y": text(y) })
            }
            Pair::Ed(pair) => {
                let x = text(pair.public_key().as_ref());
                json!({ "crv": "Ed25519", "kty": "OKP", "x": x })
            }
            Pair::Rsa(pair) => {
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({ "e": text(&public.e), "kty": "RSA", "n": text(&public.n) })
            }
        };
        members.as_object().cloned().unwrap_or_default()
    }

    /// SHA-256 thumbprint (RFC 7638).
    pub fn thumbprint(&self) -> String {
        let text = Value::Object(self.required_members()).to_string();
        URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
    }

    /// The public key without a name, as proofs carry it (RFC 9449 §4.2).
    pub fn bare_public_jwk(&self) -> Map<String, Value> {
        self.required_members()
    }

    /// The public key for `jwks`.
    pub fn public_jwk(&self) -> Map<String, Value> {
        let mut members = self.required_members();
        for (name, value) in [
            ("kid", self.0.kid.as_str()),
            ("alg", self.0.algorithm.as_str()),
            ("use", "sig"),
        ] {
            if !value.is_empty() {
                members.insert(name.to_owned(), value.into());
            }
        }
        if let Some(certificate) = &self.0.certificate {
            members.insert("x5c".to_owned(), certificate.x5c());
        }
        members
    }

    /// A JWS in compact form (RFC 7515 §7.1) of these members, with `alg` before those of the header.
    pub fn sign(
        &self,
        header: &Map<String, Value>,
        claims: &Map<String, Value>,
    ) -> Result<String, KeyError> {
        compact(self.0.algorithm.as_str(), header, claims, |message| {
            self.signature(message)
        })
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let random = SystemRandom::new();
        let signed = match &*self.0.pair {
            Pair::Ec(pair) => {
                let signed = pair.sign(&random, message);
                signed.map(|one| one.as_ref().to_vec())
            }
            Pair::Ed(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let mut out = vec![0; pair.public_modulus_len()];
                let signed = if self.0.algorithm == KeyAlgorithm::Ps256 {
                    pair.sign(&RSA_PSS_SHA256, &random, message, &mut out)
                } else {
                    pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut out)
                };
                signed.map(|()| out)
            }
        };
        Ok(signed?)
    }
}

/// A JWS in compact form (RFC 7515 §7.1).
pub(crate) fn compact(
    algorithm: &str,
    header: &Map<String, Value>,
    claims: &Map<String, Value>,
    signature: impl FnOnce(&[u8]) -> Result<Vec<u8>, KeyError>,
) -> Result<String, KeyError> {
    let mut members = Map::from_iter([("alg".to_owned(), Value::from(algorithm))]);
    members.extend(header.clone());
    let part = |members: &Map<String, Value>| {
        serde_json::to_vec(members)
            .map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
            .map_err(|_not_written| KeyError::Unwritten)
    };
    let message = format!("{}.{}", part(&members)?, part(claims)?);
    let signature = signature(message.as_bytes())?;
    Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

#[cfg(test)]
mod tests;
