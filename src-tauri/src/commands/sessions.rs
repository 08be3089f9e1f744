//! Sessions.

use keywright_core::view::{
    CallView, SessionImportInput, SessionImportPreview, SessionImportResult, SessionPage,
    SessionQuery, SessionView,
};
use tauri::State;

use crate::app_state::{AppState, CommandResult};

/// A window on the sessions.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sessions_page(
    app_state: State<'_, AppState>,
    query: SessionQuery,
) -> CommandResult<SessionPage> {
    app_state.to_ipc(app_state.keywright.sessions().list(&query))
}

/// One session.
#[tauri::command]
#[specta::specta]
pub(crate) async fn session_get(
    app_state: State<'_, AppState>,
    id: String,
) -> CommandResult<SessionView> {
    app_state.to_ipc(app_state.keywright.sessions().get(&id))
}

/// Calls its last address again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn session_replay(
    app_state: State<'_, AppState>,
    id: String,
) -> CommandResult<CallView> {
    app_state.to_ipc(app_state.keywright.sessions().replay(&id).await)
}

/// Forgets it here.
#[tauri::command]
#[specta::specta]
pub(crate) async fn session_forget(
    app_state: State<'_, AppState>,
    id: String,
) -> CommandResult<()> {
    app_state.to_ipc(app_state.keywright.sessions().forget(&id))
}

/// What a text of a browser holds for requests to an address.
#[tauri::command]
#[specta::specta]
pub(crate) async fn session_import_preview(
    app_state: State<'_, AppState>,
    url: String,
    text: String,
) -> CommandResult<SessionImportPreview> {
    app_state.to_ipc(
        app_state
            .keywright
            .sessions()
            .preview_import(&url, text.as_bytes()),
    )
}

/// Takes a session of a browser in.
#[tauri::command]
#[specta::specta]
pub(crate) async fn session_import(
    app_state: State<'_, AppState>,
    input: SessionImportInput,
) -> CommandResult<SessionImportResult> {
    app_state.to_ipc(app_state.keywright.sessions().import(&input).await)
}
