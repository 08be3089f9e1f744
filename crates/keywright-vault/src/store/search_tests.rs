#![allow(clippy::unwrap_used, reason = "tests")]

use uuid::Uuid;

use super::FEW;
use crate::testing::{TestVault, application, configuration};
use crate::*;

fn names(vault: &Vault, query: ApplicationQuery) -> Vec<String> {
    let query = ApplicationQuery {
        limit: 100,
        ..query
    };
    let page = vault.applications(&query).unwrap();
    assert_eq!(page.total, page.items.len() as u64, "{query:?}");
    page.items.into_iter().map(|item| item.name).collect()
}

fn find(vault: &Vault, text: &str) -> Vec<String> {
    let query = ApplicationQuery {
        text: text.into(),
        sort: ApplicationSort::Name,
        ..ApplicationQuery::default()
    };
    names(vault, query)
}

fn sample() -> (TestVault, Uuid) {
    let (vault, configuration) = TestVault::with_configuration();
    for (name, client_id, labels) in [
        ("Billing API", "c-7f3a", vec!["prod"]),
        ("請求書サービス", "c-91bb", vec!["本番", "経理"]),
        ("50%_off \"deal\"", "c-0000", vec![]),
    ] {
        let mut row = application(name, configuration);
        row.client_id = client_id.into();
        row.labels = labels.into_iter().map(str::to_owned).collect();
        vault.save_application(&row, &[]).unwrap();
    }
    (vault, configuration)
}

#[test]
fn a_search_looks_at_name_client_id_labels_and_configuration_whatever_the_case() {
    let (vault, _) = sample();
    assert_eq!(find(&vault, "bill"), ["Billing API"]);
    assert_eq!(find(&vault, "7F3"), ["Billing API"]);
    assert_eq!(find(&vault, "PROD"), ["Billing API"]);
    assert_eq!(find(&vault, "tokyo").len(), 3);
    assert_eq!(find(&vault, "  ").len(), 3);
    assert_eq!(find(&vault, "nothing like it").len(), 0);
}

#[test]
fn japanese_is_found_by_three_two_and_one_characters() {
    let (vault, _) = sample();
    for text in [
        "請求書",
        "サービス",
        "請求",
        "本番",
        "経",
        "請求 本番",
        "求書サ 経理",
    ] {
        assert_eq!(find(&vault, text), ["請求書サービス"], "{text}");
    }
    assert!(find(&vault, "書請").is_empty());
}

#[test]
fn t49_two_characters_are_found_and_signs_of_the_query_language_are_only_text() {
    let (vault, _) = sample();
    assert_eq!(find(&vault, "ap"), ["Billing API"]);
    for text in ["%", "_", "%_", "\"deal\"", "50%_off", "\"", "\"\"d"] {
        let found = find(&vault, text);
        let expected = usize::from(text != "\"\"d");
        assert_eq!(found.len(), expected, "{text}");
    }
    for text in ["AND", "NOT bill", "name:bill", "bill*", "(bill", "^bil"] {
        assert!(find(&vault, text).is_empty(), "{text}");
    }
}

#[test]
fn all_words_must_match_and_none_reaches_across_two_fields() {
    let (vault, _) = sample();
    assert_eq!(find(&vault, "prod billing"), ["Billing API"]);
    assert!(find(&vault, "prod 経理").is_empty());
    assert!(find(&vault, "apic-7").is_empty());
}

#[test]
fn a_renamed_configuration_or_application_is_found_by_the_new_name_only() {
    let (vault, id) = sample();
    let mut row = vault.configuration(id).unwrap();
    row.name = "Osaka".into();
    vault.save_configuration(&row, &[]).unwrap();
    assert_eq!(find(&vault, "osaka").len(), 3);
    assert!(find(&vault, "tokyo").is_empty());
    let app = vault.application_by_name("Billing API").unwrap().unwrap();
    vault.rename(app.id, "Invoices", 1001).unwrap();
    assert_eq!(find(&vault, "invoi"), ["Invoices"]);
    assert!(find(&vault, "billing").is_empty());
}

