//! The secrets of clients whose provider keeps several alive. No value of one passes.

use keywright_core::view::ClientSecretsView;
use tauri::State;

use crate::app_state::{AppState, CommandResult};

/// The secrets of an application as its provider lists them.
#[tauri::command]
#[specta::specta]
pub(crate) async fn client_secrets(
    app_state: State<'_, AppState>,
    application_id: String,
) -> CommandResult<ClientSecretsView> {
    let registrar = app_state.keywright.registration();
    app_state.to_ipc(registrar.secrets(&application_id).await)
}

/// Ends one that is not in use, and lists those that are left.
#[tauri::command]
#[specta::specta]
pub(crate) async fn client_secret_remove(
    app_state: State<'_, AppState>,
    application_id: String,
    secret: String,
) -> CommandResult<ClientSecretsView> {
    let registrar = app_state.keywright.registration();
    app_state.to_ipc(registrar.remove_secret(&application_id, &secret).await)
}
