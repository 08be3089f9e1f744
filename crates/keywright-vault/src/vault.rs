//! The open vault: its connections and its key, and how it is closed.

mod opening;

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use rusqlite::{Connection, ErrorCode};
use uuid::Uuid;

use crate::audit::seal::AuditSeal;
use crate::files::file_identity::{FileIdentity, OpenGuard};
use crate::files::fingerprint::FileFingerprint;
use crate::files::home::{VaultHome, VaultPaths};
use crate::files::rollback::{KeyringCounter, last_line};
use crate::keys::header::{HeaderFile, VaultHeader};
use crate::keys::kdf::Key;
use crate::keys::keyring_access::KeyringAccess;
use crate::store::history::HistoryLimits;
use crate::store::search_text::Kept;
use crate::{
    SecretText, VaultError, VaultKey,
    keys::{attempts::Attempt, slots},
};

/// The slots of a new vault; at least one is needed.
#[derive(Debug, Default)]
pub struct NewSlots {
    /// Make a slot opened by this keyring.
    pub keyring: Option<KeyringAccess>,
    /// Make a slot opened by this passphrase.
    pub passphrase: Option<SecretText>,
}

/// What to open a vault with.
#[derive(Debug)]
pub enum Unlock {
    /// The entry in the keyring of the operating system.
    Keyring,
    /// A passphrase.
    Passphrase(SecretText),
    /// The database key itself, which another process of the same user held.
    Key(VaultKey),
}

/// An open vault. It may be shared between threads, and other processes may have the same vault open.
///
/// Dropping it closes the database and wipes the key.
pub struct Vault {
    pub(crate) paths: VaultPaths,
    pub(crate) key: Key,
    id: Uuid,
    /// The header as it was when it was last known to name this database.
    pub(crate) stamp: Mutex<FileFingerprint>,
    /// How far the vault came, for the keyring that opened it.
    ring: Mutex<Option<KeyringCounter>>,
    pub(crate) readers: Mutex<Vec<Connection>>,
    /// Only ever asked for `data_version`, so that each commit, ours or another process's, shows on it.
    pub(crate) watcher: Mutex<Connection>,
    /// Dropped last of the connections: only one that writes folds the log in when it is the last to close.
    /// None after a failure of the disk: the connection is opened again for the next write.
    pub(crate) writer: Mutex<Option<Connection>>,
    pub(crate) place: RwLock<FileIdentity>,
    pub(crate) history: RwLock<HistoryLimits>,
    pub(crate) search_text: Kept,
    /// The files can only be read, so that no connection sees what others write.
    pub(crate) at_rest: AtomicBool,
    /// Held until the vault is closed.
    _in_use: OpenGuard,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault")
            .field("id", &self.id)
            .field("folder", &self.paths.folder)
            .finish_non_exhaustive()
    }
}

impl Vault {
    /// Whether there is a vault in the folder.
    pub fn exists(home: &VaultHome) -> bool {
        home.paths().header.exists()
    }

    /// What can be known of a vault without opening it.
    pub fn describe(home: &VaultHome) -> Result<VaultHeader, VaultError> {
        Ok(HeaderFile::read(&home.paths())?.describe())
    }

    /// The vault's id.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// The files of the vault.
    pub(crate) fn paths(&self) -> &VaultPaths {
        &self.paths
    }

    /// The folder of the vault.
    pub(crate) fn folder(&self) -> &Path {
        &self.paths.folder
    }

    /// The key of the database.
    pub(crate) fn key(&self) -> &Key {
        &self.key
    }

    /// What seals the end of the audit log.
    pub(crate) fn audit_seal(&self) -> AuditSeal {
        AuditSeal::of(&self.key)
    }

    /// The database key, to hand to a process that holds it for a while.
    pub fn vault_key(&self) -> VaultKey {
        VaultKey::from(self.key.clone())
    }

    /// The slots as they are now.
    pub fn header(&self) -> Result<VaultHeader, VaultError> {
        Ok(self.header_file()?.describe())
    }

    /// The header as it is now, and was written by someone with the key.
    pub(crate) fn header_file(&self) -> Result<HeaderFile, VaultError> {
        self.read(|connection| {
            // The first question fixes what is read of the database, so that the header is never the older of both.
            last_line(connection)?;
            let header = HeaderFile::read(&self.paths)?;
            header.check(&self.key, connection)?;
            Ok(header)
        })
    }

    /// Goes on counting for the keyring where `before` left off.
    pub(crate) fn take_ring(&self, before: &Self) {
        *lock(&self.ring) = lock(&before.ring).take();
    }

    /// Asks for the passphrase again, before values leave the vault in bulk. A wrong one counts as one that does not
    /// open the vault.
    pub fn check_passphrase(&self, passphrase: &SecretText, now: i64) -> Result<(), VaultError> {
        let header = self.header_file()?;
        let attempt = Attempt::begin(&self.paths, now)?;
        let opened = slots::open_with_passphrase(&header, passphrase);
        attempt.end(&opened);
        opened.map(drop)
    }

    /// Reads every page, each of which carries a code made with the key, and says whether all of it fits together.
    pub fn is_whole(&self) -> Result<bool, VaultError> {
        self.read(|connection| {
            let said = connection.query_row("PRAGMA integrity_check(1)", [], |row| {
                row.get::<_, String>(0)
            });
            match said {
                Ok(said) => Ok(said == "ok"),
                Err(error) => match error.sqlite_error_code() {
                    Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Ok(false),
                    _ => Err(error.into()),
                },
            }
        })
    }

    /// Closes the database, folds the write-ahead log into it, and wipes the key.
    pub fn close(self) -> Result<(), VaultError> {
        // Once an old database was noticed, the keyring keeps what it knew until someone accepts the old one.
        let last = match self.rollback() {
            Ok(None) => self.read(last_line).ok(),
            _ => None,
        };
        let Self {
            id,
            ring,
            writer,
            readers,
            watcher,
            ..
        } = self;
        drop(into_inner(readers));
        drop(into_inner(watcher));
        let Some(writer) = into_inner(writer) else {
            return Ok(());
        };
        // If another process reads, the log stays for the last one to fold in.
        writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        writer.close().map_err(|(_, error)| error)?;
        if let (Some(ring), Some(last)) = (into_inner(ring), last) {
            ring.store(id, last);
        }
        Ok(())
    }

    /// Whether the header still names the database that is open here. Asked under the write lock, the answer holds
    /// until the lock is let go, since replacing the key takes that lock as well.
    pub(crate) fn still_current(&self) -> Result<(), VaultError> {
        let now = FileFingerprint::of(&self.paths.header)?;
        let mut seen = lock(&self.stamp);
        if now != *seen {
            let header = HeaderFile::read(&self.paths)?;
            if self.paths.folder.join(header.database) != self.paths.database {
                return Err(VaultError::KeyRotated);
            }
            *seen = now;
        }
        Ok(())
    }
}

/// A panic in another thread cannot leave a connection in a bad state: its transaction was rolled back.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn into_inner<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "vault_tests.rs"]
mod tests;
