#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use serde_json::json;
use uuid::Uuid;

use crate::testing::{TestVault, application, session, token};
use crate::*;

#[test]
fn an_application_comes_back_as_it_was_saved() {
    let (vault, configuration) = TestVault::with_configuration();
    let mut row = application("one", configuration);
    row.current = Some(json!({"z": 1, "a": [true, null]}));
    row.labels = vec!["本番".into(), "billing".into()];
    row.expires_by_ttl_at = Some(7);
    let secrets = [
        (SECRET_CLIENT.to_owned(), Some("s".into())),
        (SECRET_REGISTRATION_TOKEN.to_owned(), Some("t".into())),
    ];
    vault.save_application(&row, &secrets).unwrap();
    (row.has_secret, row.has_registration_token) = (true, true);
    assert_eq!(vault.application(row.id).unwrap(), row);
    assert_eq!(vault.application_by_name("one").unwrap(), Some(row.clone()));
    assert_eq!(vault.application_by_name("One").unwrap(), None);
    let names = vault.secret_names(Owner::Application(row.id)).unwrap();
    assert_eq!(names, [SECRET_CLIENT, SECRET_REGISTRATION_TOKEN]);

    let gone = [(SECRET_CLIENT.to_owned(), None)];
    vault.change_application(row.id, &gone, |_| {}).unwrap();
    assert!(!vault.application(row.id).unwrap().has_secret);
}

#[test]
fn f09_what_belongs_to_an_application_that_another_program_deleted_is_gone() {
    let (vault, configuration) = TestVault::with_configuration();
    let row = application("one", configuration);
    vault.save_application(&row, &[]).unwrap();
    vault.remove_application(row.id).unwrap();
    let answer = vault.save_token(&token(row.id, 1), &[]);
    assert!(matches!(answer, Err(VaultError::Gone(_))), "{answer:?}");
}

#[test]
fn an_update_of_an_unknown_application_makes_none() {
    let (vault, configuration) = TestVault::with_configuration();
    let row = application("one", configuration);
    let secrets = [(SECRET_CLIENT.to_owned(), Some("s".into()))];
    assert!(matches!(
        vault.change_application(row.id, &secrets, |_| {}),
        Err(VaultError::NotFound { .. })
    ));
    let owner = Owner::Application(row.id);
    assert!(vault.secret(owner, SECRET_CLIENT).unwrap().is_none());
    let nowhere = application("one", Uuid::now_v7());
    assert!(matches!(
        vault.save_application(&nowhere, &[]),
        Err(VaultError::NotFound {
            kind: RowKind::Configuration,
            ..
        })
    ));
}

#[test]
fn a_name_is_taken_until_its_application_is_forgotten() {
    let (vault, configuration) = TestVault::with_configuration();
    let one = application("one", configuration);
    let two = application("two", configuration);
    vault.save_application(&one, &[]).unwrap();
    vault.save_application(&two, &[]).unwrap();
    let taken = |result: Result<(), VaultError>| match result {
        Err(VaultError::NameTaken { kind, name }) => {
            assert_eq!((kind, name.as_str()), (RowKind::Application, "one"));
        }
        other => panic!("{other:?}"),
    };
    taken(vault.rename(two.id, "one", 1001));
    taken(vault.save_application(&application("one", configuration), &[]));
    vault.forget(one.id, 1002).unwrap();
    vault.rename(two.id, "one", 1003).unwrap();
    assert_eq!(vault.application(two.id).unwrap().updated_at, 1003);
    taken(vault.unforget(one.id));
    vault.rename(two.id, "two", 1004).unwrap();
    vault.unforget(one.id).unwrap();
    assert_eq!(vault.application(one.id).unwrap().name, "one");
}

