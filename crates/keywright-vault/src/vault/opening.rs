//! How a vault is made and opened: its header, its slots, and what an interrupted program left.

use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, RwLock};

use rusqlite::Connection;
use uuid::Uuid;

use crate::audit::seal::AuditSeal;
use crate::error::{Damage, HeaderProblem};
use crate::files::file_identity::{FileIdentity, OpenGuard};
use crate::files::home::{VaultHome, VaultPaths, create_private_folder, lock_file, open_private};
use crate::files::orphans;
use crate::files::rollback::{KeyringCounter, Rollback, RollbackEvidence};
use crate::keys::header::{HeaderFile, SlotKind};
use crate::keys::kdf::Key;
use crate::keys::keyring_access::KeyringAccess;
use crate::keys::seal::{Standing, is_announced, tell_revision};
use crate::store::search_text::Kept;
use crate::{
    VaultError,
    keys::{attempts::Attempt, slots},
    store::database,
};

use super::{NewSlots, Unlock, Vault, lock};

/// How often opening starts again because another program changed the header in the meantime.
const OPEN_TRIES: u32 = 3;

/// A key that fits, and what it came with.
struct Opened {
    key: Key,
    ring: Option<KeyringCounter>,
}

impl Vault {
    /// Creates a vault with the given slots.
    ///
    /// # Errors
    ///
    /// [`VaultError::NoSlot`] without any slot.
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
        orphans::set_aside(&paths, now)?;

