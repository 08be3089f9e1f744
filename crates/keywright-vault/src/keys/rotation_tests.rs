#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::time::Duration;

use serde_json::json;

use super::*;
use crate::testing::{PASSPHRASE, TestVault, application, entry, open_again, passphrase_only};
use crate::{AuditLine, KeyringAccess, NewSlots, Owner, SECRET_CLIENT, Unlock, VaultHome};

fn ways() -> SlotCredentials {
    SlotCredentials {
        passphrases: vec![PASSPHRASE.into()],
        keyring: None,
    }
}

fn open(home: &VaultHome) -> Result<Vault, VaultError> {
    Vault::open(home, Unlock::Passphrase(PASSPHRASE.into()), 1000)
}

fn line(n: i64) -> AuditLine {
    AuditLine {
        at_ms: n,
        actor: "app".into(),
        action: "reveal".into(),
        subject: "x".into(),
        detail: json!({}),
    }
}

/// Files of databases, without their logs.
fn databases(vault: &Vault) -> Vec<String> {
    database_names(vault.paths()).unwrap()
}

#[test]
fn everything_is_there_under_a_new_key_and_the_old_key_and_file_are_gone() {
    let (vault, id) = TestVault::with_configuration();
    let app = application("kept", id);
    let secret = [(SECRET_CLIENT.to_owned(), Some("s3cr3t".into()))];
    vault.save_application(&app, &secret).unwrap();
    for n in 1..=3 {
        vault.audit_append(&line(n)).unwrap();
    }
    let old_key = vault.key().clone();

    let rotated = vault.rotate_key(&ways(), 1000).unwrap();
    assert_ne!(*old_key, **rotated.key());
    let check = |vault: &Vault| {
        assert_eq!(vault.application(app.id).unwrap().name, "kept");
        let found = vault.secret(Owner::Application(app.id), SECRET_CLIENT);
        assert_eq!(found.unwrap().unwrap().expose(), "s3cr3t");
        let log = vault.audit_verify().unwrap();
        assert_eq!((log.lines, log.broken_at), (3, None));
        assert_eq!(databases(vault), [vault.header_file().unwrap().database]);
        assert_eq!(vault.header_file().unwrap().leftover, None);
    };
    check(&rotated);
    rotated.close().unwrap();
    let again = open(&vault.home).unwrap();
    check(&again);
    assert_eq!(again.audit_append(&line(4)).unwrap(), 4);
    assert!(!vault.home.paths().database.exists());
    assert!(matches!(
        database::open_writer(&again.paths().database, &old_key),
        Err(VaultError::DatabaseKeyRejected)
    ));
    // And once more, from a file that is not the first.
    let twice = again.rotate_key(&ways(), 1000).unwrap();
    check_again(&twice);
}

fn check_again(vault: &Vault) {
    assert_eq!(vault.audit_verify().unwrap().lines, 4);
    assert_eq!(databases(vault).len(), 1);
}

#[test]
fn another_program_that_has_the_old_key_loses_no_write_and_is_told_to_unlock() {
    let vault = TestVault::new();
    let other = open_again(&vault);
    other.put_kv("before", &json!(1)).unwrap();
    let rotated = vault.rotate_key(&ways(), 1000).unwrap();
    let told = |outcome: Result<(), VaultError>| {
        assert!(
            matches!(outcome, Err(VaultError::KeyRotated)),
            "{outcome:?}"
        );
    };
    for past in [&other, &*vault] {
        told(past.put_kv("after", &json!(1)));
        told(past.kv("before").map(drop));
        told(past.change_token().map(drop));
        told(past.header().map(drop));
        told(past.rotate_key(&ways(), 1000).map(drop));
    }
    other.close().ok();
    assert_eq!(rotated.kv("before").unwrap(), Some(json!(1)));
    assert_eq!(rotated.kv("after").unwrap(), None);
    rotated.put_kv("after", &json!(2)).unwrap();
    assert_eq!(
        open(&vault.home).unwrap().kv("after").unwrap(),
        Some(json!(2))
    );
}

#[test]
fn writers_that_go_on_while_the_key_is_replaced_lose_nothing_that_was_said_to_be_saved() {
    let vault = TestVault::new();
    let other = open_again(&vault);
    let writer = std::thread::spawn(move || {
        (0..100_000)
            .take_while(|n| {
                // A writer that never pauses would starve every other one.
                std::thread::sleep(Duration::from_millis(2));
                other.put_kv(&format!("n{n}"), &json!(n)).is_ok()
            })
            .count()
    });
    std::thread::sleep(Duration::from_millis(30));
    let rotated = vault.rotate_key(&ways(), 1000).unwrap();
    let saved = writer.join().unwrap();
    for n in 0..saved {
        assert!(
            rotated.kv(&format!("n{n}")).unwrap().is_some(),
            "{n} of {saved}"
        );
    }
}

