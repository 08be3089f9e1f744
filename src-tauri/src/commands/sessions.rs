//! Sessions.

use keywright_core::view::{
    CallView, SessionImportInput, SessionImportPreview, SessionImportResult, SessionPage,
    SessionQuery, SessionView,
};
use tauri::State;

use crate::desk::{Answer, Desk};

/// A window on the sessions.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sessions_page(
    desk: State<'_, Desk>,
    query: SessionQuery,
) -> Answer<SessionPage> {
    desk.told(desk.keywright.sessions().list(&query))
}

/// One session.
#[tauri::command]
#[specta::specta]
pub(crate) async fn session_get(desk: State<'_, Desk>, id: String) -> Answer<SessionView> {
    desk.told(desk.keywright.sessions().get(&id))
}

/// Calls its last address again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn session_replay(desk: State<'_, Desk>, id: String) -> Answer<CallView> {
    desk.told(desk.keywright.sessions().replay(&id).await)
}

/// Forgets it here.
#[tauri::command]
#[specta::specta]
pub(crate) async fn session_forget(desk: State<'_, Desk>, id: String) -> Answer<()> {
    desk.told(desk.keywright.sessions().forget(&id))
}

/// What a text of a browser holds for requests to an address.
#[tauri::command]
#[specta::specta]
pub(crate) async fn session_import_preview(
    desk: State<'_, Desk>,
    url: String,
    text: String,
) -> Answer<SessionImportPreview> {
    desk.told(
        desk.keywright
            .sessions()
            .preview_import(&url, text.as_bytes()),
    )
}

/// Takes a session of a browser in.
#[tauri::command]
#[specta::specta]
pub(crate) async fn session_import(
    desk: State<'_, Desk>,
    input: SessionImportInput,
) -> Answer<SessionImportResult> {
    desk.told(desk.keywright.sessions().import(&input).await)
}