        let key = slots::random_key()?;
        let vault_id = Uuid::now_v7();
        let mut header = HeaderFile::new(vault_id, now, Vec::new());
        if let Some(passphrase) = &passphrase {
            let id = Uuid::now_v7();
            let slot = slots::passphrase_slot(vault_id, id, &key, passphrase, now)?;
            header.slots.push(slot);
        }
        open_private(&paths.database, true)?;
        let mut writer = database::open_writer(&paths.database, &key)?;
        database::migrate(&mut writer, &key, &paths, &database::migrations())?;
        fill(&mut writer, &AuditSeal::of(&key))?;
        tell_revision(&writer, header.revision)?;
        if let Some(keyring) = &keyring {
            let slot = slots::keyring_slot(vault_id, &key, keyring, now)?;
            header.slots.push(slot);
        }
        header.seal(&key)?;
        if let Err(error) = header.write(&paths) {
            // An entry for a vault that never came to be would stay in the user's keyring forever.
            if let Some(keyring) = &keyring
                && let Err(left) = keyring.delete(vault_id)
            {
                tracing::warn!(error = %left, "an unused keyring entry could not be deleted");
            }
            return Err(error);
        }
        database::trust(&writer)?;
        let in_use = OpenGuard::begin(&paths)?;
        drop(lock);
        Self::with_writer(paths, &header, key, Some(writer), in_use)
    }

    /// Opens the vault, with the system's keyring if the keyring is asked for.
    ///
    /// `now` (Unix seconds) is when a passphrase is tried: after wrong ones the next is refused for a while
    /// ([`VaultError::TooManyAttempts`]).
    pub fn open(home: &VaultHome, unlock: Unlock, now: i64) -> Result<Self, VaultError> {
        match unlock {
            Unlock::Passphrase(passphrase) => Self::open_by(home, |paths, header| {
                let attempt = Attempt::begin(paths, now)?;
                let opened = slots::open_with_passphrase(header, &passphrase);
                attempt.end(&opened);
                let (key, slot) = opened?;
                tracing::debug!(%slot, now, "vault opened");
                Ok(Opened { key, ring: None })
            }),
            Unlock::Keyring => {
                let header = HeaderFile::read(&home.paths())?;
                if header.of_kind(SlotKind::Keyring).next().is_none() {
                    return Err(VaultError::NoSlot);
                }
                Self::open_with_keyring(home, &KeyringAccess::system()?)
            }
            Unlock::Key(key) => Self::open_by(home, |_, _| {
                Ok(Opened {
                    key: key.clone().into_key(),
                    ring: None,
                })
            }),
        }
    }

    /// Opens the vault with a keyring that was found before.
    pub fn open_with_keyring(
        home: &VaultHome,
        keyring: &KeyringAccess,
    ) -> Result<Self, VaultError> {
        Self::open_by(home, |_, header| {
            let opened = slots::open_with_keyring(header, keyring)?;
            tracing::debug!(slot = %opened.slot, "vault opened");
            Ok(Opened {
                key: opened.key,
                ring: Some(KeyringCounter::new(keyring.clone(), opened.entry)),
            })
        })
    }

    /// Opens the vault with the key that `find` gets out of the header. When another program changes the header
    /// between the look at it and the look at the database, it starts again.
    fn open_by(
        home: &VaultHome,
        find: impl Fn(&VaultPaths, &HeaderFile) -> Result<Opened, VaultError>,
    ) -> Result<Self, VaultError> {
        let paths = home.paths();
        let mut header = HeaderFile::read(&paths)?;
        for _ in 0..OPEN_TRIES {
            let opened = find(&paths, &header)
                .and_then(|opened| Self::with_key(paths.clone(), &header, opened));
            let Err(error) = opened else { return opened };
            let now = HeaderFile::read(&paths)?;
            if now == header {
                return Err(error);
            }
            header = now;
        }
        Err(VaultError::Busy)
    }

    fn with_key(
        mut paths: VaultPaths,
        header: &HeaderFile,
        opened: Opened,
    ) -> Result<Self, VaultError> {
        let Opened { key, ring } = opened;
        paths.database = paths.folder.join(&header.database);
        if !paths.database.exists() {
            return Err(HeaderProblem::DatabaseMissing.into());
        }
        // SQLite would make a new database of a file without a page.
        if database::has_no_page(&paths.database) && database::has_no_page(&paths.log()) {
            return Err(Damage::Empty.into());
        }
        let in_use = OpenGuard::begin(&paths)?;
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
        let vault = Self::with_writer(paths, header, key, writer, in_use)?;
        let standing = vault.read(|connection| header.check(&vault.key, connection))?;
        // In a folder that can only be read the vault opens, and this is made good another time.
        if let Err(error) = vault.settle(header, standing, ring) {
            tracing::warn!(%error, "the vault's header and its database were not brought together");
        }
        Ok(vault)
    }

    /// Makes good what a cut-off change left, and notices a database that is an old copy.
    fn settle(
        &self,
        header: &HeaderFile,
        standing: Standing,
        ring: Option<KeyringCounter>,
    ) -> Result<(), VaultError> {
        let by_header = (standing == Standing::DatabaseBehind).then_some(Rollback {
            witness: RollbackEvidence::Header,
            known: header.revision,
            found: 0,
        });
        let mut by_keyring = None;
        if let Some(mut ring) = ring {
            by_keyring = self.read(|connection| ring.compare(connection))?;
            *lock(&self.ring) = Some(ring);
        }
        if let Some(seen) = by_keyring.or(by_header) {
            self.note_rollback(seen)?;
        }
        if self.rollback()?.is_some() {
            return Ok(());
        }
        match standing {
            Standing::Unsealed => self.change_header(|_| Ok(()))?,
            Standing::HeaderAhead => self.synchronize(header.revision)?,
            Standing::Same => {
                let announced = |tx: &Connection| is_announced(tx, header.revision + 1);
                if self.read(announced)? {
                    self.withdraw_announcement();
                }
            }
            Standing::DatabaseBehind => {}
        }
        self.sweep()
    }

    /// The vault under another key, as its header says since a moment ago.
    pub(crate) fn reopened(
        mut paths: VaultPaths,
        header: &HeaderFile,
        key: Key,
    ) -> Result<Self, VaultError> {
        paths.database = paths.folder.join(&header.database);
        let in_use = OpenGuard::begin(&paths)?;
        let writer = Self::open_writer(&paths, &key, &in_use)?;
        Self::with_writer(paths, header, key, Some(writer), in_use)
    }

    fn open_writer(
        paths: &VaultPaths,
        key: &Key,
        in_use: &OpenGuard,
    ) -> Result<Connection, VaultError> {
        let mut writer = database::open_writer(&paths.database, key)?;
        if in_use.is_alone() {
            database::check_left(&writer, paths)?;
        }
        if database::schema_version(&writer)? == 0 {
            return Err(Damage::Empty.into());
        }
        database::migrate(&mut writer, key, paths, &database::migrations())?;
        database::trust(&writer)?;
        Ok(writer)
    }

    fn with_writer(
        paths: VaultPaths,
        header: &HeaderFile,
        key: Key,
        writer: Option<Connection>,
        mut in_use: OpenGuard,
    ) -> Result<Self, VaultError> {
        let at_rest = writer.is_none();
        let watcher = if at_rest {
            database::open_at_rest(&paths, &key)?
        } else {
            database::open_reader(&paths.database, &key)?
        };
        in_use.share(&paths)?;
        Ok(Self {
            place: RwLock::new(FileIdentity::of(&paths)?),
            paths,
            key,
            id: header.vault_id,
            stamp: Mutex::default(),
            history: RwLock::default(),
            search_text: Kept::default(),
            ring: Mutex::default(),
            writer: Mutex::new(writer),
            readers: Mutex::new(Vec::new()),
            watcher: Mutex::new(watcher),
            at_rest: AtomicBool::new(at_rest),
            _in_use: in_use,
        })
    }
}
