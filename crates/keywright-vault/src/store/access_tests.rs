#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::fs::{self, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

use serde_json::json;

use crate::testing::{PASSPHRASE, TestVault, application, open_again};
use crate::vault::lock;
use crate::{Damage, HeaderProblem, Unlock, Vault, VaultError, VaultHome};

fn open(home: &VaultHome) -> Result<Vault, VaultError> {
    Vault::open(home, Unlock::Passphrase(PASSPHRASE.into()), 1)
}

/// A vault at rest with so many applications that it has some hundred pages.
fn at_rest() -> (VaultHome, tempfile::TempDir) {
    let (vault, configuration) = TestVault::with_configuration();
    for number in 0..60 {
        let row = application(&format!("app-{number}"), configuration);
        vault.save_application(&row, &[]).unwrap();
    }
    let (vault, home, folder) = vault.into_parts();
    vault.close().unwrap();
    (home, folder)
}

/// Copies the files of a vault that is open, as they would lie there after the machine ended.
fn left_by_a_crash(vault: &TestVault) -> (VaultHome, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let home = VaultHome::new(folder.path().join("vault"));
    fs::create_dir(home.folder()).unwrap();
    for item in fs::read_dir(vault.home.folder()).unwrap() {
        let path = item.unwrap().path();
        fs::copy(&path, home.folder().join(path.file_name().unwrap())).unwrap();
    }
    (home, folder)
}

fn flip(path: &Path, at: u64) {
    let mut file = OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&[0xaa; 64]).unwrap();
}

/// Looks at every page.
fn read_all(vault: &Vault) -> Result<(), VaultError> {
    vault.read(|connection| {
        let first: String =
            connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if first == "ok" {
            Ok(())
        } else {
            Err(Damage::Structure { first }.into())
        }
    })
}

/// The files hold the same bytes; if not, they are not printed.
fn is_untouched(path: &Path, before: &[u8], case: &str) {
    assert!(fs::read(path).unwrap() == before, "{case}: overwritten");
}

#[test]
fn f04_after_a_failure_of_the_disk_the_connection_is_not_trusted_again() {
    let vault = TestVault::new();
    vault.put_kv("before", &json!(1)).unwrap();
    let failed: Result<(), _> = vault.write(|tx| {
        tx.execute("INSERT INTO kv VALUES ('lost', '1')", [])?;
        let failed_sync = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_FSYNC);
        Err(rusqlite::Error::SqliteFailure(failed_sync, None).into())
    });
    assert!(
        matches!(failed, Err(VaultError::DiskFailed(_))),
        "{failed:?}"
    );
    assert!(lock(&vault.writer).is_none());
    vault.put_kv("after", &json!(2)).unwrap();
    assert!(lock(&vault.writer).is_some());
    assert_eq!(vault.kv("before").unwrap(), Some(json!(1)));
    assert_eq!(vault.kv("lost").unwrap(), None);
    assert_eq!(vault.kv("after").unwrap(), Some(json!(2)));
}

#[test]
fn f06_a_flipped_or_torn_page_is_noticed_wherever_it_lies_and_left_as_it_is() {
    let (home, _folder) = at_rest();
    let database = home.paths().database;
    let whole = fs::read(&database).unwrap();
    let pages = whole.len() as u64 / 4096;
    assert!(pages > 40, "{pages} pages");
    for page in (0..pages).step_by(3) {
        flip(&database, page * 4096 + 2000);
        let damaged = fs::read(&database).unwrap();
        let noticed = open(&home).and_then(|vault| read_all(&vault));
        assert!(
            matches!(
                noticed,
                Err(VaultError::Damaged(_) | VaultError::DatabaseKeyRejected)
            ),
            "page {page}: {noticed:?}"
        );
        is_untouched(&database, &damaged, &format!("page {page}"));
        fs::write(&database, &whole).unwrap();
    }
    read_all(&open(&home).unwrap()).unwrap();
}

