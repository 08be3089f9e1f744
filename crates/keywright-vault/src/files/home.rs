//! The folder of the vault and the files in it, readable by their owner only.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::VaultError;

/// The folder that holds the vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultHome(PathBuf);

/// Where each file of the vault is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VaultPaths {
    /// The folder itself, mode 0700.
    pub folder: PathBuf,
    /// `vault.json`: format version and key slots; nothing secret.
    pub header: PathBuf,
    /// `vault.db`: the encrypted database, until its key is replaced; then the header names another one.
    pub database: PathBuf,
    /// `vault.lock`: held while a vault is being created or its database replaced.
    pub lock: PathBuf,
    /// `vault.attempts`: how many wrong passphrases were tried last.
    pub attempts: PathBuf,
    /// `vault.attempts.lock`: held while that is read and changed.
    pub attempts_lock: PathBuf,
    /// `vault.use`: held by each process that has the vault open.
    pub in_use: PathBuf,
    /// `backups`: copies (encrypted like the database) taken before a migration.
    pub backups: PathBuf,
}

impl VaultHome {
    /// The vault in this folder, which need not exist yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// `$KEYWRIGHT_HOME`, or else `keywright` in the user's local data folder: `$XDG_DATA_HOME`,
    /// `~/Library/Application Support`, `%LOCALAPPDATA%`.
    pub fn from_env_or_default() -> Result<Self, VaultError> {
        Self::choose(std::env::var_os("KEYWRIGHT_HOME"))
    }

    fn choose(from_env: Option<OsString>) -> Result<Self, VaultError> {
        if let Some(folder) = from_env.filter(|value| !value.is_empty()) {
            return Ok(Self::new(folder));
        }
        let base = directories::BaseDirs::new().ok_or(VaultError::NoHome)?;
        Ok(Self::usual(base.data_local_dir(), base.data_dir()))
    }

    /// In the local data folder. Under Windows the other one is synchronised between computers, which a database in
    /// use does not survive; a vault that an earlier version made there is moved, or used there while it cannot be.
    fn usual(local: &Path, roaming: &Path) -> Self {
        let home = Self::new(local.join("keywright"));
        let old = Self::new(roaming.join("keywright"));
        if home.paths().header.exists() || !old.paths().header.exists() {
            return home;
        }
        match fs::rename(old.folder(), home.folder()) {
            Ok(()) => home,
            Err(error) => {
                tracing::warn!(%error, "the vault stays in the roaming data folder");
                old
            }
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// The lock that one process holds while it uses a refresh token; none while another has it. It ends
    /// when the file is dropped or its process ends.
    pub fn try_lock_refresh(&self) -> Result<Option<File>, VaultError> {
        let path = self.0.join("vault.refresh");
        let file = open_private(&path, false)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(VaultError::io(&path)(source)),
        }
    }

    /// Changes a small file of the folder that does not belong to the vault. One process at a time reads and replaces it; after
    /// a crash the old or the new content is there, never a part. `change` gets what is there, none where nothing is.
    pub fn change_file<E: From<VaultError>>(
        &self,
        name: &str,
        change: impl FnOnce(Option<Vec<u8>>) -> Result<Vec<u8>, E>,
    ) -> Result<(), E> {
        let path = self.0.join(name);
        create_private_folder(&self.0)?;
        let _lock = lock_file(&beside(&path, ".lock"))?;
        let there = match fs::read(&path) {
            Ok(content) => Some(content),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(VaultError::io(&path)(source).into()),
        };
        Ok(write_atomically(&path, &change(there)?)?)
    }

    /// The files in it.
    pub fn paths(&self) -> VaultPaths {
        VaultPaths {
            folder: self.0.clone(),
            header: self.0.join("vault.json"),
            database: self.0.join("vault.db"),
            lock: self.0.join("vault.lock"),
            attempts: self.0.join("vault.attempts"),
            attempts_lock: self.0.join("vault.attempts.lock"),
            in_use: self.0.join("vault.use"),
            backups: self.0.join("backups"),
        }
    }
}

impl VaultPaths {
    /// `vault.db-wal`: what was committed and is not in the database yet.
    pub(crate) fn log(&self) -> PathBuf {
        beside(&self.database, "-wal")
    }