#[test]
fn forgetting_hides_everywhere_and_purging_removes_secrets_tokens_and_sessions() {
    let (vault, configuration) = TestVault::with_configuration();
    let row = application("one", configuration);
    let secrets = [(SECRET_CLIENT.to_owned(), Some("s".into()))];
    vault.save_application(&row, &secrets).unwrap();
    let (token, session) = (token(row.id, 1000), session(row.id, "https://a", 1000));
    vault.save_token(&token, &[]).unwrap();
    vault
        .save_session(&session, &SecretText::new("jar"))
        .unwrap();

    vault.forget(row.id, 2000).unwrap();
    assert!(vault.application(row.id).is_err());
    assert_eq!(vault.application_by_name("one").unwrap(), None);
    assert_eq!(vault.application_counts(2000).unwrap().all, 0);
    let query = ApplicationQuery {
        text: "one".into(),
        limit: 10,
        ..ApplicationQuery::default()
    };
    assert_eq!(vault.applications(&query).unwrap().total, 0);
    assert!(vault.forget(row.id, 2001).is_err());

    assert_eq!(vault.purge_forgotten(1999).unwrap(), 0);
    vault.unforget(row.id).unwrap();
    assert_eq!(vault.applications(&query).unwrap().total, 1);
    vault.forget(row.id, 2000).unwrap();
    assert_eq!(vault.purge_forgotten(2000).unwrap(), 1);
    let gone = |owner, name| assert!(vault.secret(owner, name).unwrap().is_none());
    gone(Owner::Application(row.id), SECRET_CLIENT);
    gone(Owner::Session(session.id), SECRET_JAR);
    assert!(vault.token(token.id).is_err());
    assert!(vault.unforget(row.id).is_err());
}

#[test]
fn counts_tell_what_is_rejected_and_what_expires_within_thirty_days() {
    const DAY: i64 = 86_400;
    let (vault, configuration) = TestVault::with_configuration();
    let add = |name: &str, secret: Option<i64>, ttl: Option<i64>| {
        let mut row = application(name, configuration);
        (row.client_secret_expires_at, row.expires_by_ttl_at) = (secret, ttl);
        vault.save_application(&row, &[]).unwrap();
        row.id
    };
    let never = add("never", Some(0), None);
    add("unsaid", None, None);
    add("past", Some(5), None);
    add("soon", Some(1000 + 30 * DAY), None);
    add("later", Some(1001 + 30 * DAY), None);
    add("ttl", Some(0), Some(1000 + DAY));
    vault.mark_health(never, Health::Rejected, 1234).unwrap();
    let counts = vault.application_counts(1000).unwrap();
    assert_eq!((counts.all, counts.rejected, counts.expiring), (6, 1, 3));
    let row = vault.application(never).unwrap();
    assert_eq!(
        (row.health, row.health_checked_at),
        (Health::Rejected, Some(1234))
    );
    assert!(vault.mark_health(Uuid::now_v7(), Health::Live, 1).is_err());
}

#[test]
fn the_nearest_name_is_offered() {
    let (vault, configuration) = TestVault::with_configuration();
    for name in ["billing-prod", "weather"] {
        vault
            .save_application(&application(name, configuration), &[])
            .unwrap();
    }
    let nearest = vault.nearest_name("biling-prod").unwrap();
    assert_eq!(nearest.as_deref(), Some("billing-prod"));
    assert_eq!(vault.nearest_name("zzz").unwrap(), None);
}

#[test]
fn saving_an_older_copy_does_not_turn_back_when_it_was_last_used() {
    let (vault, configuration) = TestVault::with_configuration();
    let row = application("one", configuration);
    vault.save_application(&row, &[]).unwrap();
    vault.touch_used(row.id, 2000).unwrap();
    vault.save_application(&row, &[]).unwrap();
    assert_eq!(vault.application(row.id).unwrap().last_used_at, Some(2000));
    vault.touch_used(row.id, 3000).unwrap();
    let newer = vault.application(row.id).unwrap();
    assert_eq!(newer.last_used_at, Some(3000));
}

#[test]
fn f09_a_change_keeps_what_another_program_changed_meanwhile() {
    let (vault, configuration) = TestVault::with_configuration();
    let row = application("one", configuration);
    vault.save_application(&row, &[]).unwrap();
    vault.rename(row.id, "two", 2000).unwrap();
    vault
        .change_application(row.id, &[], |row| row.auto_refresh = true)
        .unwrap();
    let now = vault.application(row.id).unwrap();
    assert_eq!((now.name.as_str(), now.auto_refresh), ("two", true));
}
