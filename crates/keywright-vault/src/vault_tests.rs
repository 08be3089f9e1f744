#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{fs, thread};

use serde_json::json;

use super::*;
use crate::keys::header::SlotKind;
use crate::keys::keyring_access::KeyringEntry;
use crate::testing::{
    PASSPHRASE, TestVault, application, configuration, open_again, passphrase_only,
};
use crate::{Owner, SECRET_CLIENT};

const CANARY: &str = "canary-4b1f-secret-c0ffee";

/// The files below a folder that hold these bytes.
fn files_with(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for item in fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, bytes));
        } else if fs::read(&path)
            .unwrap()
            .windows(bytes.len())
            .any(|w| w == bytes)
        {
            found.push(path.display().to_string());
        }
    }
    found
}

#[test]
fn a_vault_opens_with_its_passphrase_and_with_no_other() {
    let (vault, home, _folder) = TestVault::new().into_parts();
    vault.put_kv("a", &json!("kept")).unwrap();
    vault.close().unwrap();
    assert!(Vault::exists(&home));
    let open = |passphrase: &str| Vault::open(&home, Unlock::Passphrase(passphrase.into()), 1);
    assert!(matches!(open("wrong"), Err(VaultError::WrongPassphrase)));
    let vault = open(PASSPHRASE).unwrap();
    assert_eq!(vault.kv("a").unwrap(), Some(json!("kept")));
}

#[test]
fn without_a_slot_there_is_no_vault() {
    let folder = tempfile::tempdir().unwrap();
    let home = VaultHome::new(folder.path().join("v"));
    let none = NewSlots::default();
    assert!(matches!(
        Vault::create(&home, none, 1),
        Err(VaultError::NoSlot)
    ));
    let empty = passphrase_only("");
    assert!(matches!(
        Vault::create(&home, empty, 1),
        Err(VaultError::EmptyPassphrase)
    ));
    assert!(!Vault::exists(&home));
    assert!(!home.paths().database.exists());
    assert!(matches!(
        Vault::open(&home, Unlock::Keyring, 1),
        Err(VaultError::NoVault { .. })
    ));
}

#[test]
fn a_vault_is_never_created_over_another() {
    let vault = TestVault::new();
    assert!(matches!(
        Vault::create(&vault.home, passphrase_only("x"), 1),
        Err(VaultError::AlreadyExists { .. })
    ));
    assert!(open_again(&vault).kv("a").is_ok());
}

#[test]
fn a_database_without_a_header_is_set_aside_and_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let home = VaultHome::new(folder.path());
    fs::write(home.paths().database, b"all that is left").unwrap();
    let missing = Vault::open(&home, Unlock::Keyring, 1);
    assert!(
        matches!(&missing, Err(VaultError::HeaderMissing { database }) if *database == home.paths().database),
        "{missing:?}"
    );
    Vault::create(&home, passphrase_only("x"), 77).unwrap();
    let aside = fs::read(folder.path().join("orphan-77.db")).unwrap();
    assert_eq!(aside, b"all that is left");
    assert_eq!(
        home.set_aside().unwrap(),
        [folder.path().join("orphan-77.db")]
    );
    assert!(home.missing().is_none());
}

#[test]
fn f22_a_newer_header_is_refused_with_both_versions() {
    let vault = TestVault::new();
    let path = vault.home.paths().header;
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("\"version\": 2", "\"version\": 3", 1)).unwrap();
    let unlock = Unlock::Passphrase(PASSPHRASE.into());
    match Vault::open(&vault.home, unlock, 1) {
        Err(VaultError::NewerVersion { found, supported }) => {
            assert_eq!((found, supported), (3, 2));
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(
        Vault::describe(&vault.home),
        Err(VaultError::NewerVersion { .. })
    ));
}

