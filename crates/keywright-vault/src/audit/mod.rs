//! The audit log: append-only, and each line carries the hash of the line before.

pub(crate) mod seal;
#[cfg(test)]
mod tests;

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::audit::seal::{AuditSeal, End};
use crate::store::rows::Page;
use crate::store::sql::{Id, Json, json_at, signed};
use crate::{Vault, VaultError};

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditLine {
    /// When, in Unix milliseconds.
    pub at_ms: i64,
    /// Who: `app`, `cli` and so on.
    pub actor: String,
    /// What, as a stable code.
    pub action: String,
    /// To what; the id of an application makes the line show up in that application's log.
    pub subject: String,
    /// Anything else, without secrets. A member `application_id` ties the line to an application, too.
    pub detail: Value,
}

/// A line as it stands in the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its number, from 1.
    pub seq: u64,
    /// What was logged.
    #[serde(flatten)]
    pub line: AuditLine,
    /// SHA-256 of the line before, in hex; zeroes for the first.
    pub previous_hash: String,
    /// SHA-256 over this line and the hash before, in hex.
    pub hash: String,
}

/// Which lines are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only those about this application.
    pub application_id: Option<Uuid>,
    /// Only these actions; all where there is none.
    pub actions: Vec<String>,
}

/// What checking the log found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditCheck {
    /// How many lines were read and are whole.
    pub lines: u64,
    /// The number of the first line that is wrong or missing; none = the log is whole.
    pub broken_at: Option<u64>,
    /// What is wrong there.
    pub fault: Option<AuditFault>,
}

/// What is wrong with a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditFault {
    /// The line was changed or moved, or lines before it were removed.
    Line,
    /// Lines were removed from the end, from this one on.
    End,
    /// The end of the log is not sealed, or not by this vault.
    Seal,
    /// The log was broken here already when lines were added after it.
    Earlier,
}

impl AuditCheck {
    fn broken(lines: u64, at: u64, fault: AuditFault) -> Self {
        Self {
            lines,
            broken_at: Some(at),
            fault: Some(fault),
        }
    }
}

impl Vault {
    /// Appends a line; gives its number.
    pub fn audit_append(&self, line: &AuditLine) -> Result<u64, VaultError> {
        let seal = self.audit_seal();
        self.write(|tx| append(tx, &seal, line))
    }

    /// How many lines the log has, in all or about one application.
    pub fn audit_count(&self, application_id: Option<Uuid>) -> Result<u64, VaultError> {
        self.read(|connection| {
            let count: i64 = match application_id {
                Some(id) => connection
                    .prepare_cached("SELECT count(*) FROM audit WHERE application_id = ?1")?
                    .query_row([Id(id)], |row| row.get(0))?,
                None => connection
                    .prepare_cached("SELECT count(*) FROM audit")?
                    .query_row([], |row| row.get(0))?,
            };
            Ok(count.unsigned_abs())
        })
    }

    /// Lines of the log, newest first, of one application if given.
    pub fn audit_tail(
        &self,
        limit: u64,
        offset: u64,
        application_id: Option<Uuid>,
    ) -> Result<Vec<AuditEntry>, VaultError> {
        self.read(|connection| {
            let condition = match application_id {
                Some(_) => "WHERE application_id = ?1",
                None => "WHERE ?1 IS NULL",
            };
            let lines = connection
                .prepare_cached(&format!(
                    "SELECT * FROM audit {condition} ORDER BY seq DESC LIMIT ?2 OFFSET ?3"
                ))?
                .query_map(
                    params![application_id.map(Id), signed(limit), signed(offset)],
                    from_row,
                )?
                .collect::<Result<_, _>>()?;
            Ok(lines)
        })
    }

    /// A window on the lines that a filter leaves, newest first.
    pub fn audit_page(
        &self,
        filter: &AuditFilter,
        limit: u64,
        offset: u64,
    ) -> Result<Page<AuditEntry>, VaultError> {
        let application = filter.application_id.map(Id);
        let actions = Json(&filter.actions);
        let mut conditions = vec!["?1 IS ?1", "?2 IS ?2"];
        if filter.application_id.is_some() {
            conditions.push("application_id = ?1");
        }
        if !filter.actions.is_empty() {
            conditions.push("action IN (SELECT value FROM json_each(?2))");
        }
        let condition = conditions.join(" AND ");
        self.read(|connection| {
            let total: i64 = connection
                .prepare_cached(&format!("SELECT count(*) FROM audit WHERE {condition}"))?
                .query_row(params![application, actions], |row| row.get(0))?;
            let items = connection
                .prepare_cached(&format!(
                    "SELECT * FROM audit WHERE {condition} ORDER BY seq DESC LIMIT ?3 OFFSET ?4"
                ))?
                .query_map(
                    params![application, actions, signed(limit), signed(offset)],
                    from_row,
                )?
                .collect::<Result<_, _>>()?;
            Ok(Page {
                items,
                total: total.unsigned_abs(),
            })
        })
    }

    /// Reads the whole log and checks each line's hash, the order, and that no line is missing at the end.
    pub fn audit_verify(&self) -> Result<AuditCheck, VaultError> {
        let seal = self.audit_seal();
        self.read(|connection| verify(connection, &seal))
    }
}

