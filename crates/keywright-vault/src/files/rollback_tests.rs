#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;

use serde_json::json;

use super::*;
use crate::testing::{PASSPHRASE, passphrase_only};
use crate::{AuditLine, NewSlots, Unlock, VaultHome};

struct Fixture {
    _folder: tempfile::TempDir,
    home: VaultHome,
    keyring: KeyringAccess,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = VaultHome::new(folder.path().join("vault"));
        let keyring = KeyringAccess::in_memory();
        let new = NewSlots {
            keyring: Some(keyring.clone()),
            ..passphrase_only(PASSPHRASE)
        };
        Vault::create(&home, new, 1).unwrap().close().unwrap();
        Self {
            _folder: folder,
            home,
            keyring,
        }
    }

    /// Opens by the keyring, writes lines into the log, closes.
    fn run(&self, lines: i64) {
        let vault = self.open();
        for n in 0..lines {
            log(&vault, n);
        }
        vault.close().unwrap();
    }

    fn open(&self) -> Vault {
        Vault::open_with_keyring(&self.home, &self.keyring).unwrap()
    }

    fn database(&self) -> Vec<u8> {
        fs::read(self.home.paths().database).unwrap()
    }

    fn put_back(&self, database: &[u8]) {
        fs::write(self.home.paths().database, database).unwrap();
    }
}

fn log(vault: &Vault, n: i64) {
    let line = AuditLine {
        at_ms: n,
        actor: "app".into(),
        action: "reveal".into(),
        subject: "x".into(),
        detail: json!({}),
    };
    vault.audit_append(&line).unwrap();
}

#[test]
fn t44_an_old_database_is_noticed_by_the_keyring_and_said_until_it_is_accepted() {
    let fixture = Fixture::new();
    fixture.run(3);
    let old = fixture.database();
    fixture.run(4);
    fixture.put_back(&old);

    let seen = Some(Rollback {
        witness: RollbackEvidence::Keyring,
        known: 7,
        found: 3,
    });
    let vault = fixture.open();
    assert_eq!(vault.rollback().unwrap(), seen);
    // It grows past what was known, and is still the wrong one.
    for n in 0..20 {
        log(&vault, n);
    }
    vault.close().unwrap();
    let by_passphrase = Unlock::Passphrase(PASSPHRASE.into());
    let vault = Vault::open(&fixture.home, by_passphrase, 1).unwrap();
    assert_eq!(vault.rollback().unwrap(), seen);

    vault.reset_counter(&fixture.keyring).unwrap();
    vault.delete_kv(NOTICE).unwrap();
    vault.close().unwrap();
    assert_eq!(fixture.open().rollback().unwrap(), None);
}

#[test]
fn t44_a_vault_that_only_went_on_is_not_suspected() {
    let fixture = Fixture::new();
    for lines in [0, 1, 1, 1, 5, 0, 1] {
        fixture.run(lines);
        assert_eq!(fixture.open().rollback().unwrap(), None);
    }
}

#[test]
fn t44_runs_that_only_unlock_tell_the_keyring_now_and_then() {
    let fixture = Fixture::new();
    fixture.run(1);
    let id = fixture.open().id();
    let counter = || fixture.keyring.get(id).unwrap().counter;
    let first = counter();
    for _ in 0..QUIET_LINES - 1 {
        fixture.run(1);
    }
    assert_eq!(counter(), first);
    fixture.run(1);
    assert_eq!(counter(), Some(first.unwrap() + QUIET_LINES));
}

/// What the header says of a database that was copied before these changes of its slots, and put back after them.
fn put_back_after(changes: impl FnOnce(&Vault)) -> Option<Rollback> {
    let folder = tempfile::tempdir().unwrap();
    let home = VaultHome::new(folder.path());
    let open = || Vault::open(&home, Unlock::Passphrase(PASSPHRASE.into()), 1).unwrap();
    let vault = Vault::create(&home, passphrase_only(PASSPHRASE), 1).unwrap();
    // One that failed is announced no more.
    vault
        .change_passphrase(&"wrong".into(), &"new".into(), 1)
        .unwrap_err();
    vault.close().unwrap();
    let old = fs::read(home.paths().database).unwrap();
    let vault = open();
    changes(&vault);
    vault.close().unwrap();
    fs::write(home.paths().database, old).unwrap();
    open().rollback().unwrap()
}

#[test]
fn t44_a_database_older_by_one_change_is_noticed() {
    let seen = put_back_after(|vault| {
        vault.add_passphrase(&"second".into(), 2).unwrap();
    });
    assert_eq!(seen.map(|seen| seen.known), Some(2));
    assert_eq!(put_back_after(|_| {}), None);
}

#[test]
fn t44_an_old_database_beside_a_header_that_went_on_is_noticed_without_a_keyring() {
    let folder = tempfile::tempdir().unwrap();
    let home = VaultHome::new(folder.path());
    let vault = Vault::create(&home, passphrase_only(PASSPHRASE), 1).unwrap();
    vault.close().unwrap();
    let old = fs::read(home.paths().database).unwrap();
    let open = || Vault::open(&home, Unlock::Passphrase(PASSPHRASE.into()), 1).unwrap();
    let vault = open();
    vault.add_passphrase(&"second".into(), 2).unwrap();
    vault.add_passphrase(&"third".into(), 3).unwrap();
    vault.close().unwrap();
    fs::write(home.paths().database, old).unwrap();

    let vault = open();
    let seen = vault.rollback().unwrap().unwrap();
    assert_eq!((seen.witness, seen.known), (RollbackEvidence::Header, 3));
    vault.accept_state().unwrap();
    vault.close().unwrap();
    assert_eq!(open().rollback().unwrap(), None);
}