    /// `vault.db-shm`: the index of the log, worth nothing without it.
    pub(crate) fn log_index(&self) -> PathBuf {
        beside(&self.database, "-shm")
    }
}

/// The path with something behind it.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// Creates a folder (and those above it) that only its owner may enter.
pub(crate) fn create_private_folder(folder: &Path) -> Result<(), VaultError> {
    let new = !folder.exists();
    fs::create_dir_all(folder).map_err(VaultError::io(folder))?;
    if new && let Some(above) = folder.parent() {
        sync_folder(above)?;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
            .map_err(VaultError::io(folder))?;
    }
    Ok(())
}

/// Opens a file for writing, creating it readable by its owner only.
pub(crate) fn open_private(path: &Path, truncate: bool) -> Result<File, VaultError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(truncate);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let file = options.open(path).map_err(VaultError::io(path))?;
    // The mode above counts only for a new file.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.set_permissions(fs::Permissions::from_mode(0o600))
            .map_err(VaultError::io(path))?;
    }
    Ok(file)
}

/// Waits for the lock that belongs to this file; it is let go when the file is dropped.
pub(crate) fn lock_file(path: &Path) -> Result<File, VaultError> {
    let file = open_private(path, false)?;
    file.lock().map_err(VaultError::io(path))?;
    Ok(file)
}

/// Whether the path still leads to this open file, and not to another or to none.
#[cfg(unix)]
pub(crate) fn leads_to(path: &Path, file: &File) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(named), Ok(opened)) = (fs::metadata(path), file.metadata()) else {
        return false;
    };
    (named.dev(), named.ino()) == (opened.dev(), opened.ino())
}

#[cfg(not(unix))]
pub(crate) fn leads_to(path: &Path, _file: &File) -> bool {
    path.exists()
}

/// Replaces a file so that after a crash either the old or the new content is there, never a part.
pub(crate) fn write_atomically(path: &Path, content: &[u8]) -> Result<(), VaultError> {
    let temporary = beside(path, ".new");
    let mut file = open_private(&temporary, true)?;
    file.write_all(content)
        .map_err(VaultError::io(&temporary))?;
    file.sync_all().map_err(VaultError::io(&temporary))?;
    drop(file);
    fs::rename(&temporary, path).map_err(VaultError::io(path))?;
    match path.parent() {
        Some(folder) => sync_folder(folder),
        None => Ok(()),
    }
}

/// Makes a rename in the folder survive a power cut. Windows has no such call and needs none.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), VaultError> {
    if cfg!(unix) {
        File::open(folder)
            .and_then(|opened| opened.sync_all())
            .map_err(VaultError::io(folder))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_environment_decides_the_folder_unless_it_is_empty() {
        let home = VaultHome::choose(Some("/somewhere/else".into())).unwrap();
        assert_eq!(home.paths().database, Path::new("/somewhere/else/vault.db"));
        let home = VaultHome::choose(Some(OsString::new())).unwrap();
        assert!(home.folder().ends_with("keywright"));
    }

    #[test]
    fn a_vault_in_the_roaming_folder_is_moved_to_the_local_one() {
        let folder = tempfile::tempdir().unwrap();
        let (local, roaming) = (folder.path().join("local"), folder.path().join("roaming"));
        fs::create_dir(&local).unwrap();
        assert_eq!(
            VaultHome::usual(&local, &roaming).folder(),
            local.join("keywright")
        );
        fs::create_dir_all(roaming.join("keywright")).unwrap();
        fs::write(roaming.join("keywright/vault.json"), "{}").unwrap();
        // Where it cannot be moved it is used where it is.
        fs::create_dir_all(local.join("keywright/web")).unwrap();
        assert_eq!(
            VaultHome::usual(&local, &roaming).folder(),
            roaming.join("keywright")
        );
        fs::remove_dir_all(local.join("keywright")).unwrap();
        let moved = VaultHome::usual(&local, &roaming);
        assert_eq!(moved.folder(), local.join("keywright"));
        assert!(moved.paths().header.exists() && !roaming.join("keywright").exists());
        // One folder, as under Linux and macOS.
        assert_eq!(VaultHome::usual(&local, &local), moved);
    }

    #[test]
    fn the_lock_of_a_refresh_is_held_by_one_alone() {
        let folder = tempfile::tempdir().unwrap();
        let home = VaultHome::new(folder.path());
        let held = home.try_lock_refresh().unwrap();
        assert!(held.is_some() && home.try_lock_refresh().unwrap().is_none());
        drop(held);
        assert!(home.try_lock_refresh().unwrap().is_some());
    }

    #[test]
    fn an_atomic_write_replaces_the_file_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vault.json");
        write_atomically(&path, b"one").unwrap();
        write_atomically(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
