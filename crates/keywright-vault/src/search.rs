//! The list of applications: filters, order, and a search that keeps up with typing at 100,000 rows.
//!
//! A term of three or more characters is looked up in the trigram index; a shorter one (two Japanese characters are
//! a whole word) is looked for in the text itself. Few matches are fetched and sorted; with many it is quicker to
//! walk the wanted order and keep what matches until the page is full.

use rusqlite::types::Value as SqlValue;
use rusqlite::{Connection, Row, params_from_iter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::rows::{ApplicationSummary, Health, Page};
use crate::sql::{count_at, id_at, json_at, signed};
use crate::{Vault, VaultError};

/// Up to this many matches are fetched and sorted.
const FEW: u64 = 2_000;
/// The trigram index knows nothing shorter.
const TRIGRAM: usize = 3;

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
        let search = Search::new(query);
        self.read(|connection| search.run(connection, query))
    }
}

/// SQL with the values of its `?`s, in order.
#[derive(Default)]
struct Part {
    sql: String,
    values: Vec<SqlValue>,
}

impl Part {
    fn and(&mut self, condition: &str, value: impl Into<SqlValue>) {
        if !self.sql.is_empty() {
            self.sql.push_str(" AND ");
        }
        self.sql.push_str(condition);
        self.values.push(value.into());
    }
}

struct Search {
    /// Selects `seq` of what the words match; none if there are no words.
    matches: Option<Part>,
    /// The same condition on `t.haystack`, for a walk.
    contains: Part,
    configuration_id: Option<String>,
    health: Option<&'static str>,
    expiring_before: Option<i64>,
}

impl Search {
    fn new(query: &ApplicationQuery) -> Self {
        let lower = query.text.to_lowercase();
        let (long, short): (Vec<&str>, Vec<&str>) = lower
            .split_whitespace()
            .partition(|term| term.chars().count() >= TRIGRAM);
        let mut contains = Part::default();
        for term in long.iter().chain(&short) {
            contains.and("instr(t.haystack, ?) > 0", (*term).to_owned());
        }
        let mut words = Part::default();
        if !long.is_empty() {
            let quoted: Vec<String> = long
                .iter()
                .map(|term| format!("\"{}\"", term.replace('"', "\"\"")))
                .collect();
            words.and("application_search MATCH ?", quoted.join(" "));
        }
        for term in &short {
            words.and("instr(haystack, ?) > 0", (*term).to_owned());
        }
        let matches = (!words.sql.is_empty()).then(|| Part {
            sql: if long.is_empty() {
                format!("SELECT seq FROM application_text WHERE {}", words.sql)
            } else {
                let condition = &words.sql;
                format!("SELECT rowid AS seq FROM application_search WHERE {condition}")
            },
            values: words.values,
        });
        Self {
            matches,
            contains,
            configuration_id: query.configuration_id.map(|id| id.to_string()),
            health: query.health.map(Health::as_str),
            expiring_before: query.expiring_before,
        }
    }

    fn run(
        &self,
        connection: &Connection,
        query: &ApplicationQuery,
    ) -> Result<Page<ApplicationSummary>, VaultError> {
        let few_matches = match &self.matches {
            Some(matches) => {
                let sql = format!("SELECT count(*) FROM ({} LIMIT {})", matches.sql, FEW + 1);
                count(connection, &sql, &matches.values)? <= FEW
            }
            None => false,
        };
        let total = self.total(connection, few_matches)?;
        let page = self.page(query, few_matches, total);
        let items = connection
            .prepare_cached(&page.sql)?
            .query_map(params_from_iter(page.values), summary)?
            .collect::<Result<_, _>>()?;
        Ok(Page { items, total })
    }

    fn total(&self, connection: &Connection, few_matches: bool) -> Result<u64, VaultError> {
        let filters = self.filters(false);
        let mut from = self.from(few_matches);
        if filters.sql.is_empty() {
            // The text table has a row for each application that is not forgotten, and nothing else.
            let sql = match &self.matches {
                Some(matches) if few_matches => format!("SELECT count(*) FROM ({})", matches.sql),
                Some(_) => format!(
                    "SELECT count(*) FROM application_text t WHERE {}",
                    self.contains.sql
                ),
                None => "SELECT count(*) FROM application_text".to_owned(),
            };
            let values = self.matches.as_ref().map_or(&[][..], |matches| {
                if few_matches {
                    &matches.values
                } else {
                    &self.contains.values
                }
            });
            return count(connection, &sql, values);
        }
        from.sql = format!("SELECT count(*) FROM {} AND {}", from.sql, filters.sql);
        from.values.extend(filters.values);
        count(connection, &from.sql, &from.values)
    }

    fn page(&self, query: &ApplicationQuery, few_matches: bool, total: u64) -> Part {
        let mut part = self.from(few_matches);
        // With many rows to come, no filter may tempt SQLite away from walking the wanted order.
        let filters = self.filters(total > FEW);
        if !filters.sql.is_empty() {
            part.sql = format!("{} AND {}", part.sql, filters.sql);
            part.values.extend(filters.values);
        }
        part.sql = format!(
            "SELECT a.id, a.name, a.configuration_id, a.provider, a.client_id, a.health,
                a.client_secret_expires_at, a.expires_by_ttl_at, a.labels, a.created_at, a.last_used_at,
                (SELECT name FROM configuration WHERE id = a.configuration_id) AS configuration_name
             FROM {} ORDER BY {} LIMIT ? OFFSET ?",
            part.sql,
            query.sort.order()
        );
        part.values.push(signed(query.limit).into());
        part.values.push(signed(query.offset).into());
        part
    }

    /// The tables and what joins them, up to where further conditions follow with `AND`.
    fn from(&self, few_matches: bool) -> Part {
        const LIVE: &str = "a.forgotten_at IS NULL";
        match &self.matches {
            Some(matches) if few_matches => Part {
                sql: format!(
                    "({}) m CROSS JOIN application a ON a.seq = m.seq WHERE {LIVE}",
                    matches.sql
                ),
                values: matches.values.clone(),
            },
            Some(_) => Part {
                sql: format!(
                    "application a CROSS JOIN application_text t ON t.seq = a.seq WHERE {LIVE} AND {}",
                    self.contains.sql
                ),
                values: self.contains.values.clone(),
            },
            None => Part {
                sql: format!("application a WHERE {LIVE}"),
                values: Vec::new(),
            },
        }
    }

    /// The filters; a unary plus keeps SQLite from using an index for one.
    fn filters(&self, without_index: bool) -> Part {
        let plus = if without_index { "+" } else { "" };
        let mut part = Part::default();
        if let Some(id) = &self.configuration_id {
            part.and(&format!("{plus}a.configuration_id = ?"), id.clone());
        }
        if let Some(health) = self.health {
            part.and(&format!("{plus}a.health = ?"), health.to_owned());
        }
        if let Some(before) = self.expiring_before {
            part.and(&format!("{plus}a.expiry_at <= ?"), before);
        }
        part
    }
}

fn count(connection: &Connection, sql: &str, values: &[SqlValue]) -> Result<u64, VaultError> {
    Ok(connection
        .prepare_cached(sql)?
        .query_row(params_from_iter(values), |row| count_at(row, 0))?)
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
