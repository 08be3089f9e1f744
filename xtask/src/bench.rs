//! `cargo xtask bench`: the budgets, each measured beside what it is compared with.

use xshell::{Shell, cmd};

use crate::{Failure, build, setup, talk};

pub(crate) fn bench(shell: &Shell) -> Result<String, Failure> {
    setup::for_tests(shell)?;
    build::pages(shell)?;
    setup::packages(shell, &["xdotool", "x11-apps"])?;
    talk::step("Building, optimised", || {
        // One command: two would build what they share twice, each with other features.
        cmd!(
            shell,
            "cargo build --release --package keywright-app --package keywright-vault --package keywright-tests --bins --examples"
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
        let window = crate::root().join("target/release/window_bench");
        cmd!(shell, "{window} {vault}").run()?;
        Ok(())
    })?;
    talk::step(
        "1,000 registrations at each personality beside a bare loop",
        || {
            let bulk = crate::root().join("target/release/bulk_bench");
            Ok(cmd!(shell, "{bulk}").run()?)
        },
    )?;
    Ok("Copy what changed into benches/RESULTS.md, with the machine's description.".into())
}
