//! Which tokens are kept: the newest of each request, and those that live. The values of expired ones are wiped.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use uuid::Uuid;

use crate::store::rows::TokenRow;
use crate::store::sql::{Id, Json, id_at};
use crate::{Vault, VaultError};

/// The name of a token's value among the secrets.
const ACCESS_TOKEN: &str = "access_token";
/// The name of the refresh token that came with it.
pub(crate) const REFRESH_TOKEN: &str = "refresh_token";

/// The value of an expired token is kept this long, for those who ask what was wrong with it.
const WIPED_AFTER_SECS: i64 = 5 * 60;
/// So many tokens of one application are kept for no other reason than that they have not expired: a provider may
/// leave out when they do, and a script may fetch one after the other.
const MOST_LIVING: usize = 100;
/// So many refresh tokens of one application are kept while none of them was proven by a later use.
const MOST_REFRESH: usize = 10;

/// A clock that is this far ahead of the last cleaning may have jumped.
const JUMP_SECS: i64 = 24 * 60 * 60;
/// A clock that stays ahead for this time is right.
const BELIEVED_AFTER_SECS: i64 = 10 * 60;
/// The time of the last cleaning and since when the clock is ahead of it, in Unix seconds.
const CLEANED_AT: &str = "tokens/cleaned_at";

/// What of a token decides whether it is kept.
struct Token {
    id: Uuid,
    request: (
        String,
        Option<String>,
        Option<String>,
        String,
        Option<String>,
    ),
    lives: bool,
    has_refresh: bool,
}

impl Vault {
    /// Wipes the values of tokens that have expired, of all applications, and deletes the tokens that nothing needs
    /// any more. Kept are the newest token of each request (grant, scope, audience, resources, details), those that have not
    /// expired and were not revoked or refused, and those that came with a refresh token that may still be of use.
    /// Says how many values were wiped.
    pub fn wipe_expired_tokens(&self, now: i64) -> Result<u64, VaultError> {
        let expired = now.saturating_sub(WIPED_AFTER_SECS);
        // Mostly there are none, and then nothing has to wait for the disk.
        let any = self.read(|connection| {
            Ok(connection
                .prepare_cached(
                    "SELECT 1 FROM token WHERE holds_value = 1 AND expires_at <= ?1 LIMIT 1",
                )?
                .exists([expired])?)
        })?;
        if !any {
            return Ok(0);
        }
        self.write(|tx| {
            let applications: Vec<Uuid> = tx
                .prepare_cached(
                    "SELECT DISTINCT application_id FROM token WHERE holds_value = 1 AND expires_at <= ?1",
                )?
                .query_map([expired], |row| id_at(row, "application_id"))?
                .collect::<Result<_, _>>()?;
            let now = believed(tx, now)?;
            let wiped = wipe(tx, "", now)?;
            for application in applications {
                prune(tx, application, now)?;
            }
            Ok(wiped)
        })
    }
}

/// Keeps of the application of a token that was just stored what is to be kept, within a transaction. The refresh
/// token of `proven` was used with success: those before it go.
pub(crate) fn apply(
    tx: &Connection,
    stored: &TokenRow,
    proven: Option<Uuid>,
) -> Result<(), VaultError> {
    let (application, now) = (stored.application_id, stored.issued_at);
    if let Some(proven) = proven {
        tx.prepare_cached(
            "DELETE FROM secret WHERE owner_kind = 'token' AND name = ?3 AND owner_id IN (
                SELECT old.id FROM token old JOIN token proven ON proven.id = ?2
                WHERE old.application_id = ?1 AND (old.issued_at, old.id) < (proven.issued_at, proven.id))",
        )?
        .execute(params![Id(application), Id(proven), REFRESH_TOKEN])?;
    }
    // By a clock that is ahead a token has expired when it arrives, and its provider accepts it anyway.
    let others = format!(
        "AND application_id = '{application}' AND id <> '{}'",
        stored.id
    );
    let now = believed(tx, now)?;
    wipe(tx, &others, now)?;
    prune(tx, application, now)
}