#[test]
fn each_order_puts_the_right_one_first() {
    let (vault, configuration) = TestVault::with_configuration();
    for (name, created, used, expires) in [
        ("b", 10, Some(50), Some(0)),
        ("A", 20, None, Some(900)),
        ("c", 30, Some(40), None),
    ] {
        let mut row = application(name, configuration);
        row.created_at = created;
        row.last_used_at = used;
        row.client_secret_expires_at = expires;
        vault.save_application(&row, &[]).unwrap();
    }
    let sorted = |sort| {
        let query = ApplicationQuery {
            sort,
            ..ApplicationQuery::default()
        };
        names(&vault, query).concat()
    };
    assert_eq!(sorted(ApplicationSort::RecentlyUsed), "bcA");
    assert_eq!(sorted(ApplicationSort::Name), "Abc");
    assert_eq!(sorted(ApplicationSort::Created), "cAb");
    assert!(sorted(ApplicationSort::Expiry).starts_with('A'));
    let a = vault.application_by_name("A").unwrap().unwrap();
    vault.touch_used(a.id, 60).unwrap();
    assert_eq!(sorted(ApplicationSort::RecentlyUsed), "Abc");
}

#[test]
fn filters_narrow_the_list_with_and_without_words() {
    let (vault, first) = sample();
    let second = configuration("Other");
    vault.save_configuration(&second, &[]).unwrap();
    let mut row = application("Billing too", second.id);
    row.client_secret_expires_at = Some(500);
    row.health = Health::Rejected;
    vault.save_application(&row, &[]).unwrap();
    for text in ["", "billing", "bi"] {
        let all = || ApplicationQuery {
            text: text.into(),
            ..ApplicationQuery::default()
        };
        let too = ["Billing too"];
        let configuration_id = Some(second.id);
        assert_eq!(
            names(
                &vault,
                ApplicationQuery {
                    configuration_id,
                    ..all()
                }
            ),
            too
        );
        let health = Some(Health::Rejected);
        assert_eq!(names(&vault, ApplicationQuery { health, ..all() }), too);
        let expiring_before = Some(500);
        assert_eq!(
            names(
                &vault,
                ApplicationQuery {
                    expiring_before,
                    ..all()
                }
            ),
            too
        );
        let expiring_before = Some(499);
        assert!(
            names(
                &vault,
                ApplicationQuery {
                    expiring_before,
                    ..all()
                }
            )
            .is_empty()
        );
        let configuration_id = Some(first);
        assert!(
            names(
                &vault,
                ApplicationQuery {
                    configuration_id,
                    health,
                    ..all()
                }
            )
            .is_empty()
        );
    }
}

#[test]
fn many_matches_are_counted_and_paged_like_few() {
    let (vault, configuration) = TestVault::with_configuration();
    let many = u64::try_from(FEW).unwrap() + 50;
    vault
        .write(|tx| {
            for n in 0..many {
                let mut row = application(&format!("service {n:05}"), configuration);
                row.created_at = i64::try_from(n).unwrap();
                crate::store::applications::save(tx, &row, &[])?;
            }
            Ok(())
        })
        .unwrap();
    let page = |text: &str, health, offset| {
        let query = ApplicationQuery {
            text: text.into(),
            health,
            offset,
            limit: 3,
            ..ApplicationQuery::default()
        };
        let page = vault.applications(&query).unwrap();
        let names: Vec<_> = page.items.iter().map(|item| item.name.clone()).collect();
        (page.total, names)
    };
    for text in ["", "service", "se", "serv ce"] {
        for health in [None, Some(Health::Unknown)] {
            let (total, names) = page(text, health, 1);
            assert_eq!(total, many, "{text:?}");
            assert_eq!(names, ["service 00548", "service 00547", "service 00546"]);
            let (_, last) = page(text, health, many - 1);
            assert_eq!(last, ["service 00000"]);
        }
    }
    assert_eq!(page("service", Some(Health::Live), 0).0, 0);
    assert_eq!(
        page("service 00017", None, 0),
        (1, vec!["service 00017".into()])
    );
}

