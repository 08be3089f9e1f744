//! Public RSA keys in the forms that Auth0 and Microsoft Graph take: PEM of the key, and certificates.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

/// A certificate of an RSA key.
pub(crate) struct RsaCertificate {
    /// The key, with both thumbprints of the certificate (RFC 7517 sections 4.8 and 4.9).
    pub(crate) jwk: Value,
    /// Hexadecimal SHA-1 of the certificate in DER.
    pub(crate) fingerprint: String,
    /// Validity in Unix seconds.
    pub(crate) from: i64,
    pub(crate) until: i64,
}

/// The key of a PEM text, which has it by itself or in a certificate. Its `kid` is its thumbprint (RFC 7638).
pub(crate) fn of_pem(text: &str) -> Option<Value> {
    let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(body.trim()).ok()?;
    if text.contains("-----BEGIN CERTIFICATE-----") {
        let (_, certificate) = X509Certificate::from_der(&der).ok()?;
        jwk(&certificate.public_key().parsed().ok()?)
    } else if text.contains("-----BEGIN PUBLIC KEY-----") {
        let (_, info) = SubjectPublicKeyInfo::from_der(&der).ok()?;
        jwk(&info.parsed().ok()?)
    } else {
        None
    }
}

/// A certificate in base64 of DER.
pub(crate) fn certificate(base64: &str) -> Option<RsaCertificate> {
    let der = STANDARD.decode(base64).ok()?;
    let (_, read) = X509Certificate::from_der(&der).ok()?;
    let mut jwk = jwk(&read.public_key().parsed().ok()?)?;
    let short = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &der);
    let long = digest::digest(&digest::SHA256, &der);
    jwk["x5t"] = json!(URL_SAFE_NO_PAD.encode(short));
    jwk["x5t#S256"] = json!(URL_SAFE_NO_PAD.encode(long));
    let hexadecimal = short.as_ref().iter().map(|byte| format!("{byte:02X}"));
    Some(RsaCertificate {
        jwk,
        fingerprint: hexadecimal.collect(),
        from: read.validity().not_before.timestamp(),
        until: read.validity().not_after.timestamp(),
    })
}

fn jwk(key: &PublicKey<'_>) -> Option<Value> {
    let PublicKey::RSA(key) = key else {
        return None;
    };
    let number = |bytes: &[u8]| {
        let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(0);
        URL_SAFE_NO_PAD.encode(bytes.get(first..).unwrap_or_default())
    };
    let (n, e) = (number(key.modulus), number(key.exponent));
    let text = json!({ "e": e, "kty": "RSA", "n": n }).to_string();
    let kid = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()));
    Some(json!({ "kty": "RSA", "n": n, "e": e, "kid": kid }))
}
