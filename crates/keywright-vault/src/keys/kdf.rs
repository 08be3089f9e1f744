//! From a passphrase to a wrapping key: Argon2id (RFC 9106), calibrated on the machine that makes the slot.
//!
//! The parameters stand in `vault.json`, which cannot be authenticated before a slot is open: they are bounded both
//! ways. Lowering them does not make guessing cheaper, since they are part of what the key is derived from; it only
//! makes the right passphrase a wrong one.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use crate::error::HeaderProblem;
use crate::keys::stack::wiped;
use crate::{SecretText, VaultError};

/// 64 MiB, the least memory a slot uses (RFC 9106 section 4, second recommended option).
const MEMORY_KIB: u32 = 64 * 1024;
/// The least passes with that memory (RFC 9106 section 4).
const LEAST_ITERATIONS: u32 = 3;
/// More than this would mean a clock that lies.
const MOST_ITERATIONS: u32 = 64;
/// How long one attempt at a passphrase should take.
const TARGET: Duration = Duration::from_millis(500);
/// 256 MiB: four times what we ask for. A header that asks for more was not written by us.
const MOST_MEMORY_KIB: u32 = 256 * 1024;
/// We ask for one lane; more would only be work for more cores.
const MOST_LANES: u32 = 4;
/// Bytes of a salt (RFC 9106 section 3.1).
const SALT_LEN: usize = 16;

/// A 256-bit key that wipes itself. It is on the heap: what is moved is its address, and no copy stays behind.
#[derive(PartialEq)]
pub(crate) struct Key(Box<[u8; 32]>);

impl Default for Key {
    fn default() -> Self {
        Self(Box::new([0; 32]))
    }
}

impl From<&[u8; 32]> for Key {
    fn from(bytes: &[u8; 32]) -> Self {
        let mut key = Self::default();
        key.copy_from_slice(bytes);
        key
    }
}

impl Clone for Key {
    fn clone(&self) -> Self {
        Self::from(&**self)
    }
}

impl Deref for Key {
    type Target = [u8; 32];
    fn deref(&self) -> &[u8; 32] {
        &self.0
    }
}

impl DerefMut for Key {
    fn deref_mut(&mut self) -> &mut [u8; 32] {
        &mut self.0
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// How one slot derives its key; stored with the slot so that a later calibration does not change it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KdfParams {
    algorithm: String,
    memory_kib: u32,
    iterations: u32,
    lanes: u32,
    /// Base64 of 16 random bytes.
    salt: String,
}

impl KdfParams {
    /// New parameters with a new salt, slow enough for this machine.
    pub(crate) fn calibrated() -> Result<Self, VaultError> {
        let begun = Instant::now();
        Self::chosen(fast_for_tests(), || begun.elapsed())
    }

    /// `now` is a clock that never goes back.
    fn chosen(fast: bool, now: impl FnMut() -> Duration) -> Result<Self, VaultError> {
        if fast {
            Self::with_new_salt()
        } else {
            Self::measured(TARGET, now)
        }
    }

    /// One pass, with a new salt.
    fn with_new_salt() -> Result<Self, VaultError> {
        let mut salt = [0u8; SALT_LEN];
        getrandom::fill(&mut salt)?;
        Ok(Self {
            algorithm: "argon2id".to_owned(),
            memory_kib: MEMORY_KIB,
            iterations: 1,
            lanes: 1,
            salt: STANDARD.encode(salt),
        })
    }

    /// As many passes as take about `target` here, by one pass that is timed.
    fn measured(target: Duration, mut now: impl FnMut() -> Duration) -> Result<Self, VaultError> {
        let mut params = Self::with_new_salt()?;
        let started = now();
        params.hash(&SecretText::new("calibration"), &[0; SALT_LEN])?;
        let one_pass = now().saturating_sub(started);
        params.iterations = iterations_for(one_pass, target);
        Ok(params)
    }

    /// The key this passphrase gives.
    pub(crate) fn derive(&self, passphrase: &SecretText) -> Result<Key, VaultError> {
        let salt = self.checked_salt()?;
        #[cfg(test)]
        count::one();
        self.hash(passphrase, &salt)
    }

    fn hash(&self, passphrase: &SecretText, salt: &[u8]) -> Result<Key, VaultError> {
        let params = Params::new(self.memory_kib, self.iterations, self.lanes, Some(32))
            .map_err(VaultError::KeyDerivation)?;
        let mut memory = working_memory(params.block_count(), self.memory_kib)?;
        let mut key = Key::default();
        wiped(|| {
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
                passphrase.expose().as_bytes(),
                salt,
                key.as_mut_slice(),
                &mut *memory,
            )
        })
        .map_err(VaultError::KeyDerivation)?;
        Ok(key)
    }

    /// The salt, if every parameter is one that we could have written.
    fn checked_salt(&self) -> Result<Vec<u8>, VaultError> {
        let least = if fast_for_tests() {
            1
        } else {
            LEAST_ITERATIONS
        };
        let salt = STANDARD.decode(&self.salt).unwrap_or_default();
        let field = if self.algorithm != "argon2id" {
            "algorithm"
        } else if !(MEMORY_KIB..=MOST_MEMORY_KIB).contains(&self.memory_kib) {
            "memory_kib"
        } else if !(least..=MOST_ITERATIONS).contains(&self.iterations) {
            "iterations"
        } else if !(1..=MOST_LANES).contains(&self.lanes) {
            "lanes"
        } else if salt.len() != SALT_LEN {
            "salt"
        } else {
            return Ok(salt);
        };
        Err(HeaderProblem::Value { field }.into())
    }
}

