//! Tokens that were obtained; the tokens themselves are secrets.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use uuid::Uuid;

use crate::store::rows::{TokenQuestion, TokenRow};
use crate::store::sql::{Id, Json, count_at, id_at, json_at};
use crate::store::token_retention::{self, REFRESH_TOKEN};
use crate::{
    Owner, RowKind, SecretChange, SecretText, Vault, VaultError,
    store::{applications, secrets},
};

impl Vault {
    /// Stores a token (new, or replacing the one with its id) with its secrets, in one transaction. The tokens of the
    /// application that it replaces are deleted as [`Vault::wipe_expired_tokens`] says.
    pub fn save_token(&self, row: &TokenRow, secrets: &[SecretChange]) -> Result<(), VaultError> {
        self.save_refreshed_token(row, secrets, None)
    }

    /// Stores a token that the refresh token of `proven` was exchanged for: that one works, so the refresh tokens
    /// before it are deleted.
    pub fn save_refreshed_token(
        &self,
        row: &TokenRow,
        secrets: &[SecretChange],
        proven: Option<Uuid>,
    ) -> Result<(), VaultError> {
        self.write(|tx| {
            store(tx, row)?;
            secrets::apply(tx, Owner::Token(row.id), secrets, row.issued_at)?;
            token_retention::apply(tx, row, proven)
        })
    }

    /// As [`Vault::save_refreshed_token`], for a token that was just issued: its application works and is used.
    pub fn save_issued_token(
        &self,
        row: &TokenRow,
        secrets: &[SecretChange],
        proven: Option<Uuid>,
    ) -> Result<(), VaultError> {
        self.write(|tx| {
            store(tx, row)?;
            secrets::apply(tx, Owner::Token(row.id), secrets, row.issued_at)?;
            token_retention::apply(tx, row, proven)?;
            applications::worked(tx, row.application_id, row.issued_at)
        })
    }

    /// The token last obtained for exactly this question that was not revoked. It may have expired. One that was obtained after `now`, while the clock was ahead, says nothing.
    pub fn latest_token(
        &self,
        application_id: Uuid,
        asked: TokenQuestion<'_>,
        now: i64,
    ) -> Result<Option<TokenRow>, VaultError> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached(
                    "SELECT payload FROM token
                     WHERE application_id = ?1 AND \"grant\" = ?2 AND scope_asked IS ?3 AND audience IS ?4
                        AND resources = ?5 AND authorization_details IS ?6 AND revoked_at IS NULL
                        AND issued_at <= ?7
                     ORDER BY issued_at DESC, id DESC LIMIT 1",
                )?
                .query_row(
                    params![
                        Id(application_id),
                        asked.grant,
                        asked.scope,
                        asked.audience,
                        Json(asked.resources),
                        asked.authorization_details,
                        now
                    ],
                    from_row,
                )
                .optional()?)
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

    /// The newest token of an application that is neither expired nor revoked nor refused by an API; where there is
    /// none, the newest of all.
    pub fn current_token(
        &self,
        application_id: Uuid,
        now: i64,
    ) -> Result<Option<TokenRow>, VaultError> {
        self.read(|connection| {
            for condition in [
                "AND revoked_at IS NULL AND refused_at IS NULL AND issued_at <= ?2 AND (expires_at IS NULL OR expires_at > ?2)",
                "AND ?2 IS NOT NULL",
            ] {
                let newest = connection
                    .prepare_cached(&format!(
                        "SELECT payload FROM token WHERE application_id = ?1 {condition}
                         ORDER BY issued_at DESC, id DESC LIMIT 1"
                    ))?
                    .query_row(params![Id(application_id), now], from_row)
                    .optional()?;
                if newest.is_some() {
                    return Ok(newest);
                }
            }
            Ok(None)
        })
    }

    /// How many tokens of an application are neither expired nor revoked.
    pub fn live_tokens(&self, application_id: Uuid, now: i64) -> Result<u64, VaultError> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached(
                    "SELECT count(*) FROM token
                     WHERE application_id = ?1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?2)",
                )?
                .query_row(params![Id(application_id), now], |row| count_at(row, 0))?)
        })
    }

    /// The newest refresh token of an application, and the token that it came with.
    pub fn newest_refresh_token(
        &self,
        application_id: Uuid,
    ) -> Result<Option<(Uuid, SecretText)>, VaultError> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached(
                    "SELECT t.id, s.value FROM token t
                     JOIN secret s ON s.owner_kind = 'token' AND s.owner_id = t.id AND s.name = ?2
                     WHERE t.application_id = ?1 ORDER BY t.issued_at DESC, t.id DESC LIMIT 1",
                )?
                .query_row(params![Id(application_id), REFRESH_TOKEN], |row| {
                    Ok((
                        id_at(row, "id")?,
                        SecretText::new(row.get::<_, String>("value")?),
                    ))
                })
                .optional()?)
        })
    }

    /// Applications with auto-refresh whose newest usable token expires at or before `end`, unless the provider
    /// rejected them.
    pub fn applications_to_refresh(&self, end: i64) -> Result<Vec<Uuid>, VaultError> {
        self.read(|connection| {
            let ids = connection
                .prepare_cached(TO_REFRESH)?
                .query_map([end], |row| id_at(row, "id"))?
                .collect::<Result<_, _>>()?;
            Ok(ids)
        })
    }

    /// One token.
    pub fn token(&self, id: Uuid) -> Result<TokenRow, VaultError> {
        self.read(|connection| load(connection, id))
    }

    /// Notes that a token was revoked.
    pub fn mark_revoked(&self, id: Uuid, now: i64) -> Result<(), VaultError> {
        self.update_token(id, |row| {
            row.revoked_at = Some(now);
            // What the server said of the token before is not so any more.
            row.introspected = None;
            row.introspected_at = None;
        })?;
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

pub(crate) const TO_REFRESH: &str = "SELECT id FROM application INDEXED BY application_to_refresh
     WHERE refresh_at <= ?1 AND forgotten_at IS NULL AND health <> 'rejected' ORDER BY refresh_at";

fn load(connection: &Connection, id: Uuid) -> Result<TokenRow, VaultError> {
    connection
        .prepare_cached("SELECT payload FROM token WHERE id = ?1")?
        .query_row([Id(id)], from_row)
        .optional()?
        .ok_or_else(|| VaultError::not_found(RowKind::Token, id))
}

fn store(tx: &Connection, row: &TokenRow) -> Result<(), VaultError> {
    tx.prepare_cached(
        "INSERT INTO token (id, application_id, \"grant\", scope_asked, audience, resources,
            authorization_details, issued_at, expires_at, revoked_at, refused_at, payload)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT (id) DO UPDATE SET application_id = excluded.application_id, \"grant\" = excluded.\"grant\",
            scope_asked = excluded.scope_asked, audience = excluded.audience, resources = excluded.resources,
            authorization_details = excluded.authorization_details,
            issued_at = excluded.issued_at, expires_at = excluded.expires_at, revoked_at = excluded.revoked_at,
            refused_at = excluded.refused_at, payload = excluded.payload",
    )?
    .execute(params![
        Id(row.id),
        Id(row.application_id),
        row.grant,
        row.scope_asked,
        row.audience,
        Json(&row.resources),
        row.authorization_details,
        row.issued_at,
        row.expires_at,
        row.revoked_at,
        row.refused_at,
        Json(row),
    ])?;
    Ok(())
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<TokenRow> {
    json_at(row, "payload")
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;
