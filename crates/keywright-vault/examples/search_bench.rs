//! Fills a vault with applications (how many: the first argument) and measures the list. The vault is made in the
//! folder of the second argument, or in a temporary one; its passphrase is `bench`.
//!
//! Prints one line of JSON: the first page after opening, and per keystroke of typed searches p50 and p95, in ms.

use std::time::Instant;

use keywright_vault::{
    ApplicationQuery, ApplicationRow, ConfigurationRow, Health, NewSlots, Unlock, Vault,
    VaultError, VaultHome, VerifyState,
};
use serde_json::json;
use uuid::Uuid;

const NOW: i64 = 1_800_000_000;
const WORDS: [&str; 12] = [
    "billing",
    "weather",
    "請求書",
    "inventory",
    "gateway",
    "在庫管理",
    "reports",
    "checkout",
    "認証基盤",
    "mobile",
    "partner",
    "analytics",
];
const TYPED: [&str; 8] = [
    "billing api",
    "weather 00",
    "請求書サービス",
    "在庫",
    "c-00ff",
    "prod",
    "service 99999",
    "zzzz",
];

fn main() -> Result<(), VaultError> {
    let count: usize = std::env::args()
        .nth(1)
        .as_deref()
        .unwrap_or("100000")
        .parse()
        .unwrap_or(100_000);
    let temporary = tempfile::tempdir().map_err(|source| VaultError::Io {
        path: std::env::temp_dir(),
        source,
    })?;
    let folder = std::env::args_os()
        .nth(2)
        .map_or_else(|| temporary.path().join("vault"), std::path::PathBuf::from);
    let home = VaultHome::new(folder);
    let new = || NewSlots {
        keyring: None,
        passphrase: Some("bench".into()),
    };
    let vault = Vault::create(&home, new(), NOW)?;
    let filling = Instant::now();
    fill(&vault, count)?;
    let fill_ms = millis(filling);
    vault.close()?;

    let passphrase = "bench".into();
    let vault = Vault::open(&home, Unlock::Passphrase(passphrase), NOW)?;
    let started = Instant::now();
    let page = vault.applications(&query(""))?;
    let first_page_ms = millis(started);
    let started = Instant::now();
    vault.application_counts(NOW)?;
    let counts_ms = millis(started);

    let mut keystrokes = Vec::new();
    for text in TYPED {
        for (at, letter) in text.char_indices() {
            let typed = &text[..at + letter.len_utf8()];
            let started = Instant::now();
            vault.applications(&query(typed))?;
            keystrokes.push((millis(started), typed));
        }
    }
    keystrokes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let at = |percent: usize| keystrokes[(keystrokes.len() - 1) * percent / 100].0;
    let slowest = keystrokes
        .last()
        .map(|(ms, typed)| json!({"typed": typed, "ms": ms}));
    let line = json!({
        "applications": page.total,
        "fill_ms": fill_ms,
        "first_page_ms": first_page_ms,
        "counts_ms": counts_ms,
        "keystrokes": keystrokes.len(),
        "p50_ms": at(50),
        "p95_ms": at(95),
        "slowest": slowest,
    });
    #[expect(clippy::print_stdout, reason = "the result of this program")]
    {
        println!("{line}");
    }
    Ok(())
}

fn query(text: &str) -> ApplicationQuery {
    ApplicationQuery {
        text: text.to_owned(),
        limit: 50,
        ..ApplicationQuery::default()
    }
}

fn millis(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 10_000.0).round() / 10.0
}

fn fill(vault: &Vault, count: usize) -> Result<(), VaultError> {
    let mut configurations = Vec::new();
    for name in ["Production", "Staging", "検証環境"] {
        let row = configuration(name);
        vault.save_configuration(&row, &[])?;
        configurations.push(row.id);
    }
    let rows: Vec<_> = (0..count)
        .map(|n| application(n, configurations[n % configurations.len()]))
        .collect();
    for some in rows.chunks(5_000) {
        vault.save_applications(some)?;
    }
    Ok(())
}

fn configuration(name: &str) -> ConfigurationRow {
    ConfigurationRow {
        id: Uuid::now_v7(),
        name: name.to_owned(),
        provider: "rfc7591".to_owned(),
        issuer: "https://issuer.example".to_owned(),
        settings: std::collections::BTreeMap::new(),
        secret_keys: Vec::new(),
        metadata: None,
        capabilities: None,
        verify: None,
        verified_at: None,
        verify_state: VerifyState::Unknown,
        created_at: NOW,
        updated_at: NOW,
    }
}

fn application(n: usize, configuration_id: Uuid) -> ApplicationRow {
    // Spreads neighbours apart, so that no order of the list is the order of the rows.
    let mixed = n.wrapping_mul(2_654_435_761) % 1_000_003;
    let age = i64::try_from(mixed).unwrap_or(0);
    let metadata = json!({
        "client_name": WORDS[n % WORDS.len()],
        "redirect_uris": ["https://app.example/callback"],
        "grant_types": ["client_credentials", "authorization_code"],
    });
    ApplicationRow {
        id: Uuid::now_v7(),
        name: format!("{} service {n:06}", WORDS[n % WORDS.len()]),
        configuration_id,
        provider: "rfc7591".to_owned(),
        client_id: format!("c-{mixed:08x}{n:08x}"),
        health: if n.is_multiple_of(50) {
            Health::Rejected
        } else {
            Health::Live
        },
        health_checked_at: None,
        requested: metadata.clone(),
        granted: metadata,
        current: None,
        current_read_at: None,
        registration_client_uri: None,
        registration_token_replaced_at: None,
        has_secret: false,
        has_registration_token: false,
        client_id_issued_at: None,
        client_secret_expires_at: Some(if n.is_multiple_of(3) { 0 } else { NOW + age }),
        labels: vec![if n.is_multiple_of(2) { "prod" } else { "test" }.to_owned()],
        auto_refresh: true,
        handles: std::collections::BTreeMap::new(),
        created_at: NOW - age,
        updated_at: NOW,
        last_used_at: n.is_multiple_of(4).then_some(NOW - age / 2),
        expires_by_ttl_at: None,
    }
}
