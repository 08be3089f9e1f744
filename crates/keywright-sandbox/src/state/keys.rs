//! Keys and random values: the signing key of the tokens, the key of the session cookies.

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::error::SandboxError;

const NONCE_LEN: usize = 12;
const COOKIE_KEY_LEN: usize = 32;

/// 256 random bits in base64url.
pub(crate) fn random_text() -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// `len` random characters of an alphabet of at most 256.
pub(crate) fn random_of(alphabet: &[u8], len: usize) -> Result<String, getrandom::Error> {
    let mut text = String::with_capacity(len);
    let mut bytes = [0_u8; 64];
    // Bytes past the last whole multiple of the alphabet would favour its first characters.
    let fair = 256 - 256 % alphabet.len().max(1);
    while text.len() < len {
        getrandom::fill(&mut bytes)?;
        let chosen = bytes
            .iter()
            .map(|byte| usize::from(*byte))
            .filter(|byte| *byte < fair)
            .filter_map(|byte| alphabet.get(byte % alphabet.len()));
        text.extend(chosen.map(|byte| char::from(*byte)).take(len - text.len()));
    }
    Ok(text)
}

/// A random UUID (RFC 9562 section 5.4).
pub(crate) fn random_uuid() -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)?;
    let uuid = uuid::Builder::from_random_bytes(bytes).into_uuid();
    Ok(uuid.to_string())
}

/// Letters and digits.
pub(crate) const ALPHANUMERIC: &[u8] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Compares without telling by its duration where two texts differ.
pub(crate) fn same_secret(a: &str, b: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a.as_bytes(), b.as_bytes()).is_ok()
}

/// The ES256 key the tokens are signed with.
pub(crate) struct SigningKey {
    pkcs8: Vec<u8>,
    kid: String,
    x: String,
    y: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl SigningKey {
    fn generate() -> Result<Self, SandboxError> {
        const FAILED: SandboxError = SandboxError::MakeKey {
            what: "signing key",
        };
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
                .or(Err(FAILED))?;
        Self::from_pkcs8(document.as_ref().to_vec()).ok_or(FAILED)
    }

    fn restore(text: &str) -> Result<Self, SandboxError> {
        URL_SAFE_NO_PAD
            .decode(text)
            .ok()
            .and_then(Self::from_pkcs8)
            .ok_or(SandboxError::RestoredKey {
                what: "signing key",
            })
    }

    fn from_pkcs8(pkcs8: Vec<u8>) -> Option<Self> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8).ok()?;
        // An uncompressed point: 0x04, then x and y of 32 bytes each.
        let point = pair.public_key().as_ref();
        let (x, y) = point.get(1..)?.split_at_checked(32)?;
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        // RFC 7638: the thumbprint of the members in lexical order.
        let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, canonical.as_bytes());
        let kid = URL_SAFE_NO_PAD.encode(digest);
        let decoding = DecodingKey::from_ec_components(&x, &y).ok()?;
        let encoding = EncodingKey::from_ec_der(&pkcs8);
        Some(Self {
            pkcs8,
            kid,
            x,
            y,
            encoding,
            decoding,
        })
    }

    /// For the snapshot. Secret.
    fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.pkcs8)
    }

    /// Its identifier in the key set (RFC 7517 section 4.5).
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The public key (RFC 7517 section 4).
    fn jwk(&self) -> Value {
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256",
            "kid": self.kid, "x": self.x, "y": self.y,
        })
    }

    /// A token. `kind` is its `typ`: `at+jwt` for an access token in the form of RFC 9068.
    pub(crate) fn sign<T: Serialize>(
        &self,
        kind: Option<&str>,
        claims: &T,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let mut header = Header::new(Algorithm::ES256);
        header.typ = kind.map(str::to_owned);
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.encoding)
    }

    /// The claims, if this key signed them. What the token is for and the times are the caller's to
    /// check: ID tokens are signed with the same key, and the caller has the Sandbox's clock.
    fn verify<T: DeserializeOwned + Clone>(&self, token: &str) -> Option<T> {
        let mut validation = Validation::new(Algorithm::ES256);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let data = jsonwebtoken::decode::<T>(token, &self.decoding, &validation).ok()?;
        Some(data.claims)
    }
}

/// The key of the tokens, and the one that takes its place when the keys roll over.
pub(crate) struct SigningKeys {
    first: SigningKey,
    next: SigningKey,
}

impl SigningKeys {
    pub(crate) fn generate() -> Result<Self, SandboxError> {
        Ok(Self {
            first: SigningKey::generate()?,
            next: SigningKey::generate()?,
        })
    }

