//! Where the socket of a vault's agent is, and whether that place is its user's alone.

use std::{
    fs::{self, DirBuilder, File, Metadata},
    io,
    os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use keywright_core::Keywright;

use super::AgentError;

/// The bits that give rights to group and others.
const OF_OTHERS: u32 = 0o077;

/// The right to write, for group and others.
const WRITTEN_BY_OTHERS: u32 = 0o022;
/// In such a folder each user can rename and remove only what is theirs.
const STICKY: u32 = 0o1000;
/// The longest path of a socket in bytes: 104 with the final zero under macOS, 108 under Linux (unix(7)).
const LONGEST: usize = 103;

/// The socket of one vault, in a folder of its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SocketPath {
    folder: PathBuf,
    socket: PathBuf,
}

/// Where a socket can be.
struct Folders {
    /// `$XDG_RUNTIME_DIR`.
    runtime: Option<PathBuf>,
    /// The vault's own.
    home: PathBuf,
    /// Of temporary files.
    temporary: PathBuf,
}

impl SocketPath {
    /// `None` without a vault.
    pub(crate) fn of(keywright: &Keywright) -> Option<Self> {
        let runtime = std::env::var_os("XDG_RUNTIME_DIR").filter(|value| !value.is_empty());
        let folders = Folders {
            runtime: runtime.map(PathBuf::from),
            home: keywright.home().folder().to_path_buf(),
            temporary: std::env::temp_dir(),
        };
        // A header that cannot be read is told by the command that opens the vault.
        let (id, _) = keywright.key_slots().unlock_methods().ok().flatten()?;
        let user = rustix::process::geteuid().as_raw();
        Some(Self::choose(
            &folders,
            user,
            &format!("{}.sock", id.simple()),
        ))
    }

    /// `$XDG_RUNTIME_DIR/keywright`, which ends with the login; without it, a folder in the vault's own. Where the
    /// path would be too long for a socket, a folder of the user among the temporary files.
    fn choose(folders: &Folders, user: u32, name: &str) -> Self {
        let usual = match &folders.runtime {
            Some(runtime) => runtime.join("keywright"),
            None => folders.home.join("agent"),
        };
        let short = |above: &Path| above.join(format!("keywright-{user}"));
        let all = [usual, short(&folders.temporary), short(Path::new("/tmp"))];
        let fits = |folder: &&PathBuf| folder.join(name).as_os_str().len() <= LONGEST;
        let folder = all.iter().find(fits).unwrap_or(&all[2]).clone();
        Self {
            socket: folder.join(name),
            folder,
        }
    }

    /// The socket.
    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    /// The lock that the one agent of this vault holds as long as it runs.
    pub(crate) fn lock_file(&self) -> Result<File, AgentError> {
        let path = self.socket.with_extension("lock");
        let mut options = File::options();
        options.create(true).truncate(false).write(true).mode(0o600);
        // Not through a link (POSIX.1-2017, open).
        options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
        options.open(&path).map_err(failed(&path))
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
        self.check_above()
    }

    /// Nobody else can put another folder in the place of ours.
    fn check_above(&self) -> Result<(), AgentError> {
        let Some(above) = self.folder.parent() else {
            return Ok(());
        };
        let mode = fs::metadata(above).map_err(failed(above))?.mode();
        if mode & WRITTEN_BY_OTHERS != 0 && mode & STICKY == 0 {
            return Err(not_safe(above, "other users may replace what is in it"));
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
    #![allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::print_stderr,
        reason = "tests"
    )]
    use std::os::unix::{
        fs::{PermissionsExt as _, symlink},
        net::UnixListener,
    };

    use super::*;

    fn place(folder: &Path) -> SocketPath {
        SocketPath {
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
    fn a_path_that_is_too_long_for_a_socket_is_replaced_by_a_short_one() {
        let folders = |runtime: Option<&str>, home: &str, temporary: &str| Folders {
            runtime: runtime.map(PathBuf::from),
            home: home.into(),
            temporary: temporary.into(),
        };
        let name = format!("{}.sock", "a".repeat(32));
        let folder = |folders: &Folders| SocketPath::choose(folders, 501, &name).folder;
        let usual = folders(Some("/run/user/501"), "/home/ada/vault", "/tmp");
        assert_eq!(folder(&usual), Path::new("/run/user/501/keywright"));
        let mac = |user: &str| {
            let home = format!("/Users/{user}/Library/Application Support/keywright");
            folders(
                None,
                &home,
                "/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T/",
            )
        };
        assert!(folder(&mac("ada")).ends_with("keywright/agent"));
        let short = SocketPath::choose(&mac("ada.lovelace-king"), 501, &name);
        assert!(short.folder.ends_with("T/keywright-501"), "{short:?}");
        let long = "/x".repeat(40);
        assert_eq!(
            folder(&folders(Some(&long), &long, &long)),
            Path::new("/tmp/keywright-501")
        );
        // The longest that fits, and one byte more.
        let of_length = |length: usize| format!("/{}", "x".repeat(length - 1));
        let rest = "/agent/".len() + name.len();
        let fits = of_length(LONGEST - rest);
        assert!(folder(&folders(None, &fits, "/tmp")).starts_with(&fits));
        let over = of_length(LONGEST - rest + 1);
        assert!(folder(&folders(None, &over, "/tmp")).starts_with("/tmp"));
    }

    #[test]
    fn t36_a_folder_that_others_could_replace_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(folder.path());
        place.make().unwrap();
        let _listener = UnixListener::bind(place.socket()).unwrap();
        let above = |mode| {
            fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
        };
        above(0o1777);
        assert!(place.check().unwrap());
        for mode in [0o777, 0o720, 0o702] {
            above(mode);
            assert_eq!(
                reason(place.make()),
                "other users may replace what is in it"
            );
            assert_eq!(
                reason(place.check()),
                "other users may replace what is in it"
            );
        }
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
            eprintln!("NOT TESTED: only root can give a file away.");
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
