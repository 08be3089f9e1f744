#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::fs::{self, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::error::BackupProblem;
use crate::testing::{
    PASSPHRASE, TestVault, application, configuration, entry, exchange, open_again,
    passphrase_only, session, token,
};
use crate::{
    ApplicationQuery, AuditLine, JournalState, Owner, SECRET_CLIENT, SecretText, Vault, VaultError,
    VaultHome, VerifyState,
};

const CANARY: &str = "canary-of-a-backup-77";
const OWN: &str = "a passphrase of its own";

fn own() -> SecretText {
    OWN.into()
}

fn line(at_ms: i64) -> AuditLine {
    AuditLine {
        at_ms,
        actor: "cli".into(),
        action: "vault_restored".into(),
        subject: String::new(),
        detail: json!({}),
    }
}

/// A vault with one of everything in it, and two lines in its log.
fn filled() -> TestVault {
    let (vault, configuration) = TestVault::with_configuration();
    let app = application("orders", configuration);
    let secrets = [(SECRET_CLIENT.to_owned(), Some(CANARY.into()))];
    vault.save_application(&app, &secrets).unwrap();
    let token = token(app.id, 1000);
    vault
        .save_token(&token, &[("access_token".into(), Some("a-token".into()))])
        .unwrap();
    let session = session(app.id, "https://api.example", 1000);
    vault
        .save_session(&session, &SecretText::from("a-jar"))
        .unwrap();
    vault.add_exchange(&exchange(5)).unwrap();
    vault
        .put_kv("window/place", &json!("applications"))
        .unwrap();
    vault.audit_append(&line(1)).unwrap();
    vault.audit_append(&line(2)).unwrap();
    vault
}

fn names(vault: &Vault) -> Vec<String> {
    let query = ApplicationQuery {
        limit: 100,
        ..ApplicationQuery::default()
    };
    let mut names: Vec<_> = vault
        .applications(&query)
        .unwrap()
        .items
        .into_iter()
        .map(|row| row.name)
        .collect();
    names.sort();
    names
}

fn made(vault: &TestVault) -> PathBuf {
    let file = vault.folder.path().join("one.backup");
    vault.back_up(&file, &own(), 50).unwrap();
    file
}

fn opened(vault: &TestVault, file: &Path) -> Result<OpenBackup, VaultError> {
    OpenBackup::open(file, &own(), vault.folder.path())
}

