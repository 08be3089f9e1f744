//! Another program over the same vault, which sees what the window did: it stands in the audit log.

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use keywright_core::{
    Actor, Clock, Keywright, Lang, Options, VaultHome,
    view::{AuditQuery, UnlockInput},
};

const PATIENCE: Duration = Duration::from_mins(1);

/// Looks on.
pub struct Spectator(Keywright);

impl Spectator {
    /// Opens a vault by its passphrase.
    pub async fn open(home: &Path, passphrase: &str) -> Self {
        let keywright = Keywright::new(Options {
            home: VaultHome::new(home),
            actor: Actor::Cli,
            clock: Clock::system(),
            lang: Lang::En,
        });
        keywright
            .unlock(UnlockInput {
                passphrase: Some(passphrase.to_owned()),
            })
            .await
            .expect("it opens");
        Self(keywright)
    }

    /// How often the window did this.
    pub fn count(&self, action: &str) -> usize {
        let query = AuditQuery {
            application_id: None,
            kind: None,
            offset: 0,
            limit: 500,
        };
        let page = self.0.audit_page(&query).expect("the audit log");
        page.items
            .iter()
            .filter(|line| line.actor == "app" && line.action == action)
            .count()
    }

    /// Waits until the window did this so often.
    pub fn sees(&self, action: &str, times: usize) {
        let begun = Instant::now();
        while self.count(action) < times {
            assert!(
                begun.elapsed() < PATIENCE,
                "the window did not do {action} {times} times, but {}",
                self.count(action)
            );
            thread::sleep(Duration::from_millis(100));
        }
    }
}