#[test]
fn slots_are_added_changed_and_removed_but_never_the_last() {
    let vault = TestVault::new();
    let first = vault.header().unwrap().slots[0].id;
    assert!(matches!(
        vault.remove_slot(first),
        Err(VaultError::LastSlot)
    ));
    let second = vault.add_passphrase(&"second".into(), 5).unwrap();
    let opens = |text: &str| Vault::open(&vault.home, Unlock::Passphrase(text.into()), 1).is_ok();
    assert!(opens(PASSPHRASE) && opens("second"));
    assert!(matches!(
        vault.change_passphrase(&"wrong".into(), &"third".into(), 6),
        Err(VaultError::WrongPassphrase)
    ));
    vault
        .change_passphrase(&"second".into(), &"third".into(), 6)
        .unwrap();
    assert!(opens("third") && opens(PASSPHRASE) && !opens("second"));
    vault.remove_slot(first).unwrap();
    assert!(opens("third") && !opens(PASSPHRASE));
    assert!(matches!(
        vault.remove_slot(first),
        Err(VaultError::NotFound { .. })
    ));
    let left = Vault::describe(&vault.home).unwrap();
    assert_eq!((left.slots.len(), left.slots[0].id), (1, second));
}

#[test]
fn f21_a_keyring_slot_opens_the_vault_until_its_entry_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let home = VaultHome::new(folder.path());
    let keyring = KeyringAccess::in_memory();
    let new = NewSlots {
        keyring: Some(keyring.clone()),
        passphrase: None,
    };
    let vault = Vault::create(&home, new, 1).unwrap();
    let again = Vault::open_with_keyring(&home, &keyring).unwrap();
    let slot = vault.header().unwrap().slots[0].clone();
    assert_eq!(slot.kind, SlotKind::Keyring);
    assert_eq!(again.add_keyring(&keyring, 2).unwrap(), slot.id);
    assert!(matches!(
        Vault::open(&home, Unlock::Passphrase("x".into()), 1),
        Err(VaultError::NoSlot)
    ));

    keyring.delete(vault.id()).unwrap();
    assert!(matches!(
        Vault::open_with_keyring(&home, &keyring),
        Err(VaultError::KeyringEntryMissing)
    ));
    keyring
        .set(
            vault.id(),
            &KeyringEntry {
                wrapping: slots::random_key().unwrap(),
                counter: None,
            },
        )
        .unwrap();
    assert!(matches!(
        Vault::open_with_keyring(&home, &keyring),
        Err(VaultError::KeyringEntryInvalid)
    ));
    // The open vault can repair it.
    assert_ne!(vault.add_keyring(&keyring, 3).unwrap(), slot.id);
    assert_eq!(vault.header().unwrap().slots.len(), 1);
    assert!(Vault::open_with_keyring(&home, &keyring).is_ok());
}

#[test]
fn a_vault_without_a_keyring_slot_says_so() {
    let vault = TestVault::new();
    assert!(matches!(
        Vault::open(&vault.home, Unlock::Keyring, 1),
        Err(VaultError::NoSlot)
    ));
}

#[test]
fn no_file_of_the_vault_holds_a_secret_open_or_closed() {
    let vault = TestVault::new();
    let row = configuration("Kong");
    vault.save_configuration(&row, &[]).unwrap();
    let app = application("visible-name-of-it", row.id);
    let secrets = [(SECRET_CLIENT.to_owned(), Some(CANARY.into()))];
    vault.save_application(&app, &secrets).unwrap();
    let stored = vault.secret(Owner::Application(app.id), SECRET_CLIENT);
    assert_eq!(stored.unwrap().unwrap().expose(), CANARY);
    let key = hex::encode(vault.key.as_slice());
    let raw = vault.key.to_vec();

    let (vault, _home, folder) = vault.into_parts();
    let nothing_shows = |when: &str| {
        let tells: [&[u8]; 5] = [
            CANARY.as_bytes(),
            b"visible-name-of-it",
            PASSPHRASE.as_bytes(),
            key.as_bytes(),
            &raw,
        ];
        for bytes in tells {
            let found = files_with(folder.path(), bytes);
            assert!(found.is_empty(), "{when}: {found:?}");
        }
    };
    nothing_shows("while open");
    vault.close().unwrap();
    nothing_shows("after close");
    assert!(!folder.path().join("vault/vault.db-wal").exists());

    // And the search itself would have seen one.
    let planted = folder.path().join("vault/planted");
    fs::write(&planted, format!("before{CANARY}after")).unwrap();
    let found = files_with(folder.path(), CANARY.as_bytes());
    assert_eq!(found, [planted.display().to_string()]);
}

