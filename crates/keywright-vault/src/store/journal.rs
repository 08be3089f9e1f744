//! The journal: an operation at a provider is written down before anything is sent, and each answer before anything
//! else is done with it. After a crash the entries that are not closed say what may exist at the provider.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::Value;
use uuid::Uuid;

use crate::store::rows::{ApplicationRow, JournalEntry, JournalState};
use crate::store::sql::{Id, Json, id_at, json_at, optional_id_at};
use crate::{
    Owner, RowKind, SecretChange, SecretText, Vault, VaultError,
    files::wal_preallocation,
    store::{applications, secrets},
};

impl Vault {
    /// Writes down what is about to be done, before anything is sent. The entry's state is set to `intent`.
    ///
    /// The application must be there: a restore may have taken it away since it was read. From here on a
    /// restore is refused until the entry is closed.
    pub fn journal_begin(&self, entry: &JournalEntry) -> Result<Uuid, VaultError> {
        self.write(|tx| {
            if let Some(application) = entry.application_id {
                let there = tx
                    .prepare_cached("SELECT 1 FROM application WHERE id = ?1")?
                    .exists([Id(application)])?;
                if !there {
                    return Err(VaultError::not_found(RowKind::Application, application));
                }
            }
            tx.prepare_cached(
                "INSERT INTO journal (id, operation, configuration_id, application_id, name, state, step, remote,
                    draft, error, created_at, updated_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?
            .execute(params![
                Id(entry.id),
                entry.operation,
                Id(entry.configuration_id),
                entry.application_id.map(Id),
                entry.name,
                JournalState::Intent,
                entry.step,
                Json(&entry.remote),
                Json(&entry.draft),
                entry.error.as_ref().map(Json),
                entry.created_at,
                entry.updated_at,
            ])?;
            Ok(entry.id)
        })
    }

    /// Reserves space on the disk for an answer that comes once, before it is asked for. Refuses where there is none.
    pub fn reserve_space(&self) -> Result<(), VaultError> {
        wal_preallocation::preallocate_wal(&self.paths)
    }

    /// Notes that the request of this step is being sent. To be called before sending. Refuses where the disk has
    /// no room for the answer.
    pub fn journal_sent(&self, id: Uuid, step: &str, now: i64) -> Result<(), VaultError> {
        wal_preallocation::preallocate_wal(&self.paths)?;
        self.write(|tx| {
            check_open(tx, id)?;
            tx.prepare_cached(
                "UPDATE journal SET state = 'sent', step = ?2, error = NULL, updated_at = ?3 WHERE id = ?1",
            )?
            .execute(params![Id(id), step, now])?;
            Ok(())
        })
    }

    /// Stores an answer: every remote id known now, and its secrets, in one transaction.
    pub fn journal_answered(
        &self,
        id: Uuid,
        step: &str,
        remote: &Value,
        secrets: &[(String, SecretText)],
        now: i64,
    ) -> Result<(), VaultError> {
        self.write(|tx| {
            check_open(tx, id)?;
            tx.prepare_cached(
                "UPDATE journal SET state = 'answered', step = ?2, remote = ?3, error = NULL, updated_at = ?4
                 WHERE id = ?1",
            )?
            .execute(params![Id(id), step, Json(remote), now])?;
            for (name, value) in secrets {
                secrets::put(tx, Owner::Journal(id), name, value, now)?;
            }
            Ok(())
        })
    }

    /// Notes that a request was sent and that what became of it is not known.
    pub fn journal_unknown(&self, id: Uuid, error: &Value, now: i64) -> Result<(), VaultError> {
        self.write(|tx| {
            check_open(tx, id)?;
            set_state(tx, id, JournalState::Unknown, Some(error), now)
        })
    }

    /// Notes that the provider refused a request, so that nothing was left there, and that the operation goes on.
    /// The entry is as before its first request.
    pub fn journal_refused(&self, id: Uuid, error: &Value, now: i64) -> Result<(), VaultError> {
        self.write(|tx| {
            check_open(tx, id)?;
            set_state(tx, id, JournalState::Intent, Some(error), now)
        })
    }

    /// Closes an entry that the provider refused, so that nothing was left there.
    pub fn journal_failed(&self, id: Uuid, error: &Value, now: i64) -> Result<(), VaultError> {
        self.write(|tx| {
            check_open(tx, id)?;
            set_state(tx, id, JournalState::Discarded, Some(error), now)
        })
    }

    /// Finishes an operation in one transaction: the application and its secrets are stored, the entry is done, and
    /// the entry's own secrets are deleted.
    pub fn journal_finish(
        &self,
        id: Uuid,
        application: &ApplicationRow,
        secrets: &[SecretChange],
    ) -> Result<(), VaultError> {
        self.write(|tx| {
            check_open(tx, id)?;
            applications::save(tx, application, secrets)?;
            tx.prepare_cached("UPDATE journal SET application_id = ?2 WHERE id = ?1")?
                .execute(params![Id(id), Id(application.id)])?;
            set_state(tx, id, JournalState::Done, None, application.updated_at)
        })
    }

    /// Finishes a change in one transaction: it is written into the application as it is stored now, the entry is
    /// done, and the entry's own secrets are deleted.
    pub fn journal_finish_change(
        &self,
        id: Uuid,
        application: Uuid,
        secrets: &[SecretChange],
        now: i64,
        change: impl FnOnce(&mut ApplicationRow),
    ) -> Result<(), VaultError> {
        self.write(|tx| {
            check_open(tx, id)?;
            applications::changed(tx, application, secrets, change)?;
            set_state(tx, id, JournalState::Done, None, now)
        })
    }

    /// Finishes a deletion in one transaction: the application is removed with all it had, and the entry is done.
    /// Other open entries of that application are closed: nothing is left to find out about a client that was deleted.
    /// That the application is gone already is fine.
    pub fn journal_finish_removal(
        &self,
        id: Uuid,
        application_id: Uuid,
        now: i64,
    ) -> Result<(), VaultError> {
        self.write(|tx| {
            check_open(tx, id)?;
            match applications::remove(tx, application_id) {
                Ok(()) | Err(VaultError::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
            set_state(tx, id, JournalState::Done, None, now)?;
            tx.prepare_cached(
                "UPDATE journal SET state = 'discarded', updated_at = ?2
                 WHERE application_id = ?1 AND state NOT IN ('done', 'discarded')",
            )?
            .execute(params![Id(application_id), now])?;
            Ok(())
        })
    }

    /// Finishes a deletion of a client that was gone already, in one transaction: the application is forgotten with
    /// all it has, so that this can be undone, and the entry is done. That it is forgotten already is fine.
    pub fn journal_finish_forgotten(
        &self,
        id: Uuid,
        application_id: Uuid,
        now: i64,
    ) -> Result<(), VaultError> {
        self.write(|tx| {
            check_open(tx, id)?;
            match applications::forget(tx, application_id, now) {
                Ok(()) | Err(VaultError::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
            set_state(tx, id, JournalState::Done, None, now)
        })
    }

    /// The entries that are not closed, oldest first.
    pub fn journal_pending(&self) -> Result<Vec<JournalEntry>, VaultError> {
        self.read(|connection| {
            let entries = connection
                .prepare_cached(
                    "SELECT * FROM journal WHERE state NOT IN ('done', 'discarded') ORDER BY created_at, id",
                )?
                .query_map([], from_row)?
                .collect::<Result<_, _>>()?;
            Ok(entries)
        })
    }

    /// One entry, closed or not.
    pub fn journal_entry(&self, id: Uuid) -> Result<JournalEntry, VaultError> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT * FROM journal WHERE id = ?1")?
                .query_row([Id(id)], from_row)
                .optional()?
                .ok_or_else(|| VaultError::not_found(RowKind::JournalEntry, id))
        })
    }

    /// Gives an entry up, with its secrets. The user has decided this: what exists at the provider stays there.
    pub fn journal_discard(&self, id: Uuid, now: i64) -> Result<(), VaultError> {
        self.write(|tx| {
            check_open(tx, id)?;
            tx.prepare_cached(
                "UPDATE journal SET state = 'discarded', updated_at = ?2 WHERE id = ?1",
            )?
            .execute(params![Id(id), now])?;
            Ok(())
        })
    }
}

/// A closed entry takes no more steps: two processes may have recovered it at once.
fn check_open(tx: &Connection, id: Uuid) -> Result<(), VaultError> {
    let state: Option<JournalState> = tx
        .prepare_cached("SELECT state FROM journal WHERE id = ?1")?
        .query_row([Id(id)], |row| row.get(0))
        .optional()?;
    match state {
        None => Err(VaultError::not_found(RowKind::JournalEntry, id)),
        Some(JournalState::Done | JournalState::Discarded) => Err(VaultError::JournalClosed { id }),
        Some(_) => Ok(()),
    }
}

/// A trigger deletes the entry's secrets when the state closes it.
fn set_state(
    tx: &Connection,
    id: Uuid,
    state: JournalState,
    error: Option<&Value>,
    now: i64,
) -> Result<(), VaultError> {
    tx.prepare_cached("UPDATE journal SET state = ?2, error = ?3, updated_at = ?4 WHERE id = ?1")?
        .execute(params![Id(id), state, error.map(Json), now])?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<JournalEntry> {
    Ok(JournalEntry {
        id: id_at(row, "id")?,
        operation: row.get("operation")?,
        configuration_id: id_at(row, "configuration_id")?,
        application_id: optional_id_at(row, "application_id")?,
        name: row.get("name")?,
        state: row.get("state")?,
        step: row.get("step")?,
        remote: json_at(row, "remote")?,
        draft: json_at(row, "draft")?,
        error: row
            .get::<_, Option<Json<Value>>>("error")?
            .map(|json| json.0),
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

#[cfg(test)]
#[path = "journal_tests.rs"]
mod tests;
