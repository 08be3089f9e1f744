//! Who else could read the vault's files: found when it is opened, fixed when the user says so.

use std::path::PathBuf;

use crate::{VaultError, VaultHome};

/// A file or folder of the vault that is not its owner's only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// Which one.
    pub path: PathBuf,
    /// What is wrong with it.
    pub kind: ExposureKind,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExposureKind {
    /// Others may read, write or enter it.
    Mode {
        /// Its permission bits.
        found: u32,
        /// What they should be.
        wanted: u32,
    },
    /// It belongs to someone else, who can read and replace it. Only they or an administrator can give it back.
    Owner {
        /// Their user id.
        found: u32,
    },
}

/// What lies open to others, the folder first.
pub fn exposures(home: &VaultHome) -> Result<Vec<Exposure>, VaultError> {
    system::exposures(home)
}

/// Takes the rights of others away where that is ours to do; gives what is left.
pub fn repair_permissions(home: &VaultHome) -> Result<Vec<Exposure>, VaultError> {
    for exposure in exposures(home)? {
        if let ExposureKind::Mode { wanted, .. } = exposure.kind {
            system::set_mode(&exposure.path, wanted)?;
        }
    }
    exposures(home)
}

#[cfg(unix)]
mod system {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::path::Path;

    use super::{Exposure, ExposureKind};
    use crate::{VaultError, VaultHome};

    /// The bits that give rights to group and others.
    const OF_OTHERS: u32 = 0o077;

    pub(super) fn exposures(home: &VaultHome) -> Result<Vec<Exposure>, VaultError> {
        let paths = home.paths();
        let mut found = Vec::new();
        for (folder, prefix) in [(&paths.folder, "vault"), (&paths.backups, "")] {
            if !folder.is_dir() {
                continue;
            }
            look(folder, &mut found)?;
            for item in fs::read_dir(folder).map_err(VaultError::io(folder))? {
                let item = item.map_err(VaultError::io(folder))?;
                // What else someone keeps in the folder is theirs to protect.
                if item.file_name().to_string_lossy().starts_with(prefix) {
                    look(&item.path(), &mut found)?;
                }
            }
        }
        Ok(found)
    }

    /// A file may be gone before it is looked at: SQLite removes its log when the last connection closes.
    fn look(path: &Path, found: &mut Vec<Exposure>) -> Result<(), VaultError> {
        let data = match fs::symlink_metadata(path) {
            Ok(data) => data,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(VaultError::io(path)(error)),
        };
        let mut push = |kind| {
            found.push(Exposure {
                path: path.to_path_buf(),
                kind,
            });
        };
        if data.uid() != rustix::process::geteuid().as_raw() {
            push(ExposureKind::Owner { found: data.uid() });
        } else if data.mode() & OF_OTHERS != 0 && !data.is_symlink() {
            push(ExposureKind::Mode {
                found: data.mode() & 0o777,
                wanted: if data.is_dir() { 0o700 } else { 0o600 },
            });
        }
        Ok(())
    }

    pub(super) fn set_mode(path: &Path, mode: u32) -> Result<(), VaultError> {
        fs::set_permissions(path, Permissions::from_mode(mode)).map_err(VaultError::io(path))
    }
}

/// The other systems give a user's data folder to that user alone, by access lists that this does not read.
#[cfg(not(unix))]
mod system {
    use std::path::Path;

    use super::Exposure;
    use crate::{VaultError, VaultHome};

    pub(super) fn exposures(_home: &VaultHome) -> Result<Vec<Exposure>, VaultError> {
        Ok(Vec::new())
    }

    pub(super) fn set_mode(_path: &Path, _mode: u32) -> Result<(), VaultError> {
        Ok(())
    }
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::testing::TestVault;

    #[test]
    fn f08_permissions_that_are_too_wide_are_found_and_mended_on_demand() {
        let vault = TestVault::new();
        let paths = vault.home.paths();
        fs::write(paths.folder.join("notes of a person.txt"), "mine").unwrap();
        assert_eq!(exposures(&vault.home).unwrap(), []);
        for (path, mode) in [
            (&paths.folder, 0o755),
            (&paths.header, 0o644),
            (&paths.database, 0o660),
        ] {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
        let mut found: Vec<_> = exposures(&vault.home)
            .unwrap()
            .into_iter()
            .map(|one| (one.path, one.kind))
            .collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        let wide = |found, wanted| ExposureKind::Mode { found, wanted };
        assert_eq!(
            found,
            [
                (paths.folder.clone(), wide(0o755, 0o700)),
                (paths.database.clone(), wide(0o660, 0o600)),
                (paths.header.clone(), wide(0o644, 0o600)),
            ]
        );
        assert_eq!(repair_permissions(&vault.home).unwrap(), []);
        let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&paths.folder), mode(&paths.header)), (0o700, 0o600));
    }

    #[test]
    fn f08_a_wrong_owner_is_found_and_left_to_be_mended_by_an_administrator() {
        if !rustix::process::geteuid().is_root() {
            eprintln!("NOT TESTED: only root can give a file away.");
            return;
        }
        let vault = TestVault::new();
        let header = vault.home.paths().header;
        std::os::unix::fs::chown(&header, Some(65_534), None).unwrap();
        let foreign = [Exposure {
            path: header,
            kind: ExposureKind::Owner { found: 65_534 },
        }];
        assert_eq!(exposures(&vault.home).unwrap(), foreign);
        assert_eq!(repair_permissions(&vault.home).unwrap(), foreign);
    }
}
