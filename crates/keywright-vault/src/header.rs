//! `vault.json`: the format version and the key slots. Nothing in it is secret.

use std::fs;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::HeaderProblem;
use crate::home::{VaultPaths, write_atomically};
use crate::slots::Wrapped;
use crate::{VaultError, kdf};

/// The newest format of `vault.json` this build reads and the one it writes.
pub const FORMAT_VERSION: u32 = 1;

/// What opens a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SlotKind {
    /// One entry in the keyring of the operating system holds the wrapping key.
    Keyring,
    /// The wrapping key is derived from a passphrase.
    Passphrase,
}

/// One slot, as the user sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotInfo {
    /// Its id, for [`crate::Vault::remove_slot`].
    pub id: Uuid,
    /// What opens it.
    pub kind: SlotKind,
    /// When it was made (Unix seconds).
    pub created_at: i64,
}

/// What can be known about a vault without opening it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultHeader {
    /// The format version of `vault.json`.
    pub version: u32,
    /// The vault's id, also the user name of its keyring entry.
    pub vault_id: Uuid,
    /// The slots, oldest first.
    pub slots: Vec<SlotInfo>,
}

/// The file as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct HeaderFile {
    pub(crate) version: u32,
    pub(crate) vault_id: Uuid,
    pub(crate) created_at: i64,
    pub(crate) slots: Vec<Slot>,
}

/// One slot as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Slot {
    #[serde(flatten)]
    pub(crate) info: SlotInfo,
    /// How the passphrase becomes a key; absent in a keyring slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kdf: Option<kdf::KdfParams>,
    /// The database key, wrapped.
    pub(crate) key: Wrapped,
}

impl HeaderFile {
    /// Reads the file; a version that is too new is said before anything else of it is looked at.
    pub(crate) fn read(paths: &VaultPaths) -> Result<Self, VaultError> {
        #[derive(Deserialize)]
        struct OnlyVersion {
            version: u32,
        }
        let text = match fs::read(&paths.header) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(VaultError::NoVault {
                    folder: paths.folder.clone(),
                });
            }
            Err(error) => return Err(VaultError::io(&paths.header)(error)),
        };
        let OnlyVersion { version } = serde_json::from_slice(&text).map_err(HeaderProblem::Json)?;
        if version > FORMAT_VERSION {
            return Err(VaultError::NewerVersion {
                found: version,
                supported: FORMAT_VERSION,
            });
        }
        if version == 0 {
            return Err(HeaderProblem::Value { field: "version" }.into());
        }
        Ok(serde_json::from_slice(&text).map_err(HeaderProblem::Json)?)
    }

    /// Writes the file atomically.
    pub(crate) fn write(&self, paths: &VaultPaths) -> Result<(), VaultError> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        write_atomically(&paths.header, &text)
    }

    /// What may be shown of it.
    pub(crate) fn describe(&self) -> VaultHeader {
        VaultHeader {
            version: self.version,
            vault_id: self.vault_id,
            slots: self.slots.iter().map(|slot| slot.info.clone()).collect(),
        }
    }

    /// The slots of one kind.
    pub(crate) fn of_kind(&self, kind: SlotKind) -> impl Iterator<Item = &Slot> {
        self.slots.iter().filter(move |slot| slot.info.kind == kind)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;
    use crate::VaultHome;

    #[test]
    fn a_newer_format_is_named_even_if_the_rest_is_unknown() {
        let folder = tempfile::tempdir().unwrap();
        let paths = VaultHome::new(folder.path()).paths();
        fs::write(&paths.header, br#"{"version":7,"anything":[]}"#).unwrap();
        match HeaderFile::read(&paths) {
            Err(VaultError::NewerVersion { found, supported }) => {
                assert_eq!((found, supported), (7, FORMAT_VERSION));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_damaged_header_is_an_error_of_the_header() {
        let folder = tempfile::tempdir().unwrap();
        let paths = VaultHome::new(folder.path()).paths();
        for damaged in ["", "{", r#"{"version":1}"#, r#"{"version":0}"#] {
            fs::write(&paths.header, damaged).unwrap();
            assert!(matches!(
                HeaderFile::read(&paths),
                Err(VaultError::Header(_))
            ));
        }
    }
}
