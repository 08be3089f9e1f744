//! The keys that open quick access from every program.

use std::sync::atomic::{AtomicBool, Ordering};

use tauri::{AppHandle, Manager as _};
use tauri_plugin_global_shortcut::{GlobalShortcutExt as _, ShortcutState};

/// Whether the keys are ours.
#[derive(Default)]
pub(crate) struct Keys(AtomicBool);

/// Keys that are not ours: another program has them, or the system lets no program have any.
#[derive(Debug, thiserror::Error)]
#[error("the keys {keys} cannot be used: {why}")]
pub(crate) struct KeysTaken {
    keys: String,
    why: String,
}

/// The keys work in every program. Under Wayland only those of X11 send them.
pub(crate) fn work(app: &AppHandle) -> bool {
    app.state::<Keys>().0.load(Ordering::Relaxed) && std::env::var_os("WAYLAND_DISPLAY").is_none()
}

/// Begins to listen for these keys, in place of those before. Empty for none.
pub(crate) fn listen(app: &AppHandle, keys: &str) -> Result<(), KeysTaken> {
    let taken = |error: &dyn std::fmt::Display| KeysTaken {
        keys: keys.to_owned(),
        why: error.to_string(),
    };
    let shortcuts = app.global_shortcut();
    let ours = app.state::<Keys>();
    ours.0.store(false, Ordering::Relaxed);
    shortcuts.unregister_all().map_err(|error| taken(&error))?;
    if keys.is_empty() {
        return Ok(());
    }
    // On macOS the pages write Ctrl for the command key.
    let written = keys.replace("Ctrl", "CommandOrControl");
    shortcuts
        .on_shortcut(written.as_str(), |app, _, event| {
            if event.state() == ShortcutState::Pressed {
                let app = app.clone();
                // A window is not made in the middle of an event.
                tauri::async_runtime::spawn(async move { super::toggle(&app) });
            }
        })
        .map_err(|error| taken(&error))?;
    ours.0.store(true, Ordering::Relaxed);
    Ok(())
}
