//! Builds the pages and the programs. One profile and one target folder for run and test.

use xshell::{Shell, cmd};

use crate::{Failure, status};

/// The pages of the window, into `ui/dist`.
pub(crate) fn pages(shell: &Shell) -> Result<(), Failure> {
    status::step("Building the pages", || {
        let _folder = shell.push_dir("ui");
        cmd!(shell, "npm run --silent build").run()?;
        Ok(())
    })
}

/// The window and the command line, unoptimised; with the features that the tests have, so that nothing is built twice.
pub(crate) fn programs(shell: &Shell) -> Result<(), Failure> {
    status::step(
        "Building the window and the command line (the first time takes minutes)",
        || {
            cmd!(shell, "cargo build --workspace --bins").run()?;
            Ok(())
        },
    )
}

/// The window and the command line alone: what a user runs, without the test tools and the fuzz targets.
pub(crate) fn app(shell: &Shell) -> Result<(), Failure> {
    status::step(
        "Building the window and the command line (the first time takes minutes)",
        || {
            cmd!(
                shell,
                "cargo build --package keywright-app --package keywright-cli --bins"
            )
            .run()?;
            Ok(())
        },
    )
}
