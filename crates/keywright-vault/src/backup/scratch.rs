//! Files under way: beside the file they become, private, and swept away when the process that made them died.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::VaultError;
use crate::home::sync_folder;

const PREFIX: &str = ".keywright-";
const SUFFIX: &str = ".part";
/// What SQLite puts beside a database under way.
const BESIDE: [&str; 3] = ["-journal", "-wal", "-shm"];

/// A file under way, mode 0600. It goes away when dropped, unless it is kept.
#[derive(Debug)]
pub(super) struct Scratch {
    file: NamedTempFile,
    folder: PathBuf,
}

impl Scratch {
    /// A new one in the folder. What a process that was ended left there is removed first.
    pub(super) fn new(folder: &Path) -> Result<Self, VaultError> {
        sweep(folder);
        let file = tempfile::Builder::new()
            .prefix(PREFIX)
            .suffix(SUFFIX)
            .tempfile_in(folder)
            .map_err(VaultError::io(folder))?;
        // Held while we live; `sweep` of another process takes only what nobody holds.
        file.as_file()
            .try_lock()
            .map_err(|error| VaultError::io(file.path())(error.into()))?;
        Ok(Self {
            file,
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

/// Removes files under way that no living process holds. What cannot be removed stays, and does no harm: without
/// the key, which lay in memory alone, it is noise.
fn sweep(folder: &Path) {
    let Ok(items) = fs::read_dir(folder) else {
        return;
    };
    for path in items.flatten().map(|item| item.path()) {
        let ours = path
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        if !ours || !File::open(&path).is_ok_and(|file| file.try_lock().is_ok()) {
            continue;
        }
        for suffix in BESIDE {
            let mut beside = path.clone().into_os_string();
            beside.push(suffix);
            // Most have none.
            let _ = fs::remove_file(beside);
        }
        if let Err(error) = fs::remove_file(&path) {
            tracing::debug!(%error, "a file left under way could not be removed");
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
        fs::write(folder.path().join(".keywright-dead.part-journal"), "noise").unwrap();
        fs::write(folder.path().join("mine.part"), "not ours").unwrap();
        let held = Scratch::new(folder.path()).unwrap();
        let second = Scratch::new(folder.path()).unwrap();
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
}
