//! What a restore would change, before it does.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::contents::{self, Contents};
use super::open::OpenBackup;
use crate::{Vault, VaultError};

/// Names that are listed of a difference; the counts are whole.
const LISTED: usize = 20;

/// A vault next to a backup.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestorePreview {
    /// What the vault holds now.
    pub here: Contents,
    /// What the backup holds.
    pub backup: Contents,
    /// Applications.
    pub applications: Rows,
    /// Configurations.
    pub configurations: Rows,
}

/// Rows of one kind, compared by their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows {
    /// Only in the vault: a restore removes them.
    pub removed: u64,
    /// Names of the first of them.
    pub removed_names: Vec<String>,
    /// Only in the backup: a restore brings them.
    pub added: u64,
    /// Names of the first of them.
    pub added_names: Vec<String>,
    /// In both, changed since or before.
    pub changed: u64,
}

impl Vault {
    /// Compares the vault with a backup. Changes nothing.
    pub fn restore_preview(&self, backup: &OpenBackup) -> Result<RestorePreview, VaultError> {
        let other = backup.read()?;
        self.read(|here| {
            Ok(RestorePreview {
                here: contents::count(here)?,
                backup: backup.contents(),
                applications: compare(
                    here,
                    &other,
                    "SELECT id, name, updated_at FROM application WHERE forgotten_at IS NULL",
                )?,
                configurations: compare(
                    here,
                    &other,
                    "SELECT id, name, updated_at FROM configuration",
                )?,
            })
        })
    }
}

impl OpenBackup {
    /// What it would bring to a place without a vault.
    pub fn preview(&self) -> RestorePreview {
        RestorePreview {
            here: Contents::default(),
            backup: self.contents(),
            applications: Rows {
                added: self.contents().applications,
                ..Rows::default()
            },
            configurations: Rows {
                added: self.contents().configurations,
                ..Rows::default()
            },
        }
    }
}

/// Name and time of the last change of each row, by its id.
type Known = BTreeMap<String, (String, i64)>;

fn compare(here: &Connection, other: &Connection, question: &str) -> Result<Rows, VaultError> {
    let (here, other) = (known(here, question)?, known(other, question)?);
    let only = |all: &Known, not: &Known| -> Vec<String> {
        all.iter()
            .filter(|(id, _)| !not.contains_key(*id))
            .map(|(_, (name, _))| name.clone())
            .collect()
    };
    let (mut removed, mut added) = (only(&here, &other), only(&other, &here));
    let changed = here
        .iter()
        .filter(|(id, row)| other.get(*id).is_some_and(|there| there != *row))
        .count() as u64;
    let counts = (removed.len() as u64, added.len() as u64);
    removed.truncate(LISTED);
    added.truncate(LISTED);
    Ok(Rows {
        removed: counts.0,
        removed_names: removed,
        added: counts.1,
        added_names: added,
        changed,
    })
}

fn known(connection: &Connection, question: &str) -> Result<Known, VaultError> {
    Ok(connection
        .prepare(question)?
        .query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?))))?
        .collect::<Result<_, _>>()?)
}
