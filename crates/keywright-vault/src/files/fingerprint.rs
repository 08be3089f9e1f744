//! Tells cheaply whether a file is still the one that was read: every write of ours makes a new one.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use crate::VaultError;

/// What the system says of a file without opening it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FileFingerprint {
    file: Option<(u64, u64)>,
    length: u64,
    modified: Option<SystemTime>,
}

impl FileFingerprint {
    /// Of the file as it is now.
    pub(crate) fn of(path: &Path) -> Result<Self, VaultError> {
        let data = fs::metadata(path).map_err(VaultError::io(path))?;
        Ok(Self {
            file: identity(&data),
            length: data.len(),
            modified: data.modified().ok(),
        })
    }
}

#[cfg(unix)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "the other systems have no such number"
)]
fn identity(data: &fs::Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    Some((data.dev(), data.ino()))
}

#[cfg(not(unix))]
fn identity(_data: &fs::Metadata) -> Option<(u64, u64)> {
    None
}
