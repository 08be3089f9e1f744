//! The list and the detail of applications.

use keywright_core::view::{AdoptInput, ApplicationPage, ApplicationQuery, ApplicationView};
use tauri::State;

use crate::desk::{Answer, Desk};

/// A window on the list.
#[tauri::command]
#[specta::specta]
pub(crate) async fn applications_page(
    desk: State<'_, Desk>,
    query: ApplicationQuery,
) -> Answer<ApplicationPage> {
    desk.told(desk.keywright.applications().list(&query))
}

/// One application.
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_get(desk: State<'_, Desk>, id: String) -> Answer<ApplicationView> {
    desk.told(desk.keywright.applications().get(&id))
}

/// Renames it here.
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_rename(
    desk: State<'_, Desk>,
    id: String,
    name: String,
) -> Answer<ApplicationView> {
    desk.told(desk.keywright.applications().rename(&id, &name))
}

/// Reads the registration (RFC 7592).
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_read(desk: State<'_, Desk>, id: String) -> Answer<ApplicationView> {
    desk.told(desk.keywright.registration().read(&id).await)
}

/// Changes the registration (RFC 7592).
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_update(
    desk: State<'_, Desk>,
    id: String,
    metadata: serde_json::Value,
) -> Answer<ApplicationView> {
    desk.told(desk.keywright.registration().update(&id, metadata).await)
}

/// Replaces the client secret.
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_rotate(
    desk: State<'_, Desk>,
    id: String,
) -> Answer<ApplicationView> {
    desk.told(desk.keywright.registration().rotate(&id).await)
}

/// Enters a client secret that was replaced elsewhere, once a token request has proved it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_set_secret(
    desk: State<'_, Desk>,
    id: String,
    secret: String,
) -> Answer<ApplicationView> {
    desk.told(desk.keywright.registration().set_secret(&id, &secret).await)
}

/// Deletes at the provider and here.
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_delete(desk: State<'_, Desk>, id: String) -> Answer<()> {
    desk.told(desk.keywright.registration().delete(&id).await.map(drop))
}

/// Forgets here.
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_forget(desk: State<'_, Desk>, id: String) -> Answer<()> {
    desk.told(desk.keywright.registration().forget(&id))
}

/// Brings a forgotten one back.
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_restore(
    desk: State<'_, Desk>,
    id: String,
) -> Answer<ApplicationView> {
    desk.told(desk.keywright.registration().restore(&id))
}

/// Takes a client of the provider in.
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_adopt(
    desk: State<'_, Desk>,
    input: AdoptInput,
) -> Answer<ApplicationView> {
    desk.told(desk.keywright.registration().adopt(input).await)
}

/// Fetch tokens again before they end.
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_set_auto_refresh(
    desk: State<'_, Desk>,
    id: String,
    on: bool,
) -> Answer<ApplicationView> {
    desk.told(desk.keywright.applications().set_auto_refresh(&id, on))
}
