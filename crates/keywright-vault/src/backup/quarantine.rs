//! A vault that no longer opens makes room for a restore. None of its files is changed.

use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;

use crate::files::home::{create_private_folder, sync_folder};
use crate::{Vault, VaultError, VaultHome};

/// Files that go with the vault; the rest of the folder (preferences, copies, the lock) stays.
fn goes(name: &OsStr) -> bool {
    name.to_str()
        .is_some_and(|name| name.starts_with("vault") && name != "vault.lock")
}

impl Vault {
    /// Moves the files of a vault into a folder of their own next to them, and says which. `at_ms` (Unix milliseconds)
    /// tells it from others.
    ///
    /// The header goes first: from then on there is no vault here, and what is left of it is set aside by whoever
    /// makes the next one.
    pub fn set_aside(home: &VaultHome, at_ms: i64) -> Result<PathBuf, VaultError> {
        let paths = home.paths();
        let aside = paths.folder.join(format!("damaged-{at_ms}"));
        create_private_folder(&aside)?;
        let mut files: Vec<PathBuf> = fs::read_dir(&paths.folder)
            .map_err(VaultError::io(&paths.folder))?
            .flatten()
            .map(|item| item.path())
            .filter(|path| path.file_name().is_some_and(goes))
            .collect();
        files.sort_by_key(|path| *path != paths.header);
        for file in files {
            if let Some(name) = file.file_name() {
                fs::rename(&file, aside.join(name)).map_err(VaultError::io(&file))?;
            }
        }
        sync_folder(&aside)?;
        sync_folder(&paths.folder)?;
        Ok(aside)
    }
}
