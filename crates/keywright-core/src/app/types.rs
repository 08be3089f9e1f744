//! Settings that hold no secret; they are read before the vault opens.

use crate::i18n::Lang;
use serde::{Deserialize, Serialize};
use specta::Type;

/// Colour theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Preferences, kept in a plain file next to the vault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct Preferences {
    /// Theme.
    pub theme: Theme,
    /// Language; the system's when absent.
    pub language: Option<Lang>,
    /// Lock after this many idle minutes; 0 for never.
    pub auto_lock_minutes: u32,
    /// Clear the clipboard after this many seconds (5 to 120); none for never.
    pub clipboard_clear_secs: Option<u32>,
    /// Shortcuts that the user changed: action to keys.
    pub shortcuts: std::collections::BTreeMap<String, String>,
    /// Presenter mode: no secret can be revealed, names of clients and hosts are pseudonyms, text is larger, and the
    /// window stays out of screen captures where the system lets it.
    pub presenter: bool,
    /// How large everything is in presenter mode, in percent: 125, 150 or 175.
    pub presenter_size: u16,
    /// Address of a proxy for all configurations without one of their own, or `direct` for none; the system's when
    /// absent.
    pub proxy: Option<String>,
    /// Keep this many of the newest exchanges in Activity (100 to 100,000).
    pub activity_entries: u32,
    /// Keep the exchanges of this many days in Activity (1 to 3,650).
    pub activity_days: u32,
    /// Keep this many sessions (10 to 10,000): those that ended go first, then those not used for longest.
    pub sessions: u32,
    /// Keys that open quick access from every program, as the window writes shortcuts; empty for none.
    pub quick_access_keys: String,
    /// Closing the window keeps the program in the tray, where there is one.
    pub keep_in_tray: bool,
    /// The desktop shows a notice before a client secret expires.
    pub expiry_notices: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            language: None,
            auto_lock_minutes: 15,
            clipboard_clear_secs: Some(20),
            shortcuts: std::collections::BTreeMap::new(),
            presenter: false,
            presenter_size: 125,
            proxy: None,
            activity_entries: 10_000,
            activity_days: 90,
            sessions: 1_000,
            quick_access_keys: "Ctrl+Alt+K".to_owned(),
            keep_in_tray: false,
            expiry_notices: true,
        }
    }
}

/// One line of the audit log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct AuditLineView {
    /// Position.
    pub sequence: u32,
    /// When.
    pub at: i64,
    /// `app` or `cli`.
    pub actor: String,
    /// Stable action, for example `secret_revealed`.
    pub action: String,
    /// In the user's language.
    pub text: String,
}

/// A window on the audit log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct AuditPage {
    /// The lines, newest first.
    pub items: Vec<AuditLineView>,
    /// Lines in all.
    pub total: u32,
}

/// What a line of the audit log is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum AuditKind {
    /// A secret was revealed, copied or handed out.
    Secrets,
    /// A credential was used at an API.
    Calls,
    /// Something changed at a provider, or in what the vault knows of it.
    Changes,
    /// The vault itself, and what left it as a file.
    Vault,
}

/// What the audit list asks for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct AuditQuery {
    /// Only of this application.
    pub application_id: Option<String>,
    /// Only of this kind.
    #[serde(default)]
    pub kind: Option<AuditKind>,
    /// First row.
    pub offset: u32,
    /// Rows wanted.
    pub limit: u32,
}

/// What checking the audit log found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct AuditCheckView {
    /// The log is whole.
    pub ok: bool,
    /// Lines that were read and are whole.
    pub lines: u32,
    /// The first line that is wrong or missing.
    pub broken_at: Option<u32>,
    /// What that means, in the user's language.
    pub message: String,
}
