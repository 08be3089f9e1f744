//! `cargo xtask bench`: the budgets, each measured beside what it is compared with.

use xshell::{Shell, cmd};

use crate::{Failure, build, setup, talk};

pub(crate) fn bench(shell: &Shell) -> Result<String, Failure> {
    setup::for_tests(shell)?;
    build::pages(shell)?;
    setup::packages(shell, &["xdotool", "x11-apps"])?;
    talk::step("Building, optimised", || {
        cmd!(
            shell,
            "cargo build --release --package keywright-app --bins --examples"
        )
        .run()?;
        cmd!(
            shell,
            "cargo build --release --package keywright-vault --example search_bench"
        )
        .run()?;
        Ok(())
    })?;
    let bench = crate::root().join("target/release/examples/search_bench");
    for count in ["10000", "100000"] {
        talk::step(
            &format!("The vault with {count} applications: first page and search"),
            || Ok(cmd!(shell, "{bench} {count}").run()?),
        )?;
    }
    let folder = shell.create_temp_dir()?;
    let vault = folder.path().join("vault");
    talk::step("The window beside an empty one", || {
        cmd!(shell, "{bench} 10000 {vault}").ignore_stdout().run()?;
        cmd!(
            shell,
            "cargo run --quiet --package keywright-tests --bin window_bench -- {vault}"
        )
        .run()?;
        Ok(())
    })?;
    talk::step(
        "1,000 registrations at each personality beside a bare loop",
        || {
            cmd!(
                shell,
                "cargo run --quiet --release --package keywright-tests --bin bulk_bench"
            )
            .run()?;
            Ok(())
        },
    )?;
    Ok("Copy what changed into benches/RESULTS.md, with the machine's description.".into())
}
