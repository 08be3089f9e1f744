//! Configurations: where applications are registered, and how.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use uuid::Uuid;

use crate::store::rows::ConfigurationRow;
use crate::store::sql::{Id, Json, count_at, json_at, name_taken, one_changed};
use crate::{
    AuditLine, Owner, RowKind, SecretChange, Vault, VaultError, audit,
    store::{applications, secrets},
};

const COLUMNS: &str = "SELECT payload FROM configuration";

impl Vault {
    /// All configurations, by name.
    pub fn configurations(&self) -> Result<Vec<ConfigurationRow>, VaultError> {
        self.read(|connection| {
            let rows = connection
                .prepare_cached(&format!("{COLUMNS} ORDER BY name COLLATE NOCASE"))?
                .query_map([], from_row)?
                .collect::<Result<_, _>>()?;
            Ok(rows)
        })
    }

    /// One configuration.
    pub fn configuration(&self, id: Uuid) -> Result<ConfigurationRow, VaultError> {
        self.read(|connection| {
            connection
                .prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?
                .query_row([Id(id)], from_row)
                .optional()?
                .ok_or_else(|| VaultError::not_found(RowKind::Configuration, id))
        })
    }

    /// The configuration with exactly this name.
    pub fn configuration_by_name(
        &self,
        name: &str,
    ) -> Result<Option<ConfigurationRow>, VaultError> {
        self.read(|connection| {
            let found = connection
                .prepare_cached(&format!("{COLUMNS} WHERE name = ?1"))?
                .query_row([name], from_row)
                .optional()?;
            Ok(found)
        })
    }

    /// Changes a configuration as it is stored now and some of its secrets, in one transaction: what another program
    /// changed since it was read stays.
    pub fn change_configuration(
        &self,
        id: Uuid,
        secrets: &[SecretChange],
        change: impl FnOnce(&mut ConfigurationRow),
    ) -> Result<ConfigurationRow, VaultError> {
        self.write(|tx| {
            let mut row: ConfigurationRow = tx
                .prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?
                .query_row([Id(id)], from_row)
                .optional()?
                .ok_or_else(|| VaultError::not_found(RowKind::Configuration, id))?;
            change(&mut row);
            save(tx, &row, secrets)?;
            Ok(row)
        })
    }

    /// Stores a configuration (new, or replacing the one with its id) and changes its secrets, in one transaction.
    pub fn save_configuration(
        &self,
        row: &ConfigurationRow,
        secrets: &[SecretChange],
    ) -> Result<(), VaultError> {
        self.write(|tx| save(tx, row, secrets))
    }

    /// Stores new configurations with their secrets, and the lines of the audit log about them, in one transaction:
    /// one that cannot be stored undoes all.
    pub fn add_configurations(
        &self,
        all: &[(ConfigurationRow, Vec<SecretChange>)],
        lines: &[AuditLine],
    ) -> Result<(), VaultError> {
        let seal = self.audit_seal();
        self.write(|tx| {
            for (row, secrets) in all {
                save(tx, row, secrets)?;
            }
            for line in lines {
                audit::append(tx, &seal, line)?;
            }
            Ok(())
        })
    }

    /// Removes a configuration with its secrets. Refused while applications or unfinished operations need it;
    /// applications that were forgotten go with it.
    pub fn remove_configuration(&self, id: Uuid) -> Result<(), VaultError> {
        self.write(|tx| {
            let count = |sql: &str| tx.query_row(sql, [Id(id)], |row| count_at(row, 0));
            let applications = count(
                "SELECT count(*) FROM application WHERE configuration_id = ?1 AND forgotten_at IS NULL",
            )?;
            let unfinished = count(
                "SELECT count(*) FROM journal
                 WHERE configuration_id = ?1 AND state NOT IN ('done', 'discarded')",
            )?;
            if applications + unfinished > 0 {
                return Err(VaultError::ConfigurationInUse {
                    applications,
                    unfinished,
                });
            }
            tx.execute("DELETE FROM application WHERE configuration_id = ?1", [Id(id)])?;
            let removed = tx.execute("DELETE FROM configuration WHERE id = ?1", [Id(id)])?;
            one_changed(removed, RowKind::Configuration, id)
        })
    }
}

/// Stores a configuration and changes its secrets, within a transaction.
fn save(
    tx: &Connection,
    row: &ConfigurationRow,
    secrets: &[SecretChange],
) -> Result<(), VaultError> {
    let old_name = name_of(tx, row.id)?;
    tx.prepare_cached(
        "INSERT INTO configuration (id, name, created_at, updated_at, payload)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (id) DO UPDATE SET
            name = excluded.name, updated_at = excluded.updated_at, payload = excluded.payload",
    )?
    .execute(params![
        Id(row.id),
        row.name,
        row.created_at,
        row.updated_at,
        Json(row)
    ])
    .map_err(|error| name_taken(error, RowKind::Configuration, &row.name))?;
    secrets::apply(tx, Owner::Configuration(row.id), secrets, row.updated_at)?;
    if old_name.is_some_and(|old| old != row.name) {
        // Applications are found by their configuration's name, too.
        applications::refresh_search(tx, row.id)?;
    }
    Ok(())
}

