//! `cargo xtask passphrase`: what one attempt at a passphrase costs in a release build.

use serde_json::Value;
use xshell::{Shell, cmd};

use crate::{Failure, bench::BY_HALVES, setup, status};

/// Half of what `docs/security.md` promises: one calibration on a busy machine may come out so low.
const LEAST_MS: u64 = 250;
/// RFC 9106 section 4, second recommended option.
const LEAST_PASSES: u64 = 3;
const LEAST_MEMORY_KIB: u64 = 64 * 1024;

pub(crate) fn passphrase(shell: &Shell) -> Result<String, Failure> {
    setup::for_build(shell)?;
    status::step("Building, optimised", || {
        cmd!(
            shell,
            "cargo build --release --config {BY_HALVES} --package keywright-vault --example passphrase_cost"
        )
        .run()?;
        Ok(())
    })?;
    let program = crate::target().join("release/examples/passphrase_cost");
    let measured = status::step("Opening a vault with its passphrase", || {
        // A release build does not listen to it.
        Ok(cmd!(shell, "{program}")
            .env("KEYWRIGHT_TEST_FAST_KDF", "1")
            .read()?)
    })?;
    judge(&measured)
}

fn judge(measured: &str) -> Result<String, Failure> {
    let cost: Value = serde_json::from_str(measured).map_err(|source| Failure::NotJson {
        program: "passphrase_cost",
        source,
    })?;
    let number = |name: &str| cost[name].as_u64().unwrap_or_default();
    let (passes, memory, median) = (number("passes"), number("memory_kib"), number("median_ms"));
    let sentence = format!(
        "One attempt: {median} ms (from {} to {}), {passes} passes over {} MiB.",
        number("least_ms"),
        number("most_ms"),
        memory / 1024
    );
    if median < LEAST_MS || passes < LEAST_PASSES || memory < LEAST_MEMORY_KIB {
        return Err(Failure::Checks(format!(
            "too cheap for a guesser. {sentence}"
        )));
    }
    Ok(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t45_a_slot_that_is_opened_too_fast_fails() {
        let cost = |passes: u32, memory: u32, ms: u32| {
            judge(&format!(
                r#"{{"passes":{passes},"memory_kib":{memory},"least_ms":{ms},"median_ms":{ms},"most_ms":{ms}}}"#
            ))
        };
        assert!(cost(11, 65_536, 510).is_ok_and(|said| said.contains("510 ms")));
        for (passes, memory, ms) in [(3, 65_536, 140), (1, 65_536, 510), (11, 8, 510)] {
            assert!(cost(passes, memory, ms).is_err(), "{passes} {memory} {ms}");
        }
        assert!(judge("nothing").is_err());
    }
}
