//! Changing what opens the vault: its slots.

use uuid::Uuid;

use crate::keys::attempts::Attempt;
use crate::keys::header::SlotKind;
use crate::keys::keyring_access::KeyringAccess;
use crate::{RowKind, SecretText, Vault, VaultError, keys::slots};

impl Vault {
    /// Adds a slot opened by a passphrase; gives its id.
    pub fn add_passphrase(&self, passphrase: &SecretText, now: i64) -> Result<Uuid, VaultError> {
        self.change_header(|header| {
            let id = Uuid::now_v7();
            let slot = slots::passphrase_slot(self.id(), id, self.key(), passphrase, now)?;
            header.slots.push(slot);
            Ok(id)
        })
    }

    /// Rewrites the slot that the old passphrase opens, so that the new one opens it. No data is rewritten.
    pub fn change_passphrase(
        &self,
        old: &SecretText,
        new: &SecretText,
        now: i64,
    ) -> Result<(), VaultError> {
        self.change_header(|header| {
            let attempt = Attempt::begin(self.paths(), now)?;
            let opened = slots::open_with_passphrase(header, old);
            attempt.end(&opened);
            let (_, id) = opened?;
            let slot = slots::passphrase_slot(self.id(), id, self.key(), new, now)?;
            header.slots.retain(|other| other.info.id != id);
            header.slots.push(slot);
            Ok(())
        })
    }

    /// Adds the slot opened by the keyring; gives its id. If the keyring opens the vault already, that slot stays.
    pub fn add_keyring(&self, keyring: &KeyringAccess, now: i64) -> Result<Uuid, VaultError> {
        self.change_header(|header| {
            if let Ok(opened) = slots::open_with_keyring(header, keyring) {
                return Ok(opened.slot);
            }
            let slot = slots::keyring_slot(self.id(), self.key(), keyring, now)?;
            let id = slot.info.id;
            // There is one entry, and it was just replaced: an older slot opens with nothing any more.
            header
                .slots
                .retain(|old| old.info.kind != SlotKind::Keyring);
            header.slots.push(slot);
            Ok(id)
        })
    }

    /// Removes a slot; the last one stays ([`VaultError::LastSlot`]). With a keyring slot its entry goes, too.
    pub fn remove_slot(&self, id: Uuid) -> Result<(), VaultError> {
        let removed = self.change_header(|header| {
            let Some(at) = header.slots.iter().position(|slot| slot.info.id == id) else {
                return Err(VaultError::not_found(RowKind::KeySlot, id));
            };
            if header.slots.len() == 1 {
                return Err(VaultError::LastSlot);
            }
            Ok(header.slots.remove(at))
        })?;
        if removed.info.kind == SlotKind::Keyring {
            // The slot is gone in any case; without it the entry opens nothing.
            let deleted = KeyringAccess::system().and_then(|ring| ring.delete(self.id()));
            if let Err(error) = deleted {
                tracing::warn!(%error, "the keyring entry of a removed slot could not be deleted");
            }
        }
        Ok(())
    }
}
