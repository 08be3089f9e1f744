#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod make;
mod refusals;
mod restore;

use std::fs::{self, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::error::BackupProblem;
use crate::testing::{
    PASSPHRASE, TestVault, application, configuration, entry, exchange, open_again,
    passphrase_only, session, token,
};
use crate::{
    ApplicationQuery, AuditLine, JournalState, Owner, SECRET_CLIENT, SecretText, Vault, VaultError,
    VaultHome, VerifyState,
};

const CANARY: &str = "canary-of-a-backup-77";
const OWN: &str = "a passphrase of its own";

fn own() -> SecretText {
    OWN.into()
}

fn line(at_ms: i64) -> AuditLine {
    AuditLine {
        at_ms,
        actor: "cli".into(),
        action: "vault_restored".into(),
        subject: String::new(),
        detail: json!({}),
    }
}

/// A vault with one of everything in it, and two lines in its log.
fn filled() -> TestVault {
    let (vault, configuration) = TestVault::with_configuration();
    let app = application("orders", configuration);
    let secrets = [(SECRET_CLIENT.to_owned(), Some(CANARY.into()))];
    vault.save_application(&app, &secrets).unwrap();
    let token = token(app.id, 1000);
    vault
        .save_token(&token, &[("access_token".into(), Some("a-token".into()))])
        .unwrap();
    let session = session(app.id, "https://api.example", 1000);
    vault
        .save_session(&session, &SecretText::from("a-jar"))
        .unwrap();
    vault.add_exchange(&exchange(5)).unwrap();
    vault
        .put_kv("window/place", &json!("applications"))
        .unwrap();
    vault.audit_append(&line(1)).unwrap();
    vault.audit_append(&line(2)).unwrap();
    vault
}

fn names(vault: &Vault) -> Vec<String> {
    let query = ApplicationQuery {
        limit: 100,
        ..ApplicationQuery::default()
    };
    let mut names: Vec<_> = vault
        .applications(&query)
        .unwrap()
        .items
        .into_iter()
        .map(|row| row.name)
        .collect();
    names.sort();
    names
}

fn made(vault: &TestVault) -> PathBuf {
    let file = vault.folder.path().join("one.backup");
    vault.back_up(&file, &own(), 50).unwrap();
    file
}

fn opened(vault: &TestVault, file: &Path) -> Result<OpenBackup, VaultError> {
    OpenBackup::open(file, &own(), vault.folder.path())
}

fn problem(result: Result<OpenBackup, VaultError>) -> BackupProblem {
    match result {
        Err(VaultError::Backup(problem)) => problem,
        other => panic!("{other:?}"),
    }
}

/// Every state of the vault that a restore could change.
fn state(vault: &Vault) -> String {
    let all = (
        names(vault),
        vault.configurations().unwrap(),
        vault.audit_tail(100, 0, None).unwrap(),
        vault.kv("window/place").unwrap(),
    );
    format!("{all:?}")
}
