//! One change at a time of each application, across processes: answers of a provider that cross must not leave
//! the older one in the vault. The lock is a file that the system unlocks when its process ends, so that nobody
//! waits for a process that was killed.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::files::home::{leads_to, open_private};
use crate::{Vault, VaultError};

/// Who changes an application, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeHolder {
    /// `app` or `cli`.
    pub program: String,
    /// Process id.
    pub process: u32,
    /// `register`, `read`, `update`, `rotate`, `delete`.
    pub operation: String,
    /// Unix seconds.
    pub since: i64,
}

/// The right to change one application, until it is dropped.
#[derive(Debug)]
pub struct ChangeLock {
    path: PathBuf,
    /// Held for its lock.
    _file: File,
}

impl Drop for ChangeLock {
    fn drop(&mut self) {
        // Still locked: whoever opened it meanwhile sees that the name leads elsewhere, and opens it again. What
        // cannot be removed is locked again by the next change.
        let _ = fs::remove_file(&self.path);
    }
}

impl Vault {
    /// Takes the right to change this application, or to go on with this journal entry; otherwise tells who has
    /// it. Waits for nothing.
    pub fn try_lock_change(
        &self,
        id: Uuid,
        holder: &ChangeHolder,
    ) -> Result<Result<ChangeLock, ChangeHolder>, VaultError> {
        let path = self
            .paths
            .folder
            .join(format!("vault.change-{}", id.simple()));
        loop {
            let mut file = open_private(&path, false)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(Err(told_by(&path))),
                Err(TryLockError::Error(source)) => return Err(VaultError::io(&path)(source)),
            }
            if !leads_to(&path, &file) {
                continue;
            }
            let text = serde_json::to_vec(holder)?;
            file.set_len(0)
                .and_then(|()| file.write_all(&text))
                .map_err(VaultError::io(&path))?;
            return Ok(Ok(ChangeLock { path, _file: file }));
        }
    }
}

/// What the holder wrote; nothing where it has just begun to.
fn told_by(path: &PathBuf) -> ChangeHolder {
    let mut text = String::new();
    let read = OpenOptions::new()
        .read(true)
        .open(path)
        .and_then(|mut file| file.read_to_string(&mut text));
    match read {
        Ok(_) => serde_json::from_str(&text).unwrap_or_default(),
        Err(_gone_or_locked) => ChangeHolder::default(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::testing::TestVault;

    #[test]
    fn f09_a_second_change_is_told_who_makes_the_first() {
        let vault = TestVault::new();
        let holder = ChangeHolder {
            program: "cli".to_owned(),
            process: 7,
            operation: "rotate".to_owned(),
            since: 1,
        };
        let (one, other) = (Uuid::now_v7(), Uuid::now_v7());
        let held = vault.try_lock_change(one, &holder).unwrap().unwrap();
        let refused = vault
            .try_lock_change(one, &ChangeHolder::default())
            .unwrap();
        assert_eq!(refused.unwrap_err(), holder);
        assert!(vault.try_lock_change(other, &holder).unwrap().is_ok());
        drop(held);
        assert!(vault.try_lock_change(one, &holder).unwrap().is_ok());
    }

    #[test]
    fn f01_a_lock_that_a_killed_process_left_holds_nobody_up() {
        let vault = TestVault::new();
        let id = Uuid::now_v7();
        let left = vault
            .paths
            .folder
            .join(format!("vault.change-{}", id.simple()));
        fs::write(left, "{\"program\":\"cli\"").unwrap();
        assert!(
            vault
                .try_lock_change(id, &ChangeHolder::default())
                .unwrap()
                .is_ok()
        );
    }
}
