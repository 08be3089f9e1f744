//! The list and the detail of applications.

use keywright_core::view::{
    AdoptInput, Adopted, ApplicationPage, ApplicationQuery, ApplicationSummary, ApplicationView,
    EndsView, LabelCount,
};
use tauri::{State, WebviewWindow};

use crate::{
    app_state::{AppState, CommandResult},
    dialog,
};

/// A window on the list.
#[tauri::command]
#[specta::specta]
pub(crate) async fn applications_page(
    app_state: State<'_, AppState>,
    query: ApplicationQuery,
) -> CommandResult<ApplicationPage> {
    app_state.to_ipc(app_state.keywright.applications().list(&query))
}

/// Those whose names come nearest to a text.
#[tauri::command]
#[specta::specta]
pub(crate) async fn applications_find(
    app_state: State<'_, AppState>,
    text: String,
    limit: u32,
) -> CommandResult<Vec<ApplicationSummary>> {
    app_state.to_ipc(app_state.keywright.applications().find(&text, limit))
}

/// Every label in use.
#[tauri::command]
#[specta::specta]
pub(crate) async fn labels_list(app_state: State<'_, AppState>) -> CommandResult<Vec<LabelCount>> {
    app_state.to_ipc(app_state.keywright.applications().labels())
}

/// Adds labels to applications and takes others away.
#[tauri::command]
#[specta::specta]
pub(crate) async fn labels_change(
    app_state: State<'_, AppState>,
    ids: Vec<String>,
    add: Vec<String>,
    remove: Vec<String>,
) -> CommandResult<()> {
    let applications = app_state.keywright.applications();
    app_state.to_ipc(applications.change_labels(&ids, &add, &remove))
}

/// Pins an application before the others, or ends that.
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_pin(
    app_state: State<'_, AppState>,
    id: String,
    pinned: bool,
) -> CommandResult<()> {
    app_state.to_ipc(app_state.keywright.applications().set_pinned(&id, pinned))
}

/// Replaces the note on an application.
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_set_note(
    app_state: State<'_, AppState>,
    id: String,
    text: String,
) -> CommandResult<ApplicationView> {
    app_state.to_ipc(app_state.keywright.applications().set_note(&id, &text))
}

/// What ends in a span of time.
#[tauri::command]
#[specta::specta]
pub(crate) async fn applications_ends(
    app_state: State<'_, AppState>,
    from: i64,
    until: i64,
) -> CommandResult<EndsView> {
    app_state.to_ipc(app_state.keywright.applications().ends(from, until))
}

/// Saves client secrets and reminders that end in a span of time as a calendar (RFC 5545). The path, or none where the
/// dialog was closed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn calendar_save(
    window: WebviewWindow,
    app_state: State<'_, AppState>,
    from: i64,
    until: i64,
) -> CommandResult<Option<String>> {
    let filter = Some(("iCalendar".to_owned(), "ics"));
    let name = Some("keywright.ics".to_owned());
    let Some(path) = dialog::choose(&window, filter, name).await else {
        return Ok(None);
    };
    let applications = app_state.keywright.applications();
    app_state
        .to_ipc(applications.save_calendar(from, until, &path))
        .map(|()| Some(path.display().to_string()))
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

/// Replaces the client secret, or adds one to those that the provider keeps alive.
#[tauri::command]
#[specta::specta]
pub(crate) async fn application_rotate(
    app_state: State<'_, AppState>,
    id: String,
    keep_old: bool,
) -> CommandResult<ApplicationView> {
    let registrar = app_state.keywright.registration();
    let answer = if keep_old {
        registrar.rotate_keeping_old(&id).await
    } else {
        registrar.rotate(&id).await
    };
    app_state.to_ipc(answer)
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
    app_state.to_ipc(app_state.keywright.registration().forget(&id).await)
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
) -> CommandResult<Adopted> {
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
