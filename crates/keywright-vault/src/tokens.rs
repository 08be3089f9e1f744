//! Tokens that were obtained; the tokens themselves are secrets.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use uuid::Uuid;

use crate::rows::TokenRow;
use crate::sql::{Id, Json, json_at};
use crate::{Owner, SecretChange, Vault, VaultError, secrets};

impl Vault {
    /// Stores a token (new, or replacing the one with its id) with its secrets, in one transaction.
    pub fn save_token(&self, row: &TokenRow, secrets: &[SecretChange]) -> Result<(), VaultError> {
        self.write(|tx| {
            store(tx, row)?;
            secrets::apply(tx, Owner::Token(row.id), secrets, row.issued_at)
        })
    }

    /// The token last obtained for exactly this grant, scope, audience and resources that was not revoked. It may
    /// have expired. One that was obtained after `now`, while the clock was ahead, says nothing.
    pub fn latest_token(
        &self,
        application_id: Uuid,
        grant: &str,
        scope_asked: Option<&str>,
        audience: Option<&str>,
        resources: &[String],
        now: i64,
    ) -> Result<Option<TokenRow>, VaultError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                    "SELECT payload FROM token
                     WHERE application_id = ?1 AND \"grant\" = ?2 AND scope_asked IS ?3 AND audience IS ?4
                        AND revoked_at IS NULL AND issued_at <= ?5
                     ORDER BY issued_at DESC, id DESC",
            )?;
            let rows = statement.query_map(
                params![Id(application_id), grant, scope_asked, audience, now],
                from_row,
            )?;
            for row in rows {
                let row = row?;
                if row.resources == resources {
                    return Ok(Some(row));
                }
            }
            Ok(None)
        })
    }

    /// All tokens of an application, newest first.
    pub fn tokens(&self, application_id: Uuid) -> Result<Vec<TokenRow>, VaultError> {
        self.read(|connection| {
            let rows = connection
                .prepare_cached(
                    "SELECT payload FROM token WHERE application_id = ?1 ORDER BY issued_at DESC, id DESC",
                )?
                .query_map([Id(application_id)], from_row)?
                .collect::<Result<_, _>>()?;
            Ok(rows)
        })
    }

    /// The newest token of an application for which this holds; older ones are not read.
    pub fn newest_token(
        &self,
        application_id: Uuid,
        holds: impl Fn(&TokenRow) -> bool,
    ) -> Result<Option<TokenRow>, VaultError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT payload FROM token WHERE application_id = ?1 AND revoked_at IS NULL
                 ORDER BY issued_at DESC, id DESC",
            )?;
            for row in statement.query_map([Id(application_id)], from_row)? {
                let row = row?;
                if holds(&row) {
                    return Ok(Some(row));
                }
            }
            Ok(None)
        })
    }

    /// One token.
    pub fn token(&self, id: Uuid) -> Result<TokenRow, VaultError> {
        self.read(|connection| load(connection, id))
    }

    /// Notes that a token was revoked.
    pub fn mark_revoked(&self, id: Uuid, now: i64) -> Result<(), VaultError> {
        self.update_token(id, |row| row.revoked_at = Some(now))?;
        Ok(())
    }

    /// Changes what is known of a token as it is now, not as it was when somebody read it, and answers the row.
    pub fn update_token(
        &self,
        id: Uuid,
        change: impl FnOnce(&mut TokenRow),
    ) -> Result<TokenRow, VaultError> {
        self.write(|tx| {
            let mut row = load(tx, id)?;
            change(&mut row);
            store(tx, &row)?;
            Ok(row)
        })
    }

    /// Removes a token with its secrets; that there is none is fine.
    pub fn remove_token(&self, id: Uuid) -> Result<(), VaultError> {
        self.write(|tx| {
            tx.execute("DELETE FROM token WHERE id = ?1", [Id(id)])?;
            Ok(())
        })
    }
}

fn load(connection: &Connection, id: Uuid) -> Result<TokenRow, VaultError> {
    connection
        .prepare_cached("SELECT payload FROM token WHERE id = ?1")?
        .query_row([Id(id)], from_row)
        .optional()?
        .ok_or_else(|| VaultError::not_found("token", id))
}

fn store(tx: &Connection, row: &TokenRow) -> Result<(), VaultError> {
    tx.prepare_cached(
        "INSERT INTO token (id, application_id, \"grant\", scope_asked, audience, issued_at, revoked_at, payload)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (id) DO UPDATE SET application_id = excluded.application_id, \"grant\" = excluded.\"grant\",
            scope_asked = excluded.scope_asked, audience = excluded.audience, issued_at = excluded.issued_at,
            revoked_at = excluded.revoked_at, payload = excluded.payload",
    )?
    .execute(params![
        Id(row.id),
        Id(row.application_id),
        row.grant,
        row.scope_asked,
        row.audience,
        row.issued_at,
        row.revoked_at,
        Json(row),
    ])?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<TokenRow> {
    json_at(row, "payload")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::testing::{TestVault, application, configuration, token};

    #[test]
    fn the_latest_token_is_the_newest_for_the_same_question_that_was_not_revoked() {
        let vault = TestVault::new();
        let c = configuration("Kong");
        vault.save_configuration(&c, &[]).unwrap();
        let app = application("one", c.id);
        vault.save_application(&app, &[]).unwrap();
        let old = token(app.id, 10);
        let new = token(app.id, 20);
        let mut other = token(app.id, 30);
        other.scope_asked = Some("write".into());
        for row in [&new, &old, &other] {
            let secret = [("access_token".to_owned(), Some("at".into()))];
            vault.save_token(row, &secret).unwrap();
        }
        let latest_at = |scope, now| {
            let grant = "client_credentials";
            vault
                .latest_token(app.id, grant, scope, None, &[], now)
                .unwrap()
        };
        let latest = |scope| latest_at(scope, 50);
        assert_eq!(latest_at(None, 15), Some(old.clone()));
        assert_eq!(latest_at(None, 5), None);
        assert_eq!(latest(None), Some(new.clone()));
        assert_eq!(latest(Some("write")), Some(other));
        assert_eq!(latest(Some("read")), None);
        vault.mark_revoked(new.id, 40).unwrap();
        assert_eq!(latest(None), Some(old));
        assert_eq!(vault.token(new.id).unwrap().revoked_at, Some(40));
        assert_eq!(vault.tokens(app.id).unwrap().len(), 3);

        let mut of_one = token(app.id, 25);
        of_one.resources = vec!["https://api.example".into()];
        vault.save_token(&of_one, &[]).unwrap();
        let grant = "client_credentials";
        let of = |resources: &[String]| {
            vault
                .latest_token(app.id, grant, None, None, resources, 50)
                .unwrap()
        };
        assert_eq!(of(&of_one.resources), Some(of_one.clone()));
        assert_ne!(of(&[]), Some(of_one));

        vault.remove_application(app.id).unwrap();
        let gone = vault.secret(Owner::Token(new.id), "access_token").unwrap();
        assert!(gone.is_none());
        assert!(vault.tokens(app.id).unwrap().is_empty());
    }
}
