//! Applications: storing them with their secrets, and what changes on them alone.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::store::rows::{ApplicationRow, Health};
use crate::store::sql::{Id, Json, count_at, id_at, json_at, name_taken, one_changed};
use crate::{
    Owner, RowKind, SECRET_CLIENT, SECRET_REGISTRATION_TOKEN, SecretChange, Vault, VaultError,
    store::{configurations, nearest, secrets},
};

/// Thirty days: what expires sooner is counted as expiring.
const SOON_SECS: i64 = 30 * 24 * 60 * 60;

/// How many applications there are, for the filters above the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationCounts {
    /// All that are not forgotten.
    pub all: u64,
    /// Those whose credentials were refused when last used.
    pub rejected: u64,
    /// Those that expire within 30 days or have expired.
    pub expiring: u64,
    /// Those whose time to live has passed.
    pub due: u64,
}

/// What of an application is not a column of its own.
#[derive(Serialize, Deserialize)]
struct Detail {
    requested: Value,
    granted: Value,
    current: Option<Value>,
    current_read_at: Option<i64>,
    registration_client_uri: Option<String>,
    registration_token_replaced_at: Option<i64>,
    client_id_issued_at: Option<i64>,
    #[serde(default)]
    handles: BTreeMap<String, String>,
}

impl Vault {
    /// One application; a forgotten one is not found.
    pub fn application(&self, id: Uuid) -> Result<ApplicationRow, VaultError> {
        self.read(|connection| {
            load(connection, "a.id = ?3", &Id(id))?
                .ok_or_else(|| VaultError::not_found(RowKind::Application, id))
        })
    }

    /// The application with exactly this name.
    pub fn application_by_name(&self, name: &str) -> Result<Option<ApplicationRow>, VaultError> {
        self.read(|connection| load(connection, "a.name = ?3", &name))
    }

