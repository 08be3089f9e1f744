//! Presenter mode, as far as the window itself takes part: larger, and kept out of screen captures.

use keywright_core::CoreError;
use tauri::{AppHandle, Manager as _, WebviewWindow};

use crate::{app_state::AppState, quick_access, webview_reset, window};

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

/// Switches it from outside the pages, which are loaded again: none of the real names is left in them.
pub(crate) fn toggle(app: &AppHandle) -> Result<(), CoreError> {
    let app_state = app.state::<AppState>();
    let before = app_state.keywright.preferences()?;
    let mut after = before.clone();
    after.presenter = !after.presenter;
    let kept = app_state.keywright.change_preferences(&before, &after)?;
    changed(app);
    let Some(main) = app.get_webview_window(window::LABEL) else {
        return Ok(());
    };
    let applied = apply(&main, kept.presenter, kept.presenter_size);
    if let Err(error) = applied.and_then(|()| webview_reset::load(app)) {
        tracing::warn!(%error, "the window does not follow presenter mode");
    }
    Ok(())
}

/// Presenter mode began or ended: what knew the names of before ends.
pub(crate) fn changed(app: &AppHandle) {
    // The pages are loaded again and know of no sign-in.
    app.state::<AppState>().sign_ins.cancel_all();
    quick_access::close(app);
}
