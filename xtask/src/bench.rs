//! `cargo xtask bench`: the budgets, each measured beside what it is compared with.

use xshell::{Shell, cmd};

use crate::{Failure, build, setup, talk};

pub(crate) fn bench(shell: &Shell) -> Result<String, Failure> {
    setup::for_tests(shell)?;
    build::pages(shell)?;
    talk::step("Building, optimised", || {
        cmd!(
            shell,
            "cargo build --release --package keywright-app --bins --examples"
        )
        .run()?;
        cmd!(shell, "cargo build --release --package keywright-cli").run()?;
        Ok(())
    })?;
    talk::step("The vault: first page and search", || {
        cmd!(
            shell,
            "cargo run --quiet --release --package keywright-vault --example search_bench"
        )
        .run()?;
        Ok(())
    })?;
    talk::step("The window beside an empty one", || {
        cmd!(
            shell,
            "cargo run --quiet --release --package keywright-tests --bin window_bench"
        )
        .run()?;
        Ok(())
    })?;
    Ok("Copy what changed into benches/RESULTS.md, with the machine's description.".into())
}
