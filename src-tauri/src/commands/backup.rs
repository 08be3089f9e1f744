//! Backup, restore, and what the doctor says.

use keywright_core::{
    BACKUP_EXTENSION, translate,
    view::{BackupInput, BackupView, DoctorReport, RestoreInput, RestoreView},
};
use tauri::{State, WebviewWindow};

use crate::{
    app_state::{AppState, CommandResult},
    dialog,
    text::Key,
};

/// Writes the vault into one file.
#[tauri::command]
#[specta::specta]
pub(crate) async fn backup_make(
    app_state: State<'_, AppState>,
    input: BackupInput,
) -> CommandResult<BackupView> {
    app_state.to_ipc(app_state.keywright.backups().create(input).await)
}

/// Lets the user choose the file of a backup in the dialog of the system: a new one, whose name is suggested, or one
/// that is there. None where the dialog was closed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn backup_choose(
    window: WebviewWindow,
    app_state: State<'_, AppState>,
    fresh: bool,
) -> CommandResult<Option<String>> {
    let name = app_state.keywright.backups().suggested_name();
    let kind = translate(app_state.keywright.lang(), Key::BackupFileKind, &[]);
    let filter = Some((kind, BACKUP_EXTENSION));
    let chosen = dialog::choose(&window, filter, fresh.then_some(name)).await;
    Ok(chosen.map(|path| path.display().to_string()))
}

/// What a restore would change.
#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_preview(
    app_state: State<'_, AppState>,
    input: RestoreInput,
) -> CommandResult<RestoreView> {
    app_state.to_ipc(app_state.keywright.backups().preview_restore(input).await)
}

/// Restores.
#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_apply(
    app_state: State<'_, AppState>,
    input: RestoreInput,
) -> CommandResult<RestoreView> {
    app_state.to_ipc(app_state.keywright.backups().restore(input).await)
}

/// What is well and what is not.
#[tauri::command]
#[specta::specta]
pub(crate) async fn doctor_report(app_state: State<'_, AppState>) -> CommandResult<DoctorReport> {
    app_state.to_ipc(app_state.keywright.doctor(None).await)
}
