//! Copies that nobody asked for: before a migration and before a restore, encrypted with the vault's own key.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::contents;
use super::temp_file::TempFile;
use crate::files::home::{VaultPaths, create_private_folder};
use crate::keys::kdf::Key;
use crate::{VaultError, store::database};

/// Of each kind the newest this many stay.
const KEEP: usize = 5;

/// Why the copy is made. The number tells the copies of one kind apart, and which is newer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Before {
    /// From this schema on.
    Migration(u32),
    /// At this time, in Unix milliseconds.
    Restore(i64),
}

impl Before {
    fn prefix(self) -> &'static str {
        match self {
            Self::Migration(_) => "vault-schema-",
            Self::Restore(_) => "before-restore-",
        }
    }

    fn number(self) -> i64 {
        match self {
            Self::Migration(schema) => i64::from(schema),
            Self::Restore(at_ms) => at_ms,
        }
    }
}

/// Copies the database to `backups`, reads the copy again, gives it its name, and removes the oldest of its kind.
pub(crate) fn copy(
    connection: &Connection,
    key: &Key,
    paths: &VaultPaths,
    before: Before,
) -> Result<PathBuf, VaultError> {
    create_private_folder(&paths.backups)?;
    let scratch = TempFile::new(&paths.backups)?;
    database::copy(connection, scratch.path(), key)?;
    let made = database::open_file(scratch.path(), key)?;
    contents::check(&made)?;
    drop(made);
    let target = paths
        .backups
        .join(format!("{}{}.db", before.prefix(), before.number()));
    scratch.keep(&target)?;
    rotate(&paths.backups, before.prefix())?;
    tracing::info!(file = %target.display(), "the vault was copied first");
    Ok(target)
}

fn rotate(folder: &Path, prefix: &str) -> Result<(), VaultError> {
    let mut all = of_kind(folder, prefix);
    all.sort();
    let surplus = all.len().saturating_sub(KEEP);
    for (_, path) in all.drain(..surplus) {
        fs::remove_file(&path).map_err(VaultError::io(&path))?;
    }
    Ok(())
}

fn of_kind(folder: &Path, prefix: &str) -> Vec<(i64, PathBuf)> {
    let Ok(items) = fs::read_dir(folder) else {
        return Vec::new();
    };
    items
        .flatten()
        .filter_map(|item| {
            let name = item.file_name();
            let number = name.to_str()?.strip_prefix(prefix)?.strip_suffix(".db")?;
            Some((number.parse().ok()?, item.path()))
        })
        .collect()
}
