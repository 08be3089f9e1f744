//! Requests and answers as they went over the wire, redacted before they come here.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::store::rows::{ExchangeRow, ExchangeSummary, Page};
use crate::store::sql::{Id, Json, count_at, id_at, json_at, optional_id_at, signed};
use crate::{RowKind, Vault, VaultError};

/// At most so many are deleted for their age at a time: a clock that is a year ahead for one request must not
/// take the whole history with it.
const TOO_OLD_AT_ONCE: i64 = 2;

/// What to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExchangeQuery {
    /// Text in the URL, method, purpose, actor, status, error code, headers or bodies; case does not matter.
    pub text: String,
    /// Only those that failed or were answered with status 400 or above; a check that is meant to be refused is none.
    pub errors_only: bool,
    /// Only those about one application.
    pub application_id: Option<Uuid>,
    /// Only those about one configuration.
    pub configuration_id: Option<Uuid>,
    /// Only those of one operation.
    pub flow: Option<Uuid>,
    /// How many rows to skip.
    pub offset: u64,
    /// How many rows to give.
    pub limit: u64,
}

impl Vault {
    /// Stores an exchange. Those beyond the [`HistoryLimits`](crate::HistoryLimits) are deleted; the days count from
    /// this one. The request under way does not wait for the disk; what it leads to is written durably and takes this row
    /// along.
    pub fn add_exchange(&self, row: &ExchangeRow) -> Result<(), VaultError> {
        let limits = self.history_limits();
        self.write_without_sync(|tx| {
            tx.prepare_cached(
                "INSERT INTO exchange (id, flow, purpose, application_id, configuration_id, actor, started_at_ms,
                    elapsed_ms, method, url, host, path, status, error, request, response)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            )?
            .execute(params![
                Id(row.id),
                Id(row.flow),
                row.purpose,
                row.application_id.map(Id),
                row.configuration_id.map(Id),
                row.actor,
                row.started_at_ms,
                signed(row.elapsed_ms),
                row.method,
                row.url,
                row.host,
                row.path,
                row.status,
                row.error,
                Json(&row.request),
                Json(&row.response),
            ])?;
            let oldest_kept = tx.last_insert_rowid() - i64::from(limits.exchanges);
            tx.prepare_cached("DELETE FROM exchange WHERE seq <= ?1")?
                .execute([oldest_kept])?;
            tx.prepare_cached(
                "DELETE FROM exchange WHERE seq IN (
                    SELECT seq FROM exchange WHERE started_at_ms < ?1 ORDER BY started_at_ms LIMIT ?2)",
            )?
            .execute([row.started_at_ms.saturating_sub(limits.exchange_ms()), TOO_OLD_AT_ONCE])?;
            Ok(())
        })
    }

    /// One page of exchanges, newest first.
    pub fn exchanges(&self, query: &ExchangeQuery) -> Result<Page<ExchangeSummary>, VaultError> {
        self.read(|connection| list(connection, query))
    }

    /// The newest calls of an API that an application sent cookies with, from one time until before another.
    pub fn calls_with_cookies(
        &self,
        application: Uuid,
        host: &str,
        (from_ms, until_ms): (i64, i64),
        limit: u64,
    ) -> Result<Vec<ExchangeSummary>, VaultError> {
        self.read(|connection| {
            let mut query = connection.prepare_cached(&format!(
                "SELECT {SUMMARY} FROM exchange
                 WHERE application_id = ?1 AND purpose = 'api_call' AND host = ?2 AND started_at_ms >= ?3
                    AND started_at_ms < ?4
                    AND EXISTS (SELECT 1 FROM json_each(request, '$.headers') AS header
                        WHERE lower(json_extract(header.value, '$[0]')) = 'cookie')
                 ORDER BY started_at_ms DESC, seq DESC LIMIT ?5"
            ))?;
            let values = params![Id(application), host, from_ms, until_ms, signed(limit)];
            let rows = query.query_map(values, summary)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// One exchange in full.
    pub fn exchange(&self, id: Uuid) -> Result<ExchangeRow, VaultError> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT * FROM exchange WHERE id = ?1")?
                .query_row([Id(id)], full)
                .optional()?
                .ok_or_else(|| VaultError::not_found(RowKind::Exchange, id))
        })
    }
}

/// The columns of an [`ExchangeSummary`].
const SUMMARY: &str =
    "id, flow, purpose, application_id, configuration_id, actor, started_at_ms, elapsed_ms, method,
    host, path, status, error";

