//! Changes of what protects the vault, each with its line in the audit log. The window sends them as a
//! [`ProtectionChange`]; the command line calls them one by one.

use keywright_vault::{KeyringAccess, RowKind, SecretText, SlotCredentials, SlotKind, VaultError};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    CoreError, Keywright, Thing,
    app::{audit_action::AuditAction, conversions::id, runtime::blocking},
    vault::{key_slots::KeySlots, types::ProtectionChange},
};

/// An action of the audit log, with its detail.
type Line = (AuditAction, Value);

impl KeySlots<'_> {
    /// Carries out a change that the window asks for.
    ///
    /// # Errors
    ///
    /// `wrong_passphrase`, `last_slot`, and what the vault or the keyring says; nothing is changed then.
    pub async fn change(self, change: ProtectionChange) -> Result<(), CoreError> {
        match change {
            ProtectionChange::SetPassphrase {
                current,
                passphrase,
            } => {
                let new = SecretText::new(passphrase);
                // Whoever finds the window open must not lock its owner out.
                if self.slot_of(SlotKind::Passphrase)?.is_some() {
                    let current = SecretText::new(current.unwrap_or_default());
                    self.change_passphrase(current, new).await
                } else {
                    self.add_passphrase(new).await.map(|_slot| ())
                }
            }
            ProtectionChange::RemovePassphrase => self.remove_kind(SlotKind::Passphrase).await,
            ProtectionChange::AddKeyring => self.add_keyring().await,
            ProtectionChange::RemoveKeyring => self.remove_kind(SlotKind::Keyring).await,
            ProtectionChange::RotateKey { passphrases } => {
                let passphrases = passphrases.into_iter().map(SecretText::new);
                self.rotate_key(passphrases.collect()).await
            }
            ProtectionChange::MendPermissions => self.repair_permissions().await,
            ProtectionChange::AcceptState => self.accept_state().await,
        }
    }

    /// Adds a passphrase in addition to what opens the vault already; gives its slot.
    pub async fn add_passphrase(self, passphrase: SecretText) -> Result<String, CoreError> {
        let slot = self
            .audited(move |me| {
                let slot = me.vault()?.add_passphrase(&passphrase, me.now())?;
                Ok((slot, (AuditAction::PassphraseSet, json!({ "slot": slot }))))
            })
            .await?;
        Ok(slot.to_string())
    }

    /// Puts a new passphrase in the place of the old one.
    pub async fn change_passphrase(
        self,
        old: SecretText,
        new: SecretText,
    ) -> Result<(), CoreError> {
        self.audited(move |me| {
            me.vault()?.change_passphrase(&old, &new, me.now())?;
            Ok(((), (AuditAction::PassphraseSet, Value::Null)))
        })
        .await
    }

    /// Lets the keyring of the system open the vault.
    pub async fn add_keyring(self) -> Result<(), CoreError> {
        self.audited(|me| {
            let keyring = KeyringAccess::system()?;
            me.vault()?.add_keyring(&keyring, me.now())?;
            Ok(((), (AuditAction::KeyringAdded, Value::Null)))
        })
        .await
    }

    /// Whether [`KeySlots::remove`] may be asked for: said before the user is asked to confirm it.
    ///
    /// # Errors
    ///
    /// `not_found` for a slot that is not there, `last_slot` for the only one.
    pub fn check_removal(self, slot: &str) -> Result<(), CoreError> {
        let slot = id(Thing::KeySlot, slot)?;
        let slots = self.app.vault()?.header()?.slots;
        if slots.iter().all(|one| one.id != slot) {
            return Err(VaultError::NotFound {
                kind: RowKind::KeySlot,
                id: slot.to_string(),
            }
            .into());
        }
        if slots.len() == 1 {
            return Err(VaultError::LastSlot.into());
        }
        Ok(())
    }

    /// Removes a slot; the last one stays.
    pub async fn remove(self, slot: &str) -> Result<(), CoreError> {
        self.remove_slot(id(Thing::KeySlot, slot)?).await
    }

    /// Replaces the database key, and goes on with the vault under the new one. Each passphrase slot needs its
    /// passphrase.
    pub async fn rotate_key(self, passphrases: Vec<SecretText>) -> Result<(), CoreError> {
        self.audited(move |me| {
            let vault = me.vault()?;
            let mut slots = vault.header()?.slots.into_iter();
            let has_keyring = slots.any(|slot| slot.kind == SlotKind::Keyring);
            let credentials = SlotCredentials {
                passphrases,
                keyring: has_keyring.then(KeyringAccess::system).transpose()?,
            };
            me.opened(vault.rotate_key(&credentials, me.now())?);
            Ok(((), (AuditAction::KeyRotated, Value::Null)))
        })
        .await
    }

    /// Takes the rights of other users away from the vault's files.
    pub async fn repair_permissions(self) -> Result<(), CoreError> {
        self.audited(|me| {
            // The audit log is inside: nothing is repaired in its silence.
            me.vault()?;
            keywright_vault::repair_permissions(me.home())?;
            Ok(((), (AuditAction::PermissionsRepaired, Value::Null)))
        })
        .await
    }

    /// Goes on with a database that is an old copy.
    pub async fn accept_state(self) -> Result<(), CoreError> {
        self.audited(|me| {
            me.vault()?.accept_state()?;
            Ok(((), (AuditAction::StateAccepted, Value::Null)))
        })
        .await
    }

    async fn remove_kind(self, kind: SlotKind) -> Result<(), CoreError> {
        match self.slot_of(kind)? {
            Some(slot) => self.remove_slot(slot).await,
            None => Ok(()),
        }
    }

    async fn remove_slot(self, slot: Uuid) -> Result<(), CoreError> {
        self.audited(move |me| {
            let vault = me.vault()?;
            let mut slots = vault.header()?.slots.into_iter();
            let kind = slots.find(|one| one.id == slot).map(|one| one.kind);
            vault.remove_slot(slot)?;
            let action = match kind {
                Some(SlotKind::Keyring) => AuditAction::KeyringRemoved,
                _ => AuditAction::PassphraseRemoved,
            };
            Ok(((), (action, json!({ "slot": slot }))))
        })
        .await
    }

    fn slot_of(self, kind: SlotKind) -> Result<Option<Uuid>, CoreError> {
        let mut slots = self.app.vault()?.header()?.slots.into_iter();
        Ok(slots.find(|slot| slot.kind == kind).map(|slot| slot.id))
    }

    /// Does what takes a while on a thread of its own, and writes its line to the audit log.
    async fn audited<T: Send + 'static>(
        self,
        work: impl FnOnce(&Keywright) -> Result<(T, Line), CoreError> + Send + 'static,
    ) -> Result<T, CoreError> {
        let me = self.app.clone();
        blocking(move || {
            let (done, (action, detail)) = work(&me)?;
            me.audit(action, "", detail)?;
            Ok(done)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::{Actor, Clock, Lang, Options, VaultHome, vault::types::InitVault};

    #[tokio::test]
    async fn a_change_that_is_refused_leaves_no_line() {
        let folder = tempfile::tempdir().unwrap();
        let keywright = Keywright::new(Options {
            home: VaultHome::new(folder.path()),
            actor: Actor::App,
            clock: Clock::system(),
            lang: Lang::En,
        });
        let init = InitVault {
            keyring: false,
            passphrase: Some("the first passphrase".into()),
        };
        keywright.init(init).await.unwrap();
        let slots = keywright.key_slots();
        let lines = || keywright.vault().unwrap().audit_count(None).unwrap();
        let before = lines();
        for refused in [
            ProtectionChange::SetPassphrase {
                current: Some("not the first".into()),
                passphrase: "the second passphrase".into(),
            },
            ProtectionChange::RemovePassphrase,
            ProtectionChange::RotateKey {
                passphrases: vec!["not the first".into()],
            },
        ] {
            slots.change(refused).await.unwrap_err();
            assert_eq!(lines(), before);
        }
        // There is none to remove.
        slots.change(ProtectionChange::RemoveKeyring).await.unwrap();
        assert_eq!(lines(), before);
        let set = ProtectionChange::SetPassphrase {
            current: Some("the first passphrase".into()),
            passphrase: "the second passphrase".into(),
        };
        slots.change(set).await.unwrap();
        assert_eq!(lines(), before + 1);
        let second = slots.add_passphrase("the third passphrase".into()).await;
        slots.remove(&second.unwrap()).await.unwrap();
        assert_eq!(lines(), before + 3);
        slots
            .rotate_key(vec!["the second passphrase".into()])
            .await
            .unwrap();
        assert_eq!(lines(), before + 4);
    }
}
