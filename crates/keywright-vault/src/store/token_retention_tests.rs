#![allow(clippy::unwrap_used, reason = "tests")]

use rusqlite::MAIN_DB;

use super::*;
use crate::testing::{TestVault, application, configuration, open_again, token};
use crate::{SecretChange, TokenRow, store::database};

/// Seconds that a token of the tests lives.
const LIFE: i64 = 300;

fn vault() -> (TestVault, Uuid) {
    let vault = TestVault::new();
    let c = configuration("Kong");
    vault.save_configuration(&c, &[]).unwrap();
    let app = application("orders", c.id);
    vault.save_application(&app, &[]).unwrap();
    (vault, app.id)
}

/// Values as long as real ones, and told apart by the time.
fn values(at: i64, refresh: bool) -> Vec<SecretChange> {
    let mut all = vec![(
        ACCESS_TOKEN.to_owned(),
        Some(format!("value-of-access-{at:08}-{}", "x".repeat(900)).into()),
    )];
    if refresh {
        all.push((
            REFRESH_TOKEN.to_owned(),
            Some(format!("value-of-refresh-{at:08}").into()),
        ));
    }
    all
}

fn rows(vault: &Vault, what: &str) -> i64 {
    vault
        .read(|connection| {
            Ok(
                connection.query_row(&format!("SELECT count(*) FROM {what}"), [], |row| {
                    row.get(0)
                })?,
            )
        })
        .unwrap()
}

/// The pages of a closed vault, decrypted: also what no table reaches any more.
fn pages(vault: TestVault) -> Vec<u8> {
    let key = vault.key().clone();
    let (vault, home, _folder) = vault.into_parts();
    vault.close().unwrap();
    let connection = database::open_reader(&home.paths().database, &key).unwrap();
    connection.serialize(MAIN_DB).unwrap().to_vec()
}

fn holds(pages: &[u8], value: &str) -> bool {
    pages
        .windows(value.len())
        .any(|window| window == value.as_bytes())
}

#[test]
fn a_thousand_refreshes_leave_a_bounded_number_of_rows() {
    let (vault, app) = vault();
    for number in 0..1_000 {
        let at = 10_000 + number * LIFE;
        vault
            .save_token(&token(app, at), &values(at, false))
            .unwrap();
    }
    assert!(rows(&vault, "token") <= 2, "{}", rows(&vault, "token"));
    assert!(rows(&vault, "secret") <= 2);
    let newest = 10_000 + 999 * LIFE;
    let found = vault.current_token(app, newest).unwrap().unwrap();
    assert_eq!(found.issued_at, newest);
    let value = vault.secret(crate::Owner::Token(found.id), ACCESS_TOKEN);
    assert!(value.unwrap().is_some(), "the one that lives has its value");
}

#[test]
fn a_thousand_tokens_without_expiry_leave_a_bounded_number_of_rows() {
    let (vault, app) = vault();
    for number in 0..1_000 {
        let mut row = token(app, 10_000 + number);
        row.expires_at = None;
        vault.save_token(&row, &values(number, true)).unwrap();
    }
    let most = i64::try_from(MOST_LIVING).unwrap();
    assert_eq!(rows(&vault, "token"), most);
    let refresh = rows(&vault, "secret WHERE name = 'refresh_token'");
    assert_eq!(refresh, i64::try_from(MOST_REFRESH).unwrap());
}

#[test]
fn the_newest_of_each_request_stays_after_it_expired() {
    let (vault, app) = vault();
    let of = |at, scope: Option<&str>, resource: &[&str]| TokenRow {
        scope_asked: scope.map(str::to_owned),
        resources: resource.iter().map(|&text| text.to_owned()).collect(),
        ..token(app, at)
    };
    let kept = [
        of(2_000, None, &[]),
        of(2_001, Some("read"), &[]),
        of(2_002, None, &["https://api.example"]),
    ];
    vault.save_token(&of(1_000, None, &[]), &[]).unwrap();
    for row in &kept {
        vault.save_token(row, &[]).unwrap();
    }
    vault.wipe_expired_tokens(1_000_000).unwrap();
    let mut ids: Vec<Uuid> = vault.tokens(app).unwrap().iter().map(|t| t.id).collect();
    ids.reverse();
    assert_eq!(ids, kept.map(|row| row.id));
}

