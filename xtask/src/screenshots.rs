//! `cargo xtask screenshots`: the real window, every screen, both themes, languages and sizes.

use std::path::Path;

use xshell::{Shell, cmd};

use crate::{Failure, build, setup, talk};

pub(crate) fn screenshots(shell: &Shell, folder: &Path) -> Result<String, Failure> {
    setup::for_tests(shell)?;
    build::pages(shell)?;
    build::programs(shell)?;
    shell.create_dir(folder)?;
    talk::step("Taking the screenshots", || {
        cmd!(
            shell,
            "cargo run --quiet --package keywright-tests --bin screenshots -- {folder}"
        )
        .run()?;
        Ok(())
    })?;
    let count = shell
        .read_dir(folder)?
        .iter()
        .filter(|file| file.extension().is_some_and(|end| end == "png"))
        .count();
    Ok(format!("{count} screenshots are in {}.", folder.display()))
}
