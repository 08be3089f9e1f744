//! macOS and Windows (not proven): there is always a place for an icon.

use tauri::AppHandle;

pub(super) fn when_there_is_one(app: &AppHandle) {
    super::show(app);
}
