//! Databases whose `vault.json` is missing: nothing opens them, but they may be all that is left of a vault.

use std::fs;
use std::path::PathBuf;

use super::home::{VaultHome, VaultPaths, sync_folder};
use crate::VaultError;
use crate::keys::rotation;

/// How the names begin that set-aside databases get.
const PREFIX: &str = "orphan-";

/// The error for a folder without `vault.json`: with a database in it, or without one.
pub(crate) fn no_vault(paths: &VaultPaths) -> VaultError {
    match left_behind(paths) {
        Some(database) => VaultError::HeaderMissing { database },
        None => VaultError::NoVault {
            folder: paths.folder.clone(),
        },
    }
}

/// A database in a folder without `vault.json`.
fn left_behind(paths: &VaultPaths) -> Option<PathBuf> {
    // A folder that is missing or unreadable holds none.
    let names = rotation::database_names(paths).unwrap_or_default();
    names.into_iter().map(|name| paths.folder.join(name)).min()
}

impl VaultHome {
    /// Why no vault is in the folder; none where one is.
    pub fn missing(&self) -> Option<VaultError> {
        let paths = self.paths();
        (!paths.header.exists()).then(|| no_vault(&paths))
    }

    /// Databases that were set aside when a vault was created in their place, sorted by name.
    pub fn set_aside(&self) -> Result<Vec<PathBuf>, VaultError> {
        let folder = self.folder();
        let mut found = Vec::new();
        for item in fs::read_dir(folder).map_err(VaultError::io(folder))? {
            let path = item.map_err(VaultError::io(folder))?.path();
            let is_database = path.extension().is_some_and(|end| end == "db");
            let name = path.file_name().and_then(|name| name.to_str());
            if is_database && name.is_some_and(|name| name.starts_with(PREFIX)) {
                found.push(path);
            }
        }
        found.sort();
        Ok(found)
    }
}

/// Renames the databases of a folder without `vault.json`, so that a new vault does not overwrite them.
pub(crate) fn set_aside(paths: &VaultPaths, now: i64) -> Result<(), VaultError> {
    for name in rotation::database_names(paths)? {
        let stem = name.trim_start_matches("vault").trim_end_matches(".db");
        for suffix in ["", "-wal", "-shm"] {
            let from = paths.folder.join(format!("{name}{suffix}"));
            if from.exists() {
                let to = paths.folder.join(format!("{PREFIX}{now}{stem}.db{suffix}"));
                fs::rename(&from, &to).map_err(VaultError::io(&from))?;
            }
        }
    }
    sync_folder(&paths.folder)
}
