//! Tokens.

use keywright_core::view::{TokenView, TokenWish, UserinfoView};
use tauri::State;

use crate::app_state::{AppState, CommandResult};

/// The newest token.
#[tauri::command]
#[specta::specta]
pub(crate) async fn token_current(
    app_state: State<'_, AppState>,
    application_id: String,
) -> CommandResult<Option<TokenView>> {
    app_state.to_ipc(app_state.keywright.tokens().current(&application_id))
}

/// Gets a token.
#[tauri::command]
#[specta::specta]
pub(crate) async fn token_get(
    app_state: State<'_, AppState>,
    wish: TokenWish,
) -> CommandResult<TokenView> {
    app_state.to_ipc(app_state.keywright.tokens().get(&wish).await)
}

/// Introspects (RFC 7662).
#[tauri::command]
#[specta::specta]
pub(crate) async fn token_introspect(
    app_state: State<'_, AppState>,
    id: String,
) -> CommandResult<TokenView> {
    app_state.to_ipc(app_state.keywright.tokens().introspect(&id).await)
}

/// Revokes (RFC 7009).
#[tauri::command]
#[specta::specta]
pub(crate) async fn token_revoke(
    app_state: State<'_, AppState>,
    id: String,
) -> CommandResult<TokenView> {
    app_state.to_ipc(app_state.keywright.tokens().revoke(&id).await)
}

/// Checks the signature.
#[tauri::command]
#[specta::specta]
pub(crate) async fn token_verify(
    app_state: State<'_, AppState>,
    id: String,
) -> CommandResult<TokenView> {
    app_state.to_ipc(app_state.keywright.tokens().verify(&id).await)
}

/// Asks who the user of a token is (OpenID Connect Core §5.3).
#[tauri::command]
#[specta::specta]
pub(crate) async fn token_userinfo(
    app_state: State<'_, AppState>,
    id: String,
) -> CommandResult<UserinfoView> {
    app_state.to_ipc(app_state.keywright.tokens().userinfo(&id).await)
}

/// The tokens of an application that can be used, the newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn token_list(
    app_state: State<'_, AppState>,
    application: String,
) -> CommandResult<Vec<TokenView>> {
    app_state.to_ipc(app_state.keywright.tokens().live(&application))
}
