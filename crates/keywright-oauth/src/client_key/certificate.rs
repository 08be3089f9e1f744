//! Certificates of client keys (RFC 8705): self-signed here, or issued by someone else and imported as PEM.

use std::sync::Arc;

use aws_lc_rs::{digest, signature::KeyPair as _};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyUsagePurpose, SerialNumber};
use rustls::pki_types::{
    PrivateKeyDer,
    pem::{PemObject as _, SectionKind},
};
use serde_json::{Value, json};
use uuid::Uuid;
use x509_parser::{
    objects::{oid_registry, oid2abbrev},
    prelude::{FromDer as _, X509Certificate},
    x509::X509Name,
};
use zeroize::Zeroizing;

use super::{ClientKey, KeyError, Pair};

/// Days for which a certificate that is made here is valid.
pub const VALID_DAYS: u32 = 730;
/// A certificate is valid from a day before it was made: clocks differ.
const BEFORE_DAYS: i64 = 1;
const DAY_SECS: i64 = 24 * 60 * 60;
/// More certificates than any chain has.
const LONGEST_CHAIN: usize = 10;

/// The certificate of a key, followed by those that issued it. Public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    chain: Arc<[Vec<u8>]>,
    subject: String,
    not_after: i64,
}

impl Certificate {
    /// Reads a chain in DER, that of the key first.
    pub fn read(chain: Vec<Vec<u8>>) -> Result<Self, KeyError> {
        let first = chain.first().ok_or(KeyError::NoCertificate)?;
        let read = parsed(first)?;
        let (subject, not_after) = (name(read.subject()), read.validity().not_after.timestamp());
        if chain.len() > LONGEST_CHAIN {
            return Err(KeyError::BadCertificate);
        }
        Ok(Self {
            chain: chain.into(),
            subject,
            not_after,
        })
    }

    /// The certificates of a text.
    fn all_of(text: &str) -> Result<Vec<Vec<u8>>, KeyError> {
        let mut chain = Vec::new();
        for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(text.as_bytes()) {
            let (kind, der) = section.map_err(|_may_repeat_a_key| KeyError::NotAKey)?;
            if kind == SectionKind::Certificate {
                chain.push(der);
            }
        }
        Ok(chain)
    }

    /// The certificates in DER, that of the key first.
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    /// Subject as text (RFC 4514), as `tls_client_auth_subject_dn` has it (RFC 8705 §2.1.2).
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// End of its validity in Unix seconds.
    pub fn not_after(&self) -> i64 {
        self.not_after
    }

    /// `x5t#S256`: what a token that is bound to it names in `cnf` (RFC 8705 §3.1).
    pub fn thumbprint(&self) -> String {
        let first = self.chain.first().map_or(&[][..], Vec::as_slice);
        URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, first))
    }

    /// `x5t` of a JOSE header (RFC 7515 §4.1.7): SHA-1, for servers that know the certificate by nothing else.
    pub fn short_thumbprint(&self) -> String {
        let first = self.chain.first().map_or(&[][..], Vec::as_slice);
        URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, first))
    }

    /// `x5c` of a JWK (RFC 7517 §4.7).
    pub(super) fn x5c(&self) -> Value {
        let texts = self.chain.iter().map(|der| STANDARD.encode(der));
        json!(texts.collect::<Vec<_>>())
    }
}

/// The certificate is of this pair.
fn certifies(der: &[u8], pair: &Pair) -> Result<bool, KeyError> {
    let read = parsed(der)?;
    let certified = read.public_key().subject_public_key.data.as_ref();
    Ok(match pair {
        Pair::Ec(pair) => certified == pair.public_key().as_ref(),
        Pair::Ed(pair) => certified == pair.public_key().as_ref(),
        Pair::Rsa(pair) => certified == pair.public_key().as_ref(),
    })
}

