//! Pinned applications: they stand before the others in every order.
//!
//! Their ids are one value under a key, so that they need no format of the database of their own.

use rusqlite::{Connection, OptionalExtension as _, params};
use uuid::Uuid;

use crate::store::sql::{Id, Json};
use crate::{RowKind, Vault, VaultError};

/// The key of the ids, in the order in which they were pinned.
pub(crate) const KEY: &str = "applications.pinned";

impl Vault {
    /// Pins an application, or ends that. Ids of applications that are gone are dropped on the way.
    pub fn set_pinned(&self, id: Uuid, pinned: bool) -> Result<(), VaultError> {
        self.write(|tx| {
            let mut ids = ids(tx)?;
            let mut exists = tx.prepare_cached("SELECT 1 FROM application WHERE id = ?1")?;
            let mut kept = Vec::new();
            for one in ids.drain(..).filter(|one| *one != id) {
                if exists.exists([Id(one)])? {
                    kept.push(one);
                }
            }
            if pinned {
                if !exists.exists([Id(id)])? {
                    return Err(VaultError::not_found(RowKind::Application, id));
                }
                kept.push(id);
            }
            tx.prepare_cached(
                "INSERT INTO kv (key, value) VALUES (?1, ?2)
                 ON CONFLICT DO UPDATE SET value = excluded.value",
            )?
            .execute(params![KEY, Json(kept)])?;
            Ok(())
        })
    }
}

/// `seq` of each pinned application that is not forgotten, in this order.
pub(crate) fn rows(connection: &Connection, order: &str) -> Result<Vec<i64>, VaultError> {
    Ok(connection
        .prepare_cached(&format!(
            "SELECT a.seq FROM kv, json_each(kv.value) p CROSS JOIN application a ON a.id = p.value
             WHERE kv.key = ?1 AND a.forgotten_at IS NULL ORDER BY {order}"
        ))?
        .query_map([KEY], |row| row.get(0))?
        .collect::<Result<_, _>>()?)
}

fn ids(connection: &Connection) -> Result<Vec<Uuid>, VaultError> {
    let found = connection
        .prepare_cached("SELECT value FROM kv WHERE key = ?1")?
        .query_row([KEY], |row| row.get::<_, Json<Vec<Uuid>>>(0))
        .optional()?;
    Ok(found.map(|value| value.0).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use crate::testing::{TestVault, application};
    use crate::{ApplicationQuery, ApplicationSort};

    fn page(vault: &TestVault, text: &str, offset: u64, limit: u64) -> Vec<(String, bool)> {
        let query = ApplicationQuery {
            text: text.into(),
            sort: ApplicationSort::Name,
            offset,
            limit,
            ..ApplicationQuery::default()
        };
        let page = vault.applications(&query).unwrap();
        let rows = page.items.into_iter();
        rows.map(|row| (row.name, row.pinned)).collect()
    }

    #[test]
    fn pinned_applications_come_first_in_every_page() {
        let (vault, configuration) = TestVault::with_configuration();
        let mut ids = Vec::new();
        for name in ["tea 1", "tea 2", "tea 3", "tea 4", "zoo 5"] {
            let row = application(name, configuration);
            vault.save_application(&row, &[]).unwrap();
            ids.push(row.id);
        }
        vault.set_pinned(ids[4], true).unwrap();
        vault.set_pinned(ids[2], true).unwrap();
        let names = |offset, limit| {
            let rows = page(&vault, "", offset, limit).into_iter();
            rows.map(|(name, _)| name).collect::<Vec<_>>()
        };
        assert_eq!(names(0, 9), ["tea 3", "zoo 5", "tea 1", "tea 2", "tea 4"]);
        assert_eq!(names(1, 2), ["zoo 5", "tea 1"]);
        assert_eq!(names(3, 9), ["tea 2", "tea 4"]);
        let found = page(&vault, "tea", 0, 9);
        assert_eq!(found[0], ("tea 3".to_owned(), true));
        assert_eq!(found[1], ("tea 1".to_owned(), false));

        vault.remove_application(ids[2]).unwrap();
        vault.set_pinned(ids[4], false).unwrap();
        assert_eq!(names(0, 9), ["tea 1", "tea 2", "tea 4", "zoo 5"]);
        vault.set_pinned(ids[2], true).unwrap_err();
    }
}
