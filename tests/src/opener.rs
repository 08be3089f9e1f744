//! The opener of the system (`xdg-open` and those that are tried after it), as a script on the search path that writes
//! down the address instead of starting a browser.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use url::Url;

/// Openers that a desktop may have.
const NAMES: [&str; 6] = [
    "xdg-open",
    "gio",
    "gnome-open",
    "kde-open6",
    "kde-open5",
    "kde-open",
];
const PATIENCE: Duration = Duration::from_mins(1);

/// The opener, until it is dropped.
pub struct Opener {
    folder: TempDir,
}

impl Opener {
    /// One that keeps the address.
    pub fn start() -> Self {
        Self::that(
            "printf '%s\\n' \"$#\" \"$1\" > \"$there/new\" && mv \"$there/new\" \"$there/address\"",
        )
    }

    /// One that finds no browser.
    pub fn without_browser() -> Self {
        Self::that("exit 3")
    }

    fn that(does: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let there = folder.path().display();
        for name in NAMES {
            let file = folder.path().join(name);
            fs::write(&file, format!("#!/bin/sh\nthere='{there}'\n{does}\n")).expect("a script");
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("its mode");
        }
        Self { folder }
    }

    /// The search path with these openers first.
    pub fn path(&self) -> String {
        let usual = std::env::var("PATH").unwrap_or_default();
        format!("{}:{usual}", self.folder.path().display())
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("address")
    }

    /// The address that was opened; it is the one argument.
    pub fn address(&self) -> Url {
        let begun = Instant::now();
        loop {
            if let Ok(text) = fs::read_to_string(self.file()) {
                fs::remove_file(self.file()).expect("it is taken");
                let (count, address) = text.split_once('\n').expect("two lines");
                assert_eq!(count, "1", "{text}");
                return address.trim_end().parse().expect("an address");
            }
            assert!(begun.elapsed() < PATIENCE, "nothing was opened");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Nothing was opened since the last look.
    pub fn is_unused(&self) -> bool {
        !self.file().exists()
    }
}