impl ClientKey {
    /// The certificate of this key.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.0.certificate.as_ref()
    }

    /// The same key with its certificate in DER and those that issued it, in any order.
    ///
    /// # Errors
    ///
    /// [`KeyError::OtherCertificate`] where none of them certifies this key.
    pub fn certified(&self, mut chain: Vec<Vec<u8>>) -> Result<Self, KeyError> {
        let mut unreadable = None;
        let own = chain
            .iter()
            .position(|der| match certifies(der, &self.0.pair) {
                Ok(is_own) => is_own,
                Err(error) => {
                    unreadable = Some(error);
                    false
                }
            });
        let own = own.ok_or(match (chain.is_empty(), unreadable) {
            (true, _) => KeyError::NoCertificate,
            (false, Some(error)) => error,
            (false, None) => KeyError::OtherCertificate,
        })?;
        chain[..=own].rotate_right(1);
        let certificate = Certificate::read(chain)?;
        Ok(self.with(|parts| parts.certificate = Some(certificate)))
    }

    /// The same key with the certificates of a PEM text.
    pub fn with_certificates(&self, text: &str) -> Result<Self, KeyError> {
        self.certified(Certificate::all_of(text)?)
    }

    /// The same where a text has them. Certificates of other keys say nothing of this one.
    pub(super) fn with_certificates_of(self, text: &str) -> Self {
        self.with_certificates(text).unwrap_or(self)
    }

    /// The same key with a certificate that it signs itself (RFC 8705 §2.2). `now` in Unix seconds.
    pub fn self_signed(&self, common_name: &str, now: i64) -> Result<Self, KeyError> {
        let failed = |_names_no_part_of_the_key| KeyError::Unwritten;
        let pair = rcgen::KeyPair::try_from(&self.private_der()?).map_err(failed)?;
        let mut params = CertificateParams::default();
        let mut subject = DistinguishedName::new();
        subject.push(DnType::CommonName, common_name);
        params.distinguished_name = subject;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
        params.serial_number = Some(SerialNumber::from_slice(Uuid::now_v7().as_bytes()));
        let begin = now.saturating_sub(BEFORE_DAYS * DAY_SECS);
        let end = now.saturating_add(i64::from(VALID_DAYS) * DAY_SECS);
        params.not_before = date(begin)?;
        params.not_after = date(end)?;
        let made = params.self_signed(&pair).map_err(failed)?;
        self.certified(vec![made.der().to_vec()])
    }

    /// Key and certificates as TLS takes them. None without a certificate.
    pub(crate) fn tls_identity(&self) -> Result<Option<reqwest::Identity>, KeyError> {
        let Some(certificate) = &self.0.certificate else {
            return Ok(None);
        };
        let key = self.private_der()?;
        let mut text = Zeroizing::new(String::with_capacity(PEM_CAPACITY));
        section(&mut text, "PRIVATE KEY", key.secret_der());
        for der in certificate.chain() {
            section(&mut text, "CERTIFICATE", der);
        }
        reqwest::Identity::from_pem(text.as_bytes())
            .map(Some)
            .map_err(|_may_repeat_it| KeyError::BadCertificate)
    }

    fn private_der(&self) -> Result<PrivateKeyDer<'static>, KeyError> {
        let text = self.pkcs8()?;
        let der = URL_SAFE_NO_PAD
            .decode(text.expose())
            .map_err(|_names_a_letter| KeyError::Damaged)?;
        Ok(PrivateKeyDer::Pkcs8(der.into()))
    }
}

/// Enough for an RSA key and a chain: a text that grows leaves copies of its beginning behind, which nobody wipes.
const PEM_CAPACITY: usize = 64 * 1024;

fn section(text: &mut String, label: &str, der: &[u8]) {
    for (edge, body) in [("BEGIN", Some(der)), ("END", None)] {
        text.push_str("-----");
        text.push_str(edge);
        text.push(' ');
        text.push_str(label);
        text.push_str("-----\n");
        if let Some(der) = body {
            STANDARD.encode_string(der, text);
            text.push('\n');
        }
    }
}

pub(super) fn parsed(der: &[u8]) -> Result<X509Certificate<'_>, KeyError> {
    let (_, read) =
        X509Certificate::from_der(der).map_err(|_names_bytes| KeyError::BadCertificate)?;
    Ok(read)
}

/// A date of X.509, with a year that it can have.
fn date(seconds: i64) -> Result<time::OffsetDateTime, KeyError> {
    time::OffsetDateTime::from_unix_timestamp(seconds).map_err(|_out_of_range| KeyError::Unwritten)
}

