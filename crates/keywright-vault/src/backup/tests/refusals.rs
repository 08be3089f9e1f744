//! What is not a backup, or a damaged one, changes nothing.

use super::*;

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
    // A newer backup is not overwritten by an older one in silence either: it is a backup anyway.
    assert!(OpenBackup::is_sealed(&newer).unwrap());
}
