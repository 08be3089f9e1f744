//! The keyring of the operating system: one entry per vault, holding one wrapping key.

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::VaultError;
use crate::error::KeyringProblem;
use crate::kdf::Key;

/// The service name of every entry.
const SERVICE: &str = "keywright";
/// Set to `off`, no keyring is asked.
const SWITCH: &str = "KEYWRIGHT_KEYRING";

/// The right to use a keyring. Having one means that a keyring was found.
#[derive(Clone, Debug)]
pub struct KeyringAccess(Store);

#[derive(Clone, Debug)]
enum Store {
    /// Secret Service, Keychain or Credential Manager.
    System,
    /// A keyring that lives as long as the test.
    #[cfg(test)]
    Memory(std::sync::Arc<std::sync::Mutex<std::collections::HashMap<String, String>>>),
}

impl KeyringAccess {
    /// The keyring of this system. Fails with [`VaultError::KeyringUnavailable`] if there is none, or if
    /// `KEYWRIGHT_KEYRING=off`. May block while the service starts.
    pub fn system() -> Result<Self, VaultError> {
        Self::unless_switched_off(std::env::var(SWITCH).ok().as_deref())
    }

    fn unless_switched_off(switch: Option<&str>) -> Result<Self, VaultError> {
        if switch.is_some_and(|value| value.eq_ignore_ascii_case("off")) {
            return Err(unavailable(KeyringProblem::Disabled));
        }
        match keyring::Entry::store_status() {
            Ok(()) => Ok(Self(Store::System)),
            Err(error) => Err(unavailable(KeyringProblem::NoStore {
                reason: error.to_string(),
            })),
        }
    }

    /// A keyring in memory.
    #[cfg(test)]
    pub(crate) fn in_memory() -> Self {
        Self(Store::Memory(std::sync::Arc::default()))
    }

    /// Stores the wrapping key of a vault, replacing the one before.
    pub(crate) fn set(&self, vault_id: Uuid, key: &Key) -> Result<(), VaultError> {
        let text = Zeroizing::new(hex::encode(key.as_slice()));
        match &self.0 {
            Store::System => entry(vault_id)?.set_password(&text).map_err(refused),
            #[cfg(test)]
            Store::Memory(map) => {
                testing_map(map).insert(vault_id.to_string(), text.to_string());
                Ok(())
            }
        }
    }

    /// The wrapping key of a vault.
    pub(crate) fn get(&self, vault_id: Uuid) -> Result<Key, VaultError> {
        let text = match &self.0 {
            Store::System => entry(vault_id)?.get_password().map_err(refused)?,
            #[cfg(test)]
            Store::Memory(map) => testing_map(map)
                .get(&vault_id.to_string())
                .cloned()
                .ok_or(VaultError::KeyringEntryMissing)?,
        };
        let text = Zeroizing::new(text);
        let mut key = Key::default();
        if hex::decode_to_slice(text.trim(), key.as_mut_slice()).is_err() {
            return Err(VaultError::KeyringEntryInvalid);
        }
        Ok(key)
    }

    /// Deletes the entry of a vault; that there is none is fine.
    pub(crate) fn delete(&self, vault_id: Uuid) -> Result<(), VaultError> {
        match &self.0 {
            Store::System => match entry(vault_id)?.delete_credential() {
                Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
                Err(error) => Err(refused(error)),
            },
            #[cfg(test)]
            Store::Memory(map) => {
                testing_map(map).remove(&vault_id.to_string());
                Ok(())
            }
        }
    }
}

#[cfg(test)]
fn testing_map(
    map: &std::sync::Mutex<std::collections::HashMap<String, String>>,
) -> std::sync::MutexGuard<'_, std::collections::HashMap<String, String>> {
    map.lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn entry(vault_id: Uuid) -> Result<keyring::Entry, VaultError> {
    keyring::Entry::new(SERVICE, &vault_id.to_string()).map_err(refused)
}

fn unavailable(source: KeyringProblem) -> VaultError {
    VaultError::KeyringUnavailable { source }
}

/// Some errors of the keyring carry the bytes they stumbled over; those are dropped here.
fn refused(error: keyring::Error) -> VaultError {
    match error {
        keyring::Error::NoEntry => VaultError::KeyringEntryMissing,
        keyring::Error::BadEncoding(bytes) | keyring::Error::BadDataFormat(bytes, _) => {
            drop(Zeroizing::new(bytes));
            VaultError::KeyringEntryInvalid
        }
        other => unavailable(KeyringProblem::Store(other)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn switched_off_no_keyring_is_asked() {
        for off in ["off", "OFF"] {
            assert!(matches!(
                KeyringAccess::unless_switched_off(Some(off)),
                Err(VaultError::KeyringUnavailable {
                    source: KeyringProblem::Disabled
                })
            ));
        }
    }

    #[test]
    fn an_entry_that_is_no_key_is_said_to_be_invalid_without_showing_it() {
        let error = refused(keyring::Error::BadEncoding(b"sekrit".to_vec()));
        assert!(matches!(error, VaultError::KeyringEntryInvalid));
        assert!(!format!("{error:?}").contains("115"));
    }

    #[test]
    fn a_key_comes_back_until_it_is_deleted() {
        let keyring = KeyringAccess::in_memory();
        let id = Uuid::now_v7();
        let key = Zeroizing::new([7u8; 32]);
        keyring.set(id, &key).unwrap();
        assert_eq!(*keyring.get(id).unwrap(), *key);
        keyring.delete(id).unwrap();
        assert!(matches!(
            keyring.get(id),
            Err(VaultError::KeyringEntryMissing)
        ));
    }
}
