//! The vault: one encrypted database with everything Keywright knows, and the key slots that open it.
//!
//! The vault knows no HTTP and no provider. It stores rows ([`rows`]), secrets apart from them, the journal of
//! operations under way, and an audit log whose lines are chained by hashes. Every composite write is one
//! transaction: after a crash either all of it is there or none of it.
//!
//! Time always comes from the caller as Unix seconds (or milliseconds where the name says `_ms`).

mod access;
mod applications;
mod attempts;
mod audit;
mod audit_seal;
mod backup;
mod change;
mod change_lock;
mod configurations;
mod db;
mod error;
mod exchanges;
mod header;
mod header_change;
mod history;
mod home;
mod journal;
mod kdf;
mod keyring_access;
mod keyring_wait;
mod kv;
mod nearest;
mod permissions;
mod place;
mod protection;
mod reserve;
mod rollback;
mod rotation;
pub mod rows;
mod seal;
mod search;
mod search_text;
mod secret;
mod secrets;
mod sessions;
mod slots;
mod sql;
mod stamp;
#[cfg(test)]
mod testing;
mod token_retention;
mod tokens;
mod vault;
mod vault_key;

pub use applications::ApplicationCounts;
pub use audit::{AuditCheck, AuditEntry, AuditFault, AuditLine};
pub use backup::{BackupMade, Contents, OpenBackup, Origin, RestorePreview, Restored, Rows};
pub use change_lock::{ChangeHolder, ChangeLock};
pub use error::{BackupProblem, Damage, HeaderProblem, KeyringProblem, VaultError};
pub use exchanges::ExchangeQuery;
pub use header::{FORMAT_VERSION, SlotInfo, SlotKind, VaultHeader};
pub use history::HistoryLimits;
pub use home::{VaultHome, VaultPaths};
pub use keyring_access::KeyringAccess;
pub use permissions::{Exposure, ExposureKind, exposures, mend};
pub use rollback::{Rollback, Witness};
pub use rows::*;
pub use search::{ApplicationQuery, ApplicationSort};
pub use secret::SecretText;
pub use secrets::{
    Owner, SECRET_CLIENT, SECRET_JAR, SECRET_LAST_URL, SECRET_OFFERED, SECRET_PREVIOUS,
    SECRET_PREVIOUS_REGISTRATION_TOKEN, SECRET_REGISTRATION_TOKEN, SecretChange,
};
pub use sessions::{SessionChange, SessionPick, SessionQuery};
pub use slots::SlotWays;
pub use vault::{NewSlots, Unlock, Vault};
pub use vault_key::VaultKey;

/// The version of the SQLite below SQLCipher.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}
