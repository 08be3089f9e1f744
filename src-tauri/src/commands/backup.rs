//! Backup, restore, and what the doctor says.

use keywright_core::{
    BACKUP_EXTENSION, translate,
    view::{BackupInput, BackupView, DoctorReport, RestoreInput, RestoreView},
};
use tauri::{State, WebviewWindow};

use crate::app_state::{AppState, CommandResult};

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
    let kind = translate(app_state.keywright.lang(), "backup.file_kind", &[]);
    let (tell, to_ipc) = tokio::sync::oneshot::channel();
    let parent = window.clone();
    // GTK and AppKit open dialogs on the thread of the window alone; nobody waits for the user there.
    let shown = window.run_on_main_thread(move || {
        let dialog = rfd::AsyncFileDialog::new()
            .set_parent(&parent)
            .add_filter(kind, &[BACKUP_EXTENSION]);
        std::thread::spawn(move || {
            let chosen = tauri::async_runtime::block_on(async {
                if fresh {
                    dialog.set_file_name(name).save_file().await
                } else {
                    dialog.pick_file().await
                }
            });
            // The page may be gone: locked meanwhile.
            let _ = tell.send(chosen.map(|file| file.path().display().to_string()));
        });
    });
    if let Err(error) = shown {
        tracing::warn!(%error, "the dialog did not open");
        return Ok(None);
    }
    Ok(to_ipc.await.unwrap_or_default())
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
