//! `vault.json`: the format version, the name of the database, and the key slots. Nothing in it is secret.

use std::fs;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::HeaderProblem;
use crate::files::home::{VaultPaths, write_atomically};
use crate::files::orphans;
use crate::keys::slots::Wrapped;
use crate::{VaultError, keys::kdf};

/// The newest format of `vault.json` this build reads and the one it writes.
///
/// 1 had no seal and no revision. 2 is sealed with the database key (`seal.rs`) and names its database.
pub const FORMAT_VERSION: u32 = 2;
/// More slots than this were not written by us; each passphrase slot costs an attempt half a second.
const MOST_SLOTS: usize = 16;
/// A header of 16 slots has about 8 KiB.
const MOST_BYTES: usize = 64 * 1024;
/// The name of a vault's first database; each replacement of the key makes a new file.
pub(crate) const FIRST_DATABASE: &str = "vault.db";

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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct HeaderFile {
    pub(crate) version: u32,
    pub(crate) vault_id: Uuid,
    pub(crate) created_at: i64,
    /// Rises with each change; the database keeps the last one it has seen. 0 in format 1.
    #[serde(default)]
    pub(crate) revision: u64,
    /// The file that the slots' key opens.
    #[serde(default = "first_database")]
    pub(crate) database: String,
    /// The database before the last replacement of the key, until it is seen to be deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) leftover: Option<String>,
    pub(crate) slots: Vec<Slot>,
    /// Base64 of the authentication code over all of the above; absent in format 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) seal: Option<String>,
}

fn first_database() -> String {
    FIRST_DATABASE.to_owned()
}

/// One slot as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// The header of a new vault; not yet sealed.
    pub(crate) fn new(vault_id: Uuid, now: i64, slots: Vec<Slot>) -> Self {
        Self {
            version: FORMAT_VERSION,
            vault_id,
            created_at: now,
            revision: 1,
            database: first_database(),
            leftover: None,
            slots,
            seal: None,
        }
    }

    /// Reads the file; a version that is too new is said before anything else of it is looked at.
    ///
    /// What comes back is not authenticated: that takes the key that one of its slots gives.
    pub(crate) fn read(paths: &VaultPaths) -> Result<Self, VaultError> {
        let text = match fs::read(&paths.header) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(orphans::no_vault(paths));
            }
            Err(error) => return Err(VaultError::io(&paths.header)(error)),
        };
        Self::parse(&text)
    }

    /// The header in these bytes.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, VaultError> {
        #[derive(Deserialize)]
        struct OnlyVersion {
            version: u32,
        }
        let impossible = |field| Err(HeaderProblem::Value { field }.into());
        if text.len() > MOST_BYTES {
            return impossible("length");
        }
        let OnlyVersion { version } = serde_json::from_slice(text).map_err(HeaderProblem::Json)?;
        if version > FORMAT_VERSION {
            return Err(VaultError::NewerVersion {
                found: version,
                supported: FORMAT_VERSION,
            });
        }
        if version == 0 {
            return impossible("version");
        }
        let header: Self = serde_json::from_slice(text).map_err(HeaderProblem::Json)?;
        if header.slots.len() > MOST_SLOTS {
            return impossible("slots");
        }
        if !is_database_name(&header.database) {
            return impossible("database");
        }
        if !header.leftover.as_deref().is_none_or(is_database_name) {
            return impossible("leftover");
        }
        Ok(header)
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

/// A name that a database of a vault has: the first one, or one of [`new_database_name`]. Never a path.
pub(crate) fn is_database_name(name: &str) -> bool {
    let digits = name
        .strip_prefix("vault-")
        .and_then(|rest| rest.strip_suffix(".db"));
    name == FIRST_DATABASE
        || digits.is_some_and(|digits| {
            digits.len() == 12
                && digits
                    .bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        })
}

/// A name that no database of this vault ever had, so that no log of an older one lies next to it.
pub(crate) fn new_database_name() -> Result<String, VaultError> {
    let mut random = [0u8; 6];
    getrandom::fill(&mut random)?;
    Ok(format!("vault-{}.db", hex::encode(random)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use serde_json::json;

    use super::*;

    #[test]
    fn f22_a_newer_format_is_named_even_if_the_rest_is_unknown() {
        match HeaderFile::parse(br#"{"version":7,"anything":[]}"#) {
            Err(VaultError::NewerVersion { found, supported }) => {
                assert_eq!((found, supported), (7, FORMAT_VERSION));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_damaged_header_is_an_error_of_the_header() {
        for damaged in ["", "{", r#"{"version":1}"#, r#"{"version":0}"#] {
            assert!(matches!(
                HeaderFile::parse(damaged.as_bytes()),
                Err(VaultError::Header(_))
            ));
        }
    }

    #[test]
    fn a_header_of_the_first_format_names_the_first_database() {
        let text = json!({"version": 1, "vault_id": Uuid::nil(), "created_at": 1, "slots": []});
        let header = HeaderFile::parse(text.to_string().as_bytes()).unwrap();
        assert_eq!(
            (header.revision, header.database.as_str(), header.seal),
            (0, "vault.db", None)
        );
    }

    #[test]
    fn t43_a_header_cannot_name_a_database_elsewhere_or_more_slots_than_we_write() {
        let whole = serde_json::to_value(HeaderFile::new(Uuid::nil(), 1, vec![])).unwrap();
        let refused = |field: &'static str, value: serde_json::Value| {
            let mut bent = whole.clone();
            bent[field] = value;
            match HeaderFile::parse(bent.to_string().as_bytes()) {
                Err(VaultError::Header(HeaderProblem::Value { field: named })) => {
                    assert_eq!(named, field);
                }
                other => panic!("{field}: {other:?}"),
            }
        };
        for name in [
            "",
            "../vault.db",
            "/tmp/vault.db",
            "vault-.db",
            "vault-00000000000g.db",
            "vault-../../abcd.db",
            "vault.db-wal",
        ] {
            refused("database", json!(name));
            refused("leftover", json!(name));
        }
        let slot = json!({
            "id": Uuid::nil(), "kind": "keyring", "created_at": 1,
            "key": {"nonce": "", "ciphertext": ""},
        });
        refused("slots", json!(vec![slot; 17]));
        let padded = format!("{}{whole}", " ".repeat(MOST_BYTES));
        assert!(matches!(
            HeaderFile::parse(padded.as_bytes()),
            Err(VaultError::Header(HeaderProblem::Value { field: "length" }))
        ));
    }

    #[test]
    fn a_new_name_is_a_database_name_and_no_other_one() {
        let (one, two) = (new_database_name().unwrap(), new_database_name().unwrap());
        assert!(is_database_name(&one) && one != two, "{one} {two}");
    }
}
