//! An old database put back: noticed, said, and kept in mind until someone says that it is meant.
//!
//! Two witnesses remember how far a vault had come. The keyring's entry holds the number of the last line of the audit
//! log, which only rises; it is written when a vault that the keyring opened is closed. The header holds its revision.
//! Neither refuses the old database: a person may have restored it on purpose, and then says so with
//! [`Vault::accept_state`].

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::keys::header::SlotKind;
use crate::keys::keyring_access::{KeyringAccess, KeyringEntry};
use crate::keys::seal::tell_revision;
use crate::keys::slots::open_with_keyring;
use crate::store::sql::count_at;
use crate::{Vault, VaultError};

/// Where the notice is kept, so that it is not forgotten when the old database grows past what was known.
const NOTICE: &str = "vault/rolled_back";
/// Closing must not wait for a keyring that hangs.
const AT_CLOSE: Duration = Duration::from_secs(2);
/// A run that only unlocks adds one line; the keyring hears of that many at the latest.
const QUIET_LINES: u64 = 8;

/// Who remembers a later state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RollbackEvidence {
    /// The keyring, by the number of lines in the audit log.
    Keyring,
    /// `vault.json`, by its revision.
    Header,
}

/// The database is older than what was seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rollback {
    /// Who remembers.
    pub witness: RollbackEvidence,
    /// The number that it remembers.
    pub known: u64,
    /// The number that the database had when that was noticed.
    pub found: u64,
}

/// What an open vault needs to tell the keyring how far it came.
pub(crate) struct KeyringCounter {
    access: KeyringAccess,
    entry: KeyringEntry,
    /// The last line when the vault was opened.
    opened_at: u64,
}

impl KeyringCounter {
    pub(crate) fn new(access: KeyringAccess, entry: KeyringEntry) -> Self {
        Self {
            access,
            entry,
            opened_at: 0,
        }
    }

    /// Notes where the log ends now; says whether the keyring remembers a later end.
    pub(crate) fn compare(
        &mut self,
        database: &Connection,
    ) -> Result<Option<Rollback>, VaultError> {
        self.opened_at = last_line(database)?;
        let known = self.entry.counter.unwrap_or(0);
        Ok((known > self.opened_at).then_some(Rollback {
            witness: RollbackEvidence::Keyring,
            known,
            found: self.opened_at,
        }))
    }

    /// Whether the keyring should hear that the log ends here.
    fn is_news(&self, last: u64) -> bool {
        match self.entry.counter {
            None => true,
            Some(known) => last > self.opened_at + 1 || last >= known + QUIET_LINES,
        }
    }

    /// Stores the counter in the keyring, unless it is there already.
    pub(crate) fn store(mut self, vault_id: uuid::Uuid, last: u64) {
        if !self.is_news(last) {
            return;
        }
        self.entry.counter = Some(last);
        if let Err(error) = self.access.set_within(AT_CLOSE, vault_id, &self.entry) {
            tracing::warn!(%error, "the keyring was not told how far the vault came");
        }
    }
}

impl Vault {
    /// Whether the database is an old copy, and nobody has said yet that it is meant.
    pub fn rollback(&self) -> Result<Option<Rollback>, VaultError> {
        let notice = self.kv(NOTICE)?;
        Ok(notice.map(serde_json::from_value).transpose()?)
    }

    /// Keeps in mind that the database is an old copy; the first notice stands.
    pub(crate) fn note_rollback(&self, seen: Rollback) -> Result<(), VaultError> {
        if self.rollback()?.is_none() {
            self.put_kv(NOTICE, &json!(seen))?;
        }
        Ok(())
    }

    /// The database as it is now is the one to go on with: the notice is dropped, and header and keyring count from
    /// here. Whoever restores a backup calls this at the end. A keyring that cannot be reached says it again the next
    /// time it opens the vault.
    pub fn accept_state(&self) -> Result<(), VaultError> {
        let has_keyring =
            self.change_header(|header| Ok(header.of_kind(SlotKind::Keyring).next().is_some()))?;
        self.delete_kv(NOTICE)?;
        if has_keyring
            && let Err(error) = KeyringAccess::system().and_then(|ring| self.reset_counter(&ring))
        {
            tracing::warn!(%error, "the keyring still counts from the later state");
        }
        Ok(())
    }

    /// Lets the keyring's counter begin again at the end of the log as it is now.
    pub(crate) fn reset_counter(&self, access: &KeyringAccess) -> Result<(), VaultError> {
        let header = self.header_file()?;
        let mut entry = open_with_keyring(&header, access)?.entry;
        entry.counter = Some(self.read(last_line)?);
        access.set(self.id(), &entry)
    }

    /// After a change of the header was cut off: the database hears of it.
    pub(crate) fn synchronize(&self, revision: u64) -> Result<(), VaultError> {
        self.write(|tx| tell_revision(tx, revision))
    }
}

/// The number of the last line the audit log ever had.
pub(crate) fn last_line(database: &Connection) -> Result<u64, VaultError> {
    Ok(database
        .query_row(
            "SELECT seq FROM sqlite_sequence WHERE name = 'audit'",
            [],
            |row| count_at(row, 0),
        )
        .optional()?
        .unwrap_or(0))
}

#[cfg(test)]
#[path = "rollback_tests.rs"]
mod tests;
