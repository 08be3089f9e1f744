//! Everything that ends in a span of time: client secrets, reminders to delete, tokens and sessions.

use rusqlite::{Row, params};
use uuid::Uuid;

use crate::store::secrets::SECRET_REGISTRATION_TOKEN;
use crate::store::sql::{count_at, id_at, signed};
use crate::{SecretText, Vault, VaultError};

/// What ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndKind {
    /// A client secret.
    ClientSecret,
    /// The time to live that was given at registration.
    Reminder,
    /// An access token.
    Token,
    /// A session.
    Session,
    /// A registration access token, which says itself when it ends.
    RegistrationToken,
}

/// One end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndRow {
    /// What ends.
    pub kind: EndKind,
    /// When (Unix seconds).
    pub at: i64,
    /// The application that it belongs to.
    pub application_id: Uuid,
    /// Its name.
    pub application: String,
    /// Its provider kind.
    pub provider: String,
    /// The name of its configuration.
    pub configuration: String,
    /// When it was last used.
    pub last_used_at: Option<i64>,
}

/// How many client secrets end when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EndTotals {
    /// Over at `now`.
    pub over: u64,
    /// After the span.
    pub later: u64,
    /// Without an end.
    pub never: u64,
}

const ENDS: &str = "
    SELECT kind, at, a.id, a.name, a.provider, a.last_used_at,
        (SELECT name FROM configuration WHERE id = a.configuration_id) AS configuration
    FROM (
        SELECT 0 AS kind, client_secret_expires_at AS at, id AS owner FROM application
            WHERE forgotten_at IS NULL AND client_secret_expires_at >= max(?1, 1) AND client_secret_expires_at < ?2
        UNION ALL
        SELECT 1, expires_by_ttl_at, id FROM application
            WHERE forgotten_at IS NULL AND expires_by_ttl_at >= ?1 AND expires_by_ttl_at < ?2
        UNION ALL
        SELECT 2, expires_at, application_id FROM token
            WHERE revoked_at IS NULL AND refused_at IS NULL AND expires_at >= max(?1, ?3) AND expires_at < ?2
        UNION ALL
        SELECT 3, dies_at, application_id FROM session
            WHERE ended_at IS NULL AND dies_at >= max(?1, ?3) AND dies_at < ?2
    ) CROSS JOIN application a ON a.id = owner
    WHERE a.forgotten_at IS NULL ORDER BY at, kind, a.name COLLATE NOCASE LIMIT ?4";

const CLIENT_SECRET_ENDS: &str = "
    SELECT 0 AS kind, a.client_secret_expires_at AS at, a.id, a.name, a.provider, a.last_used_at,
        (SELECT name FROM configuration WHERE id = a.configuration_id) AS configuration
    FROM application a
    WHERE a.forgotten_at IS NULL AND a.client_secret_expires_at >= max(?1, 1) AND a.client_secret_expires_at < ?2
    ORDER BY at, a.name COLLATE NOCASE LIMIT ?3";

/// Only a JWT can say when it ends; the others stay where they are.
const REGISTRATION_TOKENS: &str = "
    SELECT 4 AS kind, 0 AS at, a.id, a.name, a.provider, a.last_used_at,
        (SELECT name FROM configuration WHERE id = a.configuration_id) AS configuration, s.value
    FROM secret s JOIN application a ON a.id = s.owner_id
    WHERE s.owner_kind = 'application' AND s.name = ?1 AND substr(s.value, 1, 3) = 'eyJ'
        AND a.forgotten_at IS NULL";

