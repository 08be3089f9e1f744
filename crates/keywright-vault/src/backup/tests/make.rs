//! What a backup holds, and where it goes.

use super::*;

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
