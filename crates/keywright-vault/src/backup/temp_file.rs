//! Files under way: in the folder of the file they become, private, and swept away when the process that made
//! them died.
//!
//! A living process holds a lock on a second file of the same name. The lock is not on the file itself: SQLite opens
//! it by its path, and under Windows a locked file can be read through no other handle (`LockFileEx`).

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::VaultError;
use crate::files::home::{leads_to, sync_folder};

const PREFIX: &str = ".keywright-";
const SUFFIX: &str = ".part";
/// The end of the name of the file that is locked, after the random part of both names.
const LOCK: &str = ".lock";
/// What SQLite puts next to a database under way.
const BESIDE: [&str; 3] = ["-journal", "-wal", "-shm"];

/// A file under way, mode 0600. It goes away when dropped, unless it is kept.
#[derive(Debug)]
pub(super) struct TempFile {
    file: NamedTempFile,
    /// Held for its lock; dropped after the file.
    _lock: NamedTempFile,
    folder: PathBuf,
}

impl TempFile {
    /// A new one in the folder. What a process that was ended left there is removed first.
    pub(super) fn new(folder: &Path) -> Result<Self, VaultError> {
        sweep(folder);
        let lock = locked(folder)?;
        let name = lock.path().file_stem().unwrap_or_default();
        let file = tempfile::Builder::new()
            .prefix(name)
            .rand_bytes(0)
            .suffix(SUFFIX)
            .tempfile_in(folder)
            .map_err(VaultError::io(folder))?;
        Ok(Self {
            file,
            _lock: lock,
            folder: folder.to_path_buf(),
        })
    }

    pub(super) fn path(&self) -> &Path {
        self.file.path()
    }

    pub(super) fn file(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Gives the file its name, in place of what has that name: after a crash the old or the new one is there.
    pub(super) fn keep(self, path: &Path) -> Result<(), VaultError> {
        self.file
            .as_file()
            .sync_all()
            .map_err(VaultError::io(path))?;
        self.file
            .persist(path)
            .map_err(|error| VaultError::io(path)(error.error))?;
        sync_folder(&self.folder)
    }
}

/// A new file with a lock, which `sweep` of another process respects.
fn locked(folder: &Path) -> Result<NamedTempFile, VaultError> {
    loop {
        let lock = tempfile::Builder::new()
            .prefix(PREFIX)
            .suffix(LOCK)
            .tempfile_in(folder)
            .map_err(VaultError::io(folder))?;
        match lock.as_file().try_lock() {
            Ok(()) if leads_to(lock.path(), lock.as_file()) => return Ok(lock),
            // Swept between the two calls, or just looked at.
            Ok(()) | Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(source)) => return Err(VaultError::io(lock.path())(source)),
        }
    }
}

/// Removes files under way that no living process holds. What cannot be removed stays, and does no harm: without
/// the key, which was in memory alone, it is noise.
fn sweep(folder: &Path) {
    let Ok(items) = fs::read_dir(folder) else {
        return;
    };
    for path in items.flatten().map(|item| item.path()) {
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(name) = name.and_then(|name| name.strip_prefix(PREFIX)) else {
            continue;
        };
        let Some(name) = name.strip_suffix(SUFFIX).or(name.strip_suffix(LOCK)) else {
            continue;
        };
        let named = |end: &str| folder.join(format!("{PREFIX}{name}{end}"));
        let lock = named(LOCK);
        // Kept until the files are gone. Versions before this one made no lock file.
        let _taken = match File::open(&lock) {
            Ok(file) if file.try_lock().is_ok() => Some(file),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            _ => continue,
        };
        for suffix in BESIDE {
            // Most have none.
            let _ = fs::remove_file(named(&format!("{SUFFIX}{suffix}")));
        }
        for path in [named(SUFFIX), lock] {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    tracing::debug!(%error, "a file left under way could not be removed");
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn what_a_dead_process_left_is_swept_and_what_is_held_stays() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join(".keywright-dead.part");
        fs::write(&left, "noise").unwrap();
        for more in [".part-journal", ".lock"] {
            fs::write(
                folder.path().join(format!(".keywright-dead{more}")),
                "noise",
            )
            .unwrap();
        }
        fs::write(folder.path().join(".keywright-alone.lock"), "").unwrap();
        fs::write(folder.path().join("mine.part"), "not ours").unwrap();
        let held = TempFile::new(folder.path()).unwrap();
        let second = TempFile::new(folder.path()).unwrap();
        assert!(held.path().exists() && second.path().exists() && !left.exists());
        second.keep(&folder.path().join("kept")).unwrap();
        drop(held);
        let mut names: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|item| item.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["kept", "mine.part"]);
    }

    /// Under Windows nobody else reads a locked file, and SQLite opens this one by its path.
    #[test]
    fn a_file_under_way_is_not_locked_itself() {
        let folder = tempfile::tempdir().unwrap();
        let scratch = TempFile::new(folder.path()).unwrap();
        File::open(scratch.path()).unwrap().try_lock().unwrap();
        let lock = scratch.path().with_extension("lock");
        assert!(File::open(&lock).unwrap().try_lock().is_err());
        drop(scratch);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
