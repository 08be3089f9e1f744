//! The vault: one encrypted database with everything Keywright knows, and the key slots that open it.
//!
//! The vault knows no HTTP and no provider. It stores rows (`store`), secrets apart from them, the journal of
//! operations under way, and an audit log whose lines are chained by hashes. Every composite write is one
//! transaction: after a crash either all of it is there or none of it.
//!
//! Time always comes from the caller as Unix seconds (or milliseconds where the name says `_ms`).

mod audit;
mod backup;
mod error;
mod files;
mod keys;
mod row_kind;
mod store;
#[cfg(test)]
mod testing;
mod vault;

pub use audit::{AuditCheck, AuditEntry, AuditFault, AuditFilter, AuditLine};
pub use backup::{BackupMade, Contents, OpenBackup, Origin, RestorePreview, Restored, Rows};
pub use error::{BackupProblem, Damage, HeaderProblem, KeyringProblem, VaultError};
pub use files::change_lock::{ChangeHolder, ChangeLock};
pub use files::home::{VaultHome, VaultPaths};
pub use files::permissions::{Exposure, ExposureKind, exposures, repair_permissions};
pub use files::rollback::{Rollback, RollbackEvidence};
pub use keys::header::{FORMAT_VERSION, SlotInfo, SlotKind, VaultHeader};
pub use keys::keyring_access::KeyringAccess;
pub use keys::slots::SlotCredentials;
pub use keys::vault_key::VaultKey;
pub use keywright_secret::SecretText;
pub use row_kind::RowKind;
pub use store::applications::ApplicationCounts;
pub use store::ends::{EndKind, EndRow, EndTotals};
pub use store::exchanges::ExchangeQuery;
pub use store::history::HistoryLimits;
pub use store::nearest::{nearest_of, nearest_within};
pub use store::rows::*;
pub use store::search::{ApplicationQuery, ApplicationSort};
pub use store::secrets::{
    Owner, SECRET_CLIENT, SECRET_CLIENT_KEYS, SECRET_DPOP_KEY, SECRET_JAR, SECRET_LAST_URL,
    SECRET_OFFERED, SECRET_PREVIOUS, SECRET_PREVIOUS_REGISTRATION_TOKEN, SECRET_REGISTRATION_TOKEN,
    SecretChange,
};
pub use store::sessions::{SessionChange, SessionPick, SessionQuery};
pub use vault::{NewSlots, Unlock, Vault};

/// The version of the SQLite below SQLCipher.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}