    /// The existing name nearest to a text, for "did you mean"; none if nothing is near.
    pub fn nearest_name(&self, text: &str) -> Result<Option<String>, VaultError> {
        self.read(|connection| {
            let mut nearest = nearest::Nearest::new(text);
            let mut statement = connection
                .prepare_cached("SELECT name FROM application WHERE forgotten_at IS NULL")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                nearest.offer(row.get_ref(0)?.as_str().unwrap_or_default());
            }
            Ok(nearest.found())
        })
    }

    /// How many applications there are, were refused, and expire soon.
    pub fn application_counts(&self, now: i64) -> Result<ApplicationCounts, VaultError> {
        self.read(|connection| {
            let counts = connection
                .prepare_cached(
                    "SELECT
                        (SELECT live FROM application_state),
                        (SELECT count(*) FROM application WHERE forgotten_at IS NULL AND health = 'rejected'),
                        (SELECT count(*) FROM application WHERE forgotten_at IS NULL AND expiry_at <= ?1),
                        (SELECT count(*) FROM application
                            WHERE forgotten_at IS NULL AND expiry_at <= ?2 AND expires_by_ttl_at <= ?2)",
                )?
                .query_row([now.saturating_add(SOON_SECS), now], |row| {
                    Ok(ApplicationCounts {
                        all: count_at(row, 0)?,
                        rejected: count_at(row, 1)?,
                        expiring: count_at(row, 2)?,
                        due: count_at(row, 3)?,
                    })
                })?;
            Ok(counts)
        })
    }

    /// Stores an application that was not obtained through the journal, for example one brought in manually, with
    /// its secrets, in one transaction. An existing one with its id is replaced.
    pub fn save_application(
        &self,
        row: &ApplicationRow,
        secrets: &[SecretChange],
    ) -> Result<(), VaultError> {
        self.write(|tx| save(tx, row, secrets))
    }

    /// Stores many applications without secrets, all in one transaction: one that cannot be stored undoes all.
    pub fn save_applications(&self, rows: &[ApplicationRow]) -> Result<(), VaultError> {
        self.write(|tx| rows.iter().try_for_each(|row| save(tx, row, &[])))
    }

    /// Changes an application as it is stored now, and its secrets, in one transaction: what another program changed
    /// since it was read stays. One that is not there is not made.
    pub fn change_application(
        &self,
        id: Uuid,
        secrets: &[SecretChange],
        change: impl FnOnce(&mut ApplicationRow),
    ) -> Result<(), VaultError> {
        self.write(|tx| changed(tx, id, secrets, change))
    }

    /// Which of these identifiers are those of clients of these configurations, other than one application.
    pub fn clients_among(
        &self,
        configurations: &[Uuid],
        but: Option<Uuid>,
        identifiers: &[String],
    ) -> Result<Vec<String>, VaultError> {
        let identifiers = serde_json::to_string(identifiers)?;
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT DISTINCT client_id FROM application WHERE configuration_id = ?1 AND id IS NOT ?2
                    AND client_id IN (SELECT value FROM json_each(?3))",
            )?;
            let mut found = Vec::new();
            for configuration in configurations {
                let known = statement.query_map(
                    params![Id(*configuration), but.map(Id), identifiers],
                    |row| row.get(0),
                )?;
                for client_id in known {
                    found.push(client_id?);
                }
            }
            Ok(found)
        })
    }

    /// Where the clients of one configuration are managed (RFC 7592 section 3), each address once.
    pub fn registration_addresses(&self, configuration: Uuid) -> Result<Vec<String>, VaultError> {
        self.read(|connection| {
            let addresses = connection
                .prepare_cached(
                    "SELECT DISTINCT json_extract(d.payload, '$.registration_client_uri') AS address
                     FROM application a JOIN application_detail d ON d.application_id = a.id
                     WHERE a.configuration_id = ?1 AND a.forgotten_at IS NULL AND address IS NOT NULL",
                )?
                .query_map([Id(configuration)], |row| row.get("address"))?
                .collect::<Result<_, _>>()?;
            Ok(addresses)
        })
    }

    /// Gives an application another name.
    pub fn rename(&self, id: Uuid, name: &str, now: i64) -> Result<(), VaultError> {
        self.write(|tx| {
            let mut row = load(tx, "a.id = ?3", &Id(id))?
                .ok_or_else(|| VaultError::not_found(RowKind::Application, id))?;
            name.clone_into(&mut row.name);
            row.updated_at = now;
            save(tx, &row, &[])
        })
    }

    /// Hides an application from every list, so that it can be brought back. Its secrets stay until it is purged.
    pub fn forget(&self, id: Uuid, now: i64) -> Result<(), VaultError> {
        self.write(|tx| forget(tx, id, now))
    }

    /// Brings a forgotten application back; its name may have been taken since ([`VaultError::NameTaken`]).
    pub fn unforget(&self, id: Uuid) -> Result<(), VaultError> {
        self.write(|tx| {
            let name: String = tx
                .query_row(
                    "SELECT name FROM application WHERE id = ?1 AND forgotten_at IS NOT NULL",
                    [Id(id)],
                    |row| row.get(0),
                )
                .optional()?
                .ok_or_else(|| VaultError::not_found(RowKind::ForgottenApplication, id))?;
            tx.execute(
                "UPDATE application SET forgotten_at = NULL WHERE id = ?1",
                [Id(id)],
            )
            .map_err(|error| name_taken(error, RowKind::Application, &name))?;
            Ok(())
        })
    }

    /// Removes for good what was forgotten at or before this time, with its secrets; gives how many.
    pub fn purge_forgotten(&self, forgotten_until: i64) -> Result<u64, VaultError> {
        self.write(|tx| {
            let purged = tx.execute(
                "DELETE FROM application WHERE forgotten_at <= ?1",
                [forgotten_until],
            )?;
            Ok(purged as u64)
        })
    }

    /// Removes an application for good, with its secrets, tokens and sessions.
    pub fn remove_application(&self, id: Uuid) -> Result<(), VaultError> {
        self.write(|tx| remove(tx, id))
    }

    /// Notes whether the provider accepted the credentials just now.
    pub fn mark_health(&self, id: Uuid, health: Health, now: i64) -> Result<(), VaultError> {
        self.write(|tx| {
            let changed = tx.execute(
                "UPDATE application SET health = ?2, health_checked_at = ?3 WHERE id = ?1",
                params![Id(id), health, now],
            )?;
            one_changed(changed, RowKind::Application, id)
        })
    }

    /// Notes that the application was used just now.
    pub fn touch_used(&self, id: Uuid, now: i64) -> Result<(), VaultError> {
        self.write(|tx| {
            let changed = tx.execute(
                "UPDATE application SET last_used_at = ?2 WHERE id = ?1",
                params![Id(id), now],
            )?;
            one_changed(changed, RowKind::Application, id)
        })
    }
}

