//! `cargo xtask bench`: measures each budget together with its reference.

use xshell::{Shell, cmd};

use crate::{Failure, build, setup, status};

/// Optimised over the border of each crate by halves: as a whole, each of the programs would take as long as the package.
pub(crate) const BY_HALVES: &str = r#"profile.release.lto="thin""#;

pub(crate) fn bench(shell: &Shell) -> Result<String, Failure> {
    setup::for_tests(shell)?;
    build::pages(shell)?;
    setup::packages(shell, &["curl", "keepassxc", "oidc-agent-cli"])?;
    status::step("Building, optimised", || {
        // One command: two would build what they share twice, each with other features.
        cmd!(
            shell,
            "cargo build --release --config {BY_HALVES} --package keywright-app --package keywright-cli --package keywright-vault --package keywright-tests --bins --examples"
        )
        .run()?;
        Ok(())
    })?;
    let bench = crate::root().join("target/release/examples/search_bench");
    for count in ["10000", "100000"] {
        status::step(
            &format!("The vault with {count} applications: first page and search"),
            || Ok(cmd!(shell, "{bench} {count}").run()?),
        )?;
    }
    let folder = shell.create_temp_dir()?;
    let vault = folder.path().join("vault-10000");
    status::step("The window, compared with an empty one", || {
        let large = folder.path().join("vault-100000");
        cmd!(shell, "{bench} 10000 {vault}").ignore_stdout().run()?;
        cmd!(shell, "{bench} 100000 {large}")
            .ignore_stdout()
            .run()?;
        let window = crate::root().join("target/release/window_bench");
        cmd!(shell, "{window} {vault} {large}").run()?;
        Ok(())
    })?;
    status::step(
        "The command line next to keepassxc-cli and oidc-token",
        || {
            let command_line = crate::root().join("target/release/cli_bench");
            Ok(cmd!(shell, "{command_line}").run()?)
        },
    )?;
    status::step("A token, compared with curl", || {
        let token = crate::root().join("target/release/token_bench");
        Ok(cmd!(shell, "{token}").run()?)
    })?;
    status::step(
        "1,000 registrations per personality, compared with a bare loop",
        || {
            let bulk = crate::root().join("target/release/bulk_bench");
            Ok(cmd!(shell, "{bulk}").run()?)
        },
    )?;
    Ok("Copy what changed into benches/RESULTS.md, with the machine's description.".into())
}
