//! Presenter mode, as far as the window itself takes part: larger, and kept out of screen captures.

use tauri::WebviewWindow;

/// How much larger everything is.
const ZOOM: f64 = 1.14;

/// The system can keep a window out of screen captures. None under Linux lets a program ask for it.
pub(crate) const BLOCKS_CAPTURE: bool = cfg!(any(target_os = "macos", windows));

/// Brings the window into presenter mode, or out of it.
pub(crate) fn apply(window: &WebviewWindow, on: bool) -> tauri::Result<()> {
    window.set_zoom(if on { ZOOM } else { 1.0 })?;
    if BLOCKS_CAPTURE {
        window.set_content_protected(on)?;
    }
    Ok(())
}
