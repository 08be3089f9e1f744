//! What is shown when the program cannot start. A program that was started from a desktop has no terminal: under
//! Windows and macOS (untested) the message is opened as a text file, under Linux it is in the user's journal.

use std::{
    io::{self, IsTerminal as _, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

use crate::failure::Failure;

/// The program that shows a text file, and its arguments before the path.
#[cfg(windows)]
const VIEWER: Option<(&str, &[&str])> = Some(("notepad.exe", &[]));
#[cfg(target_os = "macos")]
const VIEWER: Option<(&str, &[&str])> = Some(("/usr/bin/open", &["-t"]));
#[cfg(not(any(windows, target_os = "macos")))]
const VIEWER: Option<(&str, &[&str])> = None;

/// Writes the failure to standard error and, where nobody reads that, into a file that is opened.
#[allow(clippy::print_stderr, reason = "there is no window to show it in")]
pub(crate) fn show(failure: &Failure) {
    eprintln!("{failure}");
    let Some((viewer, arguments)) = VIEWER.filter(|_| !io::stderr().is_terminal()) else {
        return;
    };
    let shown = written(&std::env::temp_dir(), failure).and_then(|file| {
        let mut command = Command::new(viewer);
        command.args(arguments).arg(file).spawn()
    });
    if let Err(error) = shown {
        tracing::error!(%error, "the reason is not shown");
    }
}

/// A new file of this user alone; the system removes it with its other temporary files.
fn written(folder: &Path, failure: &Failure) -> io::Result<PathBuf> {
    let mut file = tempfile::Builder::new()
        .prefix("keywright-start-error-")
        .suffix(".txt")
        .tempfile_in(folder)?;
    writeln!(file, "Keywright could not start: {failure}")?;
    let (_, path) = file.keep()?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_failure_to_start_is_written_where_it_can_be_opened() {
        let folder = tempfile::tempdir().unwrap();
        let file = written(folder.path(), &Failure::HomeMissing).unwrap();
        assert_eq!(file.parent(), Some(folder.path()));
        assert_eq!(
            std::fs::read_to_string(file).unwrap(),
            "Keywright could not start: --home needs a folder\n"
        );
    }
}