fn problem(result: Result<OpenBackup, VaultError>) -> BackupProblem {
    match result {
        Err(VaultError::Backup(problem)) => problem,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_backup_holds_everything_and_opens_with_its_own_passphrase_alone() {
    let vault = filled();
    let file = made(&vault);
    let backup = opened(&vault, &file).unwrap();
    let contents = backup.contents();
    assert_eq!((contents.applications, contents.configurations), (1, 1));
    assert_eq!((contents.tokens, contents.sessions), (1, 1));
    assert_eq!((contents.exchanges, contents.audit_lines), (1, 2));
    assert_eq!(contents.secrets, 3);
    let origin = backup.origin().unwrap();
    assert_eq!((origin.vault_id, origin.created_at), (vault.id(), 50));
    for wrong in [PASSPHRASE, "", "A passphrase of its own"] {
        let tried = OpenBackup::open(&file, &wrong.into(), vault.folder.path());
        assert!(matches!(problem(tried), BackupProblem::NotOpened));
    }
}

#[cfg(unix)]
#[test]
fn a_backup_is_its_owners_only_and_shows_no_secret_and_nothing_lies_beside_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let vault = filled();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("one.backup");
    vault.back_up(&file, &own(), 50).unwrap();
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let bytes = fs::read(&file).unwrap();
    for tell in [CANARY, OWN, PASSPHRASE, "orders", "SQLite format 3"] {
        let seen = bytes.windows(tell.len()).any(|at| at == tell.as_bytes());
        assert!(!seen, "{tell}");
    }
}

#[test]
fn t47_no_key_salt_or_nonce_is_used_twice() {
    let vault = filled();
    let head = |file: &Path| {
        let bytes = fs::read(file).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let head = text.lines().nth(1).unwrap();
        let head: serde_json::Value = serde_json::from_str(head).unwrap();
        let page = bytes[bytes.len() - 4096..].to_vec();
        (head["kdf"]["salt"].clone(), head["nonce"].clone(), page)
    };
    let file = made(&vault);
    let first = head(&file);
    made(&vault);
    let second = head(&file);
    assert_ne!(first.0, second.0, "salt");
    assert_ne!(first.1, second.1, "nonce");
    assert_ne!(first.2, second.2, "the last page");
}

#[test]
fn an_earlier_backup_is_replaced_and_another_file_is_not() {
    let vault = filled();
    let file = made(&vault);
    vault.back_up(&file, &own(), 60).unwrap();
    let backup = opened(&vault, &file).unwrap();
    assert_eq!(backup.origin().unwrap().created_at, 60);
    let letter = vault.folder.path().join("letter.txt");
    fs::write(&letter, "dear friend").unwrap();
    assert!(matches!(
        vault.back_up(&letter, &own(), 60),
        Err(VaultError::Backup(BackupProblem::Occupied { .. }))
    ));
    assert_eq!(fs::read(&letter).unwrap(), b"dear friend");
    assert!(matches!(
        vault.back_up(&vault.folder.path().join("new"), &"".into(), 60),
        Err(VaultError::EmptyPassphrase)
    ));
}

#[test]
fn a_restore_brings_everything_back_and_others_see_it() {
    let vault = filled();
    let file = made(&vault);
    let other = open_again(&vault);
    let kept = vault.configurations().unwrap()[0].id;
    for row in vault
        .applications(&ApplicationQuery {
            limit: 9,
            ..Default::default()
        })
        .unwrap()
        .items
    {
        vault.remove_application(row.id).unwrap();
    }
    vault
        .save_application(&application("later", kept), &[])
        .unwrap();
    vault.put_kv("window/place", &json!("elsewhere")).unwrap();
    let before = other.change_token().unwrap();
    assert_eq!(names(&other), ["later"]);

    let backup = opened(&vault, &file).unwrap();
    let preview = vault.restore_preview(&backup).unwrap();
    assert_eq!(preview.applications.removed_names, ["later"]);
    assert_eq!(preview.applications.added_names, ["orders"]);
    assert_eq!(preview.configurations.changed, 0);
    assert_eq!(names(&vault), ["later"], "a preview changes nothing");

    let restored = vault.restore(&backup, &line(9)).unwrap();
    assert_eq!(names(&vault), ["orders"]);
    assert_eq!(names(&other), ["orders"]);
    assert_ne!(other.change_token().unwrap(), before);
    let app = other
        .applications(&ApplicationQuery {
            limit: 9,
            ..Default::default()
        })
        .unwrap()
        .items[0]
        .id;
    let secret = other
        .secret(Owner::Application(app), SECRET_CLIENT)
        .unwrap();
    assert_eq!(secret.unwrap().expose(), CANARY);
    assert_eq!(
        other.kv("window/place").unwrap(),
        Some(json!("applications"))
    );
    // The search knows the rows, and their triggers are back.
    let query = ApplicationQuery {
        text: "order".into(),
        limit: 9,
        ..Default::default()
    };
    assert_eq!(other.applications(&query).unwrap().total, 1);
    other.remove_application(app).unwrap();
    assert_eq!(other.applications(&query).unwrap().total, 0);
    assert!(
        other
            .secret(Owner::Application(app), SECRET_CLIENT)
            .unwrap()
            .is_none()
    );

    // What was there before is in the copy that was made first.
    let copy = OpenBackup::automatic(&restored.before.unwrap(), &vault).unwrap();
    vault.restore(&copy, &line(10)).unwrap();
    assert_eq!(names(&other), ["later"]);
}

#[test]
fn t50_a_restore_takes_no_line_from_the_log_and_adds_one() {
    let vault = filled();
    let file = made(&vault);
    vault.audit_append(&line(3)).unwrap();
    let backup = opened(&vault, &file).unwrap();
    vault.restore(&backup, &line(4)).unwrap();
    let check = vault.audit_verify().unwrap();
    assert_eq!((check.lines, check.broken_at), (4, None));
}

#[test]
fn a_restore_to_an_empty_place_makes_a_vault_with_slots_of_its_own() {
    let vault = filled();
    let file = made(&vault);
    let folder = tempfile::tempdir().unwrap();
    let home = VaultHome::new(folder.path().join("new"));
    let backup = OpenBackup::open(&file, &own(), folder.path()).unwrap();
    let (made, restored) =
        Vault::create_from(&home, passphrase_only("third"), &backup, &line(9), 70).unwrap();
    assert_eq!(restored.contents.applications, 1);
    assert_ne!(made.id(), vault.id());
    assert_ne!(made.key().as_slice(), vault.key().as_slice());
    let check = made.audit_verify().unwrap();
    assert_eq!((check.lines, check.broken_at), (3, None));
    drop(made);
    let again = Vault::open(&home, crate::Unlock::Passphrase("third".into()), 71).unwrap();
    assert_eq!(names(&again), ["orders"]);
    assert!(matches!(
        Vault::create_from(&home, passphrase_only("third"), &backup, &line(9), 72),
        Err(VaultError::AlreadyExists { .. })
    ));
}

#[test]
fn t50_a_log_that_was_broken_when_it_was_backed_up_stays_broken_in_a_new_vault() {
    let vault = filled();
    vault
        .write(|tx| {
            tx.execute_batch(
                "DROP TRIGGER audit_is_never_shortened; DELETE FROM audit WHERE seq = 2;
                 UPDATE sqlite_sequence SET seq = 1 WHERE name = 'audit';",
            )?;
            Ok(())
        })
        .unwrap();
    let file = made(&vault);
    let folder = tempfile::tempdir().unwrap();
    let home = VaultHome::new(folder.path().join("new"));
    let backup = OpenBackup::open(&file, &own(), folder.path()).unwrap();
    let (made, _) =
        Vault::create_from(&home, passphrase_only("third"), &backup, &line(9), 70).unwrap();
    assert_eq!(made.audit_verify().unwrap().broken_at, Some(2));
}

#[test]
fn a_restore_waits_until_nothing_is_unfinished() {
    let vault = filled();
    let file = made(&vault);
    let configuration = vault.configurations().unwrap()[0].id;
    let mut open = entry("cut", configuration);
    open.state = JournalState::Sent;
    vault.journal_begin(&open).unwrap();
    let backup = opened(&vault, &file).unwrap();
    assert!(matches!(
        vault.restore(&backup, &line(9)),
        Err(VaultError::Backup(BackupProblem::Unfinished { count: 1 }))
    ));
    assert_eq!(vault.journal_pending().unwrap().len(), 1);
    // The connection is as before: the next write and the next restore work.
    vault.put_kv("a", &json!(1)).unwrap();
}

/// Every state of the vault that a restore could change.
fn state(vault: &Vault) -> String {
    let all = (
        names(vault),
        vault.configurations().unwrap(),
        vault.audit_tail(100, 0, None).unwrap(),
        vault.kv("window/place").unwrap(),
    );
    format!("{all:?}")
}

fn changed(file: &Path, at: u64, to: &[u8]) -> PathBuf {
    let copy = file.with_extension("changed");
    fs::copy(file, &copy).unwrap();
    let mut open = OpenOptions::new().write(true).open(&copy).unwrap();
    open.seek(SeekFrom::Start(at)).unwrap();
    open.write_all(to).unwrap();
    copy
}

#[test]
fn t48_a_backup_that_is_damaged_anywhere_is_refused_whole() {
    let vault = filled();
    let file = made(&vault);
    let bytes = fs::read(&file).unwrap();
    let length = bytes.len() as u64;
    let before = state(&vault);
    // A byte in each line of the head, and in places all over the database.
    let head = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let head = head.map(|(at, _)| at as u64).take(2).collect::<Vec<_>>();
    let mut places: Vec<u64> = vec![0, 17, 19, head[0], head[1] - 20, head[1], head[1] + 1];
    places.extend((head[1] + 2..length).step_by(9973));
    places.push(length - 1);
    for at in places {
        let index = usize::try_from(at).unwrap();
        let damaged = changed(&file, at, &[bytes[index] ^ 0x55]);
        let error = opened(&vault, &damaged).unwrap_err();
        assert!(
            matches!(error, VaultError::Backup(_) | VaultError::Header(_)),
            "byte {at}: {error:?}"
        );
    }
    for cut in [
        0,
        1,
        20,
        head[0],
        head[1],
        head[1] + 1,
        length / 2,
        length - 1,
    ] {
        let short = file.with_extension("short");
        fs::write(&short, &bytes[..usize::try_from(cut).unwrap()]).unwrap();
        assert!(
            matches!(opened(&vault, &short), Err(VaultError::Backup(_))),
            "cut at {cut}"
        );
    }
    let mut long = bytes.clone();
    long.extend_from_slice(b"more");
    let more = file.with_extension("long");
    fs::write(&more, long).unwrap();
    assert!(matches!(
        problem(opened(&vault, &more)),
        BackupProblem::Damaged { what: "its length" }
    ));
    assert_eq!(state(&vault), before);
}

#[test]
fn t48_what_is_no_backup_is_refused_whole() {
    let vault = filled();
    let before = state(&vault);
    let folder = vault.folder.path().join("foreign");
    fs::create_dir(&folder).unwrap();
    let home = vault.home.paths();
    let mut foreign: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("text", b"keywright-backup".to_vec()),
        ("zip", b"PK\x03\x04../../etc/passwd".to_vec()),
        ("one long line", vec![b'a'; 1 << 20]),
        ("no head", b"keywright-backup 1 0.1.0\n".to_vec()),
        ("no object", b"keywright-backup 1 0.1.0\n[]\n".to_vec()),
        ("words", b"keywright-backup one 0.1.0\n{}\n".to_vec()),
        ("old", b"keywright-backup 0 0.1.0\n{}\n".to_vec()),
        ("more words", b"keywright-backup 1 0.1.0 x\n{}\n".to_vec()),
        ("not text", b"\xff\xfe\n{}\n".to_vec()),
        ("database", fs::read(&home.database).unwrap()),
        ("header", fs::read(&home.header).unwrap()),
    ];
    for (salt, memory, iterations) in [
        ("AAAA", 65_536, 1),
        ("AAAAAAAAAAAAAAAAAAAAAA==", 4_000_000_000u32, 1),
        ("AAAAAAAAAAAAAAAAAAAAAA==", 65_536, u32::MAX),
    ] {
        let head = json!({
            "kdf": {"algorithm": "argon2id", "memory_kib": memory, "iterations": iterations, "lanes": 1, "salt": salt},
            "nonce": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "sealed": "AAAA",
        });
        foreign.push((
            "hostile costs",
            format!("keywright-backup 1 0.1.0\n{head}\n").into_bytes(),
        ));
    }
    for (name, bytes) in foreign {
        let file = folder.join("file");
        fs::write(&file, bytes).unwrap();
        let error = opened(&vault, &file).unwrap_err();
        assert!(
            matches!(
                error,
                VaultError::Backup(_) | VaultError::Header(_) | VaultError::KeyDerivation(_)
            ),
            "{name}: {error:?}"
        );
    }
    assert!(opened(&vault, &folder).is_err(), "a folder");
    assert!(opened(&vault, &folder.join("absent")).is_err());
    assert_eq!(state(&vault), before);
}

