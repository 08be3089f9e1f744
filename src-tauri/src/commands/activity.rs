//! Activity and the audit log.

use keywright_core::view::{
    ActivityPage, ActivityQuery, AuditCheckView, AuditPage, AuditQuery, ExportForm, StoryPage,
    StoryView,
};
use tauri::{State, WebviewWindow};

use crate::app_state::{AppState, CommandResult};

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
    let (tell, to_ipc) = tokio::sync::oneshot::channel();
    let parent = window.clone();
    // GTK and AppKit open dialogs on the thread of the window alone; nobody waits for the user there.
    let shown = window.run_on_main_thread(move || {
        let dialog = rfd::AsyncFileDialog::new()
            .set_parent(&parent)
            .add_filter(extension.to_uppercase(), &[extension])
            .set_file_name(format!("keywright.{extension}"));
        std::thread::spawn(move || {
            let chosen = tauri::async_runtime::block_on(dialog.save_file());
            // The page may be gone: locked meanwhile.
            let _ = tell.send(chosen.map(|file| file.path().to_owned()));
        });
    });
    if let Err(error) = shown {
        tracing::warn!(%error, "the dialog did not open");
        return Ok(None);
    }
    let Some(path) = to_ipc.await.unwrap_or_default() else {
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
