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
use crate::store::sql::{count_at, id_at, json_at, signed};
use crate::store::{closeness, pins};
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

    /// All rows that are not forgotten and meet the condition, in this order, out of the index.
    fn walk(self, condition: &str) -> String {
        format!(
            "SELECT a.seq FROM application a WHERE a.forgotten_at IS NULL {condition} ORDER BY {}",
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
    /// Only those with this label.
    pub label: Option<String>,
    /// Only those that were last used, or made and never used, at or before this time.
    pub unused_since: Option<i64>,
    /// Only those with a live token.
    pub token_live: bool,
    /// The time: a token that expires later is live.
    pub now: i64,
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
                items: summaries(connection, &seqs, query.now)?,
                total,
            })
        })
    }

    /// The applications whose names come nearest to the words, the best first; see `closeness`.
    pub fn applications_like(
        &self,
        text: &str,
        limit: usize,
        now: i64,
    ) -> Result<Vec<ApplicationSummary>, VaultError> {
        let lower = text.to_lowercase();
        let words: Vec<&str> = lower.split_whitespace().collect();
        self.read(|connection| {
            let state = State::read(connection)?;
            let text = self.search_text.get(connection, state)?;
            let mut found: Vec<(u32, i64)> = text
                .names()
                .filter_map(|(seq, name)| Some((closeness::of(&words, name)?, seq)))
                .collect();
            found.sort_unstable_by_key(|&(distance, seq)| (distance, std::cmp::Reverse(seq)));
            found.truncate(FEW);
            let seqs: Vec<i64> = found.iter().map(|(_, seq)| *seq).collect();
            let mut rows: Vec<(u32, ApplicationSummary)> = found
                .iter()
                .map(|(distance, _)| *distance)
                .zip(summaries(connection, &seqs, now)?)
                .collect();
            // Among those that are equally near, the one used last.
            rows.sort_by_key(|(distance, row)| {
                let recent = row.last_used_at.unwrap_or(row.created_at);
                (*distance, std::cmp::Reverse(recent))
            });
            rows.truncate(limit);
            Ok(rows.into_iter().map(|(_, row)| row).collect())
        })
    }

    /// Every label in use, and how many applications have it; the most used first.
    pub fn labels(&self) -> Result<Vec<(String, u64)>, VaultError> {
        self.read(|connection| {
            Ok(connection
                .prepare_cached(
                    "SELECT l.value, count(*) AS n FROM application a, json_each(a.labels) l
                     WHERE a.forgotten_at IS NULL GROUP BY l.value ORDER BY n DESC, l.value",
                )?
                .query_map([], |row| Ok((row.get(0)?, count_at(row, 1)?)))?
                .collect::<Result<_, _>>()?)
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
    if let Some(since) = query.unused_since {
        filter("recent_at <= ?1", since.into())?;
    }
    if query.token_live {
        let has = "id IN (SELECT application_id FROM token WHERE revoked_at IS NULL AND refused_at IS NULL
            AND issued_at <= ?1 AND expires_at > ?1)";
        filter(has, query.now.into())?;
    }
    if let Some(label) = &query.label {
        let has = "EXISTS (SELECT 1 FROM json_each(labels) WHERE value = ?1)";
        filter(has, label.clone().into())?;
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

/// `seq` of each row of the page, in the wanted order, after the pinned ones in that order.
fn page(
    connection: &Connection,
    chosen: Option<&[i64]>,
    query: &ApplicationQuery,
) -> Result<Vec<i64>, VaultError> {
    let mut pinned = pins::rows(connection, query.sort.order())?;
    pinned.retain(|seq| chosen.is_none_or(|chosen| chosen.binary_search(seq).is_ok()));
    if pinned.is_empty() {
        return unpinned(connection, chosen, &[], query);
    }
    let before = pinned.len() as u64;
    let mut seqs: Vec<i64> = pinned
        .iter()
        .copied()
        .skip(usize::try_from(query.offset).unwrap_or(usize::MAX))
        .take(usize::try_from(query.limit).unwrap_or(usize::MAX))
        .collect();
    let others = ApplicationQuery {
        offset: query.offset.saturating_sub(before),
        limit: query.limit.saturating_sub(seqs.len() as u64),
        ..query.clone()
    };
    pinned.sort_unstable();
    let rest: Option<Vec<i64>> = chosen.map(|chosen| {
        let others = chosen.iter().copied();
        others
            .filter(|seq| pinned.binary_search(seq).is_err())
            .collect()
    });
    seqs.extend(unpinned(connection, rest.as_deref(), &pinned, &others)?);
    Ok(seqs)
}

/// `seq` of each row of the page, in the wanted order, without those that are pinned.
fn unpinned(
    connection: &Connection,
    chosen: Option<&[i64]>,
    pinned: &[i64],
    query: &ApplicationQuery,
) -> Result<Vec<i64>, VaultError> {
    let (limit, offset) = (signed(query.limit), signed(query.offset));
    let (sql, values): (String, Vec<SqlValue>) = match chosen {
        None if pinned.is_empty() => (
            format!("{} LIMIT ? OFFSET ?", query.sort.walk("")),
            vec![limit.into(), offset.into()],
        ),
        None => (
            format!(
                "{} LIMIT ? OFFSET ?",
                query
                    .sort
                    .walk("AND a.seq NOT IN (SELECT value FROM json_each(?))")
            ),
            vec![json(pinned).into(), limit.into(), offset.into()],
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
    let mut statement = connection.prepare_cached(&query.sort.walk(""))?;
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

fn summaries(
    connection: &Connection,
    seqs: &[i64],
    now: i64,
) -> Result<Vec<ApplicationSummary>, VaultError> {
    Ok(connection
        .prepare_cached(
            "SELECT a.id, a.name, a.configuration_id, a.provider, a.client_id, a.health,
                a.client_secret_expires_at, a.expires_by_ttl_at, a.labels, a.created_at, a.last_used_at,
                (SELECT name FROM configuration WHERE id = a.configuration_id) AS configuration_name,
                (SELECT max(expires_at) FROM token t WHERE t.application_id = a.id AND t.revoked_at IS NULL
                    AND t.refused_at IS NULL AND t.issued_at <= ?2 AND t.expires_at > ?2) AS token_expires_at,
                EXISTS (SELECT 1 FROM kv, json_each(kv.value) p WHERE kv.key = ?3 AND p.value = a.id) AS pinned
             FROM json_each(?1) m CROSS JOIN application a ON a.seq = m.value ORDER BY m.key",
        )?
        .query_map(params![json(seqs), now, pins::KEY], summary)?
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
        token_expires_at: row.get("token_expires_at")?,
        pinned: row.get("pinned")?,
    })
}

#[cfg(test)]
#[path = "search_tests.rs"]
mod tests;
