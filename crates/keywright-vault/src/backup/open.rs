//! A backup, opened and checked from its first byte to its last.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use rusqlite::Connection;
use uuid::Uuid;

use super::contents::{self, Contents};
use super::format;
use super::temp_file::TempFile;
use crate::error::BackupProblem;
use crate::keys::kdf::Key;
use crate::{SecretText, Vault, VaultError, store::database};

/// An open backup: its database lies in a private file, still encrypted, and goes away with this value.
pub struct OpenBackup {
    pub(super) key: Key,
    pub(super) database: TempFile,
    contents: Contents,
    pub(super) audit_broken_at: Option<u64>,
    origin: Option<Origin>,
}

/// What a backup says of its making; an automatic copy says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The vault it was made of.
    pub vault_id: Uuid,
    /// When, in Unix seconds.
    pub created_at: i64,
    /// Version of the program that made it.
    pub program: String,
}

impl std::fmt::Debug for OpenBackup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenBackup")
            .field("origin", &self.origin)
            .field("contents", &self.contents)
            .finish_non_exhaustive()
    }
}

impl OpenBackup {
    /// Opens and checks a backup. Its database is laid out, still encrypted, in `folder`; nothing else is written.
    pub fn open(file: &Path, passphrase: &SecretText, folder: &Path) -> Result<Self, VaultError> {
        let mut opened = format::open(file, passphrase)?;
        let manifest = opened.manifest.clone();
        if manifest.schema > database::newest_schema() {
            return Err(BackupProblem::Newer {
                program: manifest.program,
            }
            .into());
        }
        let mut database = TempFile::new(folder)?;
        opened.extract(database.file())?;
        let backup = Self::checked(database, opened.key)?;
        if backup.contents != manifest.contents {
            return Err(BackupProblem::Damaged {
                what: "what it holds",
            }
            .into());
        }
        Ok(Self {
            audit_broken_at: manifest.audit_broken_at,
            origin: Some(Origin {
                vault_id: manifest.vault_id,
                created_at: manifest.created_at,
                program: manifest.program,
            }),
            ..backup
        })
    }

    /// Opens and checks one of the copies that the vault made of itself before a migration or a restore.
    pub fn automatic(file: &Path, vault: &Vault) -> Result<Self, VaultError> {
        // A device would be copied without end.
        if !is_file(file)? {
            return Err(BackupProblem::Foreign.into());
        }
        let mut database = TempFile::new(vault.folder())?;
        let mut from = File::open(file).map_err(VaultError::io(file))?;
        io::copy(&mut from, database.file()).map_err(VaultError::io(file))?;
        Self::checked(database, vault.key().clone())
    }

    /// Whether a file is sealed with a passphrase; otherwise it can only be an automatic copy, or foreign.
    pub fn is_sealed(file: &Path) -> Result<bool, VaultError> {
        format::is_backup(file)
    }

    fn checked(database: TempFile, key: Key) -> Result<Self, VaultError> {
        let mut connection = match database::open_file(database.path(), &key) {
            Err(VaultError::DatabaseKeyRejected) => return Err(BackupProblem::Foreign.into()),
            other => other?,
        };
        if database::schema_version(&connection)? > database::newest_schema() {
            return Err(BackupProblem::Newer {
                program: String::new(),
            }
            .into());
        }
        contents::check(&connection)?;
        let contents = contents::count(&connection)?;
        database::bring_up_to_date(&mut connection, &database::migrations())?;
        drop(connection);
        Ok(Self {
            key,
            database,
            contents,
            audit_broken_at: None,
            origin: None,
        })
    }

    /// What it holds.
    pub fn contents(&self) -> Contents {
        self.contents
    }

    /// What it says of its making; none in an automatic copy.
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    pub(super) fn read(&self) -> Result<Connection, VaultError> {
        database::open_file(self.database.path(), &self.key)
    }
}

/// Whether anything has this name, a link that leads nowhere included.
pub(super) fn is_there(path: &Path) -> Result<bool, VaultError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(VaultError::io(path)(error)),
    }
}

/// Whether there is a file; what cannot be looked at is an error.
pub(super) fn is_file(path: &Path) -> Result<bool, VaultError> {
    match fs::metadata(path) {
        Ok(meta) => Ok(meta.is_file()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(VaultError::io(path)(error)),
    }
}
