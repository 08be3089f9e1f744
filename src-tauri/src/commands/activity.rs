//! Activity and the audit log.

use keywright_core::view::{
    ActivityPage, ActivityQuery, AuditCheckView, AuditPage, AuditQuery, ExchangeView, ExportForm,
};
use tauri::State;

use crate::desk::{Answer, Desk};

/// A window on the exchanges.
#[tauri::command]
#[specta::specta]
pub(crate) async fn activity_page(
    desk: State<'_, Desk>,
    query: ActivityQuery,
) -> Answer<ActivityPage> {
    desk.told(desk.keywright.activity().list(&query))
}

/// One exchange.
#[tauri::command]
#[specta::specta]
pub(crate) async fn exchange_get(desk: State<'_, Desk>, id: String) -> Answer<ExchangeView> {
    desk.told(desk.keywright.activity().exchange(&id))
}

/// The exchanges of one user action.
#[tauri::command]
#[specta::specta]
pub(crate) async fn flow_get(desk: State<'_, Desk>, flow: String) -> Answer<Vec<ExchangeView>> {
    desk.told(desk.keywright.activity().flow(&flow))
}

/// The exchanges of one user action as a document for others.
#[tauri::command]
#[specta::specta]
pub(crate) async fn flow_export(
    desk: State<'_, Desk>,
    flow: String,
    form: ExportForm,
) -> Answer<String> {
    desk.told(desk.keywright.activity().export_flow(&flow, form))
        .map(|export| export.text)
}

/// A window on the audit log.
#[tauri::command]
#[specta::specta]
pub(crate) async fn audit_page(desk: State<'_, Desk>, query: AuditQuery) -> Answer<AuditPage> {
    desk.told(desk.keywright.audit_page(&query))
}

/// Whether the audit log is whole.
#[tauri::command]
#[specta::specta]
pub(crate) async fn audit_check(desk: State<'_, Desk>) -> Answer<AuditCheckView> {
    desk.told(desk.keywright.audit_check())
}
