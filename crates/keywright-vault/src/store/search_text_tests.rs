#![allow(clippy::unwrap_used, reason = "tests")]

use uuid::Uuid;

use crate::testing::{TestVault, application, open_again};
use crate::{ApplicationQuery, AuditLine, OpenBackup, Vault};

fn found(vault: &Vault, text: &str) -> Vec<String> {
    let query = ApplicationQuery {
        text: text.to_owned(),
        sort: crate::ApplicationSort::Name,
        limit: 100,
        ..ApplicationQuery::default()
    };
    let page = vault.applications(&query).unwrap();
    assert_eq!(page.total, page.items.len() as u64);
    page.items.into_iter().map(|item| item.name).collect()
}

fn add(vault: &Vault, name: &str, configuration: Uuid) -> Uuid {
    let row = application(name, configuration);
    vault.save_application(&row, &[]).unwrap();
    row.id
}

/// Whether the text that is in memory was read as a whole for this search.
fn is_read_again(vault: &Vault, search: impl FnOnce()) -> bool {
    let first_row = || {
        let kept = crate::vault::lock(&vault.search_text.0);
        kept.as_ref().map(|text| text.state.rearranged)
    };
    let before = first_row();
    search();
    before != first_row()
}

#[test]
fn what_another_program_changed_is_found() {
    let (vault, configuration) = TestVault::with_configuration();
    let other = open_again(&vault);
    let first = add(&vault, "one", configuration);
    let second = add(&vault, "another one", configuration);
    assert_eq!(found(&vault, "one"), ["another one", "one"]);
    let third = add(&other, "one more", configuration);
    let searched = || assert_eq!(found(&vault, "one"), ["another one", "one", "one more"]);
    assert!(!is_read_again(&vault, searched), "only the new one is read");
    other.rename(second, "two", 2_000).unwrap();
    assert_eq!(found(&vault, "one"), ["one", "one more"]);
    assert_eq!(found(&vault, "two"), ["two"]);
    other.forget(first, 2_001).unwrap();
    assert_eq!(found(&vault, "one"), ["one more"]);
    other.unforget(first).unwrap();
    assert_eq!(found(&vault, "one"), ["one", "one more"]);
    // The row of the last one is given to the next.
    other.remove_application(third).unwrap();
    add(&other, "one at last", configuration);
    assert_eq!(found(&vault, "one"), ["one", "one at last"]);
    assert_eq!(found(&vault, "more"), Vec::<String>::new());
}

#[test]
fn no_match_reaches_across_two_applications() {
    let (vault, configuration) = TestVault::with_configuration();
    for name in ["ab", "cd", "ab cd"] {
        let mut row = application(name, configuration);
        row.client_id = name.to_owned();
        vault.save_application(&row, &[]).unwrap();
    }
    assert_eq!(found(&vault, "ab cd"), ["ab cd"]);
    assert_eq!(found(&vault, "tokyoab"), Vec::<String>::new());
    assert_eq!(found(&vault, "tokyo\u{0}ab"), Vec::<String>::new());
    assert_eq!(found(&vault, "tokyo").len(), 3, "in the last one as well");
}

#[test]
fn what_a_restore_brings_is_found() {
    // Both vaults have seen the same changes, so that their states are alike.
    let (from, configuration) = TestVault::with_configuration();
    add(&from, "before", configuration);
    let file = from.folder.path().join("one.backup");
    let passphrase = "a passphrase of its own".into();
    from.back_up(&file, &passphrase, 50).unwrap();
    let (vault, configuration) = TestVault::with_configuration();
    add(&vault, "after", configuration);
    assert_eq!(found(&vault, "after"), ["after"]);
    let backup = OpenBackup::open(&file, &passphrase, vault.folder.path()).unwrap();
    let line = AuditLine {
        at_ms: 3_000_000,
        actor: "app".to_owned(),
        action: "restored".to_owned(),
        subject: String::new(),
        detail: serde_json::Value::Null,
    };
    vault.restore(&backup, &line).unwrap();
    assert_eq!(found(&vault, "after"), Vec::<String>::new());
    assert_eq!(found(&vault, "before"), ["before"]);
}
