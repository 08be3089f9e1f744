//! The keyring of the operating system: one entry per vault, holding one wrapping key and a counter.

use std::time::Duration;

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::VaultError;
use crate::error::KeyringProblem;
use crate::keys::kdf::Key;
use crate::keys::keyring_wait::within;

/// The service name of every entry.
const SERVICE: &str = "keywright";
/// Set to `off`, no keyring is asked.
const SWITCH: &str = "KEYWRIGHT_KEYRING";
/// How long the service may take to greet.
const GREETING: Duration = Duration::from_secs(5);
/// How long it may take to answer; long enough to type the password that it asks for when it is locked.
const ANSWER: Duration = Duration::from_secs(45);

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

/// What the entry of a vault holds.
#[derive(Clone, PartialEq)]
pub(crate) struct KeyringEntry {
    /// The key around the database key.
    pub(crate) wrapping: Key,
    /// The last line of the audit log that was known when the entry was written; none in an entry that has only a key.
    pub(crate) counter: Option<u64>,
}

impl KeyringEntry {
    /// `KEY` or `KEY:COUNTER`, the key in hex.
    fn parse(text: &str) -> Option<Self> {
        let (digits, counter) = match text.trim().split_once(':') {
            Some((digits, counter)) => (digits, Some(counter.parse().ok()?)),
            None => (text.trim(), None),
        };
        let mut wrapping = Key::default();
        hex::decode_to_slice(digits, wrapping.as_mut_slice()).ok()?;
        Some(Self { wrapping, counter })
    }

    fn text(&self) -> Zeroizing<String> {
        let digits = Zeroizing::new(hex::encode(self.wrapping.as_slice()));
        Zeroizing::new(match self.counter {
            Some(counter) => format!("{}:{counter}", digits.as_str()),
            None => digits.to_string(),
        })
    }
}

impl KeyringAccess {
    /// The keyring of this system. Fails with [`VaultError::KeyringUnavailable`] if there is none, if it does not
    /// greet within five seconds, or if `KEYWRIGHT_KEYRING=off`.
    pub fn system() -> Result<Self, VaultError> {
        Self::unless_switched_off(std::env::var(SWITCH).ok().as_deref())
    }

    fn unless_switched_off(switch: Option<&str>) -> Result<Self, VaultError> {
        if switch.is_some_and(|value| value.eq_ignore_ascii_case("off")) {
            return Err(unavailable(KeyringProblem::Disabled));
        }
        match within(GREETING, keyring::Entry::store_status)? {
            Ok(()) => Ok(Self(Store::System)),
            Err(error) => Err(unavailable(problem_of(error).unwrap_or_else(|| {
                KeyringProblem::NoStore {
                    reason: error.to_string(),
                }
            }))),
        }
    }

    /// A keyring in memory.
    #[cfg(test)]
    pub(crate) fn in_memory() -> Self {
        Self(Store::Memory(std::sync::Arc::default()))
    }

    /// Stores the entry of a vault, replacing the one before.
    pub(crate) fn set(&self, vault_id: Uuid, new: &KeyringEntry) -> Result<(), VaultError> {
        self.set_within(ANSWER, vault_id, new)
    }

    /// The same, for someone who cannot wait that long.
    pub(crate) fn set_within(
        &self,
        limit: Duration,
        vault_id: Uuid,
        new: &KeyringEntry,
    ) -> Result<(), VaultError> {
        let text = new.text();
        match &self.0 {
            Store::System => within(limit, move || {
                entry(vault_id)?.set_password(&text).map_err(refused)
            })?,
            #[cfg(test)]
            Store::Memory(map) => {
                testing_map(map).insert(vault_id.to_string(), text.to_string());
                Ok(())
            }
        }
    }

    /// The entry of a vault.
    pub(crate) fn get(&self, vault_id: Uuid) -> Result<KeyringEntry, VaultError> {
        let text = match &self.0 {
            Store::System => within(ANSWER, move || {
                let text = entry(vault_id)?.get_password().map_err(refused)?;
                Ok::<_, VaultError>(Zeroizing::new(text))
            })??,
            #[cfg(test)]
            Store::Memory(map) => Zeroizing::new(
                testing_map(map)
                    .get(&vault_id.to_string())
                    .cloned()
                    .ok_or(VaultError::KeyringEntryMissing)?,
            ),
        };
        KeyringEntry::parse(&text).ok_or(VaultError::KeyringEntryInvalid)
    }

    /// Deletes the entry of a vault; that there is none is fine.
    pub(crate) fn delete(&self, vault_id: Uuid) -> Result<(), VaultError> {
        match &self.0 {
            Store::System => within(ANSWER, move || match entry(vault_id)?.delete_credential() {
                Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
                Err(error) => Err(refused(error)),
            })?,
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

pub(crate) fn unavailable(source: KeyringProblem) -> VaultError {
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
        other => unavailable(problem_of(&other).unwrap_or(KeyringProblem::Store(other))),
    }
}

/// What a failure of the Secret Service means to a person.
#[cfg(all(unix, not(target_os = "macos")))]
fn problem_of(error: &keyring::Error) -> Option<KeyringProblem> {
    use secret_service::Error as Service;
    let (keyring::Error::PlatformFailure(source) | keyring::Error::NoStorageAccess(source)) = error
    else {
        return None;
    };
    match source.downcast_ref::<Service>()? {
        Service::Locked => Some(KeyringProblem::Locked),
        Service::Prompt | Service::PromptDisconnected => Some(KeyringProblem::PromptRefused),
        Service::Unavailable
        | Service::Zbus(
            zbus::Error::InputOutput(_) | zbus::Error::Connection(..) | zbus::Error::Handshake(_),
        ) => Some(KeyringProblem::NoBus {
            reason: source.to_string(),
        }),
        _ => None,
    }
}

/// The other systems say it in their own words.
#[cfg(not(all(unix, not(target_os = "macos"))))]
fn problem_of(_error: &keyring::Error) -> Option<KeyringProblem> {
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
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
        for text in ["", ":", "00", "zz:1", &format!("{}:x", "00".repeat(32))] {
            assert!(KeyringEntry::parse(text).is_none(), "{text}");
        }
    }

    #[cfg(all(unix, not(target_os = "macos")))]
    #[test]
    fn f21_each_failure_of_the_service_is_told_from_the_others() {
        use secret_service::Error as Service;
        let told = |error: Service| match refused(keyring::Error::NoStorageAccess(Box::new(error)))
        {
            VaultError::KeyringUnavailable { source } => source,
            other => panic!("{other:?}"),
        };
        assert!(matches!(told(Service::Locked), KeyringProblem::Locked));
        assert!(matches!(
            told(Service::Prompt),
            KeyringProblem::PromptRefused
        ));
        assert!(matches!(
            told(Service::Unavailable),
            KeyringProblem::NoBus { .. }
        ));
        assert!(matches!(told(Service::NoResult), KeyringProblem::Store(_)));
    }

    #[test]
    fn a_key_comes_back_until_it_is_deleted() {
        let keyring = KeyringAccess::in_memory();
        let id = Uuid::now_v7();
        for counter in [None, Some(0), Some(u64::MAX)] {
            let entry = KeyringEntry {
                wrapping: Key::from(&[7; 32]),
                counter,
            };
            keyring.set(id, &entry).unwrap();
            assert!(keyring.get(id).unwrap() == entry);
        }
        keyring.delete(id).unwrap();
        assert!(matches!(
            keyring.get(id),
            Err(VaultError::KeyringEntryMissing)
        ));
    }
}
