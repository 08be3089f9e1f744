//! A growing delay after wrong passphrases, kept in a file beside the vault so that neither a restart nor the other
//! program forgets it.
//!
//! It slows down guessing through Keywright. Someone who has the files guesses without it; there only the cost of
//! Argon2id counts.

use std::fs;

use serde::{Deserialize, Serialize};

use crate::VaultError;
use crate::home::{VaultPaths, lock_file, write_atomically};

/// Slips that cost nothing.
const FREE: u32 = 3;
/// The longest delay, in seconds, and the longest that a wrong clock can keep someone out.
const MOST_SECS: i64 = 60;

/// The file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Attempts {
    /// Wrong passphrases since the last right one.
    failed: u32,
    /// When the last one was tried (Unix seconds).
    last_at: i64,
}

impl Attempts {
    /// Seconds between the last wrong passphrase and the next try: 2, 4, 8 … 60.
    fn delay(self) -> i64 {
        match self.failed.checked_sub(FREE) {
            None => 0,
            Some(more) => (2_i64 << more.min(8)).min(MOST_SECS),
        }
    }

    /// Seconds that are left of it.
    fn left(self, now: i64) -> i64 {
        self.last_at
            .saturating_add(self.delay())
            .saturating_sub(now)
            .clamp(0, self.delay())
    }
}

/// Refuses an attempt that comes too early.
pub(crate) fn allow(paths: &VaultPaths, now: i64) -> Result<(), VaultError> {
    let attempts = read(paths);
    if attempts.last_at > now && attempts.delay() > 0 {
        // The clock was ahead, or is behind now. The delay counts from here, so that it ends in any case.
        let from_now = Attempts {
            last_at: now,
            ..attempts
        };
        keep(paths, from_now);
    }
    match u32::try_from(attempts.left(now)) {
        Ok(0) | Err(_) => Ok(()),
        Ok(seconds) => Err(VaultError::TooManyAttempts { seconds }),
    }
}

/// Counts a wrong passphrase.
pub(crate) fn failed(paths: &VaultPaths, now: i64) {
    // Two programs that fail at once must both be counted.
    let lock = lock_file(&paths.lock);
    if let Err(error) = &lock {
        tracing::warn!(%error, "wrong passphrases are counted without a lock");
    }
    let before = read(paths);
    keep(
        paths,
        Attempts {
            failed: before.failed.saturating_add(1),
            last_at: now,
        },
    );
    drop(lock);
}

/// Forgets them after the right one.
pub(crate) fn succeeded(paths: &VaultPaths) {
    match fs::remove_file(&paths.attempts) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => tracing::warn!(%error, "the count of wrong passphrases was not reset"),
    }
}

/// A file that is missing or cannot be read delays nobody: whoever can damage it can delete it as well.
fn read(paths: &VaultPaths) -> Attempts {
    fs::read(&paths.attempts)
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok())
        .unwrap_or_default()
}

/// In a folder that cannot be written the delay is not kept; the vault still opens.
fn keep(paths: &VaultPaths, attempts: Attempts) {
    let kept = serde_json::to_vec(&attempts)
        .map_err(VaultError::from)
        .and_then(|text| write_atomically(&paths.attempts, &text));
    if let Err(error) = kept {
        tracing::warn!(%error, "the count of wrong passphrases was not kept");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;
    use crate::VaultHome;

    fn folder() -> (tempfile::TempDir, VaultPaths) {
        let folder = tempfile::tempdir().unwrap();
        let paths = VaultHome::new(folder.path()).paths();
        (folder, paths)
    }

    fn wait(paths: &VaultPaths, now: i64) -> u32 {
        match allow(paths, now) {
            Ok(()) => 0,
            Err(VaultError::TooManyAttempts { seconds }) => seconds,
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn t45_the_delay_grows_to_a_bound_and_ends_with_the_right_passphrase() {
        let (_folder, paths) = folder();
        let mut waits = Vec::new();
        for _ in 0..10 {
            failed(&paths, 1000);
            waits.push(wait(&paths, 1000));
        }
        assert_eq!(waits, [0, 0, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!((wait(&paths, 1059), wait(&paths, 1060)), (1, 0));
        for _ in 0..100 {
            failed(&paths, 2000);
        }
        assert_eq!(wait(&paths, 2000), 60);
        succeeded(&paths);
        assert_eq!(wait(&paths, 2000), 0);
    }

    #[test]
    fn f10_a_clock_that_jumps_cannot_lock_anyone_out_for_longer_than_the_bound() {
        let (_folder, paths) = folder();
        let a_year_ahead = 1000 + 31_536_000;
        for _ in 0..20 {
            failed(&paths, a_year_ahead);
        }
        assert_eq!(wait(&paths, 1000), 60);
        assert_eq!(wait(&paths, 1030), 30);
        assert_eq!(wait(&paths, 1060), 0);
    }

    #[test]
    fn a_damaged_count_delays_nobody() {
        let (_folder, paths) = folder();
        for text in ["", "{", "[]", r#"{"failed":-1,"last_at":"x"}"#] {
            fs::write(&paths.attempts, text).unwrap();
            assert_eq!(wait(&paths, 1000), 0);
        }
        fs::write(
            &paths.attempts,
            format!(r#"{{"failed":{},"last_at":{}}}"#, u32::MAX, i64::MAX / 2),
        )
        .unwrap();
        assert_eq!(wait(&paths, 1000), 60);
    }
}