#[test]
fn slots_keep_their_passphrases_and_the_keyring_its_entry() {
    let folder = tempfile::tempdir().unwrap();
    let home = VaultHome::new(folder.path());
    let keyring = KeyringAccess::in_memory();
    let new = NewSlots {
        keyring: Some(keyring.clone()),
        ..passphrase_only(PASSPHRASE)
    };
    let vault = Vault::create(&home, new, 1).unwrap();
    vault.add_passphrase(&"second".into(), 2).unwrap();
    let before = vault.header().unwrap().slots;
    let some = SlotCredentials {
        passphrases: vec![PASSPHRASE.into()],
        keyring: Some(keyring.clone()),
    };
    assert!(matches!(
        vault.rotate_key(&some, 1000),
        Err(VaultError::SlotNotOpened { slot }) if slot == before[2].id
    ));
    assert_eq!(databases(&vault), ["vault.db"]);
    let all = SlotCredentials {
        passphrases: vec!["second".into(), PASSPHRASE.into()],
        ..some
    };
    let rotated = vault.rotate_key(&all, 1000).unwrap();
    assert_eq!(rotated.header().unwrap().slots, before);
    for passphrase in [PASSPHRASE, "second"] {
        Vault::open(&home, Unlock::Passphrase(passphrase.into()), 1).unwrap();
    }
    Vault::open_with_keyring(&home, &keyring).unwrap();
}

#[test]
fn t45_a_wrong_passphrase_for_a_new_key_is_counted() {
    let vault = TestVault::new();
    let rotate = |passphrases: &[&str], now| {
        let ways = SlotCredentials {
            passphrases: passphrases.iter().map(|&one| one.into()).collect(),
            keyring: None,
        };
        vault.rotate_key(&ways, now)
    };
    // One passphrase for each slot is tried, however many are given.
    for guesses in [&["wrong"][..], &["wrong", PASSPHRASE], &["wrong"]] {
        assert!(matches!(
            rotate(guesses, 1000),
            Err(VaultError::SlotNotOpened { .. })
        ));
    }
    assert!(matches!(
        rotate(&[PASSPHRASE], 1001),
        Err(VaultError::TooManyAttempts { seconds: 1 })
    ));
    rotate(&[PASSPHRASE], 1002).unwrap();
    assert!(!vault.home.paths().attempts.exists());
}

#[test]
fn an_operation_that_waits_for_an_answer_keeps_the_key_in_place() {
    let (vault, id) = TestVault::with_configuration();
    vault.journal_begin(&entry("cut", id)).unwrap();
    assert!(matches!(
        vault.rotate_key(&ways(), 1000),
        Err(VaultError::Unfinished { unfinished: 1 })
    ));
    assert_eq!(databases(&vault), ["vault.db"]);
    assert!(vault.kv("still open").is_ok());
}

#[test]
fn f02_cut_off_before_the_switch_the_old_state_is_whole_and_the_copy_goes() {
    let vault = TestVault::new();
    vault.put_kv("a", &json!("kept")).unwrap();
    let next = slots::random_key().unwrap();
    let name = new_database_name().unwrap();
    vault
        .copy_to(&vault.home.folder().join(&name), &next, 9)
        .unwrap();
    assert_eq!(databases(&vault).len(), 2);
    let again = open(&vault.home).unwrap();
    assert_eq!(again.kv("a").unwrap(), Some(json!("kept")));
    assert_eq!(databases(&again), ["vault.db"]);
}

#[test]
fn f02_cut_off_after_the_switch_the_new_state_is_whole_and_the_old_file_goes() {
    let vault = TestVault::new();
    vault.put_kv("a", &json!("kept")).unwrap();
    let old = fs::read(&vault.home.paths().database).unwrap();
    let rotated = vault.rotate_key(&ways(), 1000).unwrap();
    // As it is between the switch and the deletion.
    fs::write(vault.home.paths().database, old).unwrap();
    rotated
        .change_header(|header| {
            header.leftover = Some("vault.db".into());
            Ok(())
        })
        .unwrap();
    let again = open(&vault.home).unwrap();
    assert_eq!(again.kv("a").unwrap(), Some(json!("kept")));
    assert_eq!(databases(&again), [again.header_file().unwrap().database]);
}

#[test]
fn a_database_that_is_only_named_like_the_first_is_not_deleted() {
    let vault = TestVault::new();
    let rotated = vault.rotate_key(&ways(), 1000).unwrap();
    let strange = vault.home.paths().database;
    fs::write(&strange, b"put here by a person").unwrap();
    let again = open(&vault.home).unwrap();
    drop((again, rotated));
    assert!(strange.exists());
}

#[test]
fn a_copy_that_was_made_under_another_rotation_is_left_alone() {
    let vault = TestVault::new();
    let _alone = lock_file(&vault.home.paths().lock).unwrap();
    let name = new_database_name().unwrap();
    fs::write(vault.home.folder().join(&name), b"in the making").unwrap();
    open(&vault.home).unwrap();
    assert!(vault.home.folder().join(&name).exists());
}
