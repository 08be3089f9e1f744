//! The Console.

use keywright_core::view::{CallInput, CallView, CompareView};
use tauri::State;

use crate::app_state::{AppState, CommandResult};

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
