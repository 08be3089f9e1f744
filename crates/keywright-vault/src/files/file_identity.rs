//! Whether the files of an open vault are still where they were: a file that was moved, deleted or replaced can
//! be written to without anybody ever seeing what was written.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::VaultError;
use crate::files::home::{VaultPaths, open_private};

/// The files of an open vault.
#[derive(Debug)]
pub(crate) struct FileIdentity {
    folder: PathBuf,
    /// Each file with what it was when the vault was opened.
    files: Vec<(PathBuf, Identity)>,
}

/// What stays the same as long as a name leads to the same file.
#[derive(Debug, PartialEq, Eq)]
struct Identity(Option<(u64, u64)>);

impl FileIdentity {
    /// Notes where the files are now. A database that is read at rest has no log.
    pub(crate) fn of(paths: &VaultPaths) -> Result<Self, VaultError> {
        let log = paths.log();
        let mut files = vec![paths.database.clone()];
        if log.exists() {
            files.push(log);
        }
        let files = files
            .into_iter()
            .map(|path| Ok((Identity::of(&path).map_err(VaultError::io(&path))?, path)))
            .map(|both: Result<_, VaultError>| both.map(|(identity, path)| (path, identity)))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            folder: paths.folder.clone(),
            files,
        })
    }

    /// Says so when a file is not there any more, or is another one.
    pub(crate) fn check(&self) -> Result<(), VaultError> {
        let same = |(path, was): &(PathBuf, Identity)| {
            Identity::of(path).is_ok_and(|identity| identity == *was)
        };
        if self.files.iter().all(same) {
            return Ok(());
        }
        Err(VaultError::Moved {
            folder: self.folder.clone(),
        })
    }
}

impl Identity {
    #[cfg(unix)]
    fn of(path: &Path) -> std::io::Result<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let data = fs::metadata(path)?;
        Ok(Self(Some((data.dev(), data.ino()))))
    }

    /// Elsewhere an open file cannot be moved or deleted; that it is there is enough.
    #[cfg(not(unix))]
    fn of(path: &Path) -> std::io::Result<Self> {
        fs::metadata(path)?;
        Ok(Self(None))
    }
}

/// Held as long as a process has the vault open.
#[derive(Debug)]
pub(crate) struct OpenGuard {
    file: Option<File>,
    alone: bool,
}

impl OpenGuard {
    /// Begins to use the vault. In a folder that cannot be written there is nothing to hold.
    pub(crate) fn begin(paths: &VaultPaths) -> Result<Self, VaultError> {
        let file = match open_private(&paths.in_use, false) {
            Ok(file) => file,
            Err(error) if error.is_of_the_disk() => {
                return Ok(Self {
                    file: None,
                    alone: true,
                });
            }
            Err(error) => return Err(error),
        };
        let alone = file.try_lock().is_ok();
        Ok(Self {
            file: Some(file),
            alone,
        })
    }

    /// No other process had the vault open: what lies there was left by one that ended.
    pub(crate) fn is_alone(&self) -> bool {
        self.alone
    }

    /// Lets others in.
    pub(crate) fn share(&mut self, paths: &VaultPaths) -> Result<(), VaultError> {
        if let Some(file) = &self.file {
            let shared = VaultError::io(&paths.in_use);
            if self.alone {
                file.unlock().map_err(VaultError::io(&paths.in_use))?;
            }
            file.lock_shared().map_err(shared)?;
        }
        self.alone = false;
        Ok(())
    }
}
