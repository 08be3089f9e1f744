//! The chain of the audit log, and what shows when somebody changed it.
#![allow(clippy::unwrap_used, reason = "tests")]
use serde_json::json;

use super::*;
use crate::testing::TestVault;

fn line(at_ms: i64, subject: &str) -> AuditLine {
    AuditLine {
        at_ms,
        actor: "app".into(),
        action: "reveal".into(),
        subject: subject.into(),
        detail: json!({"name": "client_secret", "z": 1, "a": 2}),
    }
}

fn three_lines() -> TestVault {
    let vault = TestVault::new();
    for n in 1..=3u64 {
        let line = line(i64::try_from(n).unwrap(), "x");
        assert_eq!(vault.audit_append(&line).unwrap(), n);
    }
    assert_eq!(check(&vault), (3, None));
    vault
}

fn check(vault: &Vault) -> (u64, Option<u64>) {
    let found = vault.audit_verify().unwrap();
    (found.lines, found.broken_at)
}

/// What someone with the key could do.
fn tamper(vault: &Vault, sql: &str) {
    vault
        .write(|tx| {
            tx.execute_batch(
                "DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_shortened;",
            )?;
            Ok(tx.execute_batch(sql)?)
        })
        .unwrap();
}

#[test]
fn t50_a_changed_line_breaks_the_chain_there() {
    let vault = three_lines();
    tamper(&vault, "UPDATE audit SET subject = 'y' WHERE seq = 2");
    assert_eq!(check(&vault), (1, Some(2)));
}

#[test]
fn t50_a_missing_line_shows_in_the_middle_and_at_the_end() {
    let vault = three_lines();
    tamper(&vault, "DELETE FROM audit WHERE seq = 2");
    assert_eq!(check(&vault), (1, Some(2)));
    let vault = three_lines();
    tamper(&vault, "DELETE FROM audit WHERE seq = 3");
    assert_eq!(check(&vault), (2, Some(3)));
    let vault = three_lines();
    tamper(&vault, "DELETE FROM audit");
    assert_eq!(check(&vault), (0, Some(1)));
}

#[test]
fn t50_lines_that_change_places_show() {
    let vault = three_lines();
    tamper(
        &vault,
        "UPDATE audit SET seq = 9 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3;
         UPDATE audit SET seq = 3 WHERE seq = 9;",
    );
    assert_eq!(check(&vault), (1, Some(2)));
}

#[test]
fn t50_a_tail_that_was_removed_with_every_trace_in_the_tables_shows_by_the_seal() {
    let vault = three_lines();
    tamper(
        &vault,
        "DELETE FROM audit WHERE seq > 1; UPDATE sqlite_sequence SET seq = 1 WHERE name = 'audit'",
    );
    let found = vault.audit_verify().unwrap();
    assert_eq!(
        (found.broken_at, found.fault),
        (Some(2), Some(AuditFault::End))
    );
    // More lines do not hide it.
    vault.audit_append(&line(4, "x")).unwrap();
    vault.audit_append(&line(5, "x")).unwrap();
    let found = vault.audit_verify().unwrap();
    assert_eq!(
        (found.lines, found.broken_at, found.fault),
        (3, Some(2), Some(AuditFault::Earlier))
    );
}

#[test]
fn t50_a_log_written_anew_with_right_hashes_shows_by_the_seal() {
    let vault = three_lines();
    // Someone with the rows and without the key writes line 3 as if it were another, hash and all.
    let two = vault.audit_tail(1, 1, None).unwrap().remove(0);
    let (forged, previous) = (line(3, "harmless"), hex::decode(&two.hash).unwrap());
    let detail = serde_json::to_string(&forged.detail).unwrap();
    let hash = hex::encode(hash_of(3, &previous, &forged, &detail));
    tamper(
        &vault,
        &format!("UPDATE audit SET subject = 'harmless', hash = x'{hash}' WHERE seq = 3"),
    );
    assert_eq!(vault.audit_verify().unwrap().fault, Some(AuditFault::Seal));
    tamper_again(&vault, "DELETE FROM kv WHERE key = 'vault/audit-end'");
    assert_eq!(vault.audit_verify().unwrap().fault, Some(AuditFault::Seal));
}

/// The same, once the triggers are gone.
fn tamper_again(vault: &Vault, sql: &str) {
    vault.write(|tx| Ok(tx.execute_batch(sql)?)).unwrap();
}

#[test]
fn the_log_cannot_be_changed_by_mistake() {
    let vault = three_lines();
    for sql in ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"] {
        assert!(vault.write(|tx| Ok(tx.execute_batch(sql)?)).is_err());
    }
    assert_eq!(check(&vault), (3, None));
}

#[test]
fn the_tail_is_newest_first_and_of_one_application_if_wanted() {
    let vault = three_lines();
    let id = Uuid::now_v7();
    vault.audit_append(&line(9, &id.to_string())).unwrap();
    let mut tied = line(10, "token");
    tied.detail = json!({"application_id": id.to_string()});
    vault.audit_append(&tied).unwrap();
    let numbers = |limit, offset, id| -> Vec<u64> {
        let tail = vault.audit_tail(limit, offset, id).unwrap();
        tail.iter().map(|entry| entry.seq).collect()
    };
    assert_eq!(numbers(2, 1, None), [4, 3]);
    assert_eq!(numbers(10, 0, Some(id)), [5, 4]);
    assert_eq!(vault.audit_tail(1, 0, None).unwrap()[0].line, tied);
}
