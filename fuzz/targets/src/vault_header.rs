//! `vault.json`, as someone may have changed it.

use std::{fs, sync::LazyLock};

use keywright_vault::{FORMAT_VERSION, Vault, VaultHome};
use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

/// What is read is of a version that this program knows; reading changes nothing.
pub fn run(data: &[u8]) {
    let home = VaultHome::new(FOLDER.path());
    let header = home.paths().header;
    fs::write(&header, data).unwrap();
    if let Ok(described) = Vault::describe(&home) {
        assert!((1..=FORMAT_VERSION).contains(&described.version));
        let stored = serde_json::to_string(&described).unwrap();
        assert_eq!(
            serde_json::from_str::<keywright_vault::VaultHeader>(&stored).unwrap(),
            described
        );
    }
    assert_eq!(fs::read(&header).unwrap(), data);
}