#[test]
fn a_revoked_token_is_deleted_when_a_newer_one_comes() {
    let (vault, app) = vault();
    let first = token(app, 1_000);
    vault.save_token(&first, &[]).unwrap();
    vault.mark_revoked(first.id, 1_001).unwrap();
    assert_eq!(vault.tokens(app).unwrap().len(), 1);
    vault.save_token(&token(app, 1_002), &[]).unwrap();
    assert!(vault.token(first.id).is_err());
}

#[test]
fn live_token_is_kept_with_a_newer_one() {
    let (vault, app) = vault();
    let first = token(app, 1_000);
    vault.save_token(&first, &[]).unwrap();
    vault.save_token(&token(app, 1_100), &[]).unwrap();
    assert_eq!(vault.tokens(app).unwrap().len(), 2);
}

#[test]
fn f10_a_clock_that_jumped_ahead_costs_no_living_token() {
    let (vault, app) = vault();
    let (now, jumped) = (10_000, 10_000 + 365 * 86_400);
    vault
        .save_token(&token(app, now), &values(now, false))
        .unwrap();
    vault
        .save_token(&token(app, jumped), &values(jumped, false))
        .unwrap();
    let found = vault.current_token(app, now).unwrap().unwrap();
    assert_eq!(found.issued_at, now);
    let value = vault.secret(crate::Owner::Token(found.id), ACCESS_TOKEN);
    assert!(value.unwrap().is_some());
    // A clock that stays there is believed.
    assert_eq!(vault.wipe_expired_tokens(jumped + 600).unwrap(), 2);
}

#[test]
fn no_value_of_an_expired_token_is_left_in_the_database() {
    let (vault, app) = vault();
    for at in [10_000, 20_000, 30_000] {
        vault
            .save_token(&token(app, at), &values(at, false))
            .unwrap();
    }
    let expired = 30_000 + LIFE;
    let untouched = vault.wipe_expired_tokens(expired).unwrap();
    assert_eq!(untouched, 0, "one that expired just now is still looked at");
    assert_eq!(
        vault
            .wipe_expired_tokens(expired + WIPED_AFTER_SECS)
            .unwrap(),
        1
    );
    assert_eq!(vault.tokens(app).unwrap().len(), 1, "what it said stays");
    let pages = pages(vault);
    assert!(
        holds(&pages, "client_credentials"),
        "the pages are decrypted"
    );
    for at in [10_000, 20_000, 30_000] {
        assert!(!holds(&pages, &format!("value-of-access-{at:08}")), "{at}");
    }
}

#[test]
fn a_token_that_expired_before_it_arrived_has_its_value() {
    let (vault, app) = vault();
    let mut row = token(app, 1_000_000);
    row.expires_at = Some(1);
    vault.save_token(&row, &values(1, false)).unwrap();
    let value = vault.secret(crate::Owner::Token(row.id), ACCESS_TOKEN);
    assert!(value.unwrap().is_some());
}

#[test]
fn an_old_refresh_token_stays_until_the_newer_one_is_proved() {
    let (vault, app) = vault();
    let refresh = |at: i64, proven: Option<Uuid>, rotated: bool| {
        let row = TokenRow {
            grant: "refresh_token".to_owned(),
            ..token(app, at)
        };
        vault
            .save_refreshed_token(&row, &values(at, rotated), proven)
            .unwrap();
        row.id
    };
    let kept = || -> Vec<String> {
        let all = vault.tokens(app).unwrap();
        let of = |row: &TokenRow| {
            let value = vault.secret(crate::Owner::Token(row.id), REFRESH_TOKEN);
            Some(value.unwrap()?.expose().to_owned())
        };
        all.iter().filter_map(of).collect()
    };
    let newest = || vault.newest_refresh_token(app).unwrap().unwrap();
    let first = refresh(1_000, None, true);
    let second = refresh(2_000, Some(first), true);
    let both = ["value-of-refresh-00002000", "value-of-refresh-00001000"];
    assert_eq!(kept(), both, "the second one was never used");
    assert_eq!((newest().0, newest().1.expose()), (second, both[0]));
    // The server does not replace it this time.
    refresh(3_000, Some(second), false);
    assert_eq!(kept(), both[..1]);
    assert_eq!(newest().0, second, "the one that works");
    let pages = pages(vault);
    assert!(holds(&pages, both[0]));
    assert!(!holds(&pages, both[1]));
}

