//! Notes of the user on applications.
//!
//! They are one value under a key, so that they need no format of the database of their own.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension as _, params};
use uuid::Uuid;

use crate::store::sql::{Id, Json};
use crate::{RowKind, Vault, VaultError};

/// The key of the notes, by the id of the application.
const KEY: &str = "applications.notes";

impl Vault {
    /// The note on an application; empty where there is none.
    pub fn note(&self, id: Uuid) -> Result<String, VaultError> {
        self.read(|connection| Ok(notes(connection)?.remove(&id).unwrap_or_default()))
    }

    /// Replaces the note on an application; an empty one is dropped, and so are those of applications that are gone.
    pub fn set_note(&self, id: Uuid, text: &str) -> Result<(), VaultError> {
        self.write(|tx| {
            let mut exists = tx.prepare_cached("SELECT 1 FROM application WHERE id = ?1")?;
            if !exists.exists([Id(id)])? {
                return Err(VaultError::not_found(RowKind::Application, id));
            }
            let mut kept = BTreeMap::new();
            for (one, note) in notes(tx)? {
                if one != id && exists.exists([Id(one)])? {
                    kept.insert(one, note);
                }
            }
            if !text.is_empty() {
                kept.insert(id, text.to_owned());
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

fn notes(connection: &Connection) -> Result<BTreeMap<Uuid, String>, VaultError> {
    let found = connection
        .prepare_cached("SELECT value FROM kv WHERE key = ?1")?
        .query_row([KEY], |row| row.get::<_, Json<BTreeMap<Uuid, String>>>(0))
        .optional()?;
    Ok(found.map(|value| value.0).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use uuid::Uuid;

    use crate::testing::{TestVault, application};

    #[test]
    fn a_note_goes_with_its_application() {
        let (vault, configuration) = TestVault::with_configuration();
        let [kept, gone] = ["kept", "gone"].map(|name| application(name, configuration));
        for row in [&kept, &gone] {
            vault.save_application(row, &[]).unwrap();
            vault.set_note(row.id, &row.name).unwrap();
        }
        vault.remove_application(gone.id).unwrap();
        vault.set_note(kept.id, "for the nightly job").unwrap();
        assert_eq!(vault.note(kept.id).unwrap(), "for the nightly job");
        assert_eq!(vault.note(gone.id).unwrap(), "");
        vault.set_note(kept.id, "").unwrap();
        assert_eq!(vault.note(kept.id).unwrap(), "");
        vault.set_note(Uuid::now_v7(), "nobody").unwrap_err();
    }
}
