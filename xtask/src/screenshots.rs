//! `cargo xtask screenshots`: the real window, every screen, both themes, languages and sizes.

use std::path::Path;

use xshell::{Shell, cmd};

use crate::{Failure, build, setup, status};

/// The screens that `docs/guide` shows.
const GUIDE: &[&str] = &[
    "activity",
    "applications-credentials",
    "applications-tokens",
    "configurations",
    "console",
    "delete",
    "register",
    "register-result",
    "sessions",
    "settings",
];

/// Takes the pictures; with `guide`, those of the user guide are copied to `docs/pictures`.
pub(crate) fn screenshots(shell: &Shell, folder: &Path, guide: bool) -> Result<String, Failure> {
    setup::for_tests(shell)?;
    build::pages(shell)?;
    build::programs(shell)?;
    shell.create_dir(folder)?;
    status::step("Taking the screenshots", || {
        cmd!(
            shell,
            "cargo run --quiet --package keywright-tests --bin screenshots -- {folder}"
        )
        .run()?;
        Ok(())
    })?;
    if guide {
        copy_for_guide(shell, folder)?;
    }
    let count = shell
        .read_dir(folder)?
        .iter()
        .filter(|file| file.extension().is_some_and(|end| end == "png"))
        .count();
    Ok(format!("{count} screenshots are in {}.", folder.display()))
}

fn copy_for_guide(shell: &Shell, folder: &Path) -> Result<(), Failure> {
    for screen in GUIDE {
        for language in ["en", "ja"] {
            let picture = folder.join(format!("{screen}-light-{language}-1280.png"));
            let target = format!("docs/pictures/{screen}-{language}.png");
            shell.copy_file(picture, target)?;
        }
    }
    Ok(())
}
