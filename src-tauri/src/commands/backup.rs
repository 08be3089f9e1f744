//! Backup, restore, and what the doctor says.

use keywright_core::view::{BackupInput, BackupView, DoctorReport, RestoreInput, RestoreView};
use tauri::State;

use crate::desk::{Answer, Desk};

/// Writes the vault into one file.
#[tauri::command]
#[specta::specta]
pub(crate) async fn backup_make(desk: State<'_, Desk>, input: BackupInput) -> Answer<BackupView> {
    desk.told(desk.keywright.backups().create(input).await)
}

/// What a restore would change.
#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_preview(
    desk: State<'_, Desk>,
    input: RestoreInput,
) -> Answer<RestoreView> {
    desk.told(desk.keywright.backups().preview_restore(input).await)
}

/// Restores.
#[tauri::command]
#[specta::specta]
pub(crate) async fn restore_apply(
    desk: State<'_, Desk>,
    input: RestoreInput,
) -> Answer<RestoreView> {
    desk.told(desk.keywright.backups().restore(input).await)
}

/// What is well and what is not.
#[tauri::command]
#[specta::specta]
pub(crate) async fn doctor_report(desk: State<'_, Desk>) -> Answer<DoctorReport> {
    desk.told(desk.keywright.doctor(None).await)
}
