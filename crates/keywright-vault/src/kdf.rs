//! From a passphrase to a wrapping key: Argon2id (RFC 9106), calibrated on the machine that makes the slot.

use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::HeaderProblem;
use crate::{SecretText, VaultError};

/// 64 MiB, the least memory a slot uses (RFC 9106 section 4, second recommended option).
const MEMORY_KIB: u32 = 64 * 1024;
/// The least passes with that memory (RFC 9106 section 4).
const LEAST_ITERATIONS: u32 = 3;
/// More than this would mean a clock that lies.
const MOST_ITERATIONS: u32 = 64;
/// How long one attempt at a passphrase should take.
const TARGET: Duration = Duration::from_millis(500);
/// A header that asks for more memory than this (4 GiB) was not written by us.
const MOST_MEMORY_KIB: u32 = 4 * 1024 * 1024;

/// A 256-bit key that wipes itself.
pub(crate) type Key = Zeroizing<[u8; 32]>;

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
        let mut salt = [0u8; 16];
        getrandom::fill(&mut salt)?;
        let mut params = Self {
            algorithm: "argon2id".to_owned(),
            memory_kib: MEMORY_KIB,
            iterations: 1,
            lanes: 1,
            salt: STANDARD.encode(salt),
        };
        if !fast_for_tests() {
            let started = Instant::now();
            params.derive(&SecretText::new("calibration"))?;
            params.iterations = iterations_for(started.elapsed(), TARGET);
        }
        Ok(params)
    }

    /// The key this passphrase gives.
    pub(crate) fn derive(&self, passphrase: &SecretText) -> Result<Key, VaultError> {
        if self.algorithm != "argon2id" {
            return Err(HeaderProblem::Value { field: "algorithm" }.into());
        }
        if !(MEMORY_KIB..=MOST_MEMORY_KIB).contains(&self.memory_kib) {
            return Err(HeaderProblem::Value {
                field: "memory_kib",
            }
            .into());
        }
        if self.iterations > MOST_ITERATIONS {
            return Err(HeaderProblem::Value {
                field: "iterations",
            }
            .into());
        }
        let Ok(salt) = STANDARD.decode(&self.salt) else {
            return Err(HeaderProblem::Value { field: "salt" }.into());
        };
        let params = Params::new(self.memory_kib, self.iterations, self.lanes, Some(32))
            .map_err(VaultError::KeyDerivation)?;
        let mut key = Key::default();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.expose().as_bytes(), &salt, key.as_mut_slice())
            .map_err(VaultError::KeyDerivation)?;
        Ok(key)
    }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
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
    fn a_header_cannot_weaken_the_memory() {
        let mut params = KdfParams::calibrated().unwrap();
        params.memory_kib = 8;
        assert!(matches!(
            params.derive(&"x".into()),
            Err(VaultError::Header(HeaderProblem::Value {
                field: "memory_kib"
            }))
        ));
    }
}
