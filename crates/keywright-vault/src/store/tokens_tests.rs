#![allow(clippy::unwrap_used, reason = "tests")]
use super::*;
use crate::testing::{TestVault, application, configuration, token};

#[test]
fn the_latest_token_is_the_newest_for_the_same_question_that_was_not_revoked() {
    let vault = TestVault::new();
    let c = configuration("Kong");
    vault.save_configuration(&c, &[]).unwrap();
    let app = application("one", c.id);
    vault.save_application(&app, &[]).unwrap();
    let old = token(app.id, 10);
    let new = token(app.id, 20);
    let mut other = token(app.id, 30);
    other.scope_asked = Some("write".into());
    for row in [&new, &old, &other] {
        let secret = [("access_token".to_owned(), Some("at".into()))];
        vault.save_token(row, &secret).unwrap();
    }
    let latest_at = |scope, now| {
        let asked = TokenQuestion {
            grant: "client_credentials",
            scope,
            ..TokenQuestion::default()
        };
        vault.latest_token(app.id, asked, now).unwrap()
    };
    let latest = |scope| latest_at(scope, 50);
    assert_eq!(latest_at(None, 15), Some(old.clone()));
    assert_eq!(latest_at(None, 5), None);
    assert_eq!(latest(None), Some(new.clone()));
    assert_eq!(latest(Some("write")), Some(other));
    assert_eq!(latest(Some("read")), None);
    vault.mark_revoked(new.id, 40).unwrap();
    assert_eq!(latest(None), Some(old));
    assert_eq!(vault.token(new.id).unwrap().revoked_at, Some(40));
    assert_eq!(vault.tokens(app.id).unwrap().len(), 3);

    let mut of_one = token(app.id, 25);
    of_one.resources = vec!["https://api.example".into()];
    vault.save_token(&of_one, &[]).unwrap();
    let mut in_detail = token(app.id, 26);
    in_detail.authorization_details = Some(r#"[{"type":"payment"}]"#.into());
    vault.save_token(&in_detail, &[]).unwrap();
    let of = |resources: &[String], authorization_details| {
        let asked = TokenQuestion {
            grant: "client_credentials",
            resources,
            authorization_details,
            ..TokenQuestion::default()
        };
        vault.latest_token(app.id, asked, 50).unwrap()
    };
    let details = in_detail.authorization_details.clone();
    assert_eq!(of(&of_one.resources, None), Some(of_one.clone()));
    assert_eq!(of(&[], details.as_deref()), Some(in_detail.clone()));
    assert_eq!(of(&[], None).unwrap().issued_at, 10);

    vault.remove_application(app.id).unwrap();
    let gone = vault.secret(Owner::Token(new.id), "access_token").unwrap();
    assert!(gone.is_none());
    assert!(vault.tokens(app.id).unwrap().is_empty());
}
