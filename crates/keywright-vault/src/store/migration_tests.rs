//! `kill -9` at each call that writes, while a vault is brought up to date.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::path::Path;
use std::process::{Command, Stdio};

use rusqlite_migration::{M, Migrations};

use super::*;
use crate::VaultHome;
use crate::files::home::open_private;

/// Where the process that is killed finds its vault.
const FOLDER: &str = "KEYWRIGHT_TEST_MIGRATES";
/// Every call that changes a file or waits for the disk.
const WRITES: &str =
    "write,pwrite64,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir";
/// The calls at which the process is ended; beyond them it comes to its end.
const KILLS: [usize; 14] = [1, 2, 3, 5, 8, 12, 17, 23, 30, 38, 47, 60, 90, 100_000];

fn key() -> Key {
    Key::from(&[7; 32])
}

fn first() -> M<'static> {
    M::up("CREATE TABLE a (x); INSERT INTO a VALUES ('kept');")
}

fn newer() -> Migrations<'static> {
    Migrations::new(vec![
        first(),
        M::up("CREATE TABLE b AS SELECT x FROM a; DROP TABLE a;"),
    ])
}

/// Not a test by itself: the process that `f02_…` kills.
#[test]
#[ignore = "run by the test that kills it"]
fn migrates() {
    let folder = std::env::var_os(FOLDER).unwrap();
    let paths = VaultHome::new(folder).paths();
    let mut db = open_writer(&paths.database, &key()).unwrap();
    migrate(&mut db, &key(), &paths, &newer()).unwrap();
}

fn run_killed_at(folder: &Path, call: usize) -> bool {
    Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-e"])
        .arg(format!("trace={WRITES}"))
        .args(["-e", &format!("inject={WRITES}:signal=SIGKILL:when={call}")])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "store::database::killed::migrates", "--ignored"])
        .env(FOLDER, folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap()
        .success()
}

#[test]
fn f02_killed_at_any_write_of_a_migration_the_vault_is_old_or_new_and_whole() {
    let (mut old, mut new) = (0, 0);
    for call in KILLS {
        let folder = tempfile::tempdir().unwrap();
        let paths = VaultHome::new(folder.path()).paths();
        open_private(&paths.database, false).unwrap();
        let mut db = open_writer(&paths.database, &key()).unwrap();
        migrate(&mut db, &key(), &paths, &Migrations::new(vec![first()])).unwrap();
        drop(db);

        let ended = run_killed_at(folder.path(), call);
        let mut db = open_writer(&paths.database, &key()).unwrap();
        let said: String = db
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(said, "ok", "killed at call {call}");
        let table = match schema_version(&db).unwrap() {
            1 => "a",
            2 => "b",
            other => panic!("killed at call {call}: schema {other}"),
        };
        let kept = |db: &Connection, table: &str| -> String {
            let question = format!("SELECT x FROM {table}");
            db.query_row(&question, [], |row| row.get(0)).unwrap()
        };
        assert_eq!(kept(&db, table), "kept", "killed at call {call}");
        if table == "a" {
            old += 1;
            assert!(!ended, "it said that it was done, at call {call}");
        } else {
            new += 1;
            let copy = open_reader(&paths.backups.join("vault-schema-1.db"), &key()).unwrap();
            assert_eq!(kept(&copy, "a"), "kept", "the copy that was made first");
        }
        migrate(&mut db, &key(), &paths, &newer()).unwrap();
        assert_eq!(kept(&db, "b"), "kept");
    }
    assert!(old > 3 && new > 0, "{old} old, {new} new");
}
