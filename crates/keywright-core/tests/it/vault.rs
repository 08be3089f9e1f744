//! The vault: its lock, its passphrase, and backups.

use keywright_core::{
    Actor, Clock, Keywright, Lang, Options, VaultHome,
    view::{BackupInput, ProtectionChange, RestoreInput, TokenWish, UnlockInput, VaultState},
};
use keywright_sandbox::Personality;
use keywright_testkit::CoreFixture;

fn opened_by(passphrase: &str) -> UnlockInput {
    UnlockInput {
        passphrase: Some(passphrase.to_owned()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_vault_gives_nothing() {
    let fixture = CoreFixture::new().await;
    let made = fixture.registered(Personality::Rfc7591, "orders").await;
    fixture.keywright.lock();
    assert_eq!(
        fixture.keywright.status().unwrap().state,
        VaultState::Locked
    );
    let wish = TokenWish {
        application_id: made.id.clone(),
        ..TokenWish::default()
    };
    let refused = [
        fixture.keywright.applications().get(&made.id).map(|_| ()),
        fixture.keywright.configurations().list().map(|_| ()),
        fixture.keywright.tokens().get(&wish).await.map(|_| ()),
        fixture
            .keywright
            .registration()
            .read(&made.id)
            .await
            .map(|_| ()),
    ];
    for outcome in refused {
        assert_eq!(outcome.unwrap_err().code().as_str(), "locked");
    }
    let wrong = fixture.keywright.unlock(opened_by("not this one")).await;
    assert_eq!(wrong.unwrap_err().code().as_str(), "wrong_passphrase");
    let status = fixture
        .keywright
        .unlock(opened_by(CoreFixture::PASSPHRASE))
        .await;
    assert_eq!(status.unwrap().applications, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_passphrase_needs_the_current_one() {
    let fixture = CoreFixture::new().await;
    let change = |current: &str| ProtectionChange::SetPassphrase {
        current: Some(current.to_owned()),
        passphrase: "another horse battery".into(),
    };
    let slots = fixture.keywright.key_slots();
    let wrong = slots.change(change("not this one")).await;
    assert_eq!(wrong.unwrap_err().code().as_str(), "wrong_passphrase");
    slots.change(change(CoreFixture::PASSPHRASE)).await.unwrap();
    fixture.keywright.lock();
    let old = fixture
        .keywright
        .unlock(opened_by(CoreFixture::PASSPHRASE))
        .await;
    assert_eq!(old.unwrap_err().code().as_str(), "wrong_passphrase");
    let new = fixture.keywright.unlock(opened_by("another horse battery"));
    assert_eq!(new.await.unwrap().state, VaultState::Unlocked);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_brings_a_client_to_another_computer() {
    let fixture = CoreFixture::new().await;
    let made = fixture.registered(Personality::Okta, "orders").await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.kwbackup").display().to_string();
    let backup = BackupInput {
        path: path.clone(),
        passphrase: "of the backup alone".into(),
    };
    let written = fixture.keywright.backups().create(backup).await.unwrap();
    assert_eq!(written.contents.applications, 1);

    let other = Keywright::new(Options {
        home: VaultHome::new(folder.path().join("elsewhere")),
        actor: Actor::Cli,
        clock: Clock::system(),
        lang: Lang::En,
    });
    let given = |passphrase: &str| RestoreInput {
        path: path.clone(),
        passphrase: Some(passphrase.to_owned()),
    };
    let wrong = other
        .backups()
        .restore(given(CoreFixture::PASSPHRASE))
        .await;
    assert_eq!(wrong.unwrap_err().code().as_str(), "backup_not_opened");
    other
        .backups()
        .restore(given("of the backup alone"))
        .await
        .unwrap();
    let wish = TokenWish {
        application_id: made.id,
        refresh: true,
        ..TokenWish::default()
    };
    let token = other.tokens().get(&wish).await.unwrap();
    assert_eq!(token.application, "orders");
}
