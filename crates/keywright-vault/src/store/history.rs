//! How much history is kept: exchanges and sessions.

use std::sync::PoisonError;

use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::store::kv::OF_THE_VAULT;
use crate::store::sql::{Id, Json, signed};
use crate::{Vault, VaultError};

const MS_PER_DAY: i64 = 24 * 60 * 60 * 1000;

/// How much history is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryLimits {
    /// The newest this many exchanges are kept.
    pub exchanges: u32,
    /// Exchanges of the last this many days are kept.
    pub exchange_days: u32,
    /// This many sessions are kept: those that ended go first, then those that were not used for longest.
    pub sessions: u32,
}

impl Default for HistoryLimits {
    fn default() -> Self {
        Self {
            exchanges: 10_000,
            exchange_days: 90,
            sessions: 1_000,
        }
    }
}

impl HistoryLimits {
    /// How long an exchange is kept.
    pub(crate) fn exchange_ms(self) -> i64 {
        i64::from(self.exchange_days).saturating_mul(MS_PER_DAY)
    }
}

impl Vault {
    /// How much history this vault keeps.
    pub(crate) fn history_limits(&self) -> HistoryLimits {
        *self.history.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps so much history from now on. Where the limits are not those that were set before, by whichever program,
    /// what is beyond them is deleted; `now_ms` tells what is too old.
    pub fn set_history_limits(&self, limits: HistoryLimits, now_ms: i64) -> Result<(), VaultError> {
        *self.history.write().unwrap_or_else(PoisonError::into_inner) = limits;
        let key = format!("{OF_THE_VAULT}history");
        let set = |connection: &Connection| -> Result<HistoryLimits, VaultError> {
            let found: Option<Json<HistoryLimits>> = connection
                .prepare_cached("SELECT value FROM kv WHERE key = ?1")?
                .query_row([&key], |row| row.get(0))
                .optional()?;
            Ok(found.map_or_else(HistoryLimits::default, |json| json.0))
        };
        if self.read(set)? == limits {
            return Ok(());
        }
        self.write(|tx| {
            tx.execute(
                "INSERT INTO kv (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value",
                params![key, Json(limits)],
            )?;
            tx.execute(
                "DELETE FROM exchange WHERE seq <= (SELECT max(seq) FROM exchange) - ?1 OR started_at_ms < ?2",
                params![limits.exchanges, now_ms.saturating_sub(limits.exchange_ms())],
            )?;
            trim_sessions(tx, limits, None)
        })
    }
}

/// Deletes the sessions beyond the limit, but not the one that was just stored.
pub(crate) fn trim_sessions(
    tx: &Connection,
    limits: HistoryLimits,
    stored: Option<Uuid>,
) -> Result<(), VaultError> {
    let most = u64::from(limits.sessions).saturating_sub(u64::from(stored.is_some()));
    tx.prepare_cached(
        "DELETE FROM session WHERE (SELECT count(*) FROM session) > ?2 AND id IN (
            SELECT id FROM session WHERE id IS NOT ?1
            ORDER BY ended_at IS NOT NULL, last_used_at DESC, id DESC LIMIT -1 OFFSET ?2)",
    )?
    .execute(params![stored.map(Id), signed(most)])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::testing::{TestVault, application, configuration, exchange, open_again, session};
    use crate::{ExchangeQuery, SessionQuery};

    fn exchanges(vault: &Vault) -> u64 {
        let query = ExchangeQuery::default();
        vault.exchanges(&query).unwrap().total
    }

    #[test]
    fn a_smaller_limit_of_exchanges_holds_at_once() {
        let vault = TestVault::new();
        for at in 1..=200 {
            vault.add_exchange(&exchange(at * 1_000)).unwrap();
        }
        let limits = HistoryLimits {
            exchanges: 100,
            ..HistoryLimits::default()
        };
        vault.set_history_limits(limits, 200_000).unwrap();
        assert_eq!(exchanges(&vault), 100);
        vault.add_exchange(&exchange(300_000)).unwrap();
        assert_eq!(exchanges(&vault), 100);
        let days = HistoryLimits {
            exchange_days: 1,
            ..limits
        };
        vault
            .set_history_limits(days, 150_500 + MS_PER_DAY)
            .unwrap();
        assert_eq!(exchanges(&vault), 51, "those of the last day");
    }

    #[test]
    fn limits_that_were_set_before_delete_nothing() {
        let vault = TestVault::new();
        vault.add_exchange(&exchange(1_000)).unwrap();
        let far_ahead = 400 * MS_PER_DAY;
        vault
            .set_history_limits(HistoryLimits::default(), far_ahead)
            .unwrap();
        assert_eq!(
            exchanges(&vault),
            1,
            "a clock that is ahead deletes nothing"
        );
        let limits = HistoryLimits {
            sessions: 10,
            ..HistoryLimits::default()
        };
        vault.set_history_limits(limits, 1_000).unwrap();
        let other = open_again(&vault);
        other.set_history_limits(limits, far_ahead).unwrap();
        assert_eq!(exchanges(&vault), 1, "another program set them already");
    }

    #[test]
    fn sessions_beyond_the_limit_are_deleted_ended_ones_first() {
        let vault = TestVault::new();
        let c = configuration("Kong");
        vault.save_configuration(&c, &[]).unwrap();
        let app = application("orders", c.id);
        vault.save_application(&app, &[]).unwrap();
        let limits = HistoryLimits {
            sessions: 3,
            ..HistoryLimits::default()
        };
        vault.set_history_limits(limits, 0).unwrap();
        let all = || -> Vec<i64> {
            let query = SessionQuery {
                limit: 100,
                ..SessionQuery::default()
            };
            let page = vault.sessions(&query).unwrap();
            let mut at: Vec<i64> = page.items.iter().map(|row| row.started_at).collect();
            at.sort_unstable();
            at
        };
        let save = |at, ended: bool| {
            let origin = format!("https://{at}.example");
            let mut row = session(app.id, &origin, at);
            row.ended_at = ended.then_some(at);
            vault.save_session(&row, None).unwrap();
        };
        for (at, ended) in [(1, false), (2, true), (3, false), (4, true)] {
            save(at, ended);
        }
        assert_eq!(all(), [1, 3, 4]);
        save(5, false);
        assert_eq!(all(), [1, 3, 5]);
        save(6, false);
        assert_eq!(all(), [3, 5, 6]);
        save(2, true);
        assert_eq!(all(), [2, 5, 6], "the one that was just stored stays");
    }
}
