//! Small values by key: settings, and where the user was last.

use rusqlite::{OptionalExtension as _, params};
use serde_json::Value;

use crate::store::sql::Json;
use crate::{Vault, VaultError};

/// Keys that begin so belong to the vault and not to its contents: a restore leaves them as they are.
pub(crate) const OF_THE_VAULT: &str = "vault/";

impl Vault {
    /// Stores a value, replacing the one under this key.
    pub fn put_kv(&self, key: &str, value: &Value) -> Result<(), VaultError> {
        self.write(|tx| {
            tx.prepare_cached(
                "INSERT INTO kv (key, value) VALUES (?1, ?2)
                 ON CONFLICT DO UPDATE SET value = excluded.value",
            )?
            .execute(params![key, Json(value)])?;
            Ok(())
        })
    }

    /// The value under a key.
    pub fn kv(&self, key: &str) -> Result<Option<Value>, VaultError> {
        self.read(|connection| {
            let found = connection
                .prepare_cached("SELECT value FROM kv WHERE key = ?1")?
                .query_row([key], |row| row.get::<_, Json<Value>>(0))
                .optional()?;
            Ok(found.map(|value| value.0))
        })
    }

    /// Deletes the value under a key; that there is none is fine.
    pub fn delete_kv(&self, key: &str) -> Result<(), VaultError> {
        self.write(|tx| {
            tx.execute("DELETE FROM kv WHERE key = ?1", [key])?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use serde_json::json;

    use crate::testing::TestVault;

    #[test]
    fn a_value_is_replaced_and_deleted_by_its_key() {
        let vault = TestVault::new();
        vault.put_kv("settings", &json!({"a": 1})).unwrap();
        vault.put_kv("settings", &json!({"a": "二"})).unwrap();
        assert_eq!(vault.kv("settings").unwrap(), Some(json!({"a": "二"})));
        vault.delete_kv("settings").unwrap();
        assert_eq!(vault.kv("settings").unwrap(), None);
    }
}
