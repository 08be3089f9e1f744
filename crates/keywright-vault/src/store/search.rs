//! The list of applications: filters, order, and a search that keeps up with typing at 100,000 rows.
//!
//! Words are looked for in the text in memory, filters in an index each. What both leave is a list of rows: a short
//! one is fetched and sorted; with a long one it is quicker to walk the wanted order, which is an index as well, until
//! the page is full.

use std::fmt::Write as _;

use rusqlite::types::Value as SqlValue;
use rusqlite::{Connection, Row, params, params_from_iter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::store::rows::{ApplicationSummary, Health, Page};
use crate::store::search_text::{Kept, State};
use crate::store::sql::{id_at, json_at, signed};
use crate::{Vault, VaultError};

/// Up to this many rows are fetched and sorted.
const FEW: usize = 500;

/// The order of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationSort {
    /// Last used first; a new one counts as used when it was made.
    #[default]
    RecentlyUsed,
    /// By name, ignoring case.
    Name,
    /// Newest first.
    Created,
    /// What expires first; what never does last.
    Expiry,
}

impl ApplicationSort {
    fn order(self) -> &'static str {
        match self {
            Self::RecentlyUsed => "a.recent_at DESC, a.seq DESC",
            Self::Name => "a.name COLLATE NOCASE, a.seq",
            Self::Created => "a.created_at DESC, a.seq DESC",
            Self::Expiry => "a.expiry_at, a.seq",
        }
    }

    /// All rows that are not forgotten, in this order, out of the index.
    fn walk(self) -> String {
        format!(
            "SELECT a.seq FROM application a WHERE a.forgotten_at IS NULL ORDER BY {}",
            self.order()
        )
    }
}

/// What to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApplicationQuery {
    /// Words that all must be in name, `client_id`, configuration name or a label; case does not matter.
    pub text: String,
    /// Only those of one configuration.
    pub configuration_id: Option<Uuid>,
    /// Only those in this health.
    pub health: Option<Health>,
    /// Only those that expire at or before this time.
    pub expiring_before: Option<i64>,
    /// The order.
    pub sort: ApplicationSort,
    /// How many rows to skip.
    pub offset: u64,
    /// How many rows to give.
    pub limit: u64,
}

impl Vault {
    /// One page of the list of applications, and how many the query has in all.
    pub fn applications(
        &self,
        query: &ApplicationQuery,
    ) -> Result<Page<ApplicationSummary>, VaultError> {
        self.read(|connection| {
            let state = State::read(connection)?;
            let chosen = chosen(connection, &self.search_text, state, query)?;
            let total = chosen.as_ref().map_or(state.live, |rows| rows.len() as u64);
            let seqs = page(connection, chosen.as_deref(), query)?;
            Ok(Page {
                items: summaries(connection, &seqs)?,
                total,
            })
        })
    }

    /// Reads the text that the search looks through, so that the first search does not have to.
    pub fn prepare_search(&self) -> Result<(), VaultError> {
        self.read(|connection| {
            let state = State::read(connection)?;
            self.search_text.get(connection, state)?;
            Ok(())
        })
    }
}

