//! The open vault: its connections, its key, and how its slots change.

use std::fs::{self, File};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use rusqlite::{Connection, ErrorCode};
use uuid::Uuid;

use crate::audit_seal::AuditSeal;
use crate::error::{Damage, HeaderProblem};
use crate::header::{FORMAT_VERSION, HeaderFile, SlotKind, VaultHeader};
use crate::home::{VaultHome, VaultPaths, create_private_folder, open_private, sync_folder};
use crate::kdf::Key;
use crate::keyring_access::KeyringAccess;
use crate::place::{Place, Use};
use crate::{SecretText, VaultError, db, slots};

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
}

/// An open vault. It may be shared between threads, and other processes may have the same vault open.
///
/// Dropping it closes the database and wipes the key.
pub struct Vault {
    pub(crate) paths: VaultPaths,
    pub(crate) key: Key,
    id: Uuid,
    pub(crate) readers: Mutex<Vec<Connection>>,
    /// Only ever asked for `data_version`, so that each commit, ours or another process's, shows on it.
    pub(crate) watcher: Mutex<Connection>,
    /// Dropped last of the connections: only one that writes folds the log in when it is the last to close.
    /// None after a failure of the disk: the connection is opened anew for the next write.
    pub(crate) writer: Mutex<Option<Connection>>,
    pub(crate) place: RwLock<Place>,
    /// The files can only be read, so that no connection sees what others write.
    pub(crate) at_rest: AtomicBool,
    /// Held until the vault is closed.
    _in_use: Use,
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

    /// Makes a new vault with the slots asked for; none of both is [`VaultError::NoSlot`].
    ///
    /// The header is written last, so that an interrupted creation leaves no vault rather than half of one.
    pub fn create(home: &VaultHome, new: NewSlots, now: i64) -> Result<Self, VaultError> {
        Self::create_filled(home, new, now, |_, _| Ok(()))
    }

    /// Makes a new vault and fills it before there is a header, and with it a vault.
    pub(crate) fn create_filled(
        home: &VaultHome,
        new: NewSlots,
        now: i64,
        fill: impl FnOnce(&mut Connection, &AuditSeal) -> Result<(), VaultError>,
    ) -> Result<Self, VaultError> {
        let NewSlots {
            keyring,
            passphrase,
        } = new;
        if keyring.is_none() && passphrase.is_none() {
            return Err(VaultError::NoSlot);
        }
        let paths = home.paths();
        create_private_folder(&paths.folder)?;
        let lock = lock_file(&paths.lock)?;
        if paths.header.exists() {
            return Err(VaultError::AlreadyExists {
                folder: paths.folder,
            });
        }
        set_orphans_aside(&paths, now)?;

        let key = slots::random_key()?;
        let vault_id = Uuid::now_v7();
        let mut header = HeaderFile {
            version: FORMAT_VERSION,
            vault_id,
            created_at: now,
            slots: Vec::new(),
        };
        if let Some(passphrase) = &passphrase {
            let id = Uuid::now_v7();
            let slot = slots::passphrase_slot(vault_id, id, &key, passphrase, now)?;
            header.slots.push(slot);
        }
        open_private(&paths.database, true)?;
        let mut writer = db::open_writer(&paths.database, &key)?;
        db::migrate(&mut writer, &key, &paths, &db::migrations())?;
        fill(&mut writer, &AuditSeal::of(&key))?;
        if let Some(keyring) = &keyring {
            let slot = slots::keyring_slot(vault_id, &key, keyring, now)?;
            header.slots.push(slot);
        }
        if let Err(error) = header.write(&paths) {
            // An entry for a vault that never came to be would stay in the user's keyring forever.
            if let Some(keyring) = &keyring
                && let Err(left) = keyring.delete(vault_id)
            {
                tracing::warn!(error = %left, "an unused keyring entry could not be deleted");
            }
            return Err(error);
        }
        db::trust(&writer)?;
        let in_use = Use::begin(&paths)?;
        drop(lock);
        Self::with_writer(paths, key, vault_id, Some(writer), in_use)
    }

    /// Opens the vault, with the system's keyring if the keyring is asked for.
    ///
    /// `now` is the time from which the caller counts; opening stores nothing.
    pub fn open(home: &VaultHome, unlock: Unlock, now: i64) -> Result<Self, VaultError> {
        let header = HeaderFile::read(&home.paths())?;
        let (key, slot) = match unlock {
            Unlock::Passphrase(passphrase) => slots::open_with_passphrase(&header, &passphrase)?,
            Unlock::Keyring if header.of_kind(SlotKind::Keyring).next().is_none() => {
                return Err(VaultError::NoSlot);
            }
            Unlock::Keyring => slots::open_with_keyring(&header, &KeyringAccess::system()?)?,
        };
        tracing::debug!(%slot, now, "vault opened");
        Self::with_key(home, header.vault_id, key)
    }

    /// Opens the vault with a keyring that was found before.
    pub fn open_with_keyring(
        home: &VaultHome,
        keyring: &KeyringAccess,
    ) -> Result<Self, VaultError> {
        let header = HeaderFile::read(&home.paths())?;
        let (key, _) = slots::open_with_keyring(&header, keyring)?;
        Self::with_key(home, header.vault_id, key)
    }

