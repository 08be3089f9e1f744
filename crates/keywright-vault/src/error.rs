//! Everything that can go wrong in the vault, each with what the caller needs to say about it.

use std::io;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::RowKind;

/// A failure of the vault. None of them carries a secret.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// There is no vault in the folder.
    #[error("there is no vault in {}", folder.display())]
    NoVault {
        /// The folder that was looked at.
        folder: PathBuf,
    },
    /// A database is there, but not the `vault.json` that opens it.
    #[error("vault.json is missing next to {}", database.display())]
    HeaderMissing {
        /// The database.
        database: PathBuf,
    },
    /// A row that was asked for is not (or no longer) there.
    #[error("no {kind} with the id {id}")]
    NotFound {
        /// What was looked for, for example `application`.
        kind: RowKind,
        /// Its id, or its key.
        id: String,
    },
    /// What something belongs to is not there any more: another program deleted it, or restored a backup.
    #[error("the item that it belongs to is no longer in the vault")]
    Gone(#[source] rusqlite::Error),
    /// A vault is there already; it is never overwritten.
    #[error("a vault already exists in {}", folder.display())]
    AlreadyExists {
        /// The folder of that vault.
        folder: PathBuf,
    },
    /// No passphrase slot opens with this passphrase.
    #[error("the passphrase is wrong")]
    WrongPassphrase,
    /// No slot of the wanted kind exists, or none was asked for when the vault was created.
    #[error("the vault has no key slot of this kind")]
    NoSlot,
    /// The last slot cannot be removed: nothing could open the vault afterwards.
    #[error("the last key slot cannot be removed")]
    LastSlot,
    /// An empty passphrase protects nothing.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// The keyring of the operating system cannot be used.
    #[error("the keyring cannot be used")]
    KeyringUnavailable {
        /// Why.
        #[source]
        source: KeyringProblem,
    },
    /// The keyring works, but it has no entry for this vault.
    #[error("the keyring has no entry for this vault")]
    KeyringEntryMissing,
    /// The keyring has an entry for this vault, but it does not open the slot.
    #[error("the keyring's entry does not open this vault")]
    KeyringEntryInvalid,
    /// A newer Keywright wrote this vault.
    #[error("the vault has format {found}; this version reads up to {supported}")]
    NewerVersion {
        /// The version found.
        found: u32,
        /// The newest version this build reads.
        supported: u32,
    },
    /// Another process held the vault's write lock for longer than five seconds.
    #[error("the vault is busy")]
    Busy,
    /// The folder for data could not be determined: neither `KEYWRIGHT_HOME` nor a home directory is set.
    #[error("no folder for the vault: set KEYWRIGHT_HOME")]
    NoHome,
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// `vault.json` cannot be used.
    #[error("the vault's header cannot be used")]
    Header(#[source] HeaderProblem),
    /// The database does not open with the key of its slots: another vault's file, or a damaged one.
    #[error("the vault's database does not open with its key")]
    DatabaseKeyRejected,
    /// The disk that holds the vault is full. What was saved before stays.
    #[error("the disk is full")]
    DiskFull(#[source] rusqlite::Error),
    /// The disk failed while it was read or written.
    #[error("the disk failed")]
    DiskFailed(#[source] rusqlite::Error),
    /// The vault's files or their folder cannot be written.
    #[error("the vault's files are read-only")]
    ReadOnly(#[source] rusqlite::Error),
    /// The vault's files are not where they were when it was opened, or are others. Nothing was written.
    #[error("the vault's files in {} were moved, deleted or replaced", folder.display())]
    Moved {
        /// Where they were.
        folder: PathBuf,
    },
    /// The database cannot be used as it is. Nothing was overwritten.
    #[error("the vault's database is damaged")]
    Damaged(#[source] Damage),
    /// The name belongs to another row.
    #[error("the name {name:?} is already in use")]
    NameTaken {
        /// Kind of the rows: `application` or `configuration`.
        kind: RowKind,
        /// The name.
        name: String,
    },
    /// The configuration is still needed.
    #[error(
        "the configuration is used by {applications} applications and {unfinished} unfinished operations"
    )]
    ConfigurationInUse {
        /// Applications made with it.
        applications: u64,
        /// Journal entries that are not closed.
        unfinished: u64,
    },
    /// The journal entry is closed (done or discarded) and takes no more steps.
    #[error("the journal entry {id} is closed")]
    JournalClosed {
        /// The entry.
        id: Uuid,
    },
    /// The system gave no random bytes.
    #[error("the system returned no random bytes")]
    Random(#[source] getrandom::Error),
    /// The key could not be derived from the passphrase.
    #[error("the key could not be derived")]
    KeyDerivation(#[source] argon2::Error),
    /// The system has not the memory that deriving the key takes.
    #[error("deriving the key requires {mib} MiB of memory, which this system does not provide")]
    NotEnoughMemory {
        /// How much it takes.
        mib: u32,
        /// What the allocator said.
        #[source]
        source: std::collections::TryReserveError,
    },
    /// After wrong passphrases no further one is tried for a while.
    #[error("wait {seconds} s before the next passphrase")]
    TooManyAttempts {
        /// Seconds until one is tried again.
        seconds: u32,
    },
    /// The database key cannot be replaced: nothing that was given opens this slot, so it could not be kept.
    #[error("the slot {slot} could not be opened")]
    SlotNotOpened {
        /// The slot.
        slot: Uuid,
    },
    /// The database key cannot be replaced while an operation is unfinished: its answer would be lost.
    #[error("{unfinished} operations are unfinished")]
    Unfinished {
        /// How many.
        unfinished: u64,
    },
    /// Another program replaced the database key; what was open here is a database of the past.
    #[error("the database key was replaced by another program")]
    KeyRotated,
    /// The database key could not be wrapped.
    #[error("the key could not be wrapped")]
    KeyWrap,
    /// A value could not be read from or written as JSON.
    #[error("a stored value is not the expected JSON")]
    Json(#[from] serde_json::Error),
    /// The schema could not be brought up to date.
    #[error("the vault could not be migrated")]
    Migration(#[source] rusqlite_migration::Error),
    /// A backup cannot be made, read or restored.
    #[error("the backup cannot be used")]
    Backup(#[source] BackupProblem),
    /// The database refused.
    #[error("the database reported an error")]
    Sqlite(#[source] rusqlite::Error),
}

/// What is wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// A page is not what was written: flipped, torn, cut off, or of another vault.
    #[error("a page of the database does not match what was written")]
    Page(#[source] rusqlite::Error),
    /// Its parts do not fit together.
    #[error("the contents of the database are inconsistent: {first}")]
    Structure {
        /// The first thing that does not fit.
        first: String,
    },
    /// It is empty, though it was made.
    #[error("the database is empty")]
    Empty,
    /// Its log is gone, which may hold the newest changes.
    #[error("the write-ahead log of the database, which held the newest changes, is missing")]
    LogMissing,
}

/// Why the keyring cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringProblem {
    /// `KEYWRIGHT_KEYRING=off` is set.
    #[error("KEYWRIGHT_KEYRING=off")]
    Disabled,
    /// The system has no keyring service, or it did not start.
    #[error("no keyring service: {reason}")]
    NoStore {
        /// What the system said.
        reason: String,
    },
    /// There is no session bus to reach a keyring by, or it ended.
    #[error("the session bus does not respond: {reason}")]
    NoBus {
        /// What the system said.
        reason: String,
    },
    /// The keyring is locked, and did not ask to be unlocked.
    #[error("the keyring is locked")]
    Locked,
    /// The keyring asked to be unlocked, and the question was closed.
    #[error("the keyring prompt was dismissed")]
    PromptRefused,
    /// The keyring has not answered.
    #[error("the keyring did not respond within {seconds} s")]
    Silent {
        /// How long it was waited for.
        seconds: u64,
    },
    /// There is no thread to ask the keyring on.
    #[error("could not start a thread for the keyring")]
    NoThread {
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The keyring service refused.
    #[error("the keyring reported an error")]
    Store(#[source] keyring::Error),
}

/// Why `vault.json` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HeaderProblem {
    /// The file is not the JSON this program writes.
    #[error("the header is not valid JSON")]
    Json(#[source] serde_json::Error),
    /// A value in it is impossible.
    #[error("the value of {field} is invalid")]
    Value {
        /// The member.
        field: &'static str,
    },
    /// The database file is missing next to it.
    #[error("the database file is missing")]
    DatabaseMissing,
    /// The copy of the database under a new key does not read back; the old one stays in use.
    #[error("the copy of the database could not be verified")]
    CopyDamaged,
    /// It was not written by someone who has the database key, or it was changed since.
    #[error("the header was changed without the key of the vault")]
    NotAuthentic,
    /// The database knows of a later one: this is an old copy, which may name slots that were removed.
    #[error("the header is an old copy (revision {found}; the database knows {known})")]
    Outdated {
        /// Its own revision.
        found: u64,
        /// The revision that the database has seen.
        known: u64,
    },
}

/// Why a backup cannot be made, read or restored. In each case nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum BackupProblem {
    /// The file is something else.
    #[error("this is not a Keywright backup")]
    Foreign,
    /// The passphrase is wrong, or the sealed part was changed; the two look alike.
    #[error("the passphrase does not open it")]
    NotOpened,
    /// A part is damaged, cut off or does not fit the rest.
    #[error("damaged: {what}")]
    Damaged {
        /// Which part.
        what: &'static str,
    },
    /// A newer Keywright made it.
    #[error("created by a newer version, {program}")]
    Newer {
        /// The version that made it, as it says; empty where it does not say.
        program: String,
    },
    /// Where the backup should go there is a file that is no backup.
    #[error("{} is not a backup", path.display())]
    Occupied {
        /// The file.
        path: PathBuf,
    },
    /// Operations are cut off or under way; a restore would lose what they made at the provider.
    #[error("{count} operations are not finished")]
    Unfinished {
        /// How many.
        count: u64,
    },
    /// The file could not be read or written to its end.
    #[error("reading or writing did not complete")]
    BrokenOff(#[source] io::Error),
}

impl VaultError {
    /// A file failure together with the path it is about.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_path_buf();
        move |source| Self::Io { path, source }
    }

    /// The disk is full, failed, or cannot be written: it says nothing about what the vault holds.
    pub fn is_of_the_disk(&self) -> bool {
        use std::io::ErrorKind as Kind;
        match self {
            Self::DiskFull(_) | Self::DiskFailed(_) | Self::ReadOnly(_) => true,
            Self::Io { source, .. } => matches!(
                source.kind(),
                Kind::StorageFull
                    | Kind::QuotaExceeded
                    | Kind::ReadOnlyFilesystem
                    | Kind::PermissionDenied
            ),
            _ => false,
        }
    }

    /// A missing row.
    pub(crate) fn not_found(kind: RowKind, id: Uuid) -> Self {
        Self::NotFound {
            kind,
            id: id.to_string(),
        }
    }
}

impl From<rusqlite::Error> for VaultError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let extended = error.sqlite_error().map(|error| error.extended_code);
        match error.sqlite_error_code() {
            // The index of the log could not grow.
            Some(Code::SystemIoFailure)
                if extended == Some(rusqlite::ffi::SQLITE_IOERR_SHMSIZE) =>
            {
                Self::DiskFull(error)
            }
            Some(Code::ConstraintViolation)
                if extended == Some(rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY) =>
            {
                Self::Gone(error)
            }
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => Self::Busy,
            Some(Code::DiskFull) => Self::DiskFull(error),
            Some(Code::SystemIoFailure) => Self::DiskFailed(error),
            Some(Code::ReadOnly | Code::CannotOpen | Code::PermissionDenied) => {
                Self::ReadOnly(error)
            }
            // SQLCipher says so, too, when a page that it cannot decrypt is met by the pager.
            Some(Code::DatabaseCorrupt | Code::NotADatabase | Code::OutOfMemory) => {
                Self::Damaged(Damage::Page(error))
            }
            _ => Self::Sqlite(error),
        }
    }
}

impl From<rusqlite_migration::Error> for VaultError {
    fn from(error: rusqlite_migration::Error) -> Self {
        match error {
            rusqlite_migration::Error::RusqliteError { err, .. }
                if err
                    .sqlite_error_code()
                    .is_some_and(|code| code != rusqlite::ErrorCode::Unknown) =>
            {
                err.into()
            }
            other => Self::Migration(other),
        }
    }
}

impl From<Damage> for VaultError {
    fn from(damage: Damage) -> Self {
        Self::Damaged(damage)
    }
}

impl From<getrandom::Error> for VaultError {
    fn from(error: getrandom::Error) -> Self {
        Self::Random(error)
    }
}

impl From<BackupProblem> for VaultError {
    fn from(problem: BackupProblem) -> Self {
        Self::Backup(problem)
    }
}

impl From<HeaderProblem> for VaultError {
    fn from(problem: HeaderProblem) -> Self {
        Self::Header(problem)
    }
}