#[test]
fn t48_a_backup_made_by_an_attacker_with_rows_that_do_not_fit_is_refused_whole() {
    let vault = filled();
    let file = made(&vault);
    let before = state(&vault);
    let backup = opened(&vault, &file).unwrap();
    // As if the sealed file had held it: an application of a configuration that is not there.
    let inside = backup.read().unwrap();
    inside
        .execute_batch(
            "PRAGMA foreign_keys = OFF; UPDATE application SET configuration_id = 'nothing'",
        )
        .unwrap();
    assert!(matches!(
        contents::check(&inside),
        Err(VaultError::Backup(BackupProblem::Damaged { .. }))
    ));
    drop(inside);
    assert!(vault.restore(&backup, &line(9)).is_err());
    assert_eq!(state(&vault), before);
    // And one with a table less.
    let backup = opened(&vault, &file).unwrap();
    backup
        .read()
        .unwrap()
        .execute_batch("DROP TABLE session")
        .unwrap();
    assert!(vault.restore(&backup, &line(9)).is_err());
    assert_eq!(state(&vault), before);
    vault.put_kv("a", &json!(1)).unwrap();
}

#[test]
fn f22_a_backup_of_a_newer_version_is_refused_and_names_the_version() {
    let vault = filled();
    let newer = vault.folder.path().join("newer");
    fs::write(&newer, "keywright-backup 2 3.1.4\nanything\n").unwrap();
    match problem(opened(&vault, &newer)) {
        BackupProblem::Newer { program } => assert_eq!(program, "3.1.4"),
        other => panic!("{other:?}"),
    }
    // A newer backup is not overwritten by an older one in silence either: it is a backup all the same.
    assert!(OpenBackup::is_sealed(&newer).unwrap());
}

