#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::fs;

use serde_json::{Value, json};

use super::*;
use crate::testing::{PASSPHRASE, TestVault, open_again};
use crate::{Unlock, Vault, VaultHome};

fn open(home: &VaultHome) -> Result<Vault, VaultError> {
    Vault::open(home, Unlock::Passphrase(PASSPHRASE.into()), 1000)
}

fn header(home: &VaultHome) -> Value {
    serde_json::from_slice(&fs::read(home.paths().header).unwrap()).unwrap()
}

fn put(home: &VaultHome, header: &Value) {
    fs::write(home.paths().header, header.to_string()).unwrap();
}

/// Bends the header, and gives what opening says to it.
fn bent(bend: impl FnOnce(&mut Value)) -> VaultError {
    let vault = TestVault::new();
    vault.add_passphrase(&"second".into(), 5).unwrap();
    let mut changed = header(&vault.home);
    bend(&mut changed);
    put(&vault.home, &changed);
    let refused = open(&vault.home).unwrap_err();
    assert_eq!(header(&vault.home), changed, "nothing was changed");
    // A program that has the vault open does not put its own seal on it either.
    assert!(vault.add_passphrase(&"third".into(), 6).is_err());
    assert!(vault.header().is_err());
    refused
}

fn not_authentic(error: &VaultError) -> bool {
    matches!(error, VaultError::Header(HeaderProblem::NotAuthentic))
}

#[test]
fn t43_a_header_that_was_changed_by_someone_without_the_key_is_refused() {
    type Bend = fn(&mut Value);
    let bends: [(&str, Bend); 8] = [
        ("a slot is removed", |h| {
            h["slots"].as_array_mut().unwrap().remove(1);
        }),
        ("slots change places", |h| {
            h["slots"].as_array_mut().unwrap().reverse();
        }),
        ("a slot is there twice", |h| {
            let first = h["slots"][0].clone();
            h["slots"].as_array_mut().unwrap().push(first);
        }),
        ("a time is changed", |h| {
            h["slots"][1]["created_at"] = json!(6);
        }),
        ("the version is lowered", |h| {
            h["version"] = json!(1);
        }),
        ("the revision is raised", |h| {
            h["revision"] = json!(99);
        }),
        ("the seal is cut", |h| {
            h["seal"] = json!("AAAA");
        }),
        ("a database is to be deleted", |h| {
            h["leftover"] = json!("vault.db");
        }),
    ];
    for (what, bend) in bends {
        let error = bent(bend);
        assert!(not_authentic(&error), "{what}: {error:?}");
    }
}

#[test]
fn t43_a_header_without_its_seal_is_not_taken_for_one_of_the_first_format() {
    let error = bent(|header| {
        let members = header.as_object_mut().unwrap();
        members.remove("seal");
        members.remove("revision");
        members.remove("database");
        header["version"] = json!(1);
    });
    assert!(not_authentic(&error), "{error:?}");
}

#[test]
fn t43_the_slots_of_another_vault_do_not_open_this_one() {
    let (mine, other) = (TestVault::new(), TestVault::new());
    let mut mixed = header(&mine.home);
    mixed["slots"] = header(&other.home)["slots"].clone();
    put(&mine.home, &mixed);
    assert!(matches!(open(&mine.home), Err(VaultError::WrongPassphrase)));
    // The whole header of another vault opens a key, and the database does not fit it.
    put(&mine.home, &header(&other.home));
    assert!(matches!(
        open(&mine.home),
        Err(VaultError::DatabaseKeyRejected)
    ));
}

#[test]
fn t43_an_old_header_that_brings_a_removed_slot_back_is_refused() {
    let vault = TestVault::new();
    let lost = vault.add_passphrase(&"lost".into(), 5).unwrap();
    let old = header(&vault.home);
    vault.remove_slot(lost).unwrap();
    put(&vault.home, &old);
    for passphrase in ["lost", PASSPHRASE] {
        assert!(matches!(
            Vault::open(&vault.home, Unlock::Passphrase(passphrase.into()), 1),
            Err(VaultError::Header(HeaderProblem::Outdated {
                found: 2,
                known: 3
            }))
        ));
    }
}

#[test]
fn f02_cut_off_between_header_and_database_the_change_stands_and_the_database_catches_up() {
    let vault = TestVault::new();
    vault.add_passphrase(&"second".into(), 5).unwrap();
    // As it is when the process ends after the rename and before the commit.
    vault.write(|tx| tell_revision(tx, 1)).unwrap();
    let second = Unlock::Passphrase("second".into());
    let again = Vault::open(&vault.home, second, 1).unwrap();
    assert_eq!(again.read(|db| number(db, REVISION)).unwrap(), Some(2));
    assert_eq!(again.rollback().unwrap(), None);
}

#[test]
fn f02_cut_off_before_the_rename_the_old_slots_stand() {
    let vault = TestVault::new();
    let before = header(&vault.home);
    let failed: Result<(), _> = vault.change_header(|header| {
        header.slots.clear();
        Err(VaultError::Busy)
    });
    assert!(failed.is_err());
    // What a cut-off write leaves next to it is not read.
    fs::write(vault.home.folder().join("vault.json.new"), b"{\"ver").unwrap();
    assert_eq!(header(&vault.home), before);
    assert!(open(&vault.home).is_ok());
    vault.add_passphrase(&"second".into(), 5).unwrap();
    assert!(open(&vault.home).is_ok());
}

#[test]
fn a_vault_of_the_first_format_is_sealed_when_it_is_opened() {
    let vault = TestVault::new();
    let mut old = header(&vault.home);
    for member in ["seal", "revision", "database"] {
        old.as_object_mut().unwrap().remove(member);
    }
    old["version"] = json!(1);
    put(&vault.home, &old);
    vault
        .write(|tx| Ok(tx.execute("DELETE FROM kv WHERE key = ?1", [REVISION])?))
        .unwrap();
    let again = open(&vault.home).unwrap();
    let sealed = header(&vault.home);
    assert_eq!(
        (&sealed["version"], &sealed["revision"]),
        (&json!(2), &json!(1))
    );
    assert!(sealed["seal"].is_string());
    assert_eq!(sealed["slots"], old["slots"]);
    assert_eq!(again.read(|db| number(db, REVISION)).unwrap(), Some(1));
    assert!(open_again(&vault).header().is_ok());
}

#[test]
fn many_programs_change_slots_and_open_at_once_and_none_is_turned_away() {
    let vault = std::sync::Arc::new(TestVault::new());
    let changing = {
        let vault = std::sync::Arc::clone(&vault);
        std::thread::spawn(move || {
            for n in 0..10 {
                let id = vault.add_passphrase(&"more".into(), n).unwrap();
                vault.remove_slot(id).unwrap();
            }
        })
    };
    while !changing.is_finished() {
        assert!(matches!(open(&vault.home), Ok(_) | Err(VaultError::Busy)));
        vault.header().unwrap();
    }
    changing.join().unwrap();
}
