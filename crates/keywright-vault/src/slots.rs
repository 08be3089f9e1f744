//! Key slots: the random database key, wrapped once for every way to open the vault.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::header::{HeaderFile, Slot, SlotInfo, SlotKind};
use crate::kdf::{KdfParams, Key};
use crate::keyring_access::KeyringAccess;
use crate::{SecretText, VaultError};

/// A wrapped key: XChaCha20-Poly1305 with a random nonce. Vault id, slot id and kind are authenticated with it, so
/// a slot cannot be moved to another vault or made to look like another kind.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Wrapped {
    /// Base64 of 24 bytes.
    nonce: String,
    /// Base64 of the key and its tag, 48 bytes.
    ciphertext: String,
}

/// A new random key.
pub(crate) fn random_key() -> Result<Key, VaultError> {
    let mut key = Key::default();
    getrandom::fill(key.as_mut_slice())?;
    Ok(key)
}

/// A new slot opened by a passphrase.
pub(crate) fn passphrase_slot(
    vault_id: Uuid,
    slot_id: Uuid,
    database_key: &Key,
    passphrase: &SecretText,
    now: i64,
) -> Result<Slot, VaultError> {
    if passphrase.is_empty() {
        return Err(VaultError::EmptyPassphrase);
    }
    let kdf = KdfParams::calibrated()?;
    let wrapping = kdf.derive(passphrase)?;
    let info = SlotInfo {
        id: slot_id,
        kind: SlotKind::Passphrase,
        created_at: now,
    };
    Ok(Slot {
        key: wrap(vault_id, &info, &wrapping, database_key)?,
        info,
        kdf: Some(kdf),
    })
}

/// A new slot opened by the keyring; the wrapping key is in the keyring when this returns.
pub(crate) fn keyring_slot(
    vault_id: Uuid,
    database_key: &Key,
    keyring: &KeyringAccess,
    now: i64,
) -> Result<Slot, VaultError> {
    let wrapping = random_key()?;
    let info = SlotInfo {
        id: Uuid::now_v7(),
        kind: SlotKind::Keyring,
        created_at: now,
    };
    let key = wrap(vault_id, &info, &wrapping, database_key)?;
    keyring.set(vault_id, &wrapping)?;
    Ok(Slot {
        info,
        kdf: None,
        key,
    })
}

/// The database key, if this passphrase opens one of the slots, and the id of that slot.
pub(crate) fn open_with_passphrase(
    header: &HeaderFile,
    passphrase: &SecretText,
) -> Result<(Key, Uuid), VaultError> {
    let mut any = false;
    for slot in header.of_kind(SlotKind::Passphrase) {
        let Some(kdf) = &slot.kdf else { continue };
        any = true;
        let wrapping = kdf.derive(passphrase)?;
        if let Some(key) = unwrap(header.vault_id, slot, &wrapping) {
            return Ok((key, slot.info.id));
        }
    }
    Err(if any {
        VaultError::WrongPassphrase
    } else {
        VaultError::NoSlot
    })
}

/// The database key, if the keyring's entry opens a slot, and the id of that slot.
pub(crate) fn open_with_keyring(
    header: &HeaderFile,
    keyring: &KeyringAccess,
) -> Result<(Key, Uuid), VaultError> {
    if header.of_kind(SlotKind::Keyring).next().is_none() {
        return Err(VaultError::NoSlot);
    }
    let wrapping = keyring.get(header.vault_id)?;
    header
        .of_kind(SlotKind::Keyring)
        .find_map(|slot| Some((unwrap(header.vault_id, slot, &wrapping)?, slot.info.id)))
        .ok_or(VaultError::KeyringEntryInvalid)
}

fn associated_data(vault_id: Uuid, info: &SlotInfo) -> String {
    let kind = match info.kind {
        SlotKind::Keyring => "keyring",
        SlotKind::Passphrase => "passphrase",
    };
    format!("keywright-vault/1 {vault_id} {} {kind}", info.id)
}

fn wrap(
    vault_id: Uuid,
    info: &SlotInfo,
    wrapping: &Key,
    database_key: &Key,
) -> Result<Wrapped, VaultError> {
    let mut nonce = [0u8; 24];
    getrandom::fill(&mut nonce)?;
    let associated = associated_data(vault_id, info);
    let payload = Payload {
        msg: database_key.as_slice(),
        aad: associated.as_bytes(),
    };
    let cipher = XChaCha20Poly1305::new(wrapping.as_slice().into());
    let Ok(ciphertext) = cipher.encrypt(XNonce::from_slice(&nonce), payload) else {
        return Err(VaultError::KeyWrap);
    };
    Ok(Wrapped {
        nonce: STANDARD.encode(nonce),
        ciphertext: STANDARD.encode(ciphertext),
    })
}

/// `None` if the wrapping key is not the right one or the slot was tampered with; the two look alike.
fn unwrap(vault_id: Uuid, slot: &Slot, wrapping: &Key) -> Option<Key> {
    let nonce = STANDARD.decode(&slot.key.nonce).ok()?;
    let ciphertext = STANDARD.decode(&slot.key.ciphertext).ok()?;
    if nonce.len() != 24 {
        return None;
    }
    let associated = associated_data(vault_id, &slot.info);
    let payload = Payload {
        msg: &ciphertext,
        aad: associated.as_bytes(),
    };
    let cipher = XChaCha20Poly1305::new(wrapping.as_slice().into());
    let plain = Zeroizing::new(cipher.decrypt(XNonce::from_slice(&nonce), payload).ok()?);
    let mut key = Key::default();
    if plain.len() != key.len() {
        return None;
    }
    key.copy_from_slice(&plain);
    Some(key)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_slot_opens_only_in_its_own_vault() {
        let (vault, other) = (Uuid::now_v7(), Uuid::now_v7());
        let key = random_key().unwrap();
        let slot = passphrase_slot(vault, Uuid::now_v7(), &key, &"open up".into(), 1).unwrap();
        let header = |vault_id| HeaderFile {
            version: 1,
            vault_id,
            created_at: 1,
            slots: vec![slot.clone()],
        };
        let (opened, id) = open_with_passphrase(&header(vault), &"open up".into()).unwrap();
        assert_eq!((*opened, id), (*key, slot.info.id));
        assert!(matches!(
            open_with_passphrase(&header(other), &"open up".into()),
            Err(VaultError::WrongPassphrase)
        ));
    }

    #[test]
    fn an_empty_passphrase_makes_no_slot() {
        let key = random_key().unwrap();
        assert!(matches!(
            passphrase_slot(Uuid::now_v7(), Uuid::now_v7(), &key, &"".into(), 1),
            Err(VaultError::EmptyPassphrase)
        ));
    }
}
