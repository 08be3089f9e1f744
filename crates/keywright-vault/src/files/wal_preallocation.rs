//! Room on the disk that is set aside before a provider is asked: an answer that comes once, with a secret in it,
//! must not find the disk full.

use crate::VaultError;
use crate::files::home::VaultPaths;

/// What one answer and the end of its operation need at most, with a margin.
#[cfg(target_os = "linux")]
const ROOM: u64 = 256 * 1024;

/// So much is set aside at a time, so that most operations find it done.
#[cfg(target_os = "linux")]
const STEP: u64 = 1024 * 1024;

/// Sets room aside at the end of the log, which the log grows into. Its content and its length stay as they are.
#[cfg(target_os = "linux")]
pub(crate) fn preallocate_wal(paths: &VaultPaths) -> Result<(), VaultError> {
    use std::fs::OpenOptions;
    use std::os::unix::fs::MetadataExt as _;

    use rustix::fs::{FallocateFlags, fallocate};
    use rustix::io::Errno;

    /// The unit of `st_blocks`, whatever the file system's own is.
    const BLOCK: u64 = 512;

    let log = paths.log();
    let failed = VaultError::io(&log);
    let file = match OpenOptions::new().write(true).open(&log) {
        Ok(file) => file,
        // Without a log nothing was written yet; the write that follows says what is wrong.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    let data = file.metadata().map_err(VaultError::io(&log))?;
    if data.blocks() * BLOCK >= data.len() + ROOM {
        return Ok(());
    }
    match fallocate(&file, FallocateFlags::KEEP_SIZE, data.len(), STEP) {
        // Not every file system can; then the answer may find the disk full, and says so.
        Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(()),
        Err(error) => Err(failed(error.into())),
    }
}

/// Elsewhere the answer may find the disk full, and says so.
#[cfg(not(target_os = "linux"))]
#[allow(
    clippy::unnecessary_wraps,
    reason = "the shape of Linux, where it can fail"
)]
pub(crate) fn preallocate_wal(_: &VaultPaths) -> Result<(), VaultError> {
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::fs;
    use std::os::unix::fs::MetadataExt as _;

    use super::*;
    use crate::testing::{TestVault, open_again};

    #[test]
    fn f03_room_is_set_aside_without_a_change_of_the_log() {
        let vault = TestVault::new();
        vault.put_kv("a", &1.into()).unwrap();
        let log = vault.home.paths().log();
        let before = fs::read(&log).unwrap();
        preallocate_wal(&vault.home.paths()).unwrap();
        assert_eq!(fs::read(&log).unwrap().len(), before.len());
        assert!(fs::metadata(&log).unwrap().blocks() * 512 >= before.len() as u64 + ROOM);
        vault.put_kv("b", &2.into()).unwrap();
        assert_eq!(open_again(&vault).kv("b").unwrap(), Some(2.into()));
    }
}