#[test]
fn t49_a_hostile_name_is_kept_found_and_asked_for_as_text() {
    let (vault, configuration) = TestVault::with_configuration();
    let hostile = [
        "'; DROP TABLE application; --",
        "\" OR 1=1 --",
        "\"haystack\" : * NEAR(a b, 2) -x ^y",
        "=cmd|' /C calc'!A0",
        "../../etc/passwd",
        "%_\\%",
        "$(id)`id`\u{202e}",
    ];
    for name in hostile {
        vault
            .save_application(&application(name, configuration), &[])
            .unwrap();
    }
    for name in hostile {
        assert_eq!(find(&vault, name), [name], "searched for");
        let found = vault.application_by_name(name).unwrap().unwrap();
        assert_eq!(found.name, name);
    }
    assert_eq!(
        vault.application_counts(1000).unwrap().all,
        hostile.len() as u64
    );
}

#[test]
fn a_list_is_narrowed_by_label_or_by_time_of_the_last_use() {
    let (vault, configuration) = TestVault::with_configuration();
    for (name, labels, used) in [
        ("a", vec!["prod", "ci"], Some(500)),
        ("b", vec!["produce"], None),
        ("c", vec!["ci"], Some(900)),
    ] {
        let mut row = application(name, configuration);
        (row.created_at, row.last_used_at) = (100, used);
        row.labels = labels.into_iter().map(str::to_owned).collect();
        vault.save_application(&row, &[]).unwrap();
    }
    let by = |label: Option<&str>, unused_since| {
        let query = ApplicationQuery {
            label: label.map(str::to_owned),
            unused_since,
            sort: ApplicationSort::Name,
            ..ApplicationQuery::default()
        };
        names(&vault, query)
    };
    assert_eq!(by(Some("prod"), None), ["a"]);
    assert_eq!(by(Some("ci"), Some(800)), ["a"]);
    assert_eq!(by(None, Some(800)), ["a", "b"]);
    let labels = [("ci", 2), ("prod", 1), ("produce", 1)];
    assert_eq!(
        vault.labels().unwrap(),
        labels.map(|(label, n)| (label.to_owned(), n))
    );
}

#[test]
fn a_row_tells_the_end_of_the_token_that_lives_longest() {
    let (vault, configuration) = TestVault::with_configuration();
    let row = application("orders", configuration);
    vault.save_application(&row, &[]).unwrap();
    for end in [1_500, 2_000, 900] {
        let mut token = crate::testing::token(row.id, 800);
        token.expires_at = Some(end);
        vault.save_token(&token, &[]).unwrap();
    }
    let end = |now| {
        let query = ApplicationQuery {
            now,
            limit: 9,
            ..ApplicationQuery::default()
        };
        let page = vault.applications(&query).unwrap();
        page.items[0].token_expires_at
    };
    assert_eq!(end(1_000), Some(2_000));
    assert_eq!(end(2_000), None);
}

#[test]
fn what_is_near_is_found_where_a_search_finds_nothing() {
    let (vault, configuration) = TestVault::with_configuration();
    for (name, used) in [("orders-batch", 1), ("orders-bff", 9), ("reports", 5)] {
        let mut row = application(name, configuration);
        row.last_used_at = Some(used);
        vault.save_application(&row, &[]).unwrap();
    }
    assert!(find(&vault, "orb").is_empty());
    let near = |text: &str| {
        let rows = vault.applications_like(text, 5, 0).unwrap().into_iter();
        rows.map(|row| row.name).collect::<Vec<_>>()
    };
    assert_eq!(near("orb"), ["orders-bff", "orders-batch"]);
    assert_eq!(near("Rport"), ["reports"]);
    // Without a word, what was used last.
    assert_eq!(near(""), ["orders-bff", "reports", "orders-batch"]);
}
