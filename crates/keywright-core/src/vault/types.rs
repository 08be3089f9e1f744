//! The vault's state and its key slots.

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::codes::codes;

/// Where the vault stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum VaultState {
    /// No vault in this folder yet.
    Missing,
    /// There is a vault, and its key is not in memory.
    Locked,
    /// The vault is open.
    Unlocked,
}

/// What can be said of a vault without opening it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub struct VaultStatus {
    /// Where it stands.
    pub state: VaultState,
    /// Its folder.
    pub home: String,
    /// A keyring slot exists, so no passphrase is needed where the keyring answers.
    pub has_keyring: bool,
    /// A passphrase slot exists.
    pub has_passphrase: bool,
    /// This machine has a keyring that answers (asked when no vault exists yet).
    pub keyring_available: bool,
    /// The program's version.
    pub version: String,
    /// Number of applications; absent while locked.
    pub applications: Option<u32>,
    /// Number of configurations; absent while locked.
    pub configurations: Option<u32>,
    /// Number of live sessions; absent while locked.
    pub live_sessions: Option<u32>,
    /// Registrations left unfinished; absent while locked.
    pub pending: Option<u32>,
    /// Applications whose time to live has passed; absent while locked.
    pub due_for_deletion: Option<u32>,
    /// When the vault locks itself if nothing is done.
    pub locks_at: Option<i64>,
    /// What is not as it should be with its files, each with a way to settle it.
    pub notices: Vec<VaultNotice>,
}

/// Something about the vault's files that a person should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct VaultNotice {
    /// What it is, for a program.
    pub code: NoticeCode,
    /// What it is, in the user's language.
    pub text: String,
}

/// The kinds of notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum NoticeCode {
    /// Other users of this computer may read files of the vault; [`ProtectionChange::MendPermissions`] ends that.
    Permissions,
    /// Files of the vault belong to another user; only an administrator can mend that.
    Owner,
    /// A database is there, but not the `vault.json` that opens it.
    HeaderMissing,
    /// Databases without their `vault.json` were renamed when this vault was created.
    SetAside,
    /// The database is an old copy; [`ProtectionChange::AcceptState`] goes on with it.
    RolledBack,
}

codes! {
    /// What opens a slot.
    #[derive(Serialize, Deserialize, Type)]
    #[serde(rename_all = "snake_case")]
    pub enum SlotMethod {
        /// The keyring of the operating system.
        Keyring = "keyring",
        /// A passphrase.
        Passphrase = "passphrase",
    }
}

/// One thing that opens the vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SlotView {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: SlotMethod,
    /// When it was made.
    pub created_at: i64,
}

/// Makes the vault. At least one of both is needed.
#[derive(Clone, Deserialize, Type)]
pub struct InitVault {
    /// Keep a wrapping key in the operating system's keyring.
    pub keyring: bool,
    /// A passphrase of the user.
    pub passphrase: Option<String>,
}

/// How long a passphrase withstands someone who has a copy of the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum PassphraseLevel {
    /// Less than a day.
    Weak,
    /// Less than a year.
    Fair,
    /// Years.
    Strong,
}

/// The same in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct PassphraseStrength {
    /// Level.
    pub level: PassphraseLevel,
    /// What it means, in the user's language.
    pub text: String,
}

/// Opens the vault: without a passphrase by the keyring slot.
#[derive(Clone, Deserialize, Type)]
pub struct UnlockInput {
    /// The passphrase, or none to use the keyring.
    pub passphrase: Option<String>,
}

/// Changes what opens the vault.
#[derive(Clone, Deserialize, Type)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum ProtectionChange {
    /// Sets or changes the passphrase.
    SetPassphrase {
        /// The present passphrase; none where there is none yet.
        current: Option<String>,
        /// The new passphrase.
        passphrase: String,
    },
    /// Removes the passphrase slot; refused when it is the last slot.
    RemovePassphrase,
    /// Adds a keyring slot.
    AddKeyring,
    /// Removes the keyring slot; refused when it is the last slot.
    RemoveKeyring,
    /// Replaces the key of the database. Each passphrase slot needs its passphrase.
    RotateKey {
        /// The passphrases; none where only the keyring opens the vault.
        passphrases: Vec<String>,
    },
    /// Takes the rights of other users away from the vault's files.
    MendPermissions,
    /// Goes on with a database that is an old copy.
    AcceptState,
}