#[test]
fn automatic_copies_are_rotated() {
    let vault = filled();
    let file = made(&vault);
    let backup = opened(&vault, &file).unwrap();
    for at in 1..=7 {
        vault.restore(&backup, &line(at)).unwrap();
    }
    let mut left: Vec<_> = fs::read_dir(vault.home.paths().backups)
        .unwrap()
        .map(|item| item.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    let wanted: Vec<_> = (3..=7)
        .map(|at| format!("before-restore-{at}.db"))
        .collect();
    assert_eq!(left, wanted);
    let foreign = vault.folder.path().join("foreign.db");
    fs::write(&foreign, vec![7u8; 8192]).unwrap();
    assert!(matches!(
        problem(OpenBackup::automatic(&foreign, &vault)),
        BackupProblem::Foreign
    ));
}

#[test]
fn a_configuration_that_came_with_a_restore_is_whole() {
    let vault = TestVault::new();
    let mut row = configuration("Kong Tokyo");
    row.verify_state = VerifyState::Unknown;
    row.id = Uuid::now_v7();
    vault
        .save_configuration(&row, &[("initial".into(), Some(CANARY.into()))])
        .unwrap();
    let file = made(&vault);
    vault.remove_configuration(row.id).unwrap();
    let backup = opened(&vault, &file).unwrap();
    vault.restore(&backup, &line(9)).unwrap();
    assert_eq!(vault.configuration(row.id).unwrap().name, "Kong Tokyo");
    let secret = vault
        .secret(Owner::Configuration(row.id), "initial")
        .unwrap();
    assert_eq!(secret.unwrap().expose(), CANARY);
}
