//! Backup and restore.

use std::{path::Path, sync::PoisonError};

use keywright_vault::{
    AuditLine, Contents, NewSlots, OpenBackup, RestorePreview, Rows, SecretText, Vault,
};
use serde_json::json;
use time::OffsetDateTime;

use crate::{
    CoreError, Keywright,
    app::{
        audit_action::AuditAction,
        runtime::{blocking, small},
    },
    error::input_problem::InputProblem,
    vault::backup_types::{
        BackupInput, BackupView, ContentsView, RestoreInput, RestoreView, RowsView,
    },
};

/// When the last backup was made, in Unix seconds.
pub(crate) const LAST_BACKUP: &str = "vault/last-backup";

/// Backups of the vault.
#[derive(Clone, Copy, Debug)]
pub struct Backups<'a> {
    pub(crate) app: &'a Keywright,
}

/// How the name of a backup ends.
pub const BACKUP_EXTENSION: &str = "kwbackup";

impl Keywright {
    /// Backups of the vault.
    pub fn backups(&self) -> Backups<'_> {
        Backups { app: self }
    }
}

impl Backups<'_> {
    /// A name for the file of a backup that is made now: `keywright-2026-11-29.kwbackup`, the date in UTC.
    pub fn suggested_name(self) -> String {
        let date = OffsetDateTime::from_unix_timestamp(self.app.now())
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
            .date();
        format!("keywright-{date}.{BACKUP_EXTENSION}")
    }

    /// Writes the open vault into one file with a passphrase of its own, and reads the file again.
    pub async fn create(self, input: BackupInput) -> Result<BackupView, CoreError> {
        let me = self.app.clone();
        blocking(move || {
            let vault = me.vault()?;
            let now = me.now();
            let passphrase = SecretText::new(input.passphrase);
            let path = Path::new(&input.path);
            // Before it is made, like every way out: an attempt shows as well.
            me.audit(
                AuditAction::BackupMade,
                "",
                json!({ "name": file_name(path) }),
            )?;
            let made = vault.back_up(path, &passphrase, now)?;
            vault.put_kv(LAST_BACKUP, &json!(now))?;
            Ok(BackupView {
                path: input.path,
                bytes: made.bytes,
                created_at: now,
                contents: contents(made.contents),
            })
        })
        .await
    }

    /// Restores in the place of a vault that no longer opens: its files are set aside, and a new vault is made. The
    /// backup is opened and checked before a file is touched.
    pub async fn restore_in_place_of_damaged(
        self,
        input: RestoreInput,
    ) -> Result<RestoreView, CoreError> {
        let me = self.app.clone();
        let wanted = RestoreInput {
            path: input.path.clone(),
            passphrase: input.passphrase.clone(),
        };
        let aside = blocking(move || {
            if me.is_unlocked() {
                return Ok(None);
            }
            me.backups().open_backup(&wanted)?;
            Ok(Some(Vault::set_aside(&me.0.home, me.0.clock.now_ms())?))
        })
        .await?;
        let mut view = self.restore(input).await?;
        if let Some(aside) = aside {
            view.before = Some(aside.display().to_string());
        }
        Ok(view)
    }

    /// Opens and checks a backup, and says what a restore would change. Changes nothing.
    pub async fn preview_restore(self, input: RestoreInput) -> Result<RestoreView, CoreError> {
        let me = self.app.clone();
        blocking(move || {
            let backup = me.backups().open_backup(&input)?;
            me.backups().restore_view(input.path, &backup)
        })
        .await
    }

    /// Replaces what the vault holds by what the backup holds; where there is no vault, makes one, opened by the
    /// passphrase of the backup. Leaves it open.
    pub async fn restore(self, input: RestoreInput) -> Result<RestoreView, CoreError> {
        let me = self.app.clone();
        blocking(move || {
            let backup = me.backups().open_backup(&input)?;
            let mut view = me.backups().restore_view(input.path.clone(), &backup)?;
            let line = AuditLine {
                at_ms: me.0.clock.now_ms(),
                actor: me.0.actor.as_str().to_owned(),
                action: AuditAction::VaultRestored.as_str().to_owned(),
                subject: String::new(),
                detail: json!({ "name": file_name(Path::new(&input.path)) }),
            };
            let restored = if Vault::exists(&me.0.home) {
                me.vault()?.restore(&backup, &line)?
            } else {
                let new = NewSlots {
                    keyring: None,
                    passphrase: input.passphrase.map(SecretText::new),
                };
                let (vault, restored) =
                    Vault::create_from(&me.0.home, new, &backup, &line, me.now())?;
                me.opened(vault);
                restored
            };
            // Tokens of the administrators belong to the configurations that were here.
            me.0.admin
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clear();
            view.restored = true;
            view.before = restored.before.map(|path| path.display().to_string());
            Ok(view)
        })
        .await
    }

    fn open_backup(self, input: &RestoreInput) -> Result<OpenBackup, CoreError> {
        let file = Path::new(&input.path);
        let home = self.app.0.home.folder();
        if let Some(passphrase) = &input.passphrase {
            // The copy stays encrypted. It is in the folder of the vault, or, because a preview creates no folder, among
            // the temporary files.
            let temporary = std::env::temp_dir();
            let folder = if home.is_dir() { home } else { &temporary };
            let passphrase = SecretText::new(passphrase);
            return Ok(OpenBackup::open(file, &passphrase, folder)?);
        }
        if OpenBackup::is_sealed(file)? {
            return Err(CoreError::Input {
                what: InputProblem::BackupPassphrase,
                detail: input.path.clone(),
            });
        }
        Ok(OpenBackup::automatic(file, &*self.app.vault()?)?)
    }

    fn restore_view(self, path: String, backup: &OpenBackup) -> Result<RestoreView, CoreError> {
        // One that does not open holds nothing that could be compared.
        let vault = self.app.vault().ok();
        let preview: RestorePreview = match &vault {
            Some(vault) => vault.restore_preview(backup)?,
            None => backup.preview(),
        };
        let origin = backup.origin();
        Ok(RestoreView {
            path,
            created_at: origin.map(|origin| origin.created_at),
            program: origin.map(|origin| origin.program.clone()),
            // A copy of its own has no origin and opens with no other vault's key.
            same_vault: vault
                .as_ref()
                .is_some_and(|vault| origin.is_none_or(|origin| origin.vault_id == vault.id())),
            contents: contents(preview.backup),
            here: vault.map(|_| contents(preview.here)),
            applications: rows(preview.applications),
            configurations: rows(preview.configurations),
            restored: false,
            before: None,
        })
    }
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

fn contents(all: Contents) -> ContentsView {
    ContentsView {
        configurations: small(all.configurations),
        applications: small(all.applications),
        secrets: small(all.secrets),
        tokens: small(all.tokens),
        sessions: small(all.sessions),
        unfinished: small(all.unfinished),
        exchanges: small(all.exchanges),
        audit_lines: small(all.audit_lines),
    }
}

fn rows(all: Rows) -> RowsView {
    RowsView {
        removed: small(all.removed),
        removed_names: all.removed_names,
        added: small(all.added),
        added_names: all.added_names,
        changed: small(all.changed),
    }
}
