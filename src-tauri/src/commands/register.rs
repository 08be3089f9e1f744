//! Registration, and what was cut off.

use keywright_core::view::{
    ApplicationView, Draft, PendingView, RegisterOptions, RegisterPreview, Registered,
};
use tauri::State;

use crate::desk::{Answer, Desk};

/// What the form offers.
#[tauri::command]
#[specta::specta]
pub(crate) async fn register_options(
    desk: State<'_, Desk>,
    configuration_id: String,
) -> Answer<RegisterOptions> {
    desk.told(desk.keywright.registration().options(&configuration_id))
}

/// The requests of a draft.
#[tauri::command]
#[specta::specta]
pub(crate) async fn register_preview(
    desk: State<'_, Desk>,
    draft: Draft,
) -> Answer<RegisterPreview> {
    desk.told(desk.keywright.registration().preview(&draft))
}

/// The question to ask before a draft is registered, where there is one.
#[tauri::command]
#[specta::specta]
pub(crate) async fn register_question(
    desk: State<'_, Desk>,
    draft: Draft,
) -> Answer<Option<String>> {
    desk.told(desk.keywright.registration().question(&draft).await)
}

/// Registers.
#[tauri::command]
#[specta::specta]
pub(crate) async fn register_submit(desk: State<'_, Desk>, draft: Draft) -> Answer<Registered> {
    desk.told(desk.keywright.registration().register(draft).await)
}

/// What was cut off.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pending_list(desk: State<'_, Desk>) -> Answer<Vec<PendingView>> {
    desk.told(desk.keywright.registration().pending())
}

/// Finishes it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pending_resume(desk: State<'_, Desk>, id: String) -> Answer<ApplicationView> {
    let resumed = desk.keywright.registration().resume(&id).await;
    desk.told(resumed.map(|resumed| resumed.application))
}

/// Cleans it up.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pending_discard(desk: State<'_, Desk>, id: String) -> Answer<()> {
    desk.told(
        desk.keywright
            .registration()
            .discard(&id, false)
            .await
            .map(drop),
    )
}
