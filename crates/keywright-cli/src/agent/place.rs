//! Where the socket of a vault's agent is, and whether that place is its user's alone.

use std::{
    fs::{self, DirBuilder, Metadata},
    io,
    os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, MetadataExt as _},
    path::{Path, PathBuf},
};

use keywright_core::Keywright;

use super::AgentError;

/// The bits that give rights to group and others.
const OF_OTHERS: u32 = 0o077;

/// The socket of one vault, in a folder of its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    folder: PathBuf,
    socket: PathBuf,
}

impl Place {
    /// `$XDG_RUNTIME_DIR/keywright`, which ends with the login; without it, a folder in the vault's own. None where
    /// there is no vault.
    pub(crate) fn of(keywright: &Keywright) -> Option<Self> {
        let folder = match std::env::var_os("XDG_RUNTIME_DIR").filter(|value| !value.is_empty()) {
            Some(runtime) => PathBuf::from(runtime).join("keywright"),
            None => keywright.home().folder().join("agent"),
        };
        // A header that cannot be read is told by the command that opens the vault.
        let (id, _) = keywright.ways().ok().flatten()?;
        Some(Self {
            socket: folder.join(format!("{}.sock", id.simple())),
            folder,
        })
    }

    /// The socket.
    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    /// Makes the folder, unless it is there; then it must be safe.
    pub(crate) fn make(&self) -> Result<(), AgentError> {
        match DirBuilder::new().mode(0o700).create(&self.folder) {
            Err(source) if source.kind() != io::ErrorKind::AlreadyExists => {
                Err(failed(&self.folder)(source))
            }
            _ => self.check_folder(),
        }
    }

    /// Whether a socket is there, in a folder and of an owner that can be trusted with a key.
    pub(crate) fn check(&self) -> Result<bool, AgentError> {
        let Some(data) = look(&self.socket)? else {
            return Ok(false);
        };
        self.check_folder()?;
        if !data.file_type().is_socket() {
            return Err(not_safe(&self.socket, "it is not a socket"));
        }
        ours(&self.socket, &data)?;
        Ok(true)
    }

    fn check_folder(&self) -> Result<(), AgentError> {
        let Some(data) = look(&self.folder)? else {
            return Err(not_safe(&self.folder, "it is not there"));
        };
        if !data.is_dir() {
            return Err(not_safe(&self.folder, "it is a link or not a folder"));
        }
        ours(&self.folder, &data)?;
        if data.mode() & OF_OTHERS != 0 {
            return Err(not_safe(&self.folder, "other users may enter it"));
        }
        Ok(())
    }
}

/// What the system says of a path itself, not of what it links to.
fn look(path: &Path) -> Result<Option<Metadata>, AgentError> {
    match fs::symlink_metadata(path) {
        Ok(data) => Ok(Some(data)),
        Err(source)
            if matches!(
                source.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(None)
        }
        Err(source) => Err(failed(path)(source)),
    }
}

fn ours(path: &Path, data: &Metadata) -> Result<(), AgentError> {
    if data.uid() == rustix::process::geteuid().as_raw() {
        Ok(())
    } else {
        Err(not_safe(path, "it belongs to another user"))
    }
}

fn not_safe(path: &Path, reason: &'static str) -> AgentError {
    AgentError::Unsafe {
        path: path.to_path_buf(),
        reason,
    }
}

/// A failure of a file or socket together with its path.
pub(super) fn failed(path: &Path) -> impl FnOnce(io::Error) -> AgentError + use<> {
    let path = path.to_path_buf();
    move |source| AgentError::Io { path, source }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use std::os::unix::{
        fs::{PermissionsExt as _, symlink},
        net::UnixListener,
    };

    use super::*;

    fn place(folder: &Path) -> Place {
        Place {
            socket: folder.join("agent/one.sock"),
            folder: folder.join("agent"),
        }
    }

    fn reason(outcome: Result<impl std::fmt::Debug, AgentError>) -> &'static str {
        match outcome {
            Err(AgentError::Unsafe { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_folder_that_was_made_here_is_safe_and_stays_so() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        assert!(!place.check().unwrap());
        place.make().unwrap();
        place.make().unwrap();
        let mode = fs::metadata(&place.folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        let _listener = UnixListener::bind(place.socket()).unwrap();
        assert!(place.check().unwrap());
    }

    #[test]
    fn t36_a_folder_that_others_may_enter_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        place.make().unwrap();
        let _listener = UnixListener::bind(place.socket()).unwrap();
        for mode in [0o777, 0o755, 0o701, 0o770] {
            fs::set_permissions(&place.folder, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(reason(place.make()), "other users may enter it");
            assert_eq!(reason(place.check()), "other users may enter it");
        }
    }

    #[test]
    fn t36_a_link_in_the_place_of_the_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        let real = folder.path().join("elsewhere");
        DirBuilder::new().mode(0o700).create(&real).unwrap();
        let _listener = UnixListener::bind(real.join("one.sock")).unwrap();
        symlink(&real, &place.folder).unwrap();
        assert_eq!(reason(place.make()), "it is a link or not a folder");
        assert_eq!(reason(place.check()), "it is a link or not a folder");
    }

    #[test]
    fn t36_a_file_or_a_link_in_the_place_of_the_socket_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        place.make().unwrap();
        fs::write(place.socket(), b"").unwrap();
        assert_eq!(reason(place.check()), "it is not a socket");
        fs::remove_file(place.socket()).unwrap();
        let _listener = UnixListener::bind(folder.path().join("other.sock")).unwrap();
        symlink(folder.path().join("other.sock"), place.socket()).unwrap();
        assert_eq!(reason(place.check()), "it is not a socket");
    }

    #[test]
    fn t36_a_folder_or_socket_of_another_user_is_refused() {
        if !rustix::process::geteuid().is_root() {
            // Only root can give a file away.
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        place.make().unwrap();
        let _listener = UnixListener::bind(place.socket()).unwrap();
        std::os::unix::fs::lchown(place.socket(), Some(65_534), None).unwrap();
        assert_eq!(reason(place.check()), "it belongs to another user");
        std::os::unix::fs::lchown(&place.folder, Some(65_534), None).unwrap();
        assert_eq!(reason(place.make()), "it belongs to another user");
    }
}
