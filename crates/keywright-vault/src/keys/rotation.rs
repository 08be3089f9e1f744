//! Replacing the database key while the vault is in use.
//!
//! The pages are copied into a new file under the new key, and one atomic write of `vault.json` then names that file
//! and the slots around the new key together: before it the old key opens the old file, after it the new key the new
//! one, and there is nothing between. The file has a name that none had before, so the write-ahead log of the old one
//! can never be taken for its own.
//!
//! Other programs that have the old file open may go on reading until they look at the header again, which they do
//! under the write lock before every write, and before every read: they then get [`VaultError::KeyRotated`] and must
//! unlock. The lock on the old file is held from the copy to the switch, so no write can fall between.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use crate::audit::seal::AuditSeal;
use crate::error::HeaderProblem;
use crate::files::home::{VaultPaths, lock_file, open_private, sync_folder};
use crate::keys::attempts::Attempt;
use crate::keys::header::{FIRST_DATABASE, HeaderFile, Slot, is_database_name, new_database_name};
use crate::keys::kdf::Key;
use crate::keys::seal::tell_revision;
use crate::keys::slots::{self, SlotCredentials};
use crate::store::sql::count_at;
use crate::{Vault, VaultError, store::database};

impl Vault {
    /// Replaces the database key, and gives the vault open under the new one. This one is of the past afterwards.
    ///
    /// Every slot is opened with `ways`, since each has to be wrapped around the new key. A passphrase that opens none
    /// counts as one that does not open the vault, at `now` (Unix seconds). Refused while an operation is unfinished
    /// ([`VaultError::Unfinished`]): another program may wait for its answer with the old key.
    pub fn rotate_key(&self, ways: &SlotCredentials, now: i64) -> Result<Self, VaultError> {
        let paths = self.paths();
        let _alone = lock_file(&paths.lock)?;
        let before = self.header_file()?;
        let next = slots::random_key()?;
        // Half a second for each passphrase slot, so before the write lock is taken.
        let slots = self.rewrapped(&before, ways, &next, now)?;
        let name = new_database_name()?;
        let file = paths.folder.join(&name);
        let switched = self.write(|tx| {
            if self.header_file()? != before {
                return Err(VaultError::Busy);
            }
            refuse_unfinished(tx)?;
            let mut after = HeaderFile {
                revision: before.revision + 1,
                database: name.clone(),
                leftover: Some(before.database.clone()),
                slots,
                ..before.clone()
            };
            after.seal(&next)?;
            self.copy_to(&file, &next, after.revision)?;
            after.write(paths)?;
            Ok(after)
        });
        match switched {
            Ok(header) => {
                let vault = Self::reopened(paths.clone(), &header, next)?;
                vault.take_ring(self);
                if let Err(error) = vault.sweep_locked() {
                    tracing::warn!(%error, "the database under the old key was not deleted yet");
                }
                Ok(vault)
            }
            Err(error) => {
                // The switch may have taken effect although its last sync failed.
                if HeaderFile::read(paths)?.database != name {
                    delete_database(paths, &name)?;
                }
                Err(error)
            }
        }
    }

    /// The slots around the next key. What is tried is counted, as at the opening of the vault.
    fn rewrapped(
        &self,
        header: &HeaderFile,
        ways: &SlotCredentials,
        next: &Key,
        now: i64,
    ) -> Result<Vec<Slot>, VaultError> {
        if ways.passphrases.is_empty() {
            return slots::rewrap(header, ways, next).slots;
        }
        let attempt = Attempt::begin(self.paths(), now)?;
        let rewrapped = slots::rewrap(header, ways, next);
        if rewrapped.has_wrong_passphrase {
            attempt.end(&Err::<(), _>(VaultError::WrongPassphrase));
        } else {
            attempt.end(&rewrapped.slots);
        }
        rewrapped.slots
    }

    /// Copies the database page by page, as its last commit left it, and reads every page of the copy again.
    fn copy_to(&self, file: &Path, key: &Key, revision: u64) -> Result<(), VaultError> {
        let created = open_private(file, true)?;
        self.read(|connection| database::copy(connection, file, key))?;
        let copy = database::open_file(file, key)?;
        tell_revision(&copy, revision)?;
        // The end of the audit log is sealed with a key that comes from the old one.
        if let Some(end) = self.audit_seal().read(&copy)? {
            AuditSeal::of(key).write(&copy, &end)?;
        }
        check_pages(&copy)?;
        copy.close().map_err(|(_, error)| VaultError::from(error))?;
        created.sync_all().map_err(VaultError::io(file))?;
        sync_folder(&self.paths().folder)
    }

    /// Deletes what a replacement of the key left behind, unless one is under way.
    pub(crate) fn sweep(&self) -> Result<(), VaultError> {
        let lock = open_private(&self.paths().lock, false)?;
        match lock.try_lock() {
            Ok(()) => self.sweep_locked(),
            Err(fs::TryLockError::WouldBlock) => Ok(()),
            Err(fs::TryLockError::Error(source)) => Err(VaultError::io(&self.paths().lock)(source)),
        }
    }

    /// The old database, and copies that were cut off before the header named them.
    fn sweep_locked(&self) -> Result<(), VaultError> {
        let paths = self.paths();
        let header = self.header_file()?;
        for name in database_names(paths)? {
            let old = header.leftover.as_ref() == Some(&name);
            let cut_off = name != header.database && name != FIRST_DATABASE;
            if old || cut_off {
                delete_database(paths, &name)?;
            }
        }
        if header.leftover.is_some() {
            self.change_header(|header| {
                header.leftover = None;
                Ok(())
            })?;
        }
        Ok(())
    }
}

/// Names of the databases in the folder.
pub(crate) fn database_names(paths: &VaultPaths) -> Result<Vec<String>, VaultError> {
    let folder = &paths.folder;
    let mut names = Vec::new();
    for item in fs::read_dir(folder).map_err(VaultError::io(folder))? {
        let name = item.map_err(VaultError::io(folder))?.file_name();
        names.extend(
            name.to_str()
                .filter(|name| is_database_name(name))
                .map(str::to_owned),
        );
    }
    Ok(names)
}

/// Deletes a database with its log and index.
fn delete_database(paths: &VaultPaths, name: &str) -> Result<(), VaultError> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let path = paths.folder.join(format!("{name}{suffix}"));
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(VaultError::io(&path)(error)),
        }
    }
    sync_folder(&paths.folder)
}

fn refuse_unfinished(database: &Connection) -> Result<(), VaultError> {
    let unfinished = database.query_row(
        "SELECT count(*) FROM journal WHERE state NOT IN ('done', 'discarded')",
        [],
        |row| count_at(row, 0),
    )?;
    if unfinished > 0 {
        return Err(VaultError::Unfinished { unfinished });
    }
    Ok(())
}

/// Each page carries a code of its own; this checks all of them.
fn check_pages(database: &Connection) -> Result<(), VaultError> {
    let mut statement = database.prepare("PRAGMA cipher_integrity_check")?;
    match statement.query([])?.next()? {
        None => Ok(()),
        Some(_) => Err(HeaderProblem::CopyDamaged.into()),
    }
}

#[cfg(test)]
#[path = "rotation_tests.rs"]
mod tests;