/// Appends a line and seals the new end, within a transaction; gives the line's number.
pub(crate) fn append(
    tx: &Connection,
    seal: &AuditSeal,
    line: &AuditLine,
) -> Result<u64, VaultError> {
    let last: Option<(i64, Vec<u8>)> = tx
        .prepare_cached("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (before, previous) = last.unwrap_or_else(|| (0, vec![0; 32]));
    let broken_at = match seal.read(tx)? {
        Some(end) if end.seq == before && end.hash == hex::encode(&previous) => end.broken_at,
        // A line after a cut must not hide the cut.
        Some(end) => Some(
            end.broken_at
                .unwrap_or(before.min(end.seq).unsigned_abs() + 1),
        ),
        None if before == 0 => None,
        None => Some(before.unsigned_abs()),
    };
    let detail = serde_json::to_string(&line.detail)?;
    // SQLite never gives a number twice, so that one that was given and is gone leaves a gap.
    let seq = before.max(highest(tx)?) + 1;
    let hash = hash_of(seq, &previous, line, &detail);
    tx.prepare_cached(
        "INSERT INTO audit (seq, at_ms, actor, action, subject, application_id, detail, previous_hash, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        seq,
        line.at_ms,
        line.actor,
        line.action,
        line.subject,
        application_of(line).map(Id),
        detail,
        previous,
        hash,
    ])?;
    seal.write(
        tx,
        &End {
            seq,
            hash: hex::encode(hash),
            broken_at,
        },
    )?;
    Ok(seq.unsigned_abs())
}

/// Seals the log as it is under another key, and keeps what is known to be wrong with it.
pub(crate) fn seal_again(
    tx: &Connection,
    seal: &AuditSeal,
    broken_at: Option<u64>,
) -> Result<(), VaultError> {
    let last: Option<(i64, Vec<u8>)> = tx
        .prepare_cached("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((seq, hash)) = last else {
        return Ok(());
    };
    let hash = hex::encode(hash);
    seal.write(
        tx,
        &End {
            seq,
            hash,
            broken_at,
        },
    )
}

/// Reads the whole log, within one state of the database.
pub(crate) fn verify(connection: &Connection, seal: &AuditSeal) -> Result<AuditCheck, VaultError> {
    let mut previous = vec![0u8; 32];
    let mut lines = 0u64;
    let mut statement = connection.prepare("SELECT * FROM audit ORDER BY seq")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let expected = lines + 1;
        let entry = from_row(row)?;
        // The text as stored, not as it would be written again.
        let detail: String = row.get("detail")?;
        let hash: Vec<u8> = row.get("hash")?;
        let computed = hash_of(signed(entry.seq), &previous, &entry.line, &detail);
        if entry.seq != expected
            || entry.previous_hash != hex::encode(&previous)
            || computed.as_slice() != hash
        {
            return Ok(AuditCheck::broken(lines, expected, AuditFault::Line));
        }
        lines = expected;
        previous = hash;
    }
    let Some(end) = seal.read(connection)? else {
        return Ok(if lines == 0 && highest(connection)? == 0 {
            AuditCheck {
                lines,
                broken_at: None,
                fault: None,
            }
        } else {
            AuditCheck::broken(lines, lines.max(1), AuditFault::Seal)
        });
    };
    let last = end.seq.max(highest(connection)?).unsigned_abs();
    if last > lines {
        return Ok(AuditCheck::broken(lines, lines + 1, AuditFault::End));
    }
    if end.seq.unsigned_abs() != lines || end.hash != hex::encode(&previous) {
        return Ok(AuditCheck::broken(lines, lines.max(1), AuditFault::Seal));
    }
    Ok(AuditCheck {
        lines,
        broken_at: end.broken_at,
        fault: end.broken_at.map(|_| AuditFault::Earlier),
    })
}

/// The highest number that SQLite ever gave to a line.
fn highest(connection: &Connection) -> Result<i64, VaultError> {
    Ok(connection
        .query_row(
            "SELECT seq FROM sqlite_sequence WHERE name = 'audit'",
            [],
            |row| row.get(0),
        )
        .optional()?
        .unwrap_or(0))
}

/// Each field goes in with its length before it, so that no two lines give the same bytes.
fn hash_of(seq: i64, previous: &[u8], line: &AuditLine, detail: &str) -> [u8; 32] {
    let mut hasher = Sha256::new();
    let (number, time) = (seq.to_be_bytes(), line.at_ms.to_be_bytes());
    let fields: [&[u8]; 7] = [
        previous,
        &number,
        &time,
        line.actor.as_bytes(),
        line.action.as_bytes(),
        line.subject.as_bytes(),
        detail.as_bytes(),
    ];
    for field in fields {
        hasher.update((field.len() as u64).to_be_bytes());
        hasher.update(field);
    }
    hasher.finalize().into()
}

/// The application a line is about.
fn application_of(line: &AuditLine) -> Option<Uuid> {
    let named = line.detail.get("application_id").and_then(Value::as_str);
    Uuid::parse_str(named.unwrap_or(&line.subject)).ok()
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<AuditEntry> {
    let hex_at = |column| Ok::<_, rusqlite::Error>(hex::encode(row.get::<_, Vec<u8>>(column)?));
    Ok(AuditEntry {
        seq: row.get::<_, i64>("seq")?.unsigned_abs(),
        line: AuditLine {
            at_ms: row.get("at_ms")?,
            actor: row.get("actor")?,
            action: row.get("action")?,
            subject: row.get("subject")?,
            detail: json_at(row, "detail")?,
        },
        previous_hash: hex_at("previous_hash")?,
        hash: hex_at("hash")?,
    })
}
