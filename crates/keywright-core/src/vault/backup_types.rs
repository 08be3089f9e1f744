//! Backups, restores, the check of the audit log, and what the doctor found.

use serde::{Deserialize, Serialize};
use specta::Type;

/// Makes a backup.
#[derive(Clone, Deserialize, Type)]
pub struct BackupInput {
    /// The file.
    pub path: String,
    /// Opens the backup, and nothing else does.
    pub passphrase: String,
}

/// Restores a backup, or looks at what that would do.
#[derive(Clone, Deserialize, Type)]
pub struct RestoreInput {
    /// The file.
    pub path: String,
    /// That of the backup; none for a copy that the vault made of itself.
    pub passphrase: Option<String>,
}

/// How many things of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct ContentsView {
    /// Configurations.
    pub configurations: u32,
    /// Applications.
    pub applications: u32,
    /// Secrets.
    pub secrets: u32,
    /// Tokens.
    pub tokens: u32,
    /// Sessions.
    pub sessions: u32,
    /// Operations that were cut off.
    pub unfinished: u32,
    /// Exchanges.
    pub exchanges: u32,
    /// Lines of the audit log.
    pub audit_lines: u32,
}

/// A backup that was made, and read again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct BackupView {
    /// The file.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// When.
    pub created_at: i64,
    /// What it holds.
    pub contents: ContentsView,
}

/// Rows of one kind, in the vault and in the backup.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct RowsView {
    /// Only in the vault: a restore removes them.
    pub removed: u32,
    /// The first names of them.
    pub removed_names: Vec<String>,
    /// Only in the backup: a restore brings them.
    pub added: u32,
    /// The first names of them.
    pub added_names: Vec<String>,
    /// In both, and not the same.
    pub changed: u32,
}

/// What a restore would do, or did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct RestoreView {
    /// The file.
    pub path: String,
    /// When it was made; absent in a copy that the vault made of itself.
    pub created_at: Option<i64>,
    /// The version that made it; absent likewise.
    pub program: Option<String>,
    /// It was made of this vault.
    pub same_vault: bool,
    /// What it holds.
    pub contents: ContentsView,
    /// What the vault held before; absent where there is no vault.
    pub here: Option<ContentsView>,
    /// Applications.
    pub applications: RowsView,
    /// Configurations.
    pub configurations: RowsView,
    /// It was done.
    pub restored: bool,
    /// The copy of what was there before.
    pub before: Option<String>,
}

/// How a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// Well.
    Ok,
    /// It works; something should be done.
    Warn,
    /// Not well.
    Bad,
}

/// One thing that the doctor looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DoctorCheck {
    /// Stable name.
    pub name: String,
    /// How it is.
    pub state: CheckState,
    /// Not bad.
    pub ok: bool,
    /// Its title, in the user's language.
    pub title: String,
    /// What was found, in the user's language.
    pub detail: String,
    /// What to do about it, in the user's language.
    pub fix: Option<String>,
}

/// All of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct DoctorReport {
    /// Nothing is bad.
    pub ok: bool,
    /// Each one.
    pub checks: Vec<DoctorCheck>,
}