    fn with_key(home: &VaultHome, vault_id: Uuid, key: Key) -> Result<Self, VaultError> {
        let paths = home.paths();
        if !paths.database.exists() {
            return Err(HeaderProblem::DatabaseMissing.into());
        }
        // SQLite would make a new database of a file without a page.
        if db::has_no_page(&paths.database) && db::has_no_page(&paths.log()) {
            return Err(Damage::Empty.into());
        }
        let in_use = Use::begin(&paths)?;
        if in_use.is_alone() && paths.log_index().exists() && !paths.log().exists() {
            return Err(Damage::LogMissing.into());
        }
        let writer = match Self::open_writer(&paths, &key, &in_use) {
            Ok(writer) => Some(writer),
            // What can be read is read; each write tries again, and says what is wrong.
            Err(error) if error.is_of_the_disk() => {
                tracing::warn!(%error, "the vault can only be read");
                None
            }
            Err(error) => return Err(error),
        };
        Self::with_writer(paths, key, vault_id, writer, in_use)
    }

    fn open_writer(paths: &VaultPaths, key: &Key, in_use: &Use) -> Result<Connection, VaultError> {
        let mut writer = db::open_writer(&paths.database, key)?;
        if in_use.is_alone() {
            db::check_left(&writer, paths)?;
        }
        if db::schema_version(&writer)? == 0 {
            return Err(Damage::Empty.into());
        }
        db::migrate(&mut writer, key, paths, &db::migrations())?;
        db::trust(&writer)?;
        Ok(writer)
    }

    fn with_writer(
        paths: VaultPaths,
        key: Key,
        vault_id: Uuid,
        writer: Option<Connection>,
        mut in_use: Use,
    ) -> Result<Self, VaultError> {
        let at_rest = writer.is_none();
        let watcher = if at_rest {
            db::open_at_rest(&paths, &key)?
        } else {
            db::open_reader(&paths.database, &key)?
        };
        in_use.share(&paths)?;
        Ok(Self {
            place: RwLock::new(Place::of(&paths)?),
            paths,
            key,
            id: vault_id,
            writer: Mutex::new(writer),
            readers: Mutex::new(Vec::new()),
            watcher: Mutex::new(watcher),
            at_rest: AtomicBool::new(at_rest),
            _in_use: in_use,
        })
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

    /// The slots as they are now.
    pub fn header(&self) -> Result<VaultHeader, VaultError> {
        Ok(HeaderFile::read(&self.paths)?.describe())
    }

    /// Asks for the passphrase again, before values leave the vault in bulk.
    pub fn check_passphrase(&self, passphrase: &SecretText) -> Result<(), VaultError> {
        let header = HeaderFile::read(&self.paths)?;
        slots::open_with_passphrase(&header, passphrase).map(drop)
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

    /// Adds a slot opened by a passphrase; gives its id.
    pub fn add_passphrase(&self, passphrase: &SecretText, now: i64) -> Result<Uuid, VaultError> {
        self.change_header(|header| {
            let id = Uuid::now_v7();
            let slot = slots::passphrase_slot(self.id, id, &self.key, passphrase, now)?;
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
            let (_, id) = slots::open_with_passphrase(header, old)?;
            let slot = slots::passphrase_slot(self.id, id, &self.key, new, now)?;
            header.slots.retain(|other| other.info.id != id);
            header.slots.push(slot);
            Ok(())
        })
    }

    /// Adds the slot opened by the keyring; gives its id. If the keyring opens the vault already, that slot stays.
    pub fn add_keyring(&self, keyring: &KeyringAccess, now: i64) -> Result<Uuid, VaultError> {
        self.change_header(|header| {
            if let Ok((_, id)) = slots::open_with_keyring(header, keyring) {
                return Ok(id);
            }
            let slot = slots::keyring_slot(self.id, &self.key, keyring, now)?;
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
                return Err(VaultError::not_found("key slot", id));
            };
            if header.slots.len() == 1 {
                return Err(VaultError::LastSlot);
            }
            Ok(header.slots.remove(at))
        })?;
        if removed.info.kind == SlotKind::Keyring {
            // The slot is gone in any case; without it the entry opens nothing.
            let deleted = KeyringAccess::system().and_then(|ring| ring.delete(self.id));
            if let Err(error) = deleted {
                tracing::warn!(%error, "the keyring entry of a removed slot could not be deleted");
            }
        }
        Ok(())
    }

    /// Closes the database, folds the write-ahead log into it, and wipes the key.
    pub fn close(self) -> Result<(), VaultError> {
        let Self {
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
        writer.close().map_err(|(_, error)| error.into())
    }

    /// Changes the header under the database's write lock, which other processes respect as well.
    fn change_header<T>(
        &self,
        change: impl FnOnce(&mut HeaderFile) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        self.write(|_| {
            let mut header = HeaderFile::read(&self.paths)?;
            let result = change(&mut header)?;
            header.write(&self.paths)?;
            Ok(result)
        })
    }
}

/// A panic in another thread cannot leave a connection in a bad state: its transaction was rolled back.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn into_inner<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for the lock under which vaults are created; it is let go when the file is dropped.
fn lock_file(path: &Path) -> Result<File, VaultError> {
    let file = open_private(path, false)?;
    file.lock().map_err(VaultError::io(path))?;
    Ok(file)
}

/// A database without a header opens with nothing, but it may be all that is left of someone's vault whose header
/// was lost. It is renamed, not overwritten.
fn set_orphans_aside(paths: &VaultPaths, now: i64) -> Result<(), VaultError> {
    for suffix in ["", "-wal", "-shm"] {
        let from = paths.folder.join(format!("vault.db{suffix}"));
        if from.exists() {
            let to = paths.folder.join(format!("orphan-{now}.db{suffix}"));
            fs::rename(&from, &to).map_err(VaultError::io(&from))?;
        }
    }
    sync_folder(&paths.folder)
}

#[cfg(test)]
#[path = "vault_tests.rs"]
mod tests;
