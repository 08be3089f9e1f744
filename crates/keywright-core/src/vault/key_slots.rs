//! The keys of the vault: its slots, the database key, and what its files say of how it was treated.

use std::path::PathBuf;

use keywright_vault::{ExposureKind, SlotKind, Unlock, Vault, VaultError, VaultKey};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    CoreError, Keywright,
    app::{audit_action::AuditAction, runtime::blocking},
    i18n::key::Key,
    vault::types::{NoticeCode, SlotMethod, SlotView, VaultNotice},
};

/// What could open a vault; known without opening it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnlockMethods {
    /// The keyring.
    pub keyring: bool,
    /// A passphrase.
    pub passphrase: bool,
}

/// What opens the vault.
#[derive(Clone, Copy, Debug)]
pub struct KeySlots<'a> {
    pub(crate) app: &'a Keywright,
}

impl Keywright {
    /// What opens the vault.
    pub fn key_slots(&self) -> KeySlots<'_> {
        KeySlots { app: self }
    }
}

impl KeySlots<'_> {
    /// What could open the vault, and its id; none where there is no vault. Asks nobody but the header.
    pub fn unlock_methods(self) -> Result<Option<(Uuid, UnlockMethods)>, CoreError> {
        if !Vault::exists(self.app.home()) {
            return Ok(None);
        }
        let header = Vault::describe(self.app.home())?;
        let has = |kind| header.slots.iter().any(|slot| slot.kind == kind);
        Ok(Some((
            header.vault_id,
            UnlockMethods {
                keyring: has(SlotKind::Keyring),
                passphrase: has(SlotKind::Passphrase),
            },
        )))
    }

    /// What opens the vault, oldest first.
    pub fn list(self) -> Result<Vec<SlotView>, CoreError> {
        let slots = self.app.vault()?.header()?.slots.into_iter();
        Ok(slots
            .map(|slot| SlotView {
                id: slot.id.to_string(),
                kind: match slot.kind {
                    SlotKind::Keyring => SlotMethod::Keyring,
                    SlotKind::Passphrase => SlotMethod::Passphrase,
                },
                created_at: slot.created_at,
            })
            .collect())
    }

    /// The key of the open vault, for an agent that holds it until `until`.
    pub fn key_for_agent(self, until: i64) -> Result<VaultKey, CoreError> {
        let key = self.app.vault()?.vault_key();
        self.app
            .audit(AuditAction::AgentStarted, "", json!({ "until": until }))?;
        Ok(key)
    }
}

impl Keywright {
    /// Opens the vault with the key that another process of the same user held.
    pub async fn unlock_with_key(&self, key: VaultKey) -> Result<(), CoreError> {
        let me = self.clone();
        blocking(move || {
            let vault = Vault::open(me.home(), Unlock::Key(key), me.now())?;
            me.opened(vault);
            me.audit_unlock(json!({ "by": "agent" }))
        })
        .await
    }

    /// Locks when another program has replaced the database key.
    pub(crate) fn lock_if_rotated(&self) {
        let rotated = self
            .vault()
            .is_ok_and(|vault| matches!(vault.change_token(), Err(VaultError::KeyRotated)));
        if rotated {
            self.lock();
        }
    }

    /// An unlock in the audit log, and with it that the database is an old copy, where it is.
    pub(crate) fn audit_unlock(&self, detail: Value) -> Result<(), CoreError> {
        self.audit(AuditAction::VaultUnlocked, "", detail)?;
        if let Some(seen) = self.vault()?.rollback()? {
            self.audit(AuditAction::RollbackNoticed, "", json!(seen))?;
        }
        Ok(())
    }

    /// What is not as it should be with the vault's files.
    pub(crate) fn notices(&self, open: Option<&Vault>) -> Result<Vec<VaultNotice>, CoreError> {
        let mut notices = Vec::new();
        let mut add = |code, key: Key, blanks: &[(&str, &str)]| {
            notices.push(VaultNotice {
                code,
                text: self.translate(key, blanks),
            });
        };
        match self.home().missing() {
            Some(VaultError::HeaderMissing { database }) => {
                let path = database.display().to_string();
                add(
                    NoticeCode::HeaderMissing,
                    Key::NoticeHeaderMissing,
                    &[("what", &path)],
                );
                return Ok(notices);
            }
            Some(_) => return Ok(notices),
            None => {}
        }
        let aside = self.home().set_aside()?;
        if !aside.is_empty() {
            let paths = list(&aside);
            add(
                NoticeCode::SetAside,
                Key::NoticeSetAside,
                &[("what", &paths)],
            );
        }
        let exposures = keywright_vault::exposures(self.home())?;
        let first = |wanted: fn(&ExposureKind) -> bool| {
            exposures.iter().find(|exposure| wanted(&exposure.kind))
        };
        if let Some(wide) = first(|kind| matches!(kind, ExposureKind::Mode { .. })) {
            let path = wide.path.display().to_string();
            add(
                NoticeCode::Permissions,
                Key::NoticePermissions,
                &[("what", &path)],
            );
        }
        if let Some(foreign) = first(|kind| matches!(kind, ExposureKind::Owner { .. })) {
            let path = foreign.path.display().to_string();
            add(NoticeCode::Owner, Key::NoticeOwner, &[("what", &path)]);
        }
        if let Some(vault) = open
            && vault.rollback()?.is_some()
        {
            add(NoticeCode::RolledBack, Key::NoticeRolledBack, &[]);
        }
        Ok(notices)
    }
}

/// Paths in one line of text.
pub(crate) fn list(paths: &[PathBuf]) -> String {
    let paths: Vec<_> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    paths.join(", ")
}
