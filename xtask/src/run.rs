//! `cargo xtask run`: the window with the Sandbox, or the same job in the terminal.

use xshell::{Shell, cmd};

use crate::{Failure, build, demo, setup, status};

pub(crate) fn run(shell: &Shell) -> Result<String, Failure> {
    setup::for_build(shell)?;
    build::pages(shell)?;
    build::app(shell)?;
    if !has_display() {
        status::note(
            "No display is available, so the main job runs in the terminal instead of the window.",
        );
        return demo::demo(shell);
    }
    let app = crate::root().join("target/debug/keywright-app");
    status::step("Keywright is open; close its window to come back", || {
        cmd!(shell, "{app} --sandbox").quiet().run()?;
        Ok(())
    })?;
    Ok("Keywright was closed.".into())
}

fn has_display() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}