/// Notes within a transaction that the provider accepted the credentials of an application, which is used just now.
pub(crate) fn worked(tx: &Connection, id: Uuid, now: i64) -> Result<(), VaultError> {
    let changed = tx
        .prepare_cached(
            "UPDATE application SET health = ?2, health_checked_at = ?3, last_used_at = ?3 WHERE id = ?1",
        )?
        .execute(params![Id(id), Health::Live, now])?;
    one_changed(changed, RowKind::Application, id)
}

/// Hides an application within a transaction; it keeps its secrets.
pub(crate) fn forget(tx: &Connection, id: Uuid, now: i64) -> Result<(), VaultError> {
    let changed = tx.execute(
        "UPDATE application SET forgotten_at = ?2 WHERE id = ?1 AND forgotten_at IS NULL",
        params![Id(id), now],
    )?;
    one_changed(changed, RowKind::Application, id)
}

/// Removes an application within a transaction; triggers take its secrets.
pub(crate) fn remove(tx: &Connection, id: Uuid) -> Result<(), VaultError> {
    let removed = tx.execute("DELETE FROM application WHERE id = ?1", [Id(id)])?;
    one_changed(removed, RowKind::Application, id)
}

/// Changes an application as it is stored now within a transaction.
pub(crate) fn changed(
    tx: &Connection,
    id: Uuid,
    secrets: &[SecretChange],
    change: impl FnOnce(&mut ApplicationRow),
) -> Result<(), VaultError> {
    let mut row = load(tx, "a.id = ?3", &Id(id))?
        .ok_or_else(|| VaultError::not_found(RowKind::Application, id))?;
    change(&mut row);
    save(tx, &row, secrets)
}

/// Stores an application and its secrets within a transaction.
pub(crate) fn save(
    tx: &Connection,
    row: &ApplicationRow,
    changes: &[SecretChange],
) -> Result<(), VaultError> {
    let configuration = configurations::name_of(tx, row.configuration_id)?
        .ok_or_else(|| VaultError::not_found(RowKind::Configuration, row.configuration_id))?;
    tx.prepare_cached(
        "INSERT INTO application (id, name, configuration_id, provider, client_id, health, health_checked_at,
            client_secret_expires_at, expires_by_ttl_at, labels, created_at, updated_at, last_used_at, auto_refresh,
            haystack)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, configuration_id = excluded.configuration_id,
            provider = excluded.provider, client_id = excluded.client_id, health = excluded.health,
            health_checked_at = excluded.health_checked_at,
            client_secret_expires_at = excluded.client_secret_expires_at,
            expires_by_ttl_at = excluded.expires_by_ttl_at, labels = excluded.labels,
            updated_at = excluded.updated_at, auto_refresh = excluded.auto_refresh,
            -- A row read before another process used the application must not turn its time back.
            last_used_at = max(coalesce(excluded.last_used_at, last_used_at),
                coalesce(last_used_at, excluded.last_used_at)),
            haystack = excluded.haystack",
    )?
    .execute(params![
        Id(row.id),
        row.name,
        Id(row.configuration_id),
        row.provider,
        row.client_id,
        row.health,
        row.health_checked_at,
        row.client_secret_expires_at,
        row.expires_by_ttl_at,
        Json(&row.labels),
        row.created_at,
        row.updated_at,
        row.last_used_at,
        row.auto_refresh,
        haystack(&row.name, &row.client_id, &configuration, &row.labels),
    ])
    .map_err(|error| name_taken(error, RowKind::Application, &row.name))?;
    let detail = Detail {
        requested: row.requested.clone(),
        granted: row.granted.clone(),
        current: row.current.clone(),
        current_read_at: row.current_read_at,
        registration_client_uri: row.registration_client_uri.clone(),
        registration_token_replaced_at: row.registration_token_replaced_at,
        client_id_issued_at: row.client_id_issued_at,
        handles: row.handles.clone(),
    };
    tx.prepare_cached(
        "INSERT INTO application_detail (application_id, payload) VALUES (?1, ?2)
         ON CONFLICT DO UPDATE SET payload = excluded.payload",
    )?
    .execute(params![Id(row.id), Json(detail)])?;
    secrets::apply(tx, Owner::Application(row.id), changes, row.updated_at)
}

