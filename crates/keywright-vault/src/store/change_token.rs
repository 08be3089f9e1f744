//! Noticing that something changed, here or in another process.

use crate::vault::lock;
use crate::{Vault, VaultError};

impl Vault {
    /// A number that differs after each commit to the vault, by this process or another. Cheap enough to ask often.
    /// [`VaultError::KeyRotated`] says that there will be none any more.
    pub fn change_token(&self) -> Result<u64, VaultError> {
        self.still_current()?;
        // This connection writes nothing itself, so `data_version` also shows what our own writer commits.
        let version: i64 =
            lock(&self.watcher).query_row("PRAGMA data_version", [], |row| row.get(0))?;
        Ok(version.unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use crate::testing::{TestVault, open_again};

    #[test]
    fn the_token_moves_with_a_write_of_ours_and_of_another_handle_and_not_with_a_read() {
        let vault = TestVault::new();
        let other = open_again(&vault);
        let start = vault.change_token().unwrap();
        assert_eq!(start, vault.change_token().unwrap());
        vault.kv("nothing").unwrap();
        assert_eq!(start, vault.change_token().unwrap());
        vault.put_kv("a", &1.into()).unwrap();
        let ours = vault.change_token().unwrap();
        assert_ne!(start, ours);
        other.put_kv("a", &2.into()).unwrap();
        assert_ne!(ours, vault.change_token().unwrap());
    }
}
