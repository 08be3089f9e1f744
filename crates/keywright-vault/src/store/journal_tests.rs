#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use serde_json::json;
use uuid::Uuid;

use crate::testing::{TestVault, application, entry, open_again};
use crate::*;

fn secret_of(vault: &Vault, owner: Owner, name: &str) -> Option<String> {
    let found = vault.secret(owner, name).unwrap();
    found.map(|secret| secret.expose().to_owned())
}

/// An entry whose answer is stored.
fn answered(vault: &Vault, configuration: Uuid) -> Uuid {
    let id = vault.journal_begin(&entry("one", configuration)).unwrap();
    vault.journal_sent(id, "register", 1001).unwrap();
    let secrets = [(SECRET_CLIENT.to_owned(), SecretText::new("s3cret"))];
    let remote = json!({"client_id": "abc"});
    vault
        .journal_answered(id, "register", &remote, &secrets, 1002)
        .unwrap();
    id
}

#[test]
fn a_registration_is_pending_at_every_step_until_the_application_is_stored() {
    let (vault, configuration) = TestVault::with_configuration();
    let id = vault.journal_begin(&entry("one", configuration)).unwrap();
    let state = || vault.journal_pending().unwrap()[0].state;
    assert_eq!(state(), JournalState::Intent);
    vault.journal_sent(id, "register", 1001).unwrap();
    assert_eq!(state(), JournalState::Sent);
    let lost = json!({"code": "timeout"});
    vault.journal_unknown(id, &lost, 1002).unwrap();
    assert_eq!(state(), JournalState::Unknown);
    assert_eq!(vault.journal_pending().unwrap()[0].error, Some(lost));
    let secrets = [(SECRET_CLIENT.to_owned(), SecretText::new("s3cret"))];
    let remote = json!({"client_id": "abc"});
    vault
        .journal_answered(id, "register", &remote, &secrets, 1003)
        .unwrap();
    let pending = vault.journal_pending().unwrap().remove(0);
    assert_eq!(pending.state, JournalState::Answered);
    assert_eq!((pending.remote, pending.error), (remote, None));
    let kept = secret_of(&vault, Owner::Journal(id), SECRET_CLIENT);
    assert_eq!(kept.as_deref(), Some("s3cret"));

    let app = application("one", configuration);
    let secrets = [(SECRET_CLIENT.to_owned(), Some("s3cret".into()))];
    vault.journal_finish(id, &app, &secrets).unwrap();
    assert!(vault.journal_pending().unwrap().is_empty());
    let closed = vault.journal_entry(id).unwrap();
    assert_eq!(closed.state, JournalState::Done);
    assert_eq!(closed.application_id, Some(app.id));
    assert_eq!(secret_of(&vault, Owner::Journal(id), SECRET_CLIENT), None);
    let stored = secret_of(&vault, Owner::Application(app.id), SECRET_CLIENT);
    assert_eq!(stored.as_deref(), Some("s3cret"));
    assert!(vault.application(app.id).unwrap().has_secret);
}

#[test]
fn a_refused_request_leaves_an_entry_that_sent_nothing() {
    let (vault, configuration) = TestVault::with_configuration();
    let id = vault.journal_begin(&entry("one", configuration)).unwrap();
    vault.journal_sent(id, "register", 1001).unwrap();
    let why = json!({"code": "invalid_redirect_uri"});
    vault.journal_refused(id, &why, 1002).unwrap();
    let pending = open_again(&vault).journal_pending().unwrap().remove(0);
    assert_eq!(pending.state, JournalState::Intent);
    assert_eq!(pending.error, Some(why));
    vault.journal_sent(id, "register", 1003).unwrap();
    let pending = vault.journal_pending().unwrap().remove(0);
    assert_eq!(pending.state, JournalState::Sent);
}

