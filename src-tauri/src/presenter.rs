//! Presenter mode, as far as the window itself takes part: larger, and kept out of screen captures.

use tauri::WebviewWindow;

/// The system can keep a window out of screen captures. None under Linux lets a program ask for it.
pub(crate) const BLOCKS_CAPTURE: bool = cfg!(any(target_os = "macos", windows));

/// Brings the window into presenter mode, or out of it.
///
/// `size` is in percent.
pub(crate) fn apply(window: &WebviewWindow, on: bool, size: u16) -> tauri::Result<()> {
    window.set_zoom(if on { f64::from(size) / 100.0 } else { 1.0 })?;
    if BLOCKS_CAPTURE {
        window.set_content_protected(on)?;
    }
    Ok(())
}