impl Vault {
    /// Registration access tokens that may say when they end, with their applications; the time is not read yet.
    pub fn readable_registration_tokens(&self) -> Result<Vec<(EndRow, SecretText)>, VaultError> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached(REGISTRATION_TOKENS)?
                .query_map([SECRET_REGISTRATION_TOKEN], |row| {
                    let token: String = row.get("value")?;
                    Ok((end(row)?, SecretText::new(token)))
                })?
                .collect::<Result<_, _>>()?)
        })
    }

    /// What ends from `from` until before `until`, the first end first. Tokens and sessions that ended before
    /// `now` are left out; secrets and reminders are listed in any case.
    pub fn ends(
        &self,
        from: i64,
        until: i64,
        now: i64,
        limit: u64,
    ) -> Result<Vec<EndRow>, VaultError> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached(ENDS)?
                .query_map(params![from, until, now, signed(limit)], end)?
                .collect::<Result<_, _>>()?)
        })
    }

    /// Client secrets that end from `from` until before `until`, the first end first.
    pub fn client_secret_ends(
        &self,
        from: i64,
        until: i64,
        limit: u64,
    ) -> Result<Vec<EndRow>, VaultError> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached(CLIENT_SECRET_ENDS)?
                .query_map(params![from, until, signed(limit)], end)?
                .collect::<Result<_, _>>()?)
        })
    }

    /// How many client secrets are over at `now`, end at `until` or later, or never end.
    pub fn end_totals(&self, until: i64, now: i64) -> Result<EndTotals, VaultError> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached(
                    "SELECT count(*) FILTER (WHERE client_secret_expires_at BETWEEN 1 AND ?1),
                        count(*) FILTER (WHERE client_secret_expires_at >= ?2),
                        count(*) FILTER (WHERE coalesce(client_secret_expires_at, 0) = 0)
                     FROM application WHERE forgotten_at IS NULL",
                )?
                .query_row([now, until], |row| {
                    Ok(EndTotals {
                        over: count_at(row, 0)?,
                        later: count_at(row, 1)?,
                        never: count_at(row, 2)?,
                    })
                })?)
        })
    }
}

fn end(row: &Row<'_>) -> rusqlite::Result<EndRow> {
    Ok(EndRow {
        kind: match row.get::<_, i64>("kind")? {
            0 => EndKind::ClientSecret,
            1 => EndKind::Reminder,
            2 => EndKind::Token,
            4 => EndKind::RegistrationToken,
            _ => EndKind::Session,
        },
        at: row.get("at")?,
        application_id: id_at(row, "id")?,
        application: row.get("name")?,
        provider: row.get("provider")?,
        configuration: row.get("configuration")?,
        last_used_at: row.get("last_used_at")?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::SECRET_REGISTRATION_TOKEN;
    use crate::testing::{TestVault, application, token};
    use crate::{EndKind, SecretText};

    #[test]
    fn a_registration_token_that_is_not_a_jwt_is_not_read() {
        let (vault, configuration) = TestVault::with_configuration();
        for (name, token) in [("signed", "eyJhbGciOiJub25lIn0.e30."), ("opaque", "0paque")] {
            let token = (
                SECRET_REGISTRATION_TOKEN.to_owned(),
                Some(SecretText::new(token)),
            );
            vault
                .save_application(&application(name, configuration), &[token])
                .unwrap();
        }
        let found = vault.readable_registration_tokens().unwrap();
        let names: Vec<&str> = found.iter().map(|(row, _)| &*row.application).collect();
        assert_eq!(names, ["signed"]);
    }

    #[test]
    fn what_ends_in_a_span_is_in_its_order() {
        const NOW: i64 = 1_800_000_000;
        let (vault, configuration) = TestVault::with_configuration();
        let secret = |name: &str, at: Option<i64>| {
            let mut row = application(name, configuration);
            row.client_secret_expires_at = at;
            vault.save_application(&row, &[]).unwrap();
            row.id
        };
        secret("over", Some(NOW - 100));
        let soon = secret("soon", Some(NOW + 500));
        secret("later", Some(NOW + 5_000));
        secret("never", Some(0));
        secret("unsaid", None);
        for (issued, ends) in [(NOW - 10, NOW + 100), (NOW - 900, NOW - 1)] {
            let mut row = token(soon, issued);
            row.expires_at = Some(ends);
            vault.save_token(&row, &[]).unwrap();
        }
        let ends = vault.ends(NOW - 1_000, NOW + 1_000, NOW, 10).unwrap();
        let told: Vec<_> = ends
            .iter()
            .map(|one| (one.application.as_str(), one.kind, one.at - NOW))
            .collect();
        let wanted = [
            ("over", EndKind::ClientSecret, -100),
            ("soon", EndKind::Token, 100),
            ("soon", EndKind::ClientSecret, 500),
        ];
        assert_eq!(told, wanted);
        let totals = vault.end_totals(NOW + 1_000, NOW).unwrap();
        assert_eq!((totals.over, totals.later, totals.never), (1, 1, 2));
    }
}