#[test]
fn f06_a_truncated_or_empty_database_is_noticed_and_no_new_one_is_made_of_it() {
    let (home, _folder) = at_rest();
    let database = home.paths().database;
    let whole = fs::read(&database).unwrap();
    for length in [
        0,
        1,
        100,
        4096,
        4097,
        whole.len() / 2,
        whole.len() - 4096,
        whole.len() - 1,
    ] {
        fs::write(&database, &whole[..length]).unwrap();
        let noticed = open(&home).and_then(|vault| read_all(&vault));
        assert!(
            matches!(
                noticed,
                Err(VaultError::Damaged(_) | VaultError::DatabaseKeyRejected)
            ),
            "{length} bytes: {noticed:?}"
        );
        is_untouched(&database, &whole[..length], &format!("{length} bytes"));
    }
    fs::remove_file(&database).unwrap();
    assert!(matches!(
        open(&home),
        Err(VaultError::Header(HeaderProblem::DatabaseMissing))
    ));
    assert!(!database.exists());
}

#[test]
fn f06_the_log_of_a_crash_is_used_and_its_absence_is_noticed() {
    let vault = TestVault::new();
    vault.put_kv("only in the log", &json!(1)).unwrap();
    let (home, _folder) = left_by_a_crash(&vault);
    let copy = open(&home).unwrap();
    assert_eq!(copy.kv("only in the log").unwrap(), Some(json!(1)));
    drop(copy);

    let (home, _folder) = left_by_a_crash(&vault);
    let paths = home.paths();
    let database = fs::read(&paths.database).unwrap();
    fs::remove_file(paths.log()).unwrap();
    assert!(matches!(
        open(&home),
        Err(VaultError::Damaged(Damage::LogMissing))
    ));
    is_untouched(&paths.database, &database, "database");
    assert!(!paths.log().exists());
}

#[test]
fn f06_a_log_of_another_vault_is_noticed_and_not_folded_in() {
    let stranger = TestVault::new();
    for number in 0..40 {
        stranger
            .put_kv(&format!("key {number}"), &json!("x".repeat(500)))
            .unwrap();
    }
    let (home, _folder) = at_rest();
    let paths = home.paths();
    let database = fs::read(&paths.database).unwrap();
    fs::copy(stranger.home.paths().log(), paths.log()).unwrap();
    let foreign = fs::read(paths.log()).unwrap();
    for _ in 0..2 {
        let noticed = open(&home);
        assert!(
            matches!(
                noticed,
                Err(VaultError::Damaged(_) | VaultError::DatabaseKeyRejected)
            ),
            "{noticed:?}"
        );
        is_untouched(&paths.database, &database, "database");
        is_untouched(&paths.log(), &foreign, "log");
    }
    // Without it the vault is whole.
    fs::remove_file(paths.log()).unwrap();
    let _ = fs::remove_file(paths.log_index());
    read_all(&open(&home).unwrap()).unwrap();
}

/// Puts a value and says what came of it.
fn put(vault: &Vault, value: i64) -> Result<(), VaultError> {
    vault.put_kv("a", &json!(value))
}

#[cfg(unix)]
#[test]
fn f07_a_folder_that_was_moved_is_said_and_nothing_is_written_anywhere() {
    let vault = TestVault::new();
    put(&vault, 1).unwrap();
    let away = vault.folder.path().join("away");
    fs::rename(vault.home.folder(), &away).unwrap();
    assert!(matches!(put(&vault, 2), Err(VaultError::Moved { .. })));
    assert!(matches!(vault.kv("a"), Err(VaultError::Moved { .. })));
    assert!(!vault.home.folder().exists(), "no new folder");
    fs::rename(&away, vault.home.folder()).unwrap();
    assert_eq!(vault.kv("a").unwrap(), Some(json!(1)));
    put(&vault, 3).unwrap();
    assert_eq!(open_again(&vault).kv("a").unwrap(), Some(json!(3)));
}

#[cfg(unix)]
#[test]
fn f07_files_that_were_deleted_or_replaced_are_said() {
    let vault = TestVault::new();
    put(&vault, 1).unwrap();
    let log = vault.home.paths().log();
    let away = log.with_extension("away");
    fs::rename(&log, &away).unwrap();
    assert!(matches!(put(&vault, 2), Err(VaultError::Moved { .. })));
    fs::copy(&away, &log).unwrap();
    assert!(
        matches!(put(&vault, 2), Err(VaultError::Moved { .. })),
        "a copy is another file"
    );
    fs::rename(&away, &log).unwrap();
    put(&vault, 3).unwrap();
    fs::remove_dir_all(vault.home.folder()).unwrap();
    assert!(matches!(put(&vault, 4), Err(VaultError::Moved { .. })));
    assert!(!vault.home.folder().exists());
}
