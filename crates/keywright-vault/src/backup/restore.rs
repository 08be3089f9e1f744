//! A restore: the contents of a vault become those of a backup, in one transaction.
//!
//! Rows are replaced inside the database that is there, not the file: whoever else has the vault open waits, and
//! then sees one more change, and a process that ends in the middle leaves the old contents. What belongs to the
//! vault and not to its contents stays: key slots, the audit log, and the rows of `kv` below `vault/`.

use std::path::PathBuf;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Transaction, params};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::automatic::{self, Before};
use super::contents::{self, Contents};
use super::open::OpenBackup;
use crate::audit::{self, AuditLine};
use crate::error::BackupProblem;
use crate::keys::kdf::Key;
use crate::store::kv::OF_THE_VAULT;
use crate::{NewSlots, Vault, VaultError, VaultHome};

/// A restore that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// What the vault holds now.
    pub contents: Contents,
    /// The copy of what was there before; none where there was no vault.
    pub before: Option<PathBuf>,
}

/// Whose audit log the vault has afterwards.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Log {
    /// Its own: nothing that was done here can be restored away.
    Stays,
    /// That of the backup: there was none.
    Comes,
}

impl Vault {
    /// Replaces the contents of this vault by those of the backup, after a copy of what is there.
    ///
    /// Refused with [`BackupProblem::Unfinished`] while an operation here is cut off or under way: its answer would
    /// have no place to go.
    pub fn restore(&self, backup: &OpenBackup, line: &AuditLine) -> Result<Restored, VaultError> {
        self.on_writer(|writer| {
            with_attached(writer, backup, |tx| {
                self.still_current()?;
                // We hold the write lock: a reader sees exactly what is about to be replaced.
                let before = self.read(|here| {
                    let unfinished = contents::count(here)?.unfinished;
                    if unfinished > 0 {
                        return Err(BackupProblem::Unfinished { count: unfinished }.into());
                    }
                    let at = Before::Restore(line.at_ms);
                    automatic::copy(here, self.key(), self.paths(), at)
                })?;
                replace(tx, Log::Stays)?;
                audit::append(tx, &self.audit_seal(), line)?;
                let contents = compare(tx, backup, Log::Stays)?;
                Ok(Restored {
                    contents,
                    before: Some(before),
                })
            })
        })
    }

    /// Makes a new vault with the contents of the backup. Its id and its key are new; its slots are those asked for.
    pub fn create_from(
        home: &VaultHome,
        new: NewSlots,
        backup: &OpenBackup,
        line: &AuditLine,
        now: i64,
    ) -> Result<(Self, Restored), VaultError> {
        let mut contents = Contents::default();
        let vault = Self::create_filled(home, new, now, |writer, seal| {
            contents = with_attached(writer, backup, |tx| {
                replace(tx, Log::Comes)?;
                audit::seal_again(tx, seal, backup.audit_broken_at)?;
                audit::append(tx, seal, line)?;
                compare(tx, backup, Log::Comes)
            })?;
            Ok(())
        })?;
        let restored = Restored {
            contents,
            before: None,
        };
        Ok((vault, restored))
    }
}

/// Runs one transaction that also sees the backup, as `backup`; only the vault is written to.
fn with_attached<T>(
    writer: &mut Connection,
    backup: &OpenBackup,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, VaultError>,
) -> Result<T, VaultError> {
    attach(writer, backup)?;
    // Triggers follow single changes; here every table comes whole, as the triggers of the backup left it. They are
    // switched off for this connection and not dropped: no other one has to learn a schema again.
    let triggers = DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER;
    writer.set_db_config(triggers, false)?;
    let result = (|| {
        let tx = writer.transaction()?;
        let result = work(&tx)?;
        tx.commit()?;
        Ok(result)
    })();
    writer.set_db_config(triggers, true)?;
    // The file goes away with the backup in any case.
    if let Err(error) = writer.execute_batch("DETACH DATABASE backup") {
        tracing::warn!(%error, "the backup could not be detached");
    }
    result
}

fn attach(writer: &Connection, backup: &OpenBackup) -> Result<(), VaultError> {
    let key: &Key = &backup.key;
    let digits = Zeroizing::new(hex::encode(key.as_slice()));
    let raw = Zeroizing::new(format!("x'{}'", digits.as_str()));
    let path = backup.database.path().to_string_lossy();
    writer.execute(
        "ATTACH DATABASE ?1 AS backup KEY ?2",
        params![path, raw.as_str()],
    )?;
    Ok(())
}

/// Replaces the rows of every table. The schemas are the same: both have seen all migrations.
fn replace(tx: &Transaction<'_>, log: Log) -> Result<(), VaultError> {
    tx.execute_batch("PRAGMA defer_foreign_keys = ON")?;
    let of_type = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' AND type =";
    let tables = texts(tx, &format!("{of_type} 'table'"))?;
    let tables: Vec<&String> = tables
        .iter()
        .filter(|name| log == Log::Comes || *name != "audit")
        .collect();
    let rearranged: i64 =
        tx.query_row("SELECT rearranged FROM main.application_state", [], |row| {
            row.get(0)
        })?;
    for name in &tables {
        let stays = if *name == "kv" {
            format!(" WHERE key NOT LIKE '{OF_THE_VAULT}%'")
        } else {
            String::new()
        };
        tx.execute_batch(&format!("DELETE FROM main.{}{stays}", quoted(name)))?;
    }
    for name in &tables {
        let columns = texts(
            tx,
            &format!(
                "SELECT name FROM pragma_table_xinfo({}) WHERE hidden = 0",
                literal(name)
            ),
        )?;
        let columns: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
        let (name, columns) = (quoted(name), columns.join(", "));
        let comes = if name == "\"kv\"" {
            format!(" WHERE key NOT LIKE '{OF_THE_VAULT}%'")
        } else {
            String::new()
        };
        tx.execute_batch(&format!(
            "INSERT INTO main.{name} ({columns}) SELECT {columns} FROM backup.{name}{comes}"
        ))?;
    }
    // What programs hold in memory for the search is of the rows before, whatever the backup says of its own.
    tx.execute(
        "INSERT INTO main.application_state (only, live, rearranged)
         SELECT 1, (SELECT count(*) FROM main.application_text), ?1 + 1 WHERE true
         ON CONFLICT (only) DO UPDATE SET live = excluded.live, rearranged = excluded.rearranged",
        [rearranged],
    )?;
    Ok(())
}

/// Nothing is committed that is not what the backup holds.
fn compare(tx: &Connection, backup: &OpenBackup, log: Log) -> Result<Contents, VaultError> {
    let now = contents::count(tx)?;
    let wanted = backup.contents();
    let audit_lines = match log {
        Log::Stays => now.audit_lines,
        Log::Comes => wanted.audit_lines + 1,
    };
    let wanted = Contents {
        audit_lines,
        ..wanted
    };
    if now != wanted {
        return Err(BackupProblem::Damaged {
            what: "what it holds",
        }
        .into());
    }
    Ok(now)
}

fn texts(connection: &Connection, question: &str) -> Result<Vec<String>, VaultError> {
    Ok(connection
        .prepare(question)?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?)
}

/// An identifier.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
