//! Activity and the audit log.

use keywright_core::view::{
    ActivityPage, ActivityQuery, AuditCheckView, AuditPage, AuditQuery, ExchangeView, ExportForm,
};
use tauri::State;

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

/// One exchange.
#[tauri::command]
#[specta::specta]
pub(crate) async fn exchange_get(
    app_state: State<'_, AppState>,
    id: String,
) -> CommandResult<ExchangeView> {
    app_state.to_ipc(app_state.keywright.activity().exchange(&id))
}

/// The exchanges of one user action.
#[tauri::command]
#[specta::specta]
pub(crate) async fn flow_get(
    app_state: State<'_, AppState>,
    flow: String,
) -> CommandResult<Vec<ExchangeView>> {
    app_state.to_ipc(app_state.keywright.activity().flow(&flow))
}

/// The exchanges of one user action as a document for others.
#[tauri::command]
#[specta::specta]
pub(crate) async fn flow_export(
    app_state: State<'_, AppState>,
    flow: String,
    form: ExportForm,
) -> CommandResult<String> {
    app_state
        .to_ipc(app_state.keywright.activity().export_flow(&flow, form))
        .map(|export| export.text)
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
