//! `cargo xtask icons`: every size from the one drawing.

use xshell::{Shell, cmd};

use crate::{Failure, setup, status};

const KEPT: &[&str] = &[
    "32x32.png",
    "64x64.png",
    "128x128.png",
    "128x128@2x.png",
    "icon.png",
    "icon.icns",
    "icon.ico",
];

pub(crate) fn icons(shell: &Shell) -> Result<String, Failure> {
    setup::for_build(shell)?;
    let drawn = shell.create_temp_dir()?;
    let target = drawn.path();
    status::step("Drawing the icons", || {
        cmd!(
            shell,
            "ui/node_modules/.bin/tauri icon icons/keywright.svg --output {target}"
        )
        .ignore_stderr()
        .run()?;
        for name in KEPT {
            shell.copy_file(target.join(name), format!("icons/{name}"))?;
        }
        Ok(())
    })?;
    Ok(format!("{} icons are in icons/.", KEPT.len()))
}
