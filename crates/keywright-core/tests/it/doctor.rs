//! The doctor: what is well, and the fix of what is not.

use keywright_core::view::{BackupInput, CheckState};
use keywright_testkit::CoreFixture;

async fn backup_check(fixture: &CoreFixture) -> (CheckState, Option<String>) {
    let report = fixture.keywright.doctor(None).await.unwrap();
    let check = report
        .checks
        .into_iter()
        .find(|one| one.name == "last_backup");
    let check = check.expect("the check of backups");
    (check.state, check.fix)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_backup_has_its_fix() {
    let fixture = CoreFixture::new().await;
    let (state, fix) = backup_check(&fixture).await;
    assert_eq!(state, CheckState::Warn);
    assert!(fix.unwrap().contains("keywright backup"));
    let folder = tempfile::tempdir().unwrap();
    let backup = BackupInput {
        path: folder.path().join("all.kwbackup").display().to_string(),
        passphrase: "of the backup alone".into(),
    };
    fixture.keywright.backups().create(backup).await.unwrap();
    assert_eq!(backup_check(&fixture).await, (CheckState::Ok, None));
}
