//! Key slots: the random database key, wrapped once for every way to open the vault.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::keys::header::{HeaderFile, Slot, SlotInfo, SlotKind};
use crate::keys::kdf::{KdfParams, Key};
use crate::keys::keyring_access::{KeyringAccess, KeyringEntry};
use crate::keys::stack::wiped;
use crate::{SecretText, VaultError};

/// What opens the slots of a vault whose database key is to be replaced.
#[derive(Debug, Default)]
pub struct SlotCredentials {
    /// One passphrase for each passphrase slot, in any order.
    pub passphrases: Vec<SecretText>,
    /// The keyring, where the vault has a slot for it.
    pub keyring: Option<KeyringAccess>,
}

/// A wrapped key: XChaCha20-Poly1305 with a random nonce. Vault id, slot id and kind are authenticated with it, so
/// a slot cannot be moved to another vault or made to look like another kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    keyring.set(
        vault_id,
        &KeyringEntry {
            wrapping,
            counter: None,
        },
    )?;
    Ok(Slot {
        info,
        kdf: None,
        key,
    })
}

/// The database key, if this passphrase opens one of the slots, and the id of that slot.
///
/// Every passphrase slot is tried, also after one has opened, so that neither the time nor the answer tells which slot
/// it was or how many there are before it.
pub(crate) fn open_with_passphrase(
    header: &HeaderFile,
    passphrase: &SecretText,
) -> Result<(Key, Uuid), VaultError> {
    let mut any = false;
    let mut found = None;
    for slot in header.of_kind(SlotKind::Passphrase) {
        let Some(kdf) = &slot.kdf else { continue };
        any = true;
        let wrapping = kdf.derive(passphrase)?;
        let opened = unwrap(header.vault_id, slot, &wrapping).map(|key| (key, slot.info.id));
        found = found.or(opened);
    }
    found.ok_or(if any {
        VaultError::WrongPassphrase
    } else {
        VaultError::NoSlot
    })
}

/// What the keyring's entry opens.
pub(crate) struct OpenedByKeyring {
    pub(crate) key: Key,
    pub(crate) slot: Uuid,
    pub(crate) entry: KeyringEntry,
}

/// The database key, if the keyring's entry opens a slot.
pub(crate) fn open_with_keyring(
    header: &HeaderFile,
    keyring: &KeyringAccess,
) -> Result<OpenedByKeyring, VaultError> {
    if header.of_kind(SlotKind::Keyring).next().is_none() {
        return Err(VaultError::NoSlot);
    }
    let entry = keyring.get(header.vault_id)?;
    let opened = header.of_kind(SlotKind::Keyring).find_map(|slot| {
        Some((
            unwrap(header.vault_id, slot, &entry.wrapping)?,
            slot.info.id,
        ))
    });
    match opened {
        Some((key, slot)) => Ok(OpenedByKeyring { key, slot, entry }),
        None => Err(VaultError::KeyringEntryInvalid),
    }
}

/// What came of opening all slots to wrap another database key.
pub(crate) struct Rewrapped {
    /// The same slots around the other key.
    pub(crate) slots: Result<Vec<Slot>, VaultError>,
    /// A passphrase opened no slot.
    pub(crate) has_wrong_passphrase: bool,
}

/// The same slots around another database key. Each slot is opened first, by one of the passphrases or by the keyring:
/// a slot that nothing opens is [`VaultError::SlotNotOpened`], since it could not be kept. Every slot is tried, also
/// after one was not opened, so that a right passphrase is not taken for a wrong one.
pub(crate) fn rewrap(header: &HeaderFile, ways: &SlotCredentials, next: &Key) -> Rewrapped {
    // More passphrases than slots would be guesses.
    let most = header.of_kind(SlotKind::Passphrase).count();
    let passphrases: Vec<&SecretText> = ways.passphrases.iter().take(most).collect();
    let mut opened = vec![false; passphrases.len()];
    let mut rewrapped = |slot: &Slot| {
        let wrapping = wrapping_of(header.vault_id, slot, ways, &passphrases, &mut opened)?;
        Ok(Slot {
            info: slot.info.clone(),
            kdf: slot.kdf.clone(),
            key: wrap(header.vault_id, &slot.info, &wrapping, next)?,
        })
    };
    let slots: Vec<Result<Slot, VaultError>> = header.slots.iter().map(&mut rewrapped).collect();
    Rewrapped {
        slots: slots.into_iter().collect(),
        has_wrong_passphrase: opened.contains(&false),
    }
}

/// The key that wraps a slot. Marks the passphrases that open it.
fn wrapping_of(
    vault_id: Uuid,
    slot: &Slot,
    ways: &SlotCredentials,
    passphrases: &[&SecretText],
    opened: &mut [bool],
) -> Result<Key, VaultError> {
    let opens = |wrapping: &Key| unwrap(vault_id, slot, wrapping).is_some();
    if let Some(kdf) = &slot.kdf {
        let mut found = None;
        for (passphrase, opened) in passphrases.iter().zip(opened) {
            let wrapping = kdf.derive(passphrase)?;
            if opens(&wrapping) {
                *opened = true;
                found = Some(wrapping);
            }
        }
        if let Some(wrapping) = found {
            return Ok(wrapping);
        }
    } else if let Some(keyring) = &ways.keyring {
        let entry = keyring.get(vault_id)?;
        if opens(&entry.wrapping) {
            return Ok(entry.wrapping);
        }
    }
    Err(VaultError::SlotNotOpened { slot: slot.info.id })
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
    let sealed = wiped(|| {
        let cipher = XChaCha20Poly1305::new(wrapping.as_slice().into());
        cipher.encrypt(XNonce::from_slice(&nonce), payload)
    });
    let Ok(ciphertext) = sealed else {
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
    let opened = wiped(|| {
        let cipher = XChaCha20Poly1305::new(wrapping.as_slice().into());
        cipher.decrypt(XNonce::from_slice(&nonce), payload)
    });
    let plain = Zeroizing::new(opened.ok()?);
    let mut key = Key::default();
    if plain.len() != key.len() {
        return None;
    }
    key.copy_from_slice(&plain);
    Some(key)
}

#[cfg(test)]
#[path = "slots_tests.rs"]
mod tests;