/// `seq` of each row that words and filters leave, ascending; none where there are neither.
fn chosen(
    connection: &Connection,
    kept: &Kept,
    state: State,
    query: &ApplicationQuery,
) -> Result<Option<Vec<i64>>, VaultError> {
    let lower = query.text.to_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let mut all = Vec::new();
    if !words.is_empty() {
        all.push(kept.get(connection, state)?.matching(&words));
    }
    let mut filter = |condition: &str, value: SqlValue| -> Result<(), VaultError> {
        let mut rows: Vec<i64> = connection
            .prepare_cached(&format!(
                "SELECT seq FROM application WHERE forgotten_at IS NULL AND {condition}"
            ))?
            .query_map([value], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        rows.sort_unstable();
        all.push(rows);
        Ok(())
    };
    if let Some(id) = query.configuration_id {
        filter("configuration_id = ?1", id.to_string().into())?;
    }
    if let Some(health) = query.health {
        filter("health = ?1", health.as_str().to_owned().into())?;
    }
    if let Some(before) = query.expiring_before {
        filter("expiry_at <= ?1", before.into())?;
    }
    Ok(all.into_iter().reduce(|one, other| in_both(&one, &other)))
}

/// What is in both lists, which are sorted.
fn in_both(one: &[i64], other: &[i64]) -> Vec<i64> {
    let mut other = other.iter().copied().peekable();
    let mut both = Vec::new();
    for &seq in one {
        while other.next_if(|&next| next < seq).is_some() {}
        if other.peek() == Some(&seq) {
            both.push(seq);
        }
    }
    both
}

/// `seq` of each row of the page, in the wanted order.
fn page(
    connection: &Connection,
    chosen: Option<&[i64]>,
    query: &ApplicationQuery,
) -> Result<Vec<i64>, VaultError> {
    let (limit, offset) = (signed(query.limit), signed(query.offset));
    let (sql, values): (String, Vec<SqlValue>) = match chosen {
        None => (
            format!("{} LIMIT ? OFFSET ?", query.sort.walk()),
            vec![limit.into(), offset.into()],
        ),
        Some(few) if few.len() <= FEW => (
            format!(
                "SELECT a.seq FROM json_each(?) m CROSS JOIN application a ON a.seq = m.value
                 ORDER BY {} LIMIT ? OFFSET ?",
                query.sort.order()
            ),
            vec![json(few).into(), limit.into(), offset.into()],
        ),
        Some(many) => return walk(connection, many, query),
    };
    Ok(connection
        .prepare_cached(&sql)?
        .query_map(params_from_iter(values), |row| row.get(0))?
        .collect::<Result<_, _>>()?)
}

/// Walks the wanted order until the page is full.
fn walk(
    connection: &Connection,
    chosen: &[i64],
    query: &ApplicationQuery,
) -> Result<Vec<i64>, VaultError> {
    let left = (chosen.len() as u64).saturating_sub(query.offset);
    let wanted = usize::try_from(query.limit.min(left)).unwrap_or(usize::MAX);
    let mut skip = query.offset;
    let mut page = Vec::new();
    let mut statement = connection.prepare_cached(&query.sort.walk())?;
    let mut rows = statement.query([])?;
    while page.len() < wanted {
        let Some(row) = rows.next()? else { break };
        let seq = row.get(0)?;
        if chosen.binary_search(&seq).is_err() {
            continue;
        }
        if skip == 0 {
            page.push(seq);
        } else {
            skip -= 1;
        }
    }
    Ok(page)
}

fn summaries(connection: &Connection, seqs: &[i64]) -> Result<Vec<ApplicationSummary>, VaultError> {
    Ok(connection
        .prepare_cached(
            "SELECT a.id, a.name, a.configuration_id, a.provider, a.client_id, a.health,
                a.client_secret_expires_at, a.expires_by_ttl_at, a.labels, a.created_at, a.last_used_at,
                (SELECT name FROM configuration WHERE id = a.configuration_id) AS configuration_name
             FROM json_each(?1) m CROSS JOIN application a ON a.seq = m.value ORDER BY m.key",
        )?
        .query_map(params![json(seqs)], summary)?
        .collect::<Result<_, _>>()?)
}

/// The numbers as a JSON array.
fn json(seqs: &[i64]) -> String {
    let mut text = "[".to_owned();
    for (at, seq) in seqs.iter().enumerate() {
        let comma = if at > 0 { "," } else { "" };
        // Writing to a string does not fail.
        let _ = write!(text, "{comma}{seq}");
    }
    text.push(']');
    text
}

fn summary(row: &Row<'_>) -> rusqlite::Result<ApplicationSummary> {
    Ok(ApplicationSummary {
        id: id_at(row, "id")?,
        name: row.get("name")?,
        configuration_id: id_at(row, "configuration_id")?,
        configuration_name: row.get("configuration_name")?,
        provider: row.get("provider")?,
        client_id: row.get("client_id")?,
        health: row.get("health")?,
        client_secret_expires_at: row.get("client_secret_expires_at")?,
        expires_by_ttl_at: row.get("expires_by_ttl_at")?,
        labels: json_at(row, "labels")?,
        created_at: row.get("created_at")?,
        last_used_at: row.get("last_used_at")?,
    })
}

#[cfg(test)]
#[path = "search_tests.rs"]
mod tests;
