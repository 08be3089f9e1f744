//! `cargo xtask faults`: each fault at every call of every step at every provider, the abrupt end of the
//! machine after every write, and five minutes of many programs over one vault. Takes an hour or two.

use xshell::{Shell, cmd};

use crate::{Failure, build, setup};

/// How long the crowd works over one vault.
const CROWD_SECS: &str = "300";

pub(crate) fn faults(shell: &Shell) -> Result<String, Failure> {
    setup::for_tests(shell)?;
    build::pages(shell)?;
    build::programs(shell)?;
    let _fast = shell.push_env("KEYWRIGHT_TEST_FAST_KDF", "1");
    let _every_call = shell.push_env("KEYWRIGHT_FAULTS", "all");
    let _longer = shell.push_env("KEYWRIGHT_CROWD_SECS", CROWD_SECS);
    let tests = "binary(faults) | binary(power) | binary(disk) | binary(crowd)";
    cmd!(
        shell,
        "cargo nextest run --workspace --profile faults --no-capture -E {tests}"
    )
    .run()?;
    Ok(
        "No fault lost anything. The figures stand above; copy what changed into docs/security.md."
            .into(),
    )
}
