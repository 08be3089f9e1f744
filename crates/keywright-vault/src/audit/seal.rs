//! The end of the audit log, sealed with a key of its own: lines cannot be taken from the end, and the log cannot
//! be written again, by someone who has the rows but not the vault's key.
//!
//! It stands in `kv` and is written in the same transaction as each line.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::VaultError;
use crate::keys::kdf::Key;
use crate::keys::stack::wiped;
use crate::store::sql::Json;

/// Where it stands.
const AT: &str = "vault/audit-end";
/// What the key of the seal is for; no other use of the vault's key makes the same.
const PURPOSE: &[u8] = b"keywright audit end 1";

/// The key that seals.
pub(crate) struct AuditSeal(Key);

/// The last line, and whether the log was whole until there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct End {
    pub(crate) seq: i64,
    /// In hex.
    pub(crate) hash: String,
    /// The first line that was found changed or missing. It stays: more lines do not mend a log.
    pub(crate) broken_at: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    nonce: String,
    sealed: String,
}

impl AuditSeal {
    /// The seal of the vault with this key.
    pub(crate) fn of(key: &Key) -> Self {
        let mut own = Key::default();
        wiped(|| {
            let mut hasher = Sha256::new();
            hasher.update(PURPOSE);
            hasher.update(key.as_slice());
            own.copy_from_slice(&hasher.finalize());
        });
        Self(own)
    }

    /// The sealed end; none if there is none, or none that this key sealed.
    pub(crate) fn read(&self, connection: &Connection) -> Result<Option<End>, VaultError> {
        let found = connection
            .prepare_cached("SELECT value FROM kv WHERE key = ?1")?
            .query_row([AT], |row| row.get::<_, Json<serde_json::Value>>(0))
            .optional()?;
        Ok(found.and_then(|value| self.open(value.0)))
    }

    fn open(&self, value: serde_json::Value) -> Option<End> {
        let sealed: Sealed = serde_json::from_value(value).ok()?;
        let nonce = STANDARD.decode(sealed.nonce).ok()?;
        let ciphertext = STANDARD.decode(sealed.sealed).ok()?;
        if nonce.len() != 24 {
            return None;
        }
        let payload = Payload {
            msg: &ciphertext,
            aad: AT.as_bytes(),
        };
        let plain = self
            .cipher()
            .decrypt(XNonce::from_slice(&nonce), payload)
            .ok()?;
        serde_json::from_slice(&plain).ok()
    }

    /// Seals a new end, within the transaction that writes its line.
    pub(crate) fn write(&self, tx: &Connection, end: &End) -> Result<(), VaultError> {
        let mut nonce = [0u8; 24];
        getrandom::fill(&mut nonce)?;
        let plain = serde_json::to_vec(end)?;
        let payload = Payload {
            msg: &plain,
            aad: AT.as_bytes(),
        };
        let Ok(ciphertext) = self.cipher().encrypt(XNonce::from_slice(&nonce), payload) else {
            return Err(VaultError::KeyWrap);
        };
        let sealed = Sealed {
            nonce: STANDARD.encode(nonce),
            sealed: STANDARD.encode(ciphertext),
        };
        tx.prepare_cached(
            "INSERT INTO kv (key, value) VALUES (?1, ?2)
             ON CONFLICT DO UPDATE SET value = excluded.value",
        )?
        .execute(params![AT, Json(sealed)])?;
        Ok(())
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.0.as_slice().into())
    }
}
