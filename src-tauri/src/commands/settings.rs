//! Preferences and the place in the window.

use keywright_core::view::{FailureCode, Lang, Preferences};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{AppHandle, Manager as _, State, WebviewWindow};
use tauri_plugin_autostart::ManagerExt as _;

use super::secrets::plain;
use crate::{
    app_state::{AppState, CommandResult},
    presenter,
    quick_access::shortcut,
    tray,
};

/// What the pages must know of their system.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub(crate) struct WindowInfo {
    /// Keywright's version.
    pub(crate) version: String,
    /// `linux`, `macos` or `windows`.
    pub(crate) system: String,
    /// Language in use.
    pub(crate) language: Lang,
    /// Opened with the Sandbox wished for: First run connects it at once.
    pub(crate) sandbox_wished: bool,
    /// Presenter mode keeps the window out of screen captures.
    pub(crate) blocks_capture: bool,
    /// There is an icon in the tray.
    pub(crate) tray: bool,
    /// The keys of quick access work in other programs.
    pub(crate) quick_access_keys_work: bool,
}

/// The preferences.
#[tauri::command]
#[specta::specta]
pub(crate) async fn preferences_get(app_state: State<'_, AppState>) -> CommandResult<Preferences> {
    app_state.to_ipc(app_state.keywright.preferences())
}

/// Keeps what the pages changed: the difference between the preferences that they showed and those that they want.
#[tauri::command]
#[specta::specta]
pub(crate) async fn preferences_set(
    window: WebviewWindow,
    app_state: State<'_, AppState>,
    shown: Preferences,
    wanted: Preferences,
) -> CommandResult<Preferences> {
    let before = app_state.to_ipc(app_state.keywright.preferences())?;
    if wanted.quick_access_keys != shown.quick_access_keys {
        let app = window.app_handle();
        if let Err(error) = shortcut::listen(app, &wanted.quick_access_keys) {
            tracing::info!(%error, "the keys of quick access stay as they were");
            let keys = wanted.quick_access_keys.replace('+', " ");
            // Those from before were ours.
            let _ = shortcut::listen(app, &before.quick_access_keys);
            return Err(plain(
                &app_state,
                FailureCode::QuickAccessKeys,
                &[("keys", &keys)],
            ));
        }
    }
    let kept = app_state.to_ipc(app_state.keywright.change_preferences(&shown, &wanted))?;
    if kept.presenter != before.presenter {
        presenter::changed(window.app_handle());
    }
    if let Err(error) = presenter::apply(&window, kept.presenter, kept.presenter_size) {
        tracing::warn!(%error, "the window does not follow presenter mode");
    }
    Ok(kept)
}

/// Where the window was.
#[tauri::command]
#[specta::specta]
pub(crate) async fn place_get(
    app_state: State<'_, AppState>,
) -> CommandResult<Option<serde_json::Value>> {
    app_state.to_ipc(app_state.keywright.place())
}

/// Keeps where the window is.
#[tauri::command]
#[specta::specta]
pub(crate) async fn place_set(
    app_state: State<'_, AppState>,
    place: serde_json::Value,
) -> CommandResult<()> {
    app_state.to_ipc(app_state.keywright.set_place(&place))
}

/// What the pages must know of their system.
#[tauri::command]
#[specta::specta]
pub(crate) async fn window_info(
    app: AppHandle,
    app_state: State<'_, AppState>,
) -> CommandResult<WindowInfo> {
    Ok(WindowInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        system: std::env::consts::OS.to_owned(),
        language: app_state.keywright.lang(),
        sandbox_wished: app_state.sandbox_wished,
        blocks_capture: presenter::BLOCKS_CAPTURE,
        tray: tray::is_shown(&app),
        quick_access_keys_work: shortcut::work(&app),
    })
}

/// Whether Keywright starts with the session.
#[tauri::command]
#[specta::specta]
pub(crate) async fn autostart_get(
    app: AppHandle,
    app_state: State<'_, AppState>,
) -> CommandResult<bool> {
    app.autolaunch().is_enabled().map_err(|error| {
        plain(
            &app_state,
            FailureCode::Autostart,
            &[("detail", &error.to_string())],
        )
    })
}

/// Starts Keywright with the session, in the tray, or no longer.
#[tauri::command]
#[specta::specta]
pub(crate) async fn autostart_set(
    app: AppHandle,
    app_state: State<'_, AppState>,
    on: bool,
) -> CommandResult<bool> {
    let autostart = app.autolaunch();
    let changed = if on {
        autostart.enable()
    } else {
        autostart.disable()
    };
    changed
        .and_then(|()| autostart.is_enabled())
        .map_err(|error| {
            plain(
                &app_state,
                FailureCode::Autostart,
                &[("detail", &error.to_string())],
            )
        })
}