/// A distinguished name as text (RFC 4514 §2): the last part first.
fn name(of: &X509Name<'_>) -> String {
    let registry = oid_registry();
    let parts = of.iter_rdn().map(|part| {
        let pairs = part.iter().map(|pair| {
            let kind = oid2abbrev(pair.attr_type(), registry)
                .map_or_else(|_| pair.attr_type().to_id_string(), str::to_owned);
            format!("{kind}={}", escaped(pair.as_str().unwrap_or_default()))
        });
        pairs.collect::<Vec<_>>().join("+")
    });
    let mut parts: Vec<String> = parts.collect();
    parts.reverse();
    parts.join(",")
}

/// RFC 4514 §2.4.
fn escaped(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut out = String::with_capacity(value.len());
    for (place, letter) in value.chars().enumerate() {
        let is_special = matches!(letter, '"' | '+' | ',' | ';' | '<' | '>' | '\\')
            || (letter == '#' && place == 0)
            || (letter == ' ' && (place == 0 || place == last));
        if is_special {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::client_key::KeyAlgorithm;

    const NOW: i64 = 1_800_000_000;

    #[test]
    fn a_key_of_each_kind_signs_its_own_certificate() {
        for algorithm in KeyAlgorithm::ALL {
            let key = ClientKey::generate(algorithm).unwrap();
            let made = key.self_signed("orders, \"batch\"", NOW).unwrap();
            let certificate = made.certificate().unwrap();
            assert_eq!(certificate.subject(), r#"CN=orders\, \"batch\""#);
            assert_eq!(
                certificate.not_after(),
                NOW + i64::from(VALID_DAYS) * DAY_SECS
            );
            assert_eq!(certificate.thumbprint().len(), 43);
            let jwk = made.public_jwk();
            assert_eq!(jwk["x5c"][0], STANDARD.encode(&certificate.chain()[0]));
            assert!(made.tls_identity().unwrap().is_some());
            assert_eq!(made.thumbprint(), key.thumbprint());
        }
    }

    #[test]
    fn a_certificate_of_another_key_is_refused() {
        let key = ClientKey::generate(KeyAlgorithm::Es256).unwrap();
        let other = ClientKey::generate(KeyAlgorithm::Es256).unwrap();
        let other = other.self_signed("other", NOW).unwrap();
        let certificate = other.certificate().unwrap().clone();
        assert_eq!(
            key.certified(certificate.chain().to_vec()).unwrap_err(),
            KeyError::OtherCertificate
        );
        // In a chain the own one is found wherever it is.
        let own = key.self_signed("own", NOW).unwrap();
        let both = [certificate.chain(), own.certificate().unwrap().chain()].concat();
        let found = key.certified(both).unwrap();
        assert_eq!(found.certificate().unwrap().subject(), "CN=own");
    }

    #[test]
    fn key_and_certificate_are_imported_from_one_text() {
        let key = ClientKey::generate(KeyAlgorithm::Rs256).unwrap();
        let made = key.self_signed("one", NOW).unwrap();
        let mut text = String::new();
        for der in made.certificate().unwrap().chain() {
            section(&mut text, "CERTIFICATE", der);
        }
        let certificates = text.clone();
        section(
            &mut text,
            "PRIVATE KEY",
            made.private_der().unwrap().secret_der(),
        );
        let read = ClientKey::import(&text, None).unwrap();
        assert_eq!(read.certificate(), made.certificate());
        let later = key.with_certificates(&certificates).unwrap();
        assert_eq!(later.certificate(), made.certificate());
        assert_eq!(
            key.with_certificates("nothing").unwrap_err(),
            KeyError::NoCertificate
        );
        let broken = certificates.replace("MII", "AAA");
        assert!(key.with_certificates(&broken).is_err());
    }

    #[test]
    fn a_subject_is_written_from_its_end() {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        for (kind, value) in [
            (DnType::CountryName, "JP"),
            (DnType::OrganizationName, "Example; Ltd"),
            (DnType::CommonName, " client#1 "),
        ] {
            params.distinguished_name.push(kind, value);
        }
        let pair = rcgen::KeyPair::generate().unwrap();
        let der = params.self_signed(&pair).unwrap().der().to_vec();
        let read = Certificate::read(vec![der]).unwrap();
        assert_eq!(read.subject(), r"CN=\ client#1\ ,O=Example\; Ltd,C=JP");
    }
}