    /// A snapshot of an older version has no `next`.
    pub(crate) fn restore(first: &str, next: Option<&str>) -> Result<Self, SandboxError> {
        Ok(Self {
            first: SigningKey::restore(first)?,
            next: next.map_or_else(SigningKey::generate, SigningKey::restore)?,
        })
    }

    /// The key that signs.
    pub(crate) fn signing(&self, is_rolled_over: bool) -> &SigningKey {
        if is_rolled_over {
            &self.next
        } else {
            &self.first
        }
    }

    /// The published keys. After a rollover the first one stays among them, because tokens that it
    /// signed are still in use (OpenID Connect Core section 10.1.1).
    pub(crate) fn jwks(&self, is_rolled_over: bool) -> Value {
        let mut keys = vec![self.first.jwk()];
        if is_rolled_over {
            keys.insert(0, self.next.jwk());
        }
        json!({ "keys": keys })
    }

    /// The claims, if one of the keys signed them; see [`SigningKey::verify`].
    pub(crate) fn verify<T: DeserializeOwned + Clone>(&self, token: &str) -> Option<T> {
        let keys = [&self.first, &self.next];
        keys.into_iter().find_map(|key| key.verify(token))
    }

    /// For the snapshot, the first and the next. Secret.
    pub(crate) fn to_texts(&self) -> (String, String) {
        (self.first.to_text(), self.next.to_text())
    }
}

/// The key the gateway's session cookies are sealed with (AES-256-GCM).
pub(crate) struct CookieKey {
    bytes: [u8; COOKIE_KEY_LEN],
    key: RandomizedNonceKey,
}

impl CookieKey {
    pub(crate) fn generate() -> Result<Self, SandboxError> {
        const FAILED: SandboxError = SandboxError::MakeKey { what: "cookie key" };
        let mut bytes = [0_u8; COOKIE_KEY_LEN];
        getrandom::fill(&mut bytes).or(Err(FAILED))?;
        Self::from_bytes(bytes).ok_or(FAILED)
    }

    pub(crate) fn restore(text: &str) -> Result<Self, SandboxError> {
        URL_SAFE_NO_PAD
            .decode(text)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .and_then(Self::from_bytes)
            .ok_or(SandboxError::RestoredKey { what: "cookie key" })
    }

    fn from_bytes(bytes: [u8; COOKIE_KEY_LEN]) -> Option<Self> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, &bytes).ok()?;
        Some(Self { bytes, key })
    }

    /// For the snapshot. Secret.
    pub(crate) fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes)
    }

    /// The nonce and the sealed text in base64url.
    pub(crate) fn seal(&self, plain: &[u8]) -> Option<String> {
        let mut sealed = plain.to_vec();
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::empty(), &mut sealed)
            .ok()?;
        let mut out = nonce.as_ref().to_vec();
        out.append(&mut sealed);
        Some(URL_SAFE_NO_PAD.encode(out))
    }

    /// The plain text, if this key sealed it and nobody changed it.
    pub(crate) fn open(&self, text: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let plain = self
            .key
            .open_in_place(nonce, Aad::empty(), &mut sealed)
            .ok()?;
        Some(plain.to_vec())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn random_characters_are_of_the_alphabet_and_all_of_it_is_used() {
        let text = random_of(b"abc", 300).unwrap();
        assert_eq!(text.len(), 300);
        for letter in ['a', 'b', 'c'] {
            assert!((50..150).contains(&text.matches(letter).count()), "{text}");
        }
    }

    #[test]
    fn a_changed_cookie_does_not_open() {
        let key = CookieKey::generate().unwrap();
        let sealed = key.seal(b"orders").unwrap();
        assert_eq!(key.open(&sealed).unwrap(), b"orders");
        let swapped = if sealed.ends_with('A') { "B" } else { "A" };
        let middle = sealed.len() / 2;
        let changed = format!("{}{swapped}{}", &sealed[..middle], &sealed[middle + 1..]);
        assert!(changed == sealed || key.open(&changed).is_none());
        assert!(CookieKey::generate().unwrap().open(&sealed).is_none());
    }

    #[test]
    fn a_restored_key_verifies_what_the_first_signed_and_another_does_not() {
        let key = SigningKey::generate().unwrap();
        let token = key.sign(Some("at+jwt"), &json!({ "sub": "a" })).unwrap();
        let again = SigningKey::restore(&key.to_text()).unwrap();
        assert_eq!(again.verify::<Value>(&token).unwrap()["sub"], "a");
        let other = SigningKey::generate().unwrap();
        assert!(other.verify::<Value>(&token).is_none());
    }
}