fn list(
    connection: &Connection,
    query: &ExchangeQuery,
) -> Result<Page<ExchangeSummary>, VaultError> {
    const MATCHING: &str = "FROM exchange
         WHERE (?1 IS NULL OR application_id = ?1)
            AND (?2 IS NULL OR configuration_id = ?2)
            AND (?3 IS NULL OR flow = ?3)
            AND (NOT ?4 OR error IS NOT NULL OR status >= 500 OR status >= 400 AND purpose NOT LIKE 'probe%')
            AND (?5 = '' OR instr(lower(method || ' ' || url || char(10) || purpose || char(10) || actor || char(10)
                || coalesce(status, '') || char(10) || coalesce(error, '') || char(10)
                || request || char(10) || response), ?5) > 0)";
    let (application, configuration) =
        (query.application_id.map(Id), query.configuration_id.map(Id));
    let flow = query.flow.map(Id);
    // SQLite's lower() knows ASCII only, and so must the other side.
    let text = query.text.trim().to_ascii_lowercase();
    let total = connection
        .prepare_cached(&format!("SELECT count(*) {MATCHING}"))?
        .query_row(
            params![application, configuration, flow, query.errors_only, text],
            |row| count_at(row, 0),
        )?;
    let items = connection
        .prepare_cached(&format!(
            "SELECT {SUMMARY} {MATCHING} ORDER BY started_at_ms DESC, seq DESC LIMIT ?6 OFFSET ?7"
        ))?
        .query_map(
            params![
                application,
                configuration,
                flow,
                query.errors_only,
                text,
                signed(query.limit),
                signed(query.offset)
            ],
            summary,
        )?
        .collect::<Result<_, _>>()?;
    Ok(Page { items, total })
}

fn elapsed(row: &Row<'_>) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>("elapsed_ms")?.unsigned_abs())
}

fn summary(row: &Row<'_>) -> rusqlite::Result<ExchangeSummary> {
    Ok(ExchangeSummary {
        id: id_at(row, "id")?,
        flow: id_at(row, "flow")?,
        purpose: row.get("purpose")?,
        application_id: optional_id_at(row, "application_id")?,
        configuration_id: optional_id_at(row, "configuration_id")?,
        actor: row.get("actor")?,
        started_at_ms: row.get("started_at_ms")?,
        elapsed_ms: elapsed(row)?,
        method: row.get("method")?,
        host: row.get("host")?,
        path: row.get("path")?,
        status: row.get("status")?,
        error: row.get("error")?,
    })
}

