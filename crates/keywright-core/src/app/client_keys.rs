//! The keys of one application: one secret of the vault, so that they change together.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use keywright_oauth::{
    client_key::{ClientKey, KeyAlgorithm, KeyError},
    secret::PrivateKeyText,
};
use keywright_vault::{Owner, SECRET_CLIENT_KEYS, SecretText, Vault};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use specta::Type;

use crate::CoreError;

/// What a key is used for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Made or imported; the provider may not know it yet.
    Pending,
    /// Signs.
    Current,
    /// Signed before, and still in the key set of the client.
    Old,
}

/// One key as the vault keeps it. The private part is written by [`KeyRing::to_text`] alone.
#[derive(Clone, Deserialize)]
pub(crate) struct StoredKey {
    pub(crate) kid: String,
    alg: String,
    pkcs8: PrivateKeyText,
    pub(crate) created_at: i64,
    pub(crate) state: KeyState,
    /// Certificates in base64 of DER, that of the key first.
    #[serde(default)]
    certificates: Vec<String>,
}

impl StoredKey {
    /// The key, to sign with.
    pub(crate) fn key(&self) -> Result<ClientKey, KeyError> {
        let algorithm = KeyAlgorithm::named(&self.alg).ok_or_else(|| KeyError::Algorithm {
            wanted: self.alg.clone(),
        })?;
        let key = ClientKey::from_pkcs8(self.pkcs8.expose(), &self.kid, algorithm)?;
        if self.certificates.is_empty() {
            return Ok(key);
        }
        let chain = self.certificates.iter().map(|text| STANDARD.decode(text));
        let chain = chain.collect::<Result<_, _>>();
        key.certified(chain.map_err(|_names_a_letter| KeyError::BadCertificate)?)
    }

    /// How it signs.
    pub(crate) fn algorithm(&self) -> &str {
        &self.alg
    }
}

/// A key as it is written, with its private part lent.
#[derive(Serialize)]
struct WrittenKey<'a> {
    kid: &'a str,
    alg: &'a str,
    pkcs8: &'a str,
    created_at: i64,
    state: KeyState,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    certificates: &'a [String],
}

/// The keys of an application, the newest first.
#[derive(Clone, Default)]
pub(crate) struct KeyRing {
    pub(crate) keys: Vec<StoredKey>,
}

impl KeyRing {
    /// The keys that the vault holds for an owner.
    pub(crate) fn of(vault: &Vault, owner: Owner) -> Result<Self, CoreError> {
        let text = vault.secret(owner, SECRET_CLIENT_KEYS)?;
        let ring = text.map(|text| Self::read(&text));
        Ok(ring.transpose()?.unwrap_or_default())
    }

    /// The keys of a text of the vault.
    pub(crate) fn read(text: &SecretText) -> Result<Self, CoreError> {
        let keys = serde_json::from_str(text.expose())?;
        Ok(Self { keys })
    }

    /// A ring with one key that signs.
    pub(crate) fn with(key: &ClientKey, now: i64) -> Result<Self, KeyError> {
        let mut ring = Self::default();
        ring.add(key, KeyState::Current, now)?;
        Ok(ring)
    }

    /// The text for the vault.
    pub(crate) fn to_text(&self) -> Result<SecretText, CoreError> {
        // Room for all of it: a text that grows leaves copies of its beginning behind, which nobody wipes.
        let mut text = Vec::new();
        serde_json::to_writer(&mut text, &self.written(|_| ""))?;
        let private: usize = self.keys.iter().map(|one| one.pkcs8.expose().len()).sum();
        let mut text = Vec::with_capacity(text.len() + private);
        serde_json::to_writer(&mut text, &self.written(|one| one.pkcs8.expose()))?;
        let text = String::from_utf8(text)
            .map_err(|error| CoreError::Stored(serde::ser::Error::custom(error.utf8_error())))?;
        Ok(SecretText::new(text))
    }

    fn written<'a>(&'a self, private: impl Fn(&'a StoredKey) -> &'a str) -> Vec<WrittenKey<'a>> {
        let written = |one: &'a StoredKey| WrittenKey {
            kid: &one.kid,
            alg: &one.alg,
            pkcs8: private(one),
            created_at: one.created_at,
            state: one.state,
            certificates: &one.certificates,
        };
        self.keys.iter().map(written).collect()
    }

    /// Adds a key. One of the same name is replaced.
    pub(crate) fn add(
        &mut self,
        key: &ClientKey,
        state: KeyState,
        now: i64,
    ) -> Result<(), KeyError> {
        let stored = StoredKey {
            kid: key.kid().to_owned(),
            alg: key.algorithm().as_str().to_owned(),
            pkcs8: key.pkcs8()?,
            created_at: now,
            state,
            certificates: key
                .certificate()
                .map(|one| one.chain().iter().map(|der| STANDARD.encode(der)).collect())
                .unwrap_or_default(),
        };
        self.keys.retain(|one| one.kid != stored.kid);
        self.keys.insert(0, stored);
        Ok(())
    }

    /// From now on this key signs, and the one before is old.
    pub(crate) fn make_current(&mut self, kid: &str) {
        for one in &mut self.keys {
            if one.kid == kid {
                one.state = KeyState::Current;
            } else if one.state == KeyState::Current {
                one.state = KeyState::Old;
            }
        }
    }

    /// The key that signs.
    pub(crate) fn current(&self) -> Result<Option<ClientKey>, KeyError> {
        self.in_state(KeyState::Current)
            .map(StoredKey::key)
            .transpose()
    }

    /// The key whose certificate has this thumbprint (RFC 8705 §3.1).
    pub(crate) fn certified_as(&self, thumbprint: &str) -> Result<Option<ClientKey>, KeyError> {
        for one in &self.keys {
            let key = one.key()?;
            if key
                .certificate()
                .is_some_and(|it| it.thumbprint() == thumbprint)
            {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    /// The first key in a state.
    pub(crate) fn in_state(&self, state: KeyState) -> Option<&StoredKey> {
        self.keys.iter().find(|one| one.state == state)
    }

    /// The public keys, as `jwks` has them (RFC 7517 §5).
    pub(crate) fn jwks(&self) -> Result<Value, KeyError> {
        let keys = self
            .keys
            .iter()
            .map(|one| one.key().map(|key| key.public_jwk()));
        Ok(json!({ "keys": keys.collect::<Result<Vec<_>, _>>()? }))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_ring_is_read_as_it_was_written() {
        let first = ClientKey::generate(KeyAlgorithm::Es256).unwrap();
        let second = ClientKey::generate(KeyAlgorithm::EdDsa).unwrap();
        let first = first.self_signed("first", 1).unwrap();
        let mut ring = KeyRing::with(&first, 1).unwrap();
        ring.add(&second, KeyState::Pending, 2).unwrap();
        let keys = serde_json::from_str(ring.to_text().unwrap().expose()).unwrap();
        let mut read = KeyRing { keys };
        assert_eq!(
            read.current().unwrap().unwrap().thumbprint(),
            first.thumbprint()
        );
        assert_eq!(
            read.current().unwrap().unwrap().certificate(),
            first.certificate()
        );
        read.make_current(second.kid());
        assert_eq!(
            read.current().unwrap().unwrap().thumbprint(),
            second.thumbprint()
        );
        assert_eq!(read.in_state(KeyState::Old).unwrap().kid, first.kid());
        let jwks = read.jwks().unwrap();
        assert_eq!(jwks["keys"][0]["kid"], second.kid());
        assert!(!jwks.to_string().contains("\"d\""), "public keys alone");
    }
}
