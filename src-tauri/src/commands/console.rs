//! The Console.

use keywright_core::view::{CallInput, CallView, CompareView};
use tauri::State;

use crate::desk::{Answer, Desk};

/// One call.
#[tauri::command]
#[specta::specta]
pub(crate) async fn call_send(desk: State<'_, Desk>, input: CallInput) -> Answer<CallView> {
    desk.told(desk.keywright.calls().send(&input).await)
}

/// All three ways.
#[tauri::command]
#[specta::specta]
pub(crate) async fn call_compare(desk: State<'_, Desk>, input: CallInput) -> Answer<CompareView> {
    desk.told(desk.keywright.calls().compare(&input).await)
}
