//! Make, open, close and protect the vault.

use std::sync::{Arc, PoisonError};

use keywright_vault::{KeyringAccess, NewSlots, SecretText, SlotKind, Unlock, Vault};
use uuid::Uuid;

use crate::{
    CoreError, Keywright,
    app::{
        audit_action::AuditAction,
        runtime::{blocking, small},
    },
    vault::types::{InitVault, UnlockInput, VaultState, VaultStatus},
};

impl Keywright {
    /// Where the vault stands. Names nothing that is inside while it is locked.
    pub fn status(&self) -> Result<VaultStatus, CoreError> {
        let exists = Vault::exists(&self.0.home);
        self.lock_if_rotated();
        let vault = self.vault().ok();
        let slots = if exists {
            Vault::describe(&self.0.home)?.slots
        } else {
            Vec::new()
        };
        let has = |kind| slots.iter().any(|slot| slot.kind == kind);
        let mut status = VaultStatus {
            state: match (&vault, exists) {
                (Some(_), _) => VaultState::Unlocked,
                (None, true) => VaultState::Locked,
                (None, false) => VaultState::Missing,
            },
            home: self.0.home.folder().display().to_string(),
            has_keyring: has(SlotKind::Keyring),
            has_passphrase: has(SlotKind::Passphrase),
            keyring_available: KeyringAccess::system().is_ok(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            applications: None,
            configurations: None,
            live_sessions: None,
            pending: None,
            due_for_deletion: None,
            locks_at: None,
            notices: self.notices(vault.as_deref())?,
        };
        if let Some(vault) = vault {
            let now = self.now();
            let sessions = keywright_vault::SessionQuery {
                live: Some(true),
                now,
                ..Default::default()
            };
            let counts = vault.application_counts(now)?;
            status.applications = Some(small(counts.all));
            status.due_for_deletion = Some(small(counts.due));
            status.configurations = Some(small(vault.configurations()?.len()));
            status.live_sessions = Some(small(vault.sessions(&sessions)?.total));
            status.pending = Some(small(vault.journal_pending()?.len()));
        }
        Ok(status)
    }

    /// The id of the vault in the folder; none where there is no vault.
    pub fn vault_id(&self) -> Result<Option<Uuid>, CoreError> {
        if !Vault::exists(&self.0.home) {
            return Ok(None);
        }
        Ok(Some(Vault::describe(&self.0.home)?.vault_id))
    }

    /// Makes the vault and leaves it open.
    pub async fn init(&self, input: InitVault) -> Result<VaultStatus, CoreError> {
        let me = self.clone();
        blocking(move || {
            let keyring = if input.keyring {
                Some(KeyringAccess::system()?)
            } else {
                None
            };
            let passphrase = input
                .passphrase
                .filter(|text| !text.is_empty())
                .map(SecretText::new);
            let vault = Vault::create(
                &me.0.home,
                NewSlots {
                    keyring,
                    passphrase,
                },
                me.now(),
            )?;
            me.opened(vault);
            me.audit(AuditAction::VaultCreated, "", serde_json::Value::Null)?;
            me.status()
        })
        .await
    }

    /// Opens the vault: by passphrase, or by the keyring when none is given.
    pub async fn unlock(&self, input: UnlockInput) -> Result<VaultStatus, CoreError> {
        let me = self.clone();
        blocking(move || {
            if me.is_unlocked() {
                return me.status();
            }
            if let Some(missing) = me.0.home.missing() {
                return Err(missing.into());
            }
            let unlock = input.passphrase.map_or(Unlock::Keyring, |text| {
                Unlock::Passphrase(SecretText::new(text))
            });
            let vault = Vault::open(&me.0.home, unlock, me.now())?;
            me.opened(vault);
            match me.audit_unlock(serde_json::Value::Null) {
                // On a disk that takes nothing the vault can still be read.
                Err(CoreError::Vault(error)) if error.is_of_the_disk() => {
                    tracing::warn!(%error, "the opening of the vault could not be recorded");
                }
                recorded => recorded?,
            }
            me.status()
        })
        .await
    }

    /// Closes the vault and wipes its key. A request under way may still write its answer down, so that no
    /// secret that was answered is lost; then the key goes, and what follows ends with an error that says so.
    pub fn lock(&self) {
        let taken = self
            .0
            .vault
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        self.0
            .clients
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        self.0
            .admin
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        self.0
            .pseudonyms
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(vault) = taken.and_then(Arc::into_inner)
            && let Err(error) = vault.close()
        {
            tracing::warn!(%error, "the vault did not close cleanly");
        }
    }

    /// The vault is open.
    pub fn is_unlocked(&self) -> bool {
        self.vault().is_ok()
    }

    /// A number that changes whenever any program writes to the vault.
    /// Locks when another program has replaced the vault's key: what is open here is of the past.
    pub fn change_token(&self) -> Result<u64, CoreError> {
        self.lock_if_rotated();
        Ok(self.vault()?.change_token()?)
    }

    pub(crate) fn opened(&self, vault: Vault) {
        *self.0.vault.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(vault));
        if let Err(error) = self.housekeep() {
            tracing::warn!(%error, "what has expired was not deleted");
        }
    }
}
