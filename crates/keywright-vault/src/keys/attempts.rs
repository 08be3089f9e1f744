//! A growing delay after wrong passphrases, kept in a file next to the vault so that neither a restart nor the other
//! program forgets it.
//!
//! It slows down guessing through Keywright. Someone who has the files guesses without it; there only the cost of
//! Argon2id counts.

use std::fs::{self, File, TryLockError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::VaultError;
use crate::files::home::{VaultPaths, lock_file, open_private, write_atomically};

/// Slips that cost nothing.
const FREE: u32 = 3;
/// The longest delay, in seconds, and the longest that a wrong clock can keep someone out.
const MOST_SECS: i64 = 60;
/// An attempt waits this often, and this long each time, while others are under way.
const MOST_PAUSES: u32 = 3_000;
const PAUSE: Duration = Duration::from_millis(20);

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

/// One passphrase that is being tried. Until it is dropped it counts as one that may be wrong, in every process: what
/// is tried at once is no more than what may be wrong before the first delay.
#[derive(Debug)]
pub(crate) struct Attempt<'a> {
    paths: &'a VaultPaths,
    now: i64,
    /// Held for its lock; none in a folder that cannot be written.
    _turn: Option<File>,
}

impl<'a> Attempt<'a> {
    /// Begins an attempt, or refuses one that comes too early. Waits while as many others are under way as may be.
    pub(crate) fn begin(paths: &'a VaultPaths, now: i64) -> Result<Self, VaultError> {
        let attempt = |turn| Self {
            paths,
            now,
            _turn: turn,
        };
        for _ in 0..MOST_PAUSES {
            let alone = match lock_file(&paths.attempts_lock) {
                Ok(alone) => alone,
                Err(error) => {
                    tracing::warn!(%error, "passphrases are tried without a count of those under way");
                    allow(paths, now)?;
                    return Ok(attempt(None));
                }
            };
            allow(paths, now)?;
            let (mut turn, mut busy) = (None, 0);
            for number in 0..FREE {
                let path = paths.folder.join(format!("vault.attempts.{number}"));
                let file = match open_private(&path, false) {
                    Ok(file) => file,
                    // On a full disk, say. The vault opens anyway.
                    Err(error) => {
                        tracing::warn!(%error, "a passphrase is tried without its turn");
                        return Ok(attempt(None));
                    }
                };
                match file.try_lock() {
                    Ok(()) => turn = turn.or(Some(file)),
                    Err(TryLockError::WouldBlock) => busy += 1,
                    Err(TryLockError::Error(source)) => return Err(VaultError::io(&path)(source)),
                }
            }
            if busy == 0 || read(paths).failed.saturating_add(busy) < FREE {
                return Ok(attempt(turn));
            }
            drop((turn, alone));
            std::thread::sleep(PAUSE);
        }
        Err(VaultError::TooManyAttempts { seconds: 1 })
    }

    /// Counts what came of it.
    pub(crate) fn end<T>(self, outcome: &Result<T, VaultError>) {
        match outcome {
            Ok(_) => succeeded(self.paths),
            Err(VaultError::WrongPassphrase) => failed(self.paths, self.now),
            Err(_) => {}
        }
    }
}

/// Refuses an attempt that comes too early.
fn allow(paths: &VaultPaths, now: i64) -> Result<(), VaultError> {
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
fn failed(paths: &VaultPaths, now: i64) {
    // Two programs that fail at once must both be counted.
    let lock = lock_file(&paths.attempts_lock);
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
fn succeeded(paths: &VaultPaths) {
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
    fn t45_no_more_is_tried_at_once_than_may_be_wrong() {
        let (_folder, paths) = folder();
        let mut under_way: Vec<_> = (0..FREE)
            .map(|_| Attempt::begin(&paths, 1000).unwrap())
            .collect();
        let other = paths.clone();
        let next = std::thread::spawn(move || Attempt::begin(&other, 1000).map(drop));
        std::thread::sleep(PAUSE * 4);
        assert!(!next.is_finished(), "it waits for the others");
        let wrong: Result<(), _> = Err(VaultError::WrongPassphrase);
        for attempt in under_way.drain(..) {
            attempt.end(&wrong);
        }
        // However they cross, the fourth comes after three wrong ones.
        match next.join().unwrap() {
            Err(VaultError::TooManyAttempts { seconds }) => assert_eq!(seconds, 2),
            other => panic!("{other:?}"),
        }
        // After the delay, one at a time.
        let held = Attempt::begin(&paths, 1002).unwrap();
        let other = paths.clone();
        let next = std::thread::spawn(move || Attempt::begin(&other, 1002).map(drop));
        held.end(&wrong);
        match next.join().unwrap() {
            Err(VaultError::TooManyAttempts { seconds }) => assert_eq!(seconds, 4),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn right_passphrases_at_once_are_all_tried() {
        let (_folder, paths) = folder();
        let all: Vec<_> = (0..12)
            .map(|_| {
                let paths = paths.clone();
                std::thread::spawn(move || {
                    Attempt::begin(&paths, 1000).map(|attempt| attempt.end(&Ok(())))
                })
            })
            .collect();
        for one in all {
            one.join().unwrap().unwrap();
        }
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
