//! Making a backup.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::contents::{self, Contents};
use super::format::{self, Manifest};
use super::open::{self, OpenBackup};
use super::temp_file::TempFile;
use crate::error::BackupProblem;
use crate::{SecretText, Vault, VaultError, audit, keys::slots, store::database};

/// A backup that was made and read again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupMade {
    /// What it holds.
    pub contents: Contents,
    /// Length of the file, in bytes.
    pub bytes: u64,
}

impl Vault {
    /// Writes the vault as it is now into one file, opened by this passphrase and by nothing else.
    ///
    /// Others may read and write meanwhile. The file is opened again and compared before it gets its name. In the
    /// place of an earlier backup it takes its name in one step; over any other file it is not written.
    pub fn back_up(
        &self,
        target: &Path,
        passphrase: &SecretText,
        now: i64,
    ) -> Result<BackupMade, VaultError> {
        if passphrase.is_empty() {
            return Err(VaultError::EmptyPassphrase);
        }
        if open::is_there(target)? && !(open::is_file(target)? && format::is_backup(target)?) {
            let path = target.to_path_buf();
            return Err(BackupProblem::Occupied { path }.into());
        }
        let folder = match target.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let key = slots::random_key()?;
        let mut database = TempFile::new(folder)?;
        // Counts, the check of the log and the copy see one state.
        let (contents, audit_broken_at, schema) = self.read(|connection| {
            database::copy(connection, database.path(), &key)?;
            let check = audit::verify(connection, &self.audit_seal())?;
            Ok((
                contents::count(connection)?,
                check.broken_at,
                database::schema_version(connection)?,
            ))
        })?;
        let (sha256, length) = format::measure(database.file())?;
        let manifest = Manifest {
            vault_id: self.id(),
            created_at: now,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            schema,
            contents,
            audit_broken_at,
            length,
            sha256,
        };
        let mut made = TempFile::new(folder)?;
        format::write(made.file(), passphrase, &manifest, &key, database.file())?;
        drop(database);
        made.file()
            .sync_all()
            .map_err(VaultError::io(made.path()))?;
        let again = OpenBackup::open(made.path(), passphrase, folder)?;
        if again.contents() != contents {
            return Err(BackupProblem::Damaged {
                what: "what it holds",
            }
            .into());
        }
        drop(again);
        let bytes = fs::metadata(made.path())
            .map_err(VaultError::io(made.path()))?
            .len();
        made.keep(target)?;
        Ok(BackupMade { contents, bytes })
    }
}