#[cfg(unix)]
#[test]
fn the_folder_and_every_file_are_their_owners_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let vault = TestVault::new();
    vault.put_kv("a", &json!(1)).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(vault.home.folder()), 0o700);
    let mut seen = 0;
    for item in fs::read_dir(vault.home.folder()).unwrap() {
        let path = item.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 4, "database, its log and index, header");
}

#[test]
fn two_handles_write_and_read_at_once() {
    let vault = Arc::new(TestVault::new());
    let other = Arc::new(open_again(&vault));
    let mut writers = Vec::new();
    for (name, handle) in [("a", None), ("b", Some(Arc::clone(&other)))] {
        let vault = Arc::clone(&vault);
        writers.push(thread::spawn(move || {
            let handle: &Vault = handle.as_deref().unwrap_or(&vault);
            for n in 0..40 {
                handle.put_kv(&format!("{name}{n}"), &json!(n)).unwrap();
            }
        }));
    }
    for writer in writers {
        writer.join().unwrap();
    }
    for n in 0..40 {
        assert_eq!(vault.kv(&format!("b{n}")).unwrap(), Some(json!(n)));
        assert_eq!(other.kv(&format!("a{n}")).unwrap(), Some(json!(n)));
    }
}

#[test]
fn a_reader_does_not_wait_for_a_writer_and_sees_only_what_was_committed() {
    let vault = TestVault::new();
    vault.put_kv("a", &json!(1)).unwrap();
    let other = open_again(&vault);
    vault
        .write(|tx| {
            tx.execute("UPDATE kv SET value = '2'", [])?;
            let started = Instant::now();
            assert_eq!(vault.kv("a")?, Some(json!(1)));
            assert_eq!(other.kv("a")?, Some(json!(1)));
            assert!(started.elapsed() < Duration::from_secs(2));
            Ok(())
        })
        .unwrap();
    assert_eq!(other.kv("a").unwrap(), Some(json!(2)));
}

#[test]
fn work_that_fails_leaves_nothing_behind() {
    let vault = TestVault::new();
    let failed: Result<(), _> = vault.write(|tx| {
        tx.execute("INSERT INTO kv VALUES ('a', '1')", [])?;
        Err(VaultError::Busy)
    });
    assert!(failed.is_err());
    assert_eq!(vault.kv("a").unwrap(), None);
}

#[test]
fn a_reader_cannot_write() {
    let vault = TestVault::new();
    let written = vault.read(|connection| {
        connection.execute("INSERT INTO kv VALUES ('a', '1')", [])?;
        Ok(())
    });
    assert!(written.is_err());
    assert_eq!(vault.kv("a").unwrap(), None);
}

#[test]
fn t45_after_wrong_passphrases_even_the_right_one_waits_and_a_restart_forgets_nothing() {
    let vault = TestVault::new();
    let open = |passphrase: &str, now| {
        Vault::open(&vault.home, Unlock::Passphrase(passphrase.into()), now)
    };
    for _ in 0..3 {
        assert!(matches!(
            open("wrong", 1000),
            Err(VaultError::WrongPassphrase)
        ));
    }
    for passphrase in ["wrong", PASSPHRASE] {
        assert!(matches!(
            open(passphrase, 1001),
            Err(VaultError::TooManyAttempts { seconds: 1 })
        ));
    }
    open(PASSPHRASE, 1002).unwrap();
    assert!(!vault.home.paths().attempts.exists());
    assert!(matches!(
        open("wrong", 1002),
        Err(VaultError::WrongPassphrase)
    ));
}

#[test]
fn the_key_itself_opens_the_vault_until_it_is_replaced() {
    let vault = TestVault::new();
    let key = vault.vault_key();
    let open = |key: &VaultKey| Vault::open(&vault.home, Unlock::Key(key.clone()), 1);
    assert!(open(&key).is_ok());
    let ways = slots::SlotCredentials {
        passphrases: vec![PASSPHRASE.into()],
        keyring: None,
    };
    let rotated = vault.rotate_key(&ways, 1000).unwrap();
    assert!(matches!(open(&key), Err(VaultError::DatabaseKeyRejected)));
    assert!(open(&rotated.vault_key()).is_ok());
}
