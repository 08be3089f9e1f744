//! Cookie sessions; a session's jar, with the values of its cookies, is one secret.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::rows::{Page, SessionRow};
use crate::sql::{Id, Json, count_at, json_at, one_changed, signed};
use crate::{Owner, SECRET_JAR, SecretText, Vault, VaultError, secrets};

/// What to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionQuery {
    /// Text in the origin or the application's name; case does not matter.
    pub text: String,
    /// Only those that still live at `now`, or only those that do not.
    pub live: Option<bool>,
    /// Only those of one application.
    pub application_id: Option<Uuid>,
    /// The time now (Unix seconds).
    pub now: i64,
    /// How many rows to skip.
    pub offset: u64,
    /// How many rows to give.
    pub limit: u64,
}

impl SessionRow {
    /// When the session ends by its limits if it is not used or renewed again; `i64::MAX` = never.
    pub fn dies_at(&self) -> i64 {
        [
            (self.last_used_at, self.idle_secs),
            (self.rolled_at, self.rolling_secs),
            (self.started_at, self.absolute_secs),
        ]
        .into_iter()
        .filter(|&(_, limit)| limit > 0)
        .map(|(from, limit)| from.saturating_add(signed(limit)))
        .min()
        .unwrap_or(i64::MAX)
    }
}

impl Vault {
    /// Stores a session (new, or replacing the one with its id), and its jar if one is given, in one transaction.
    pub fn save_session<'a>(
        &self,
        row: &SessionRow,
        jar: impl Into<Option<&'a SecretText>>,
    ) -> Result<(), VaultError> {
        let jar = jar.into();
        self.write(|tx| {
            tx.prepare_cached(
                "INSERT INTO session (id, application_id, origin, last_used_at, ended_at, dies_at, payload)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (id) DO UPDATE SET application_id = excluded.application_id, origin = excluded.origin,
                    last_used_at = excluded.last_used_at, ended_at = excluded.ended_at,
                    dies_at = excluded.dies_at, payload = excluded.payload",
            )?
            .execute(params![
                Id(row.id),
                Id(row.application_id),
                row.origin,
                row.last_used_at,
                row.ended_at,
                row.dies_at(),
                Json(row),
            ])?;
            match jar {
                Some(jar) => {
                    let owner = Owner::Session(row.id);
                    secrets::put(tx, owner, SECRET_JAR, jar, row.last_used_at)
                }
                None => Ok(()),
            }
        })
    }

    /// One session.
    pub fn session(&self, id: Uuid) -> Result<SessionRow, VaultError> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT payload FROM session WHERE id = ?1")?
                .query_row([Id(id)], from_row)
                .optional()?
                .ok_or_else(|| VaultError::not_found("session", id))
        })
    }

    /// The session last used by an application at an origin that was not seen to have ended. Its limits may have
    /// passed: see [`SessionRow::dies_at`].
    pub fn session_for(
        &self,
        application_id: Uuid,
        origin: &str,
    ) -> Result<Option<SessionRow>, VaultError> {
        self.read(|connection| {
            let found = connection
                .prepare_cached(
                    "SELECT payload FROM session WHERE application_id = ?1 AND origin = ?2 AND ended_at IS NULL
                     ORDER BY last_used_at DESC, id DESC LIMIT 1",
                )?
                .query_row(params![Id(application_id), origin], from_row)
                .optional()?;
            Ok(found)
        })
    }

    /// One page of sessions, last used first. Those of forgotten applications are left out.
    pub fn sessions(&self, query: &SessionQuery) -> Result<Page<SessionRow>, VaultError> {
        self.read(|connection| list(connection, query))
    }

    /// Removes a session with its jar.
    pub fn forget_session(&self, id: Uuid) -> Result<(), VaultError> {
        self.write(|tx| {
            let removed = tx.execute("DELETE FROM session WHERE id = ?1", [Id(id)])?;
            one_changed(removed, "session", id)
        })
    }
}

