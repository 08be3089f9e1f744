//! Tokens signed by the issuer of the tests, by somebody else, or by nobody.

use std::sync::LazyLock;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use rcgen::KeyPair;
use serde_json::{Value, json};

/// Who signs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Signer {
    /// The key of the key set.
    Issuer,
    /// A key that is in no key set.
    Stranger,
    /// HMAC with this text as the key.
    Shared(&'static str),
    /// HMAC with the public key of the issuer, as its set shows it.
    PublicKey,
    /// Nobody: the signature is this text.
    Nobody(&'static str),
}

/// A token in the making. In its members, `ISSUER` stands for the origin of the server.
#[derive(Debug, Clone)]
pub(crate) struct Minted {
    pub(crate) header: Value,
    pub(crate) claims: Value,
    pub(crate) signer: Signer,
}

static ISSUER: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate().unwrap());
static STRANGER: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate().unwrap());

/// Long enough for any run of the tests.
const LATER: i64 = 4_000_000_000;

impl Minted {
    pub(crate) fn good() -> Self {
        Self {
            header: json!({"alg": "ES256", "typ": "at+jwt", "kid": "k1"}),
            claims: json!({"iss": "ISSUER", "sub": "c1", "client_id": "c1", "exp": LATER}),
            signer: Signer::Issuer,
        }
    }

    /// With one member of the header changed; null removes it.
    pub(crate) fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        set(&mut self.header, name, value.into());
        self
    }

    /// With one claim changed; null removes it.
    pub(crate) fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        set(&mut self.claims, name, value.into());
        self
    }

    pub(crate) fn signer(mut self, signer: Signer) -> Self {
        self.signer = signer;
        self
    }

    /// A token answer that carries it.
    pub(crate) fn answer(&self, fill: &dyn Fn(&[u8]) -> Vec<u8>) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(fill(value.to_string().as_bytes()));
        let text = format!("{}.{}", part(&self.header), part(&self.claims));
        let signature = match self.signer {
            Signer::Issuer => signed(&text, &ISSUER),
            Signer::Stranger => signed(&text, &STRANGER),
            Signer::Shared(key) => shared(&text, key.as_bytes()),
            Signer::PublicKey => shared(&text, ISSUER.public_key_pem().as_bytes()),
            Signer::Nobody(signature) => signature.to_owned(),
        };
        json!({"access_token": format!("{text}.{signature}"), "token_type": "Bearer", "expires_in": 300}).to_string()
    }
}

fn set(object: &mut Value, name: &str, value: Value) {
    let members = object.as_object_mut().unwrap();
    if value.is_null() {
        members.remove(name);
    } else {
        members.insert(name.to_owned(), value);
    }
}

fn signed(text: &str, key: &KeyPair) -> String {
    let key = EncodingKey::from_ec_pem(key.serialize_pem().as_bytes()).unwrap();
    crypto::sign(text.as_bytes(), &key, Algorithm::ES256).unwrap()
}

fn shared(text: &str, key: &[u8]) -> String {
    crypto::sign(
        text.as_bytes(),
        &EncodingKey::from_secret(key),
        Algorithm::HS256,
    )
    .unwrap()
}

/// The public key of the issuer (RFC 7518 §6.2.1).
pub(crate) fn key() -> Value {
    let point = ISSUER.public_key_raw();
    let coordinate = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    json!({"kty": "EC", "crv": "P-256", "kid": "k1", "use": "sig", "alg": "ES256", "x": coordinate(&point[1..33]), "y": coordinate(&point[33..65])})
}

/// The key set of the issuer.
pub(crate) fn key_set() -> String {
    json!({ "keys": [key()] }).to_string()
}
