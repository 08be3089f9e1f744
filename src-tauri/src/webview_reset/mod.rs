//! Ends what ran the pages, and loads them again: after a lock, no memory that showed a secret is left.

use tauri::{AppHandle, Manager, WebviewWindow};

use crate::window;

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod system;

/// Brings the pages back when the process behind them died: what they show follows from the vault, which
/// is as it was.
pub(crate) fn watch(window: &WebviewWindow) -> tauri::Result<()> {
    system::watch(window)
}

/// Ends the process behind a window that is to be destroyed.
pub(crate) fn end(window: &WebviewWindow) -> tauri::Result<()> {
    system::end(window)
}

/// Throws the running pages away, with their process where the system can, and loads them again.
pub(crate) fn load(app: &AppHandle) -> tauri::Result<()> {
    match app.get_webview_window(window::LABEL) {
        Some(window) => system::load(&window),
        None => Ok(()),
    }
}
