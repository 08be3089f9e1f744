//! Who may read the vault's files, and whether there is room for more.

use std::{fs, path::Path};

use super::{Check, Findings};
use crate::{i18n::key::Key, vault::backup_types::CheckState};

/// Below this a write may fail, in bytes.
const TOO_LITTLE: u64 = 32 * 1024 * 1024;
/// Below this it is time to make room, in bytes.
const LITTLE: u64 = 512 * 1024 * 1024;
/// A restore needs room for the backup, the copy of what was there and the log, each as large as the vault.
const COPIES: u64 = 3;

/// Whether others may read a file that holds secrets.
pub(super) fn permissions(folder: &Path, found: &mut Findings<'_>) {
    let open = too_open(folder);
    let (state, key) = if open.is_empty() {
        (CheckState::Ok, Key::DoctorPrivateIs)
    } else {
        (CheckState::Bad, Key::DoctorPrivateNot)
    };
    found.add(
        Check::FolderPrivate,
        state,
        key,
        &[
            ("files", &open.join(", ")),
            ("folder", &folder.display().to_string()),
        ],
    );
}

/// The folder and the files of the vault that someone else may open or owns.
#[cfg(unix)]
fn too_open(folder: &Path) -> Vec<String> {
    use std::os::unix::fs::MetadataExt as _;
    const OF_OTHERS: u32 = 0o077;
    // The owner of our own process, where the system says.
    let ours = fs::metadata("/proc/self").ok().map(|meta| meta.uid());
    let open = |path: &Path| {
        fs::metadata(path).is_ok_and(|meta| {
            meta.mode() & OF_OTHERS != 0 || ours.is_some_and(|ours| ours != meta.uid())
        })
    };
    let holds_secrets = |path: &Path| {
        path.extension().is_some_and(|end| end == "db")
            || path.file_stem().is_some_and(|name| name == "vault")
    };
    let mut all = vec![folder.to_path_buf(), folder.join("backups")];
    for folder in all.clone() {
        let inside = fs::read_dir(folder).into_iter().flatten().flatten();
        all.extend(
            inside
                .map(|item| item.path())
                .filter(|path| holds_secrets(path)),
        );
    }
    all.into_iter()
        .filter(|path| open(path))
        .map(|path| path.display().to_string())
        .collect()
}

/// Windows keeps the folders of a user from others by itself.
#[cfg(not(unix))]
fn too_open(_folder: &Path) -> Vec<String> {
    Vec::new()
}

/// The header of the vault, where there is one, may be written: on a disk that can only be read it may not.
fn is_writable(folder: &Path) -> bool {
    let header = folder.join("vault.json");
    !header.exists() || fs::OpenOptions::new().write(true).open(header).is_ok()
}

/// Whether a backup and a restore would still fit, and whether anything can be written.
pub(super) fn disk(folder: &Path, found: &mut Findings<'_>) {
    // Before there is a vault its folder need not exist: the one above it is on the same disk.
    let existing = folder.ancestors().find(|folder| folder.is_dir());
    let free = existing.map(fs4::available_space);
    // A new key means a new file with a name of its own.
    let inside = fs::read_dir(folder).into_iter().flatten().flatten();
    let vault: u64 = inside
        .filter(|item| item.path().extension().is_some_and(|end| end == "db"))
        .filter_map(|item| item.metadata().ok())
        .map(|meta| meta.len())
        .sum();
    let (state, key, free) = match free {
        _ if !is_writable(folder) => (CheckState::Bad, Key::DoctorDiskReadOnly, 0),
        Some(Ok(free)) if free < TOO_LITTLE.max(vault) => {
            (CheckState::Bad, Key::DoctorDiskFull, free)
        }
        Some(Ok(free)) if free < LITTLE.max(vault.saturating_mul(COPIES)) => {
            (CheckState::Warn, Key::DoctorDiskLittle, free)
        }
        Some(Ok(free)) => (CheckState::Ok, Key::DoctorDiskFree, free),
        Some(Err(_)) | None => (CheckState::Warn, Key::DoctorDiskUnknown, 0),
    };
    let megabytes = (free / (1024 * 1024)).to_string();
    found.add(Check::Disk, state, key, &[("free", &megabytes)]);
}