#[test]
fn applications_to_refresh_are_read_from_an_index() {
    let (vault, app) = vault();
    let due = |end| vault.applications_to_refresh(end).unwrap();
    assert!(due(i64::MAX - 1).is_empty(), "it has no token");
    let first = token(app, 1_000);
    vault.save_token(&first, &[]).unwrap();
    assert!(due(1_299).is_empty());
    assert_eq!(due(1_300), [app]);
    let mut second = token(app, 1_200);
    vault.save_token(&second, &[]).unwrap();
    assert!(due(1_300).is_empty(), "a newer one lives longer");
    vault
        .update_token(second.id, |row| row.refused_at = Some(1_250))
        .unwrap();
    assert_eq!(due(1_300), [app], "the newest that is usable counts");
    second.refused_at = None;
    vault.save_token(&second, &[]).unwrap();
    assert!(due(1_300).is_empty());
    vault.remove_token(second.id).unwrap();
    assert_eq!(due(1_300), [app]);
    let other = open_again(&vault);
    let auto_refresh = |on| {
        other
            .change_application(app, &[], |row| row.auto_refresh = on)
            .unwrap();
    };
    auto_refresh(false);
    assert!(due(i64::MAX - 1).is_empty());
    auto_refresh(true);
    assert_eq!(due(1_300), [app]);
    vault
        .mark_health(app, crate::Health::Rejected, 1_300)
        .unwrap();
    assert!(due(1_300).is_empty());
    let plan: String = vault
        .read(|connection| {
            let question = format!("EXPLAIN QUERY PLAN {}", crate::store::tokens::TO_REFRESH);
            Ok(connection.query_row(&question, [1], |row| row.get("detail"))?)
        })
        .unwrap();
    assert!(plan.contains("INDEX application_to_refresh"), "{plan}");
}

#[test]
fn an_older_vault_gets_the_columns_from_its_payloads() {
    let db = Connection::open_in_memory().unwrap();
    for step in [
        include_str!("../../migrations/0001.sql"),
        include_str!("../../migrations/0002.sql"),
    ] {
        db.execute_batch(step).unwrap();
    }
    db.execute(
        "INSERT INTO configuration VALUES ('c', 'c', 1, 1, '{}')",
        [],
    )
    .unwrap();
    for (id, auto_refresh) in [("a", true), ("b", false)] {
        db.execute(
            "INSERT INTO application (id, name, configuration_id, provider, client_id, health, labels, created_at,
                updated_at, haystack) VALUES (?1, ?1, 'c', 'x', 'x', 'x', '[]', 1, 1, 'x')",
            [id],
        )
        .unwrap();
        let detail = format!("{{\"auto_refresh\":{auto_refresh}}}");
        db.execute(
            "INSERT INTO application_detail VALUES (?1, ?2)",
            [id, &detail],
        )
        .unwrap();
        for (issued_at, rest) in [
            (
                1,
                "\"resources\":[\"https://a.example/b\"],\"expires_at\":11",
            ),
            (2, "\"expires_at\":12,\"refused_at\":null"),
            (3, "\"expires_at\":13,\"refused_at\":5"),
        ] {
            db.execute(
                "INSERT INTO token VALUES (?1, ?2, 'client_credentials', NULL, NULL, ?3, NULL, ?4)",
                params![
                    format!("{id}{issued_at}"),
                    id,
                    issued_at,
                    format!("{{{rest}}}")
                ],
            )
            .unwrap();
        }
    }
    db.execute_batch(include_str!("../../migrations/0003.sql"))
        .unwrap();
    let text = |question: &str| -> String { db.query_row(question, [], |row| row.get(0)).unwrap() };
    let tokens = "SELECT group_concat(concat_ws(' ', resources, expires_at, refused_at), ', ')
        FROM (SELECT * FROM token WHERE application_id = 'a' ORDER BY issued_at)";
    assert_eq!(text(tokens), "[\"https://a.example/b\"] 11, [] 12, [] 13 5");
    let applications = "SELECT group_concat(concat_ws(' ', id, auto_refresh, coalesce(refresh_at, '-')), ', ') FROM application";
    assert_eq!(text(applications), "a 1 12, b 0 -");
}
