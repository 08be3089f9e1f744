//! Activity and the audit log.

use keywright_core::view::{
    ActivityPage, ActivityQuery, AuditCheckView, AuditPage, AuditQuery, ExportForm, StoryPage,
    StoryView,
};
use tauri::{State, WebviewWindow};

use crate::{
    app_state::{AppState, CommandResult},
    dialog,
};

/// A window on the exchanges.
#[tauri::command]
#[specta::specta]
pub(crate) async fn activity_page(
    app_state: State<'_, AppState>,
    query: ActivityQuery,
) -> CommandResult<ActivityPage> {
    app_state.to_ipc(app_state.keywright.activity().list(&query))
}

/// A window on the stories.
#[tauri::command]
#[specta::specta]
pub(crate) async fn stories_page(
    app_state: State<'_, AppState>,
    query: ActivityQuery,
) -> CommandResult<StoryPage> {
    app_state.to_ipc(app_state.keywright.activity().stories(&query))
}

/// The story that an exchange is in.
#[tauri::command]
#[specta::specta]
pub(crate) async fn story_get(
    app_state: State<'_, AppState>,
    exchange: String,
) -> CommandResult<StoryView> {
    app_state.to_ipc(app_state.keywright.activity().story(&exchange))
}

/// The story that an exchange is in, as a document for others.
#[tauri::command]
#[specta::specta]
pub(crate) async fn story_export(
    app_state: State<'_, AppState>,
    exchange: String,
    form: ExportForm,
) -> CommandResult<String> {
    let activity = app_state.keywright.activity();
    app_state
        .to_ipc(activity.export_story(&exchange, form))
        .map(|export| export.text)
}

/// Saves the story that an exchange is in where the user wants it. The path, or none where the dialog was closed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn story_save(
    window: WebviewWindow,
    app_state: State<'_, AppState>,
    exchange: String,
    form: ExportForm,
) -> CommandResult<Option<String>> {
    let extension = match form {
        ExportForm::Mermaid => "mmd",
        other => other.as_str(),
    };
    let filter = Some((extension.to_uppercase(), extension));
    let name = Some(format!("keywright.{extension}"));
    let Some(path) = dialog::choose(&window, filter, name).await else {
        return Ok(None);
    };
    let activity = app_state.keywright.activity();
    app_state
        .to_ipc(activity.save_story(&exchange, form, &path))
        .map(|()| Some(path.display().to_string()))
}

/// A window on the audit log.
#[tauri::command]
#[specta::specta]
pub(crate) async fn audit_page(
    app_state: State<'_, AppState>,
    query: AuditQuery,
) -> CommandResult<AuditPage> {
    app_state.to_ipc(app_state.keywright.audit_page(&query))
}

/// Whether the audit log is whole.
#[tauri::command]
#[specta::specta]
pub(crate) async fn audit_check(app_state: State<'_, AppState>) -> CommandResult<AuditCheckView> {
    app_state.to_ipc(app_state.keywright.audit_check())
}

/// Saves the lines of the audit log that a query leaves where the user wants them. The path, or none where the dialog
/// was closed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn audit_save(
    window: WebviewWindow,
    app_state: State<'_, AppState>,
    query: AuditQuery,
) -> CommandResult<Option<String>> {
    let filter = Some(("CSV".to_owned(), "csv"));
    let name = Some("keywright-audit.csv".to_owned());
    let Some(path) = dialog::choose(&window, filter, name).await else {
        return Ok(None);
    };
    app_state
        .to_ipc(app_state.keywright.save_audit(&query, &path))
        .map(|()| Some(path.display().to_string()))
}