#[test]
fn a_finish_that_fails_leaves_the_answer_and_no_application() {
    let (vault, configuration) = TestVault::with_configuration();
    let first = application("one", configuration);
    vault.save_application(&first, &[]).unwrap();
    let id = answered(&vault, configuration);
    let same_name = application("one", configuration);
    let secrets = [(SECRET_CLIENT.to_owned(), Some("s3cret".into()))];
    assert!(matches!(
        vault.journal_finish(id, &same_name, &secrets),
        Err(VaultError::NameTaken { .. })
    ));
    assert_eq!(vault.journal_pending().unwrap().len(), 1);
    let kept = secret_of(&vault, Owner::Journal(id), SECRET_CLIENT);
    assert_eq!(kept.as_deref(), Some("s3cret"));
    assert!(vault.application(same_name.id).is_err());
    let owner = Owner::Application(same_name.id);
    assert_eq!(secret_of(&vault, owner, SECRET_CLIENT), None);
}

#[test]
fn an_answer_survives_without_a_close() {
    let (vault, configuration) = TestVault::with_configuration();
    let id = answered(&vault, configuration);
    // The first handle stays open and unfinished, as after a crash.
    let after = open_again(&vault);
    let pending = after.journal_pending().unwrap();
    assert_eq!(pending[0].remote, json!({"client_id": "abc"}));
    let kept = secret_of(&after, Owner::Journal(id), SECRET_CLIENT);
    assert_eq!(kept.as_deref(), Some("s3cret"));
}

#[test]
fn a_closed_entry_takes_no_more_steps() {
    let (vault, configuration) = TestVault::with_configuration();
    let refused = vault.journal_begin(&entry("one", configuration)).unwrap();
    let why = json!({"code": "invalid_client_metadata"});
    vault.journal_failed(refused, &why, 1001).unwrap();
    let closed = vault.journal_entry(refused).unwrap();
    assert_eq!(closed.state, JournalState::Discarded);
    assert_eq!(closed.error, Some(why));
    let discarded = answered(&vault, configuration);
    vault.journal_discard(discarded, 1003).unwrap();
    assert_eq!(
        secret_of(&vault, Owner::Journal(discarded), SECRET_CLIENT),
        None
    );
    for id in [refused, discarded] {
        let app = application("two", configuration);
        let closed = |result| matches!(result, Err(VaultError::JournalClosed { .. }));
        assert!(closed(vault.journal_sent(id, "again", 1004)));
        assert!(closed(vault.journal_finish(id, &app, &[])));
        assert!(closed(vault.journal_discard(id, 1004)));
        assert!(vault.application(app.id).is_err());
    }
    assert!(matches!(
        vault.journal_sent(Uuid::now_v7(), "x", 1),
        Err(VaultError::NotFound { .. })
    ));
}

#[test]
fn a_deletion_removes_the_application_and_closes_the_entry_together() {
    let (vault, configuration) = TestVault::with_configuration();
    let app = application("one", configuration);
    let secrets = [(SECRET_CLIENT.to_owned(), Some("s3cret".into()))];
    vault.save_application(&app, &secrets).unwrap();
    let mut deletion = entry("one", configuration);
    deletion.operation = JournalOperation::Delete;
    deletion.application_id = Some(app.id);
    let mut lost = entry("one", configuration);
    lost.operation = JournalOperation::Delete;
    lost.application_id = Some(app.id);
    let lost = vault.journal_begin(&lost).unwrap();
    let other = vault.journal_begin(&entry("two", configuration)).unwrap();
    let id = vault.journal_begin(&deletion).unwrap();
    vault.journal_finish_removal(id, app.id, 1005).unwrap();
    assert!(vault.application(app.id).is_err());
    let owner = Owner::Application(app.id);
    assert_eq!(secret_of(&vault, owner, SECRET_CLIENT), None);
    assert_eq!(vault.journal_entry(id).unwrap().state, JournalState::Done);
    // An earlier deletion whose outcome was not known has nothing left to find out.
    let lost = vault.journal_entry(lost).unwrap();
    assert_eq!(lost.state, JournalState::Discarded);
    assert_eq!(
        vault.journal_entry(other).unwrap().state,
        JournalState::Intent
    );
}