/// The memory that Argon2id fills, wiped when it is dropped. A system that has not that much says no here, where it
/// can still be told, instead of ending the process.
fn working_memory(blocks: usize, memory_kib: u32) -> Result<Zeroizing<Vec<Block>>, VaultError> {
    let mut memory = Vec::new();
    memory
        .try_reserve_exact(blocks)
        .map_err(|source| VaultError::NotEnoughMemory {
            mib: memory_kib / 1024,
            source,
        })?;
    memory.resize(blocks, Block::default());
    Ok(Zeroizing::new(memory))
}

/// A debug build may be told to be quick, so that tests which open many vaults do not take minutes.
/// The memory stays the same; a release build does not listen.
fn fast_for_tests() -> bool {
    cfg!(debug_assertions) && (cfg!(test) || std::env::var_os("KEYWRIGHT_TEST_FAST_KDF").is_some())
}

/// How many passes take about `target` when one takes `one_pass`.
fn iterations_for(one_pass: Duration, target: Duration) -> u32 {
    let passes = target.as_micros() / one_pass.as_micros().max(1);
    u32::try_from(passes)
        .unwrap_or(MOST_ITERATIONS)
        .clamp(LEAST_ITERATIONS, MOST_ITERATIONS)
}

/// Counts derivations on this thread, so that a test can compare work without a clock.
#[cfg(test)]
pub(crate) mod count {
    use std::cell::Cell;

    thread_local! {
        static DERIVED: Cell<u32> = const { Cell::new(0) };
    }

    pub(super) fn one() {
        DERIVED.set(DERIVED.get() + 1);
    }

    pub(crate) fn so_far() -> u32 {
        DERIVED.get()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;

    #[test]
    fn a_faster_machine_makes_more_passes_and_a_slow_one_never_fewer_than_three() {
        let passes = |ms| iterations_for(Duration::from_millis(ms), TARGET);
        assert_eq!(passes(100), 5);
        assert_eq!(passes(50), 10);
        assert_eq!(passes(4000), LEAST_ITERATIONS);
        assert_eq!(passes(0), MOST_ITERATIONS);
    }

    #[test]
    fn t45_passes_are_chosen_by_the_time_that_one_takes() {
        for (one_pass, passes) in [(25, 20), (50, 10), (100, 5), (400, LEAST_ITERATIONS)] {
            let mut readings = [1_000, 1_000 + one_pass]
                .map(Duration::from_millis)
                .into_iter();
            let params = KdfParams::chosen(false, || readings.next().unwrap()).unwrap();
            assert_eq!(params.iterations, passes, "{one_pass} ms");
            assert_eq!(params.memory_kib, MEMORY_KIB);
            assert_eq!(readings.next(), None, "the clock is read before and after");
        }
    }

    #[test]
    fn calibrated_parameters_are_accepted() {
        let begun = Instant::now();
        let soon = Duration::from_millis(1);
        let params = KdfParams::measured(soon, || begun.elapsed()).unwrap();
        assert_eq!(params.iterations, LEAST_ITERATIONS);
        assert!(params.derive(&"a passphrase".into()).is_ok());
    }

    #[test]
    fn a_key_depends_on_passphrase_and_salt() {
        let one = KdfParams::calibrated().unwrap();
        let two = KdfParams::calibrated().unwrap();
        assert!(one.memory_kib >= 64 * 1024);
        let key = one.derive(&"a passphrase".into()).unwrap();
        assert_eq!(*key, *one.derive(&"a passphrase".into()).unwrap());
        assert_ne!(*key, *one.derive(&"A passphrase".into()).unwrap());
        assert_ne!(*key, *two.derive(&"a passphrase".into()).unwrap());
    }

    #[test]
    fn t43_parameters_that_are_too_weak_or_too_greedy_are_refused_before_any_work() {
        type Change = fn(&mut KdfParams);
        let bent: [(&str, Change); 9] = [
            ("memory_kib", |p| p.memory_kib = 8),
            ("memory_kib", |p| p.memory_kib = MEMORY_KIB - 1),
            ("memory_kib", |p| p.memory_kib = 1024 * 1024),
            ("memory_kib", |p| p.memory_kib = u32::MAX),
            ("iterations", |p| p.iterations = 0),
            ("iterations", |p| p.iterations = u32::MAX),
            ("lanes", |p| p.lanes = 1 << 20),
            ("algorithm", |p| p.algorithm = "argon2d".into()),
            ("salt", |p| p.salt = STANDARD.encode([0; 8])),
        ];
        for (name, bend) in bent {
            let mut params = KdfParams::calibrated().unwrap();
            bend(&mut params);
            let before = count::so_far();
            match params.derive(&"x".into()) {
                Err(VaultError::Header(HeaderProblem::Value { field })) => assert_eq!(field, name),
                other => panic!("{name}: {other:?}"),
            }
            assert_eq!(count::so_far(), before, "{name}");
        }
    }

    #[test]
    fn f25_memory_that_the_system_does_not_have_is_an_error() {
        let error = working_memory(usize::MAX / 2048, 256 * 1024).unwrap_err();
        assert!(
            matches!(error, VaultError::NotEnoughMemory { mib: 256, .. }),
            "{error:?}"
        );
    }

    #[test]
    fn t47_no_salt_comes_twice() {
        let salts: std::collections::HashSet<String> = (0..2000)
            .map(|_| KdfParams::calibrated().unwrap().salt)
            .collect();
        assert_eq!(salts.len(), 2000);
    }
}
