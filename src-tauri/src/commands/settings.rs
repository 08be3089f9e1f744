//! Preferences and the place in the window.

use keywright_core::view::{Lang, Preferences};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{State, WebviewWindow};

use crate::{
    app_state::{AppState, CommandResult},
    presenter,
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
    /// What the stand-ins of presenter mode are made with: the same in each window on this vault, and not on the
    /// screen. Absent where there is no vault yet.
    pub(crate) stand_in_key: Option<String>,
    /// Presenter mode keeps the window out of screen captures.
    pub(crate) blocks_capture: bool,
}

/// The preferences.
#[tauri::command]
#[specta::specta]
pub(crate) async fn preferences_get(app_state: State<'_, AppState>) -> CommandResult<Preferences> {
    app_state.to_ipc(app_state.keywright.preferences())
}

/// Keeps preferences.
#[tauri::command]
#[specta::specta]
pub(crate) async fn preferences_set(
    window: WebviewWindow,
    app_state: State<'_, AppState>,
    preferences: Preferences,
) -> CommandResult<Preferences> {
    let before = app_state.to_ipc(app_state.keywright.preferences())?;
    let kept = app_state.to_ipc(app_state.keywright.set_preferences(preferences))?;
    if kept.presenter != before.presenter {
        // The pages are loaded again and know of no sign-in.
        app_state.sign_ins.cancel_all();
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
pub(crate) async fn window_info(app_state: State<'_, AppState>) -> CommandResult<WindowInfo> {
    Ok(WindowInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        system: std::env::consts::OS.to_owned(),
        language: app_state.keywright.lang(),
        sandbox_wished: app_state.sandbox_wished,
        stand_in_key: app_state
            .to_ipc(app_state.keywright.vault_id())?
            .map(|id| id.to_string()),
        blocks_capture: presenter::BLOCKS_CAPTURE,
    })
}