/// The time to clean by. A clock that is far ahead of the last cleaning may have jumped, which must not cost tokens that
/// still live when it is set right: the last cleaning counts until the clock has been ahead for a while.
fn believed(tx: &Connection, now: i64) -> Result<i64, VaultError> {
    let found: Option<Json<(i64, Option<i64>)>> = tx
        .prepare_cached("SELECT value FROM kv WHERE key = ?1")?
        .query_row([CLEANED_AT], |row| row.get(0))
        .optional()?;
    let (last, ahead_since) = found.map_or((now, None), |json| json.0);
    let is_ahead = now > last.saturating_add(JUMP_SECS);
    let since = ahead_since.filter(|since| *since <= now).unwrap_or(now);
    let (by, kept) = if is_ahead && now < since.saturating_add(BELIEVED_AFTER_SECS) {
        (last, (last, Some(since)))
    } else {
        (now, (now, None))
    };
    tx.prepare_cached(
        "INSERT INTO kv (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value",
    )?
    .execute(params![CLEANED_AT, Json(kept)])?;
    Ok(by)
}

/// Deletes the values of access tokens that have expired.
fn wipe(tx: &Connection, condition: &str, now: i64) -> Result<u64, VaultError> {
    let until = now.saturating_sub(WIPED_AFTER_SECS);
    let expired = format!("holds_value = 1 AND expires_at <= ?1 {condition}");
    let wiped = tx.execute(
        &format!(
            "DELETE FROM secret WHERE owner_kind = 'token' AND name = ?2
                AND owner_id IN (SELECT id FROM token WHERE {expired})"
        ),
        params![until, ACCESS_TOKEN],
    )?;
    tx.execute(
        &format!("UPDATE token SET holds_value = 0 WHERE {expired}"),
        [until],
    )?;
    Ok(wiped as u64)
}

fn prune(tx: &Connection, application: Uuid, now: i64) -> Result<(), VaultError> {
    let tokens: Vec<Token> = tx
        .prepare_cached(
            "SELECT id, \"grant\", scope_asked, audience, resources, authorization_details,
                revoked_at IS NULL AND refused_at IS NULL AND (expires_at IS NULL OR expires_at > ?2) AS lives,
                EXISTS (SELECT 1 FROM secret WHERE owner_kind = 'token' AND owner_id = token.id AND name = ?3)
                    AS has_refresh
             FROM token WHERE application_id = ?1 ORDER BY issued_at DESC, id DESC",
        )?
        .query_map(params![Id(application), now, REFRESH_TOKEN], token)?
        .collect::<Result<_, _>>()?;
    let mut requests = HashSet::new();
    let (mut living, mut refreshing) = (0, 0);
    for token in tokens {
        refreshing += usize::from(token.has_refresh);
        living += usize::from(token.lives);
        let refreshes = token.has_refresh && refreshing <= MOST_REFRESH;
        let lives = token.lives && living <= MOST_LIVING;
        let newest = requests.insert(token.request);
        if !(newest || lives || refreshes) {
            tx.prepare_cached("DELETE FROM token WHERE id = ?1")?
                .execute([Id(token.id)])?;
        } else if token.has_refresh && !refreshes {
            tx.prepare_cached(
                "DELETE FROM secret WHERE owner_kind = 'token' AND owner_id = ?1 AND name = ?2",
            )?
            .execute(params![Id(token.id), REFRESH_TOKEN])?;
        }
    }
    Ok(())
}

fn token(row: &Row<'_>) -> rusqlite::Result<Token> {
    Ok(Token {
        id: id_at(row, "id")?,
        request: (
            row.get("grant")?,
            row.get("scope_asked")?,
            row.get("audience")?,
            row.get("resources")?,
            row.get("authorization_details")?,
        ),
        lives: row.get("lives")?,
        has_refresh: row.get("has_refresh")?,
    })
}

#[cfg(test)]
#[path = "token_retention_tests.rs"]
mod tests;
