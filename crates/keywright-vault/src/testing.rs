//! Vaults and rows for tests.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::ops::Deref;

use serde_json::json;
use uuid::Uuid;

use crate::*;

pub(crate) const PASSPHRASE: &str = "correct horse battery staple";

/// An open vault in a folder that goes away with it.
pub(crate) struct TestVault {
    vault: Vault,
    pub(crate) home: VaultHome,
    pub(crate) folder: tempfile::TempDir,
}

impl TestVault {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = VaultHome::new(folder.path().join("vault"));
        let vault = Vault::create(&home, passphrase_only(PASSPHRASE), 1000).unwrap();
        Self {
            vault,
            home,
            folder,
        }
    }

    /// With one configuration in it.
    pub(crate) fn with_configuration() -> (Self, Uuid) {
        let vault = Self::new();
        let row = configuration("Kong Tokyo");
        vault.save_configuration(&row, &[]).unwrap();
        (vault, row.id)
    }

    /// The vault and its folder apart, to close the vault.
    pub(crate) fn into_parts(self) -> (Vault, VaultHome, tempfile::TempDir) {
        (self.vault, self.home, self.folder)
    }
}

impl Deref for TestVault {
    type Target = Vault;
    fn deref(&self) -> &Vault {
        &self.vault
    }
}

pub(crate) fn passphrase_only(passphrase: &str) -> NewSlots {
    NewSlots {
        keyring: None,
        passphrase: Some(passphrase.into()),
    }
}

/// A second handle on the same vault, as another process would have it.
pub(crate) fn open_again(vault: &TestVault) -> Vault {
    Vault::open(&vault.home, Unlock::Passphrase(PASSPHRASE.into()), 1000).unwrap()
}

pub(crate) fn configuration(name: &str) -> ConfigurationRow {
    ConfigurationRow {
        id: Uuid::now_v7(),
        name: name.into(),
        provider: "kong".into(),
        issuer: "https://issuer.example".into(),
        settings: std::collections::BTreeMap::new(),
        secret_keys: vec!["initial".into()],
        metadata: Some(json!({"issuer": "https://issuer.example"})),
        capabilities: None,
        verify: None,
        verified_at: None,
        verify_state: VerifyState::Unknown,
        created_at: 1000,
        updated_at: 1000,
    }
}

pub(crate) fn application(name: &str, configuration_id: Uuid) -> ApplicationRow {
    ApplicationRow {
        id: Uuid::now_v7(),
        name: name.into(),
        configuration_id,
        provider: "kong".into(),
        client_id: format!("cid-{}", Uuid::now_v7().simple()),
        health: Health::Unknown,
        health_checked_at: None,
        requested: json!({"client_name": name}),
        granted: json!({"client_name": name}),
        current: None,
        current_read_at: None,
        registration_client_uri: Some("https://issuer.example/register/1".into()),
        registration_token_replaced_at: None,
        has_secret: false,
        has_registration_token: false,
        client_id_issued_at: Some(1000),
        client_secret_expires_at: Some(0),
        labels: vec![],
        auto_refresh: true,
        handles: [("object_id".to_owned(), "o-1".to_owned())].into(),
        created_at: 1000,
        updated_at: 1000,
        last_used_at: None,
        expires_by_ttl_at: None,
    }
}

pub(crate) fn entry(name: &str, configuration_id: Uuid) -> JournalEntry {
    JournalEntry {
        id: Uuid::now_v7(),
        operation: JournalOperation::Register,
        configuration_id,
        application_id: None,
        name: name.into(),
        state: JournalState::Intent,
        step: "register".into(),
        remote: json!({}),
        draft: json!({"client_name": name}),
        error: None,
        created_at: 1000,
        updated_at: 1000,
    }
}

pub(crate) fn token(application_id: Uuid, issued_at: i64) -> TokenRow {
    TokenRow {
        id: Uuid::now_v7(),
        application_id,
        grant: "client_credentials".into(),
        scope_asked: None,
        scope_sent: None,
        audience: None,
        resources: vec![],
        authorization_details: None,
        granted_details: None,
        token_type: "Bearer".into(),
        scope: None,
        issued_at,
        expires_at: Some(issued_at + 300),
        is_jwt: false,
        inspection: None,
        introspected: None,
        introspected_at: None,
        revoked_at: None,
        refused_at: None,
        id_token: None,
    }
}

pub(crate) fn session(application_id: Uuid, origin: &str, at: i64) -> SessionRow {
    SessionRow {
        id: Uuid::now_v7(),
        application_id,
        origin: origin.into(),
        made_with: MadeWith::ClientCredentials,
        token_id: None,
        started_at: at,
        last_used_at: at,
        rolled_at: at,
        idle_secs: 900,
        rolling_secs: 3600,
        absolute_secs: 86_400,
        replays: 0,
        ended_at: None,
        end: None,
        cookies: vec![],
        jar_only: false,
        accepted_at: None,
        accepted: vec![],
        longest_pause_secs: None,
        proven: vec![],
    }
}

pub(crate) fn exchange(started_at_ms: i64) -> ExchangeRow {
    ExchangeRow {
        id: Uuid::now_v7(),
        flow: Uuid::now_v7(),
        purpose: "register".into(),
        application_id: None,
        configuration_id: None,
        actor: "app".into(),
        started_at_ms,
        elapsed_ms: 12,
        method: "POST".into(),
        url: "https://issuer.example/register".into(),
        host: "issuer.example".into(),
        path: "/register".into(),
        status: Some(201),
        error: None,
        request: json!({"headers": []}),
        response: json!({"headers": []}),
    }
}