fn list(connection: &Connection, query: &SessionQuery) -> Result<Page<SessionRow>, VaultError> {
    const MATCHING: &str = "FROM session s JOIN application a ON a.id = s.application_id
         WHERE a.forgotten_at IS NULL
            AND (?1 IS NULL OR s.application_id = ?1)
            AND (?2 = '' OR instr(s.origin, ?2) > 0 OR instr(a.haystack, ?2) > 0)
            AND (?3 IS NULL OR (s.ended_at IS NULL AND s.dies_at > ?4) = ?3)";
    let application = query.application_id.map(Id);
    let text = query.text.trim().to_lowercase();
    let total = connection
        .prepare_cached(&format!("SELECT count(*) {MATCHING}"))?
        .query_row(params![application, text, query.live, query.now], |row| {
            count_at(row, 0)
        })?;
    let items = connection
        .prepare_cached(&format!(
            "SELECT s.payload {MATCHING} ORDER BY s.last_used_at DESC, s.id DESC LIMIT ?5 OFFSET ?6"
        ))?
        .query_map(
            params![
                application,
                text,
                query.live,
                query.now,
                signed(query.limit),
                signed(query.offset)
            ],
            from_row,
        )?
        .collect::<Result<_, _>>()?;
    Ok(Page { items, total })
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<SessionRow> {
    json_at(row, "payload")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::testing::{TestVault, application, configuration, session};

    #[test]
    fn the_soonest_limit_ends_a_session_and_zero_is_no_limit() {
        let mut row = session(Uuid::now_v7(), "https://a.example", 1000);
        (row.idle_secs, row.rolling_secs, row.absolute_secs) = (0, 0, 0);
        assert_eq!(row.dies_at(), i64::MAX);
        (row.idle_secs, row.rolling_secs, row.absolute_secs) = (300, 200, 5000);
        row.rolled_at = 1200;
        row.last_used_at = 1050;
        assert_eq!(row.dies_at(), 1350);
    }

    #[test]
    fn sessions_are_found_by_origin_name_and_life_and_take_their_jar_with_them() {
        let vault = TestVault::new();
        let c = configuration("Kong");
        vault.save_configuration(&c, &[]).unwrap();
        let app = application("請求アプリ", c.id);
        vault.save_application(&app, &[]).unwrap();
        let first = session(app.id, "https://a.example", 1000);
        let mut ended = session(app.id, "https://b.example", 1000);
        ended.ended_at = Some(1001);
        vault
            .save_session(&first, &SecretText::new("jar one"))
            .unwrap();
        vault.save_session(&ended, None).unwrap();

        let ids = |text: &str, live, now| -> Vec<Uuid> {
            let query = SessionQuery {
                text: text.into(),
                live,
                now,
                limit: 10,
                ..SessionQuery::default()
            };
            let page = vault.sessions(&query).unwrap();
            assert_eq!(page.total, page.items.len() as u64);
            page.items.iter().map(|row| row.id).collect()
        };
        assert_eq!(ids("", None, 1010).len(), 2);
        assert_eq!(ids("請求", None, 1010).len(), 2);
        assert_eq!(ids("A.EXAMPLE", None, 1010), [first.id]);
        assert_eq!(ids("", Some(true), 1010), [first.id]);
        assert_eq!(ids("", Some(false), 1010), [ended.id]);
        assert!(ids("", Some(true), first.dies_at()).is_empty());
        let at = |origin| vault.session_for(app.id, origin).unwrap();
        assert_eq!(at("https://a.example"), Some(first.clone()));
        assert_eq!(at("https://b.example"), None);

        let jar = || vault.secret(Owner::Session(first.id), SECRET_JAR).unwrap();
        assert_eq!(jar().unwrap().expose(), "jar one");
        vault.forget_session(first.id).unwrap();
        assert!(jar().is_none());
    }
}
