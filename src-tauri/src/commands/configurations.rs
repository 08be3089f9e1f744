//! Configurations.

use std::collections::BTreeMap;

use keywright_core::{
    Configurations,
    view::{
        ConfigurationInput, ConfigurationView, FilledPresetView, FormField, KindView,
        OrphansReport, PrefillView, PresetView, VerifyReport,
    },
};
use tauri::AppHandle;
use tauri::State;
use tauri_specta::Event as _;

use crate::events::VerifyStepEvent;

use crate::desk::{Answer, Desk};

/// All of them.
#[tauri::command]
#[specta::specta]
pub(crate) async fn configurations_list(desk: State<'_, Desk>) -> Answer<Vec<ConfigurationView>> {
    desk.told(desk.keywright.configurations().list())
}

/// Every kind of provider.
#[tauri::command]
#[specta::specta]
pub(crate) async fn provider_kinds(desk: State<'_, Desk>) -> Answer<Vec<KindView>> {
    Ok(desk.keywright.configurations().provider_kinds())
}

/// The fields of a kind.
#[tauri::command]
#[specta::specta]
pub(crate) async fn configuration_form(
    desk: State<'_, Desk>,
    provider: String,
) -> Answer<Vec<FormField>> {
    desk.told(desk.keywright.configurations().form(&provider))
}

/// Saves one.
#[tauri::command]
#[specta::specta]
pub(crate) async fn configuration_save(
    desk: State<'_, Desk>,
    input: ConfigurationInput,
) -> Answer<ConfigurationView> {
    desk.told(desk.keywright.configurations().save(input))
}

/// The one at an address; a new one where there is none.
#[tauri::command]
#[specta::specta]
pub(crate) async fn configuration_connect(
    desk: State<'_, Desk>,
    address: String,
) -> Answer<ConfigurationView> {
    desk.told(desk.keywright.configurations().connect(&address).await)
}

/// Forgets what was learned of its server.
#[tauri::command]
#[specta::specta]
pub(crate) async fn configuration_forget_adapted(
    desk: State<'_, Desk>,
    id: String,
) -> Answer<ConfigurationView> {
    desk.told(desk.keywright.configurations().forget_adapted(&id))
}

/// Removes one.
#[tauri::command]
#[specta::specta]
pub(crate) async fn configuration_remove(desk: State<'_, Desk>, id: String) -> Answer<()> {
    desk.told(desk.keywright.configurations().remove(&id))
}

/// Checks it against its server; each step is told as it changes.
#[tauri::command]
#[specta::specta]
pub(crate) async fn configuration_verify(
    app: AppHandle,
    desk: State<'_, Desk>,
    id: String,
) -> Answer<VerifyReport> {
    let verified = desk
        .keywright
        .configurations()
        .verify(&id, |step| {
            let told = VerifyStepEvent {
                configuration_id: id.clone(),
                step,
            }
            .emit(&app);
            if let Err(error) = told {
                tracing::warn!(%error, "the pages were not told of a step");
            }
        })
        .await;
    desk.told(verified.map(|verified| verified.report))
}

/// The capability sheet as markdown or json.
#[tauri::command]
#[specta::specta]
pub(crate) async fn capability_export(
    desk: State<'_, Desk>,
    id: String,
    format: String,
) -> Answer<String> {
    desk.told(
        desk.keywright
            .configurations()
            .export_capabilities(&id, &format),
    )
}

/// Known servers that a configuration of a kind can start from.
#[tauri::command]
#[specta::specta]
pub(crate) async fn configuration_presets(
    desk: State<'_, Desk>,
    provider: String,
) -> Answer<Vec<PresetView>> {
    desk.told(desk.keywright.configurations().presets(&provider))
}

/// A preset with its blanks filled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn configuration_preset_filled(
    desk: State<'_, Desk>,
    id: String,
    values: BTreeMap<String, String>,
) -> Answer<Option<FilledPresetView>> {
    desk.told(Configurations::fill_preset(&id, &values))
}

/// The addresses that follow from what is filled in about a tenant.
#[tauri::command]
#[specta::specta]
pub(crate) async fn configuration_prefill(
    desk: State<'_, Desk>,
    provider: String,
    settings: BTreeMap<String, String>,
) -> Answer<Option<PrefillView>> {
    desk.told(Configurations::prefill(&provider, &settings))
}

/// What is at the provider and not here, and the other way round.
#[tauri::command]
#[specta::specta]
pub(crate) async fn configuration_orphans(
    desk: State<'_, Desk>,
    id: String,
) -> Answer<OrphansReport> {
    desk.told(desk.keywright.configurations().orphans(&id).await)
}
