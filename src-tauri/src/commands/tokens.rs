//! Tokens.

use keywright_core::view::{TokenView, TokenWish};
use tauri::State;

use crate::desk::{Answer, Desk};

/// The newest token.
#[tauri::command]
#[specta::specta]
pub(crate) async fn token_current(
    desk: State<'_, Desk>,
    application_id: String,
) -> Answer<Option<TokenView>> {
    desk.told(desk.keywright.tokens().current(&application_id))
}

/// Gets a token.
#[tauri::command]
#[specta::specta]
pub(crate) async fn token_get(desk: State<'_, Desk>, wish: TokenWish) -> Answer<TokenView> {
    desk.told(desk.keywright.tokens().get(&wish).await)
}

/// Introspects (RFC 7662).
#[tauri::command]
#[specta::specta]
pub(crate) async fn token_introspect(desk: State<'_, Desk>, id: String) -> Answer<TokenView> {
    desk.told(desk.keywright.tokens().introspect(&id).await)
}

/// Revokes (RFC 7009).
#[tauri::command]
#[specta::specta]
pub(crate) async fn token_revoke(desk: State<'_, Desk>, id: String) -> Answer<TokenView> {
    desk.told(desk.keywright.tokens().revoke(&id).await)
}

/// Checks the signature.
#[tauri::command]
#[specta::specta]
pub(crate) async fn token_verify(desk: State<'_, Desk>, id: String) -> Answer<TokenView> {
    desk.told(desk.keywright.tokens().verify(&id).await)
}

/// The tokens of an application that can be used, the newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn token_list(
    desk: State<'_, Desk>,
    application: String,
) -> Answer<Vec<TokenView>> {
    desk.told(desk.keywright.tokens().live(&application))
}
