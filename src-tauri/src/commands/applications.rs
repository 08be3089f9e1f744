//! The list and the detail of applications.

use keywright_core::view::{AdoptInput, ApplicationPage, ApplicationQuery, ApplicationView};
use tauri::State;

use crate::app_state::{AppState, CommandResult};

/// A window on the list.
#[tauri::command]
#[specta::specta]
pub(crate) async fn applications_page(
    app_state: State<'_, AppState>,
    query: ApplicationQuery,
) -> CommandResult<ApplicationPage> {
    app_state.to_ipc(app_state.keywright.applications().list(&query))
}

/// One application.
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_get(
    app_state: State<'_, AppState>,
    id: String,
) -> CommandResult<ApplicationView> {
    app_state.to_ipc(app_state.keywright.applications().get(&id))
}

/// Renames it here.
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_rename(
    app_state: State<'_, AppState>,
    id: String,
    name: String,
) -> CommandResult<ApplicationView> {
    app_state.to_ipc(app_state.keywright.applications().rename(&id, &name))
}

/// Reads the registration (RFC 7592).
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_read(
    app_state: State<'_, AppState>,
    id: String,
) -> CommandResult<ApplicationView> {
    app_state.to_ipc(app_state.keywright.registration().read(&id).await)
}

/// Changes the registration (RFC 7592).
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_update(
    app_state: State<'_, AppState>,
    id: String,
    metadata: serde_json::Value,
) -> CommandResult<ApplicationView> {
    app_state.to_ipc(
        app_state
            .keywright
            .registration()
            .update(&id, metadata)
            .await,
    )
}

/// Replaces the client secret.
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_rotate(
    app_state: State<'_, AppState>,
    id: String,
) -> CommandResult<ApplicationView> {
    app_state.to_ipc(app_state.keywright.registration().rotate(&id).await)
}

/// Enters a client secret that was replaced elsewhere, once a token request has proved it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_set_secret(
    app_state: State<'_, AppState>,
    id: String,
    secret: String,
) -> CommandResult<ApplicationView> {
    app_state.to_ipc(
        app_state
            .keywright
            .registration()
            .set_secret(&id, &secret)
            .await,
    )
}

/// Deletes at the provider and here.
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_delete(
    app_state: State<'_, AppState>,
    id: String,
) -> CommandResult<()> {
    app_state.to_ipc(
        app_state
            .keywright
            .registration()
            .delete(&id)
            .await
            .map(drop),
    )
}

/// Forgets here.
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_forget(
    app_state: State<'_, AppState>,
    id: String,
) -> CommandResult<()> {
    app_state.to_ipc(app_state.keywright.registration().forget(&id))
}

/// Brings a forgotten one back.
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_restore(
    app_state: State<'_, AppState>,
    id: String,
) -> CommandResult<ApplicationView> {
    app_state.to_ipc(app_state.keywright.registration().restore(&id))
}

/// Takes a client of the provider in.
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_adopt(
    app_state: State<'_, AppState>,
    input: AdoptInput,
) -> CommandResult<ApplicationView> {
    app_state.to_ipc(app_state.keywright.registration().adopt(input).await)
}

/// Fetch tokens again before they end.
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_set_auto_refresh(
    app_state: State<'_, AppState>,
    id: String,
    on: bool,
) -> CommandResult<ApplicationView> {
    app_state.to_ipc(app_state.keywright.applications().set_auto_refresh(&id, on))
}
