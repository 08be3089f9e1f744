//! The Console.

use keywright_core::view::{CallInput, CallView, CompareView};
use tauri::{State, WebviewWindow};

use crate::{
    app_state::{AppState, CommandResult},
    dialog,
};

/// One call.
#[tauri::command]
#[specta::specta]
pub(crate) async fn call_send(
    app_state: State<'_, AppState>,
    input: CallInput,
) -> CommandResult<CallView> {
    app_state.to_ipc(app_state.keywright.calls().send(&input).await)
}

/// All three ways.
#[tauri::command]
#[specta::specta]
pub(crate) async fn call_compare(
    app_state: State<'_, AppState>,
    input: CallInput,
) -> CommandResult<CompareView> {
    app_state.to_ipc(app_state.keywright.calls().compare(&input).await)
}

/// Saves the body of an answer where the user wants it. The path, or none where the dialog was closed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn call_save_body(
    window: WebviewWindow,
    app_state: State<'_, AppState>,
    body: String,
    in_base64: bool,
    name: String,
) -> CommandResult<Option<String>> {
    let Some(path) = dialog::choose(&window, None, Some(name)).await else {
        return Ok(None);
    };
    let calls = app_state.keywright.calls();
    app_state
        .to_ipc(calls.save_body(&body, in_base64, &path))
        .map(|()| Some(path.display().to_string()))
}
