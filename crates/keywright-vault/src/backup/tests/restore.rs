//! What a restore brings back, and what it leaves.

use super::*;

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
