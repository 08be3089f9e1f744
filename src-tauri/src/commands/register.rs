//! Registration, and what was cut off.

use keywright_core::view::{
    ApplicationView, Draft, PendingView, RegisterOptions, RegisterPreview, Registered,
};
use tauri::State;

use crate::app_state::{AppState, CommandResult};

/// What the form offers.
#[tauri::command]
#[specta::specta]
pub(crate) async fn register_options(
    app_state: State<'_, AppState>,
    configuration_id: String,
) -> CommandResult<RegisterOptions> {
    app_state.to_ipc(
        app_state
            .keywright
            .registration()
            .options(&configuration_id),
    )
}

/// The requests of a draft.
#[tauri::command]
#[specta::specta]
pub(crate) async fn register_preview(
    app_state: State<'_, AppState>,
    draft: Draft,
) -> CommandResult<RegisterPreview> {
    app_state.to_ipc(app_state.keywright.registration().preview(&draft))
}

/// The question to ask before a draft is registered, where there is one.
#[tauri::command]
#[specta::specta]
pub(crate) async fn register_question(
    app_state: State<'_, AppState>,
    draft: Draft,
) -> CommandResult<Option<String>> {
    app_state.to_ipc(app_state.keywright.registration().question(&draft).await)
}

/// Registers.
#[tauri::command]
#[specta::specta]
pub(crate) async fn register_submit(
    app_state: State<'_, AppState>,
    draft: Draft,
) -> CommandResult<Registered> {
    app_state.to_ipc(app_state.keywright.registration().register(draft).await)
}

/// What was cut off.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pending_list(
    app_state: State<'_, AppState>,
) -> CommandResult<Vec<PendingView>> {
    app_state.to_ipc(app_state.keywright.registration().pending())
}

/// Finishes it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pending_resume(
    app_state: State<'_, AppState>,
    id: String,
) -> CommandResult<ApplicationView> {
    let resumed = app_state.keywright.registration().resume(&id).await;
    app_state.to_ipc(resumed.map(|resumed| resumed.application))
}

/// Cleans it up.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pending_discard(
    app_state: State<'_, AppState>,
    id: String,
) -> CommandResult<()> {
    app_state.to_ipc(
        app_state
            .keywright
            .registration()
            .discard(&id, false)
            .await
            .map(drop),
    )
}