fn full(row: &Row<'_>) -> rusqlite::Result<ExchangeRow> {
    let head = summary(row)?;
    Ok(ExchangeRow {
        id: head.id,
        flow: head.flow,
        purpose: head.purpose,
        application_id: head.application_id,
        configuration_id: head.configuration_id,
        actor: head.actor,
        started_at_ms: head.started_at_ms,
        elapsed_ms: head.elapsed_ms,
        method: head.method,
        url: row.get("url")?,
        host: head.host,
        path: head.path,
        status: head.status,
        error: head.error,
        request: json_at(row, "request")?,
        response: json_at(row, "response")?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::HistoryLimits;
    use crate::testing::{TestVault, exchange};

    /// 90 days.
    const KEEP_MS: i64 = 90 * 24 * 60 * 60 * 1000;

    #[test]
    fn exchanges_are_found_by_text_flow_and_failure_newest_first() {
        let vault = TestVault::new();
        let mut refused = exchange(1_000);
        refused.status = Some(401);
        let mut lost = exchange(2_000);
        (lost.status, lost.error) = (None, Some("timeout".into()));
        let fine = exchange(3_000);
        for row in [&refused, &lost, &fine] {
            vault.add_exchange(row).unwrap();
        }
        assert_eq!(vault.exchange(lost.id).unwrap(), lost);
        let ids = |query: ExchangeQuery| -> Vec<Uuid> {
            let page = vault
                .exchanges(&ExchangeQuery { limit: 10, ..query })
                .unwrap();
            page.items.iter().map(|row| row.id).collect()
        };
        let all = ExchangeQuery::default;
        assert_eq!(ids(all()), [fine.id, lost.id, refused.id]);
        let errors_only = true;
        assert_eq!(
            ids(ExchangeQuery {
                errors_only,
                ..all()
            }),
            [lost.id, refused.id]
        );
        let text = |text: &str| {
            ids(ExchangeQuery {
                text: text.into(),
                ..all()
            })
        };
        assert_eq!(text("TIMEOUT"), [lost.id]);
        assert_eq!(text("401"), [refused.id]);
        assert_eq!(text("post https://issuer").len(), 3);
        let flow = Some(fine.flow);
        assert_eq!(ids(ExchangeQuery { flow, ..all() }), [fine.id]);
    }

    #[test]
    fn calls_with_cookies_are_those_that_sent_some() {
        let vault = TestVault::new();
        let application = Uuid::now_v7();
        let call = |at, header: &str| ExchangeRow {
            purpose: "api_call".into(),
            application_id: Some(application),
            host: "api.example".into(),
            request: serde_json::json!({ "headers": [["accept", "*/*"], [header, "••••"]] }),
            ..exchange(at)
        };
        let calls = [
            (1_000, "Cookie"),
            (2_000, "authorization"),
            (3_000, "cookie"),
        ];
        let calls = calls.map(|(at, header)| call(at, header));
        let mut elsewhere = call(4_000, "cookie");
        elsewhere.host = "other.example".into();
        let later = call(3_001, "cookie");
        for row in calls.iter().chain([&elsewhere, &later, &exchange(5_000)]) {
            vault.add_exchange(row).unwrap();
        }
        let found = |from_ms, limit| {
            let times = (from_ms, 3_001);
            let rows = vault.calls_with_cookies(application, "api.example", times, limit);
            let times = rows.unwrap().into_iter().map(|row| row.started_at_ms);
            times.collect::<Vec<_>>()
        };
        assert_eq!(found(0, 9), [3_000, 1_000]);
        assert_eq!(found(0, 1), [3_000]);
        assert_eq!(found(1_001, 9), [3_000]);
    }

    #[test]
    fn a_text_is_found_in_headers_or_bodies() {
        let vault = TestVault::new();
        let mut scoped = exchange(1_000);
        scoped.request = serde_json::json!({ "headers": [], "body": "scope=orders%3Aread" });
        let mut traced = exchange(2_000);
        traced.response =
            serde_json::json!({ "headers": [["x-request-id", "8F1c0b7e"]], "body": null });
        let mut probe = exchange(3_000);
        (probe.purpose, probe.status) = ("probe_token".into(), Some(401));
        for row in [&scoped, &traced, &probe] {
            vault.add_exchange(row).unwrap();
        }
        let total = |text: &str, errors_only: bool| {
            let query = ExchangeQuery {
                text: text.into(),
                errors_only,
                limit: 9,
                ..ExchangeQuery::default()
            };
            vault.exchanges(&query).unwrap().total
        };
        assert_eq!(total("orders%3Aread", false), 1);
        assert_eq!(total("8f1C0b", false), 1);
        // A check that is meant to be refused is not an error.
        assert_eq!(total("", true), 0);
        assert_eq!(total("probe", false), 1);
    }

    #[test]
    fn the_writer_waits_for_the_disk_again_after_an_exchange() {
        let vault = TestVault::new();
        let level = || {
            vault
                .on_writer(|connection| {
                    Ok(connection
                        .pragma_query_value(None, "synchronous", |row| row.get::<_, i64>(0))?)
                })
                .unwrap()
        };
        vault.add_exchange(&exchange(1)).unwrap();
        assert_eq!(level(), 2);
        // Also after one that could not be stored.
        let same = exchange(2);
        vault.add_exchange(&same).unwrap();
        vault.add_exchange(&same).unwrap_err();
        assert_eq!(level(), 2);
    }

    #[test]
    fn f10_a_clock_that_is_a_year_ahead_for_one_request_takes_little_of_the_history() {
        let vault = TestVault::new();
        for at in 0..200 {
            vault.add_exchange(&exchange(at)).unwrap();
        }
        vault.add_exchange(&exchange(4 * KEEP_MS)).unwrap();
        let all = ExchangeQuery {
            limit: 1,
            ..ExchangeQuery::default()
        };
        assert_eq!(vault.exchanges(&all).unwrap().total, 199);
    }

    #[test]
    fn f26_what_is_beyond_the_newest_ten_thousand_is_deleted() {
        let vault = TestVault::new();
        let (before, first_kept) = (exchange(1), exchange(2));
        vault.add_exchange(&before).unwrap();
        vault.add_exchange(&first_kept).unwrap();
        // Those between are deleted already: the numbers count, not the rows.
        vault
            .write(|tx| {
                tx.execute("UPDATE exchange SET seq = seq + 100 WHERE id = ?1", [Id(first_kept.id)])?;
                tx.execute(
                    "INSERT INTO exchange SELECT ?1, 'x', flow, purpose, NULL, NULL, actor, started_at_ms, 1, method,
                        url, host, path, status, error, request, response FROM exchange WHERE id = ?2",
                    params![i64::from(HistoryLimits::default().exchanges) + 100, Id(before.id)],
                )?;
                Ok(())
            })
            .unwrap();
        vault.add_exchange(&exchange(3)).unwrap();
        assert!(vault.exchange(before.id).is_err());
        assert!(vault.exchange(first_kept.id).is_ok());
    }

    #[test]
    fn f26_what_is_older_than_ninety_days_is_deleted() {
        let vault = TestVault::new();
        let (old, new) = (exchange(0), exchange(KEEP_MS + 1));
        vault.add_exchange(&old).unwrap();
        vault.add_exchange(&new).unwrap();
        assert!(vault.exchange(old.id).is_err());
        assert!(vault.exchange(new.id).is_ok());
    }
}
