//! Cookie sessions; a session's jar, with the values of its cookies, is one secret.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::store::rows::{CookieRole, Page, SessionRow};
use crate::store::sql::{Id, Json, count_at, json_at, one_changed, signed};
use crate::{
    Owner, RowKind, SECRET_JAR, SecretChange, SecretText, Vault, VaultError,
    store::{history, secrets},
};

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
    /// When the session ends by its limits or its cookies if it is not used or renewed again; `i64::MAX` = not known.
    pub fn dies_at(&self) -> i64 {
        [
            (self.last_used_at, self.idle_secs),
            (self.rolled_at, self.rolling_secs),
            (self.started_at, self.absolute_secs),
        ]
        .into_iter()
        .filter(|&(_, limit)| limit > 0)
        .map(|(from, limit)| from.saturating_add(signed(limit)))
        .chain(self.cookies_end())
        .min()
        .unwrap_or(i64::MAX)
    }

    /// When its cookies end it, by their own dates: the first of those that make the session; of those that only may
    /// make it, the last. None where one of them has no date.
    pub fn cookies_end(&self) -> Option<i64> {
        let of = |role| {
            self.cookies
                .iter()
                .filter(move |cookie| cookie.role == role)
                .map(|cookie| cookie.expires_at)
        };
        match of(CookieRole::Session).flatten().min() {
            Some(first) => Some(first),
            None if of(CookieRole::Session).next().is_some() => None,
            None => {
                let all: Option<Vec<i64>> = of(CookieRole::Candidate).collect();
                all?.into_iter().max()
            }
        }
    }
}

/// Which session to change.
#[derive(Clone, Copy, Debug)]
pub enum SessionPick<'a> {
    /// This one.
    Id(Uuid),
    /// The one of an application at an origin that was not seen to have ended, or its jar alone.
    At(Uuid, &'a str),
}

/// A session and its secrets, to be stored.
#[derive(Debug)]
pub struct SessionChange {
    /// The session.
    pub row: SessionRow,
    /// Its secrets that change.
    pub secrets: Vec<SecretChange>,
}

