//! What a database holds, counted, and whether it is whole.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::VaultError;
use crate::error::BackupProblem;
use crate::store::sql::count_at;

/// How many things of each kind a vault or a backup holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contents {
    /// Configurations.
    pub configurations: u64,
    /// Applications, without those that were just forgotten.
    pub applications: u64,
    /// Secrets of all of them.
    pub secrets: u64,
    /// Tokens.
    pub tokens: u64,
    /// Sessions.
    pub sessions: u64,
    /// Operations that were cut off.
    pub unfinished: u64,
    /// Exchanges.
    pub exchanges: u64,
    /// Lines of the audit log.
    pub audit_lines: u64,
}

/// Counts, within one state of the database.
pub(super) fn count(connection: &Connection) -> Result<Contents, VaultError> {
    let counted = |what: &str| -> Result<u64, VaultError> {
        let question = format!("SELECT count(*) FROM {what}");
        Ok(connection.query_row(&question, [], |row| count_at(row, 0))?)
    };
    Ok(Contents {
        configurations: counted("configuration")?,
        applications: counted("application WHERE forgotten_at IS NULL")?,
        secrets: counted("secret")?,
        tokens: counted("token")?,
        sessions: counted("session WHERE coalesce(json_extract(payload, '$.jar_only'), 0) = 0")?,
        unfinished: counted("journal WHERE state NOT IN ('done', 'discarded')")?,
        exchanges: counted("exchange")?,
        audit_lines: counted("audit")?,
    })
}

/// Reads every page and every reference. Each page carries a code made with the key, so that a byte that was
/// changed shows.
pub(super) fn check(connection: &Connection) -> Result<(), VaultError> {
    let damaged = |what| VaultError::Backup(BackupProblem::Damaged { what });
    let finds = |question: &str| -> Result<bool, VaultError> {
        Ok(connection.prepare(question)?.exists([])?)
    };
    if finds("PRAGMA cipher_integrity_check")? {
        return Err(damaged("a page of the database"));
    }
    let said: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if said != "ok" {
        return Err(damaged("the structure of the database"));
    }
    if finds("PRAGMA foreign_key_check")? {
        return Err(damaged("a reference between rows"));
    }
    Ok(())
}