/// Rewrites the search text of a configuration's applications after the configuration was renamed.
pub(crate) fn refresh_search(tx: &Connection, configuration_id: Uuid) -> Result<(), VaultError> {
    let name = configurations::name_of(tx, configuration_id)?.unwrap_or_default();
    let mut select = tx.prepare_cached(
        "SELECT seq, name, client_id, labels FROM application WHERE configuration_id = ?1",
    )?;
    let changed = select
        .query_map([Id(configuration_id)], |row| {
            let labels: Vec<String> = json_at(row, "labels")?;
            let (application, client_id): (String, String) = (row.get(1)?, row.get(2)?);
            let seq: i64 = row.get(0)?;
            Ok((seq, haystack(&application, &client_id, &name, &labels)))
        })?
        .collect::<Result<Vec<_>, _>>()?;
    let mut update = tx.prepare_cached("UPDATE application SET haystack = ?2 WHERE seq = ?1")?;
    for (seq, text) in changed {
        update.execute(params![seq, text])?;
    }
    Ok(())
}

/// The text the search looks through. Fields stand on lines of their own: a search term has no line break in it, so
/// it never matches across two fields.
fn haystack(name: &str, client_id: &str, configuration: &str, labels: &[String]) -> String {
    let mut text = [name, client_id, configuration].join("\n");
    for label in labels {
        text.push('\n');
        text.push_str(label);
    }
    text.to_lowercase()
}

/// One application by a condition on `?3`.
fn load(
    connection: &Connection,
    condition: &str,
    wanted: &dyn rusqlite::ToSql,
) -> Result<Option<ApplicationRow>, VaultError> {
    let sql = format!(
        "SELECT a.*, d.payload,
            EXISTS (SELECT 1 FROM secret WHERE owner_kind = 'application' AND owner_id = a.id AND name = ?1)
                AS has_secret,
            EXISTS (SELECT 1 FROM secret WHERE owner_kind = 'application' AND owner_id = a.id AND name = ?2)
                AS has_registration_token
         FROM application a JOIN application_detail d ON d.application_id = a.id
         WHERE a.forgotten_at IS NULL AND {condition}"
    );
    Ok(connection
        .prepare_cached(&sql)?
        .query_row(
            params![SECRET_CLIENT, SECRET_REGISTRATION_TOKEN, wanted],
            from_row,
        )
        .optional()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<ApplicationRow> {
    let detail: Detail = json_at(row, "payload")?;
    Ok(ApplicationRow {
        id: id_at(row, "id")?,
        name: row.get("name")?,
        configuration_id: id_at(row, "configuration_id")?,
        provider: row.get("provider")?,
        client_id: row.get("client_id")?,
        health: row.get("health")?,
        health_checked_at: row.get("health_checked_at")?,
        requested: detail.requested,
        granted: detail.granted,
        current: detail.current,
        current_read_at: detail.current_read_at,
        registration_client_uri: detail.registration_client_uri,
        registration_token_replaced_at: detail.registration_token_replaced_at,
        has_secret: row.get("has_secret")?,
        has_registration_token: row.get("has_registration_token")?,
        client_id_issued_at: detail.client_id_issued_at,
        client_secret_expires_at: row.get("client_secret_expires_at")?,
        labels: json_at(row, "labels")?,
        auto_refresh: row.get("auto_refresh")?,
        handles: detail.handles,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        last_used_at: row.get("last_used_at")?,
        expires_by_ttl_at: row.get("expires_by_ttl_at")?,
    })
}

#[cfg(test)]
#[path = "applications_tests.rs"]
mod tests;