impl Vault {
    /// Stores a session (new, or replacing the one with its id), and its jar if one is given, in one transaction.
    pub fn save_session<'a>(
        &self,
        row: &SessionRow,
        jar: impl Into<Option<&'a SecretText>>,
    ) -> Result<(), VaultError> {
        let jar = jar.into();
        let limits = self.history_limits();
        self.write(|tx| {
            put(tx, row)?;
            if let Some(jar) = jar {
                let owner = Owner::Session(row.id);
                secrets::put(tx, owner, SECRET_JAR, jar, row.last_used_at)?;
            }
            history::trim_sessions(tx, limits, Some(row.id))
        })
    }

    /// Changes a session as it is now, within one transaction: nobody else writes between the reading and the writing.
    /// `change` gets the session with its jar, if there is one, and gives what to store, if anything.
    pub fn change_session<T, E: From<VaultError>>(
        &self,
        pick: SessionPick<'_>,
        change: impl FnOnce(
            Option<(SessionRow, Option<SecretText>)>,
        ) -> Result<(Option<SessionChange>, T), E>,
    ) -> Result<T, E> {
        let limits = self.history_limits();
        self.write(|tx| {
            let found = picked(tx, pick)?;
            let current = match found {
                Some(row) => {
                    let jar = secrets::get(tx, Owner::Session(row.id), SECRET_JAR)?;
                    Some((row, jar))
                }
                None => None,
            };
            Ok(match change(current) {
                Ok((Some(SessionChange { row, secrets }), value)) => {
                    put(tx, &row)?;
                    secrets::apply(tx, Owner::Session(row.id), &secrets, row.last_used_at)?;
                    history::trim_sessions(tx, limits, Some(row.id))?;
                    Ok(value)
                }
                Ok((None, value)) => Ok(value),
                Err(error) => Err(error),
            })
        })?
    }

    /// Gives the sessions of a configuration that were not seen to have ended other limits, in seconds; 0 = none.
    pub fn set_session_limits(
        &self,
        configuration_id: Uuid,
        [idle, rolling, absolute]: [u64; 3],
    ) -> Result<(), VaultError> {
        self.write(|tx| {
            let rows: Vec<SessionRow> = tx
                .prepare_cached(
                    "SELECT s.payload FROM session s JOIN application a ON a.id = s.application_id
                     WHERE a.configuration_id = ?1 AND s.ended_at IS NULL",
                )?
                .query_map([Id(configuration_id)], from_row)?
                .collect::<Result<_, _>>()?;
            for mut row in rows {
                let limits = (row.idle_secs, row.rolling_secs, row.absolute_secs);
                if limits != (idle, rolling, absolute) {
                    (row.idle_secs, row.rolling_secs, row.absolute_secs) =
                        (idle, rolling, absolute);
                    put(tx, &row)?;
                }
            }
            Ok(())
        })
    }

    /// One session.
    pub fn session(&self, id: Uuid) -> Result<SessionRow, VaultError> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT payload FROM session WHERE id = ?1")?
                .query_row([Id(id)], from_row)
                .optional()?
                .ok_or_else(|| VaultError::not_found(RowKind::Session, id))
        })
    }

    /// The session last used by an application at an origin that was not seen to have ended. Its limits may have
    /// passed (see [`SessionRow::dies_at`]), and it may be a jar alone.
    pub fn session_for(
        &self,
        application_id: Uuid,
        origin: &str,
    ) -> Result<Option<SessionRow>, VaultError> {
        self.read(|connection| picked(connection, SessionPick::At(application_id, origin)))
    }

    /// The session that an application had at an origin and that was seen to have ended last.
    pub fn ended_session_for(
        &self,
        application_id: Uuid,
        origin: &str,
    ) -> Result<Option<SessionRow>, VaultError> {
        self.read(|connection| {
            let found = connection
                .prepare_cached(
                    "SELECT payload FROM session WHERE application_id = ?1 AND origin = ?2 AND ended_at IS NOT NULL
                     ORDER BY ended_at DESC, id DESC LIMIT 1",
                )?
                .query_row(params![Id(application_id), origin], from_row)
                .optional()?;
            Ok(found)
        })
    }

    /// One page of sessions: live ones first, those with a known end before the others; then the last used. Those of forgotten applications are left out.
    pub fn sessions(&self, query: &SessionQuery) -> Result<Page<SessionRow>, VaultError> {
        self.read(|connection| list(connection, query))
    }

    /// Removes a session with its jar.
    pub fn forget_session(&self, id: Uuid) -> Result<(), VaultError> {
        self.write(|tx| {
            let removed = tx.execute("DELETE FROM session WHERE id = ?1", [Id(id)])?;
            one_changed(removed, RowKind::Session, id)
        })
    }
}

fn put(tx: &Connection, row: &SessionRow) -> Result<(), VaultError> {
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
    Ok(())
}

fn picked(
    connection: &Connection,
    pick: SessionPick<'_>,
) -> Result<Option<SessionRow>, VaultError> {
    let found = match pick {
        SessionPick::Id(id) => connection
            .prepare_cached("SELECT payload FROM session WHERE id = ?1")?
            .query_row([Id(id)], from_row),
        SessionPick::At(application, origin) => connection
            .prepare_cached(
                "SELECT payload FROM session WHERE application_id = ?1 AND origin = ?2 AND ended_at IS NULL
                 ORDER BY last_used_at DESC, id DESC LIMIT 1",
            )?
            .query_row(params![Id(application), origin], from_row),
    };
    Ok(found.optional()?)
}

