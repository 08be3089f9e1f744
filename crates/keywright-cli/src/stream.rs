//! Standard output and standard error. A reader that goes away, as with `| head`, is not a failure: what is
//! still to be said is dropped, the work under way ends as it would, and the exit code says so.

use std::{
    io::{self, ErrorKind, Write},
    sync::OnceLock,
};

/// Exit code of a program whose reader went away: 128 and the number of SIGPIPE.
pub(crate) const READER_GONE: u8 = 141;

/// Why nothing more is written to standard output.
static FAILED: OnceLock<io::Error> = OnceLock::new();

/// A line of data.
pub(crate) fn out(text: &str) {
    bytes(format!("{text}\n").as_bytes());
}

/// Data as it is.
pub(crate) fn bytes(data: &[u8]) {
    if FAILED.get().is_some() {
        return;
    }
    let mut output = io::stdout().lock();
    if let Err(error) = output.write_all(data).and_then(|()| output.flush()) {
        // Only the first reason counts.
        let _ = FAILED.set(error);
    }
}

/// A line for people. Where nobody can read it, nobody can be told.
pub(crate) fn err(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Standard output and standard error are one file, pipe or terminal.
#[cfg(unix)]
pub(crate) fn is_shared() -> bool {
    use std::{
        fs::File,
        os::{
            fd::{AsFd as _, BorrowedFd},
            unix::fs::MetadataExt as _,
        },
    };
    let place = |stream: BorrowedFd<'_>| {
        let file = File::from(stream.try_clone_to_owned().ok()?);
        let about = file.metadata().ok()?;
        Some((about.dev(), about.ino()))
    };
    let out = place(io::stdout().as_fd());
    out.is_some() && out == place(io::stderr().as_fd())
}

/// Standard output and standard error are one file, pipe or terminal: not known here.
#[cfg(not(unix))]
pub(crate) fn is_shared() -> bool {
    false
}

/// The exit code of a command that ended with `code`: what could not be written counts where all else
/// went well.
pub(crate) fn exit_code(code: u8) -> u8 {
    match FAILED.get() {
        Some(error) if code == 0 && error.kind() == ErrorKind::BrokenPipe => READER_GONE,
        Some(error) if code == 0 => {
            err(&format!("standard output: {error}"));
            1
        }
        _ => code,
    }
}