/// The name of a configuration, within a transaction.
pub(crate) fn name_of(tx: &Connection, id: Uuid) -> Result<Option<String>, VaultError> {
    Ok(tx
        .prepare_cached("SELECT name FROM configuration WHERE id = ?1")?
        .query_row([Id(id)], |row| row.get(0))
        .optional()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<ConfigurationRow> {
    json_at(row, "payload")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;
    use crate::testing::{TestVault, application, configuration, entry};

    #[test]
    fn a_configuration_comes_back_as_it_was_saved_and_its_secrets_stand_apart() {
        let vault = TestVault::new();
        let mut row = configuration("Kong");
        row.settings.insert("a".into(), "b".into());
        let set = [("initial".to_owned(), Some("tok".into()))];
        vault.save_configuration(&row, &set).unwrap();
        assert_eq!(vault.configuration(row.id).unwrap(), row);
        assert_eq!(
            vault.configuration_by_name("Kong").unwrap(),
            Some(row.clone())
        );
        assert_eq!(vault.configuration_by_name("kong").unwrap(), None);
        let owner = Owner::Configuration(row.id);
        let stored = vault.secret(owner, "initial").unwrap().unwrap();
        assert_eq!(stored.expose(), "tok");
        vault
            .save_configuration(&row, &[("initial".to_owned(), None)])
            .unwrap();
        assert!(vault.secret(owner, "initial").unwrap().is_none());
    }

    #[test]
    fn a_second_configuration_cannot_take_a_name() {
        let vault = TestVault::new();
        vault
            .save_configuration(&configuration("Kong"), &[])
            .unwrap();
        let second = configuration("Kong");
        let set = [("initial".to_owned(), Some("tok".into()))];
        match vault.save_configuration(&second, &set) {
            Err(VaultError::NameTaken { kind, name }) => {
                assert_eq!((kind, name.as_str()), (RowKind::Configuration, "Kong"));
            }
            other => panic!("{other:?}"),
        }
        let owner = Owner::Configuration(second.id);
        assert!(vault.secret(owner, "initial").unwrap().is_none());
    }

    #[test]
    fn a_change_keeps_what_another_program_wrote() {
        let vault = TestVault::new();
        let row = configuration("Kong");
        vault.save_configuration(&row, &[]).unwrap();
        let learned = |one: &mut ConfigurationRow| {
            one.settings.insert("learned".into(), "yes".into());
        };
        vault.change_configuration(row.id, &[], learned).unwrap();
        let set = [("management".to_owned(), Some("tok".into()))];
        let renamed = |one: &mut ConfigurationRow| {
            one.name = "Gateway".into();
            one.secret_keys.push("management".into());
        };
        vault.change_configuration(row.id, &set, renamed).unwrap();
        let kept = vault.configuration_by_name("Gateway").unwrap().unwrap();
        assert_eq!(kept.settings["learned"], "yes");
        assert_eq!(kept.secret_keys, ["initial", "management"]);
        let owner = Owner::Configuration(row.id);
        assert!(vault.secret(owner, "management").unwrap().is_some());

        vault
            .save_configuration(&configuration("Kong"), &[])
            .unwrap();
        let taken = vault.change_configuration(row.id, &[("management".to_owned(), None)], |one| {
            one.name = "Kong".into();
        });
        assert!(matches!(taken, Err(VaultError::NameTaken { .. })));
        assert!(vault.secret(owner, "management").unwrap().is_some());
    }

    #[test]
    fn configurations_that_are_added_together_are_all_there_or_none() {
        let vault = TestVault::new();
        let set = || vec![("initial".to_owned(), Some("tok".into()))];
        let all: Vec<_> = ["one", "two", "two"]
            .map(|name| (configuration(name), set()))
            .into();
        let line = AuditLine {
            at_ms: 1,
            actor: "cli".into(),
            action: "configuration_added".into(),
            subject: String::new(),
            detail: serde_json::Value::Null,
        };
        let lines = [line.clone(), line];
        let refused = vault.add_configurations(&all, &lines);
        assert!(matches!(refused, Err(VaultError::NameTaken { .. })));
        assert!(vault.configurations().unwrap().is_empty());
        assert_eq!(vault.audit_count(None).unwrap(), 0);
        vault.add_configurations(&all[..2], &lines).unwrap();
        assert_eq!(vault.configurations().unwrap().len(), 2);
        assert_eq!(vault.audit_count(None).unwrap(), 2);
    }

    #[test]
    fn a_configuration_in_use_is_not_removed() {
        let vault = TestVault::new();
        let row = configuration("Kong");
        let set = [("initial".to_owned(), Some("tok".into()))];
        vault.save_configuration(&row, &set).unwrap();
        let app = application("one", row.id);
        vault.save_application(&app, &[]).unwrap();
        let under_way = vault.journal_begin(&entry("two", row.id)).unwrap();
        match vault.remove_configuration(row.id) {
            Err(VaultError::ConfigurationInUse {
                applications,
                unfinished,
            }) => assert_eq!((applications, unfinished), (1, 1)),
            other => panic!("{other:?}"),
        }
        vault.journal_discard(under_way, 9).unwrap();
        vault.forget(app.id, 9).unwrap();
        vault.remove_configuration(row.id).unwrap();
        assert!(matches!(
            vault.remove_configuration(row.id),
            Err(VaultError::NotFound { .. })
        ));
        let owner = Owner::Configuration(row.id);
        assert!(vault.secret(owner, "initial").unwrap().is_none());
    }
}
