//! macOS and Windows (not proven): the page is loaded again, so that its heap is given back; the
//! system decides when the process behind it ends.

use tauri::WebviewWindow;

pub(super) fn load(window: &WebviewWindow) -> tauri::Result<()> {
    window.reload()
}

/// Both systems load the page again by themselves.
pub(super) fn watch(_window: &WebviewWindow) -> tauri::Result<()> {
    Ok(())
}

pub(super) fn end(_: &WebviewWindow) -> tauri::Result<()> {
    Ok(())
}