fn list(connection: &Connection, query: &SessionQuery) -> Result<Page<SessionRow>, VaultError> {
    const MATCHING: &str = "FROM session s JOIN application a ON a.id = s.application_id
         WHERE a.forgotten_at IS NULL
            AND coalesce(json_extract(s.payload, '$.jar_only'), 0) = 0
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
            "SELECT s.payload {MATCHING}
             ORDER BY CASE WHEN s.ended_at IS NULL AND s.dies_at > ?4 THEN s.dies_at END ASC NULLS LAST,
                s.last_used_at DESC, s.id DESC LIMIT ?5 OFFSET ?6"
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

    fn cookie(role: CookieRole, expires_at: Option<i64>) -> crate::CookieInfo {
        crate::CookieInfo {
            name: "a".into(),
            path: "/".into(),
            domain: "a.example".into(),
            secure: true,
            http_only: true,
            same_site: None,
            expires_at,
            role,
        }
    }

    #[test]
    fn cookies_that_make_a_session_end_it() {
        use CookieRole::{Candidate, LoadBalancer, Session};
        let mut row = session(Uuid::now_v7(), "https://a.example", 1000);
        (row.idle_secs, row.rolling_secs, row.absolute_secs) = (0, 0, 0);
        for (cookies, wanted) in [
            (
                vec![
                    (Session, Some(5)),
                    (Session, Some(3)),
                    (LoadBalancer, Some(1)),
                ],
                Some(3),
            ),
            (vec![(Session, None), (Candidate, Some(3))], None),
            (vec![(Candidate, Some(5)), (Candidate, Some(3))], Some(5)),
            (vec![(Candidate, None), (Candidate, Some(3))], None),
            (vec![(LoadBalancer, Some(1))], None),
        ] {
            row.cookies = cookies
                .iter()
                .map(|(role, end)| cookie(*role, end.map(|end: i64| end + 1000)))
                .collect();
            let end = wanted.map(|end: i64| end + 1000);
            assert_eq!(row.cookies_end(), end, "{cookies:?}");
            assert_eq!(row.dies_at(), end.unwrap_or(i64::MAX), "{cookies:?}");
        }
    }

    #[test]
    fn a_change_sees_what_the_change_before_it_wrote() {
        let vault = TestVault::new();
        let c = configuration("Kong");
        vault.save_configuration(&c, &[]).unwrap();
        let app = application("orders", c.id);
        vault.save_application(&app, &[]).unwrap();
        let row = session(app.id, "https://a.example", 1000);
        let pick = SessionPick::At(app.id, "https://a.example");
        for step in 0..3 {
            let seen = vault
                .change_session(pick, |current| {
                    let jar = current.map(|(_, jar)| jar.unwrap().expose().to_owned());
                    let change = SessionChange {
                        row: row.clone(),
                        secrets: vec![(
                            SECRET_JAR.to_owned(),
                            Some(SecretText::new(step.to_string())),
                        )],
                    };
                    Ok::<_, VaultError>((Some(change), jar))
                })
                .unwrap();
            assert_eq!(seen, (step > 0).then(|| (step - 1).to_string()));
        }
        // Nothing is written where the change fails.
        let failed = vault.change_session(SessionPick::Id(row.id), |_| {
            Err::<(Option<SessionChange>, ()), _>(VaultError::NoSlot)
        });
        assert!(failed.is_err());
        vault.set_session_limits(c.id, [7, 0, 0]).unwrap();
        let changed = vault.session(row.id).unwrap();
        assert_eq!(changed.dies_at(), 1007);
        let live = |now| SessionQuery {
            live: Some(true),
            now,
            ..SessionQuery::default()
        };
        assert_eq!(vault.sessions(&live(1006)).unwrap().total, 1);
        assert_eq!(vault.sessions(&live(1007)).unwrap().total, 0);
    }

    #[test]
    fn limits_that_nobody_named_leave_old_sessions() {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(include_str!("../../migrations/0001.sql"))
            .unwrap();
        let named = "{\"settings\":{\"session_idle_secs\":\"60\"}}";
        for (id, settings) in [("1", "{\"settings\":{}}"), ("2", named)] {
            let payload = "{\"started_at\":100,\"last_used_at\":100,\"rolled_at\":100,\"idle_secs\":900,\"rolling_secs\":3600,\"absolute_secs\":86400}";
            db.execute(
                "INSERT INTO configuration VALUES (?1, ?1, 1, 1, ?2)",
                [id, settings],
            )
            .unwrap();
            db.execute(
                "INSERT INTO application (id, name, configuration_id, provider, client_id, health, labels, created_at,
                 updated_at, haystack) VALUES (?1, ?1, ?1, 'x', 'x', 'x', '[]', 1, 1, 'x')",
                [id],
            )
            .unwrap();
            db.execute(
                "INSERT INTO session VALUES (?1, ?1, 'https://a.example', 100, NULL, 1000, ?2)",
                [id, payload],
            )
            .unwrap();
        }
        db.execute_batch(include_str!("../../migrations/0002.sql"))
            .unwrap();
        let dies = |id: &str| -> i64 {
            db.query_row("SELECT dies_at FROM session WHERE id = ?1", [id], |row| {
                row.get(0)
            })
            .unwrap()
        };
        assert_eq!((dies("1"), dies("2")), (i64::MAX, 160));
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
