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

use crate::{
    app_state::{AppState, CommandResult},
    audience,
    events::VerifyStepEvent,
};

/// All of them.
#[tauri::command]
#[specta::specta]
pub(crate) async fn configurations_list(
    app_state: State<'_, AppState>,
) -> CommandResult<Vec<ConfigurationView>> {
    app_state.to_ipc(app_state.keywright.configurations().list())
}

/// Every kind of provider.
#[tauri::command]
#[specta::specta]
pub(crate) async fn provider_kinds(app_state: State<'_, AppState>) -> CommandResult<Vec<KindView>> {
    Ok(app_state.keywright.configurations().provider_kinds())
}

/// The fields of a kind.
#[tauri::command]
#[specta::specta]
pub(crate) async fn configuration_form(
    app_state: State<'_, AppState>,
    provider: String,
) -> CommandResult<Vec<FormField>> {
    app_state.to_ipc(app_state.keywright.configurations().form(&provider))
}

/// Saves one.
#[tauri::command]
#[specta::specta]
pub(crate) async fn configuration_save(
    app_state: State<'_, AppState>,
    input: ConfigurationInput,
) -> CommandResult<ConfigurationView> {
    app_state.to_ipc(app_state.keywright.configurations().save(input))
}

/// The one at an address; a new one where there is none.
#[tauri::command]
#[specta::specta]
pub(crate) async fn configuration_connect(
    app_state: State<'_, AppState>,
    address: String,
) -> CommandResult<ConfigurationView> {
    app_state.to_ipc(app_state.keywright.configurations().connect(&address).await)
}

/// Forgets what was learned of its server.
#[tauri::command]
#[specta::specta]
pub(crate) async fn configuration_forget_adapted(
    app_state: State<'_, AppState>,
    id: String,
) -> CommandResult<ConfigurationView> {
    app_state.to_ipc(app_state.keywright.configurations().forget_adapted(&id))
}

/// Removes one.
#[tauri::command]
#[specta::specta]
pub(crate) async fn configuration_remove(
    app_state: State<'_, AppState>,
    id: String,
) -> CommandResult<()> {
    app_state.to_ipc(app_state.keywright.configurations().remove(&id))
}

/// Checks it against its server; each step is told as it changes.
#[tauri::command]
#[specta::specta]
pub(crate) async fn configuration_verify(
    app: AppHandle,
    app_state: State<'_, AppState>,
    id: String,
) -> CommandResult<VerifyReport> {
    let verified = app_state
        .keywright
        .configurations()
        .verify(&id, |step| {
            let configuration_id = id.clone();
            audience::emit(
                &app,
                VerifyStepEvent {
                    configuration_id,
                    step,
                },
            );
        })
        .await;
    app_state.to_ipc(verified.map(|verified| verified.report))
}

/// The capability sheet as markdown or json.
#[tauri::command]
#[specta::specta]
pub(crate) async fn capability_export(
    app_state: State<'_, AppState>,
    id: String,
    format: String,
) -> CommandResult<String> {
    app_state.to_ipc(
        app_state
            .keywright
            .configurations()
            .export_capabilities(&id, &format),
    )
}

/// Known servers that a configuration of a kind can start from.
#[tauri::command]
#[specta::specta]
pub(crate) async fn configuration_presets(
    app_state: State<'_, AppState>,
    provider: String,
) -> CommandResult<Vec<PresetView>> {
    app_state.to_ipc(app_state.keywright.configurations().presets(&provider))
}

/// A preset with its blanks filled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn configuration_preset_filled(
    app_state: State<'_, AppState>,
    id: String,
    values: BTreeMap<String, String>,
) -> CommandResult<Option<FilledPresetView>> {
    app_state.to_ipc(Configurations::fill_preset(&id, &values))
}

/// The addresses that follow from what is filled in about a tenant.
#[tauri::command]
#[specta::specta]
pub(crate) async fn configuration_prefill(
    app_state: State<'_, AppState>,
    provider: String,
    settings: BTreeMap<String, String>,
) -> CommandResult<Option<PrefillView>> {
    app_state.to_ipc(Configurations::prefill(&provider, &settings))
}

/// What is at the provider and not here, and the other way round.
#[tauri::command]
#[specta::specta]
pub(crate) async fn configuration_orphans(
    app_state: State<'_, AppState>,
    id: String,
) -> CommandResult<OrphansReport> {
    app_state.to_ipc(app_state.keywright.configurations().orphans(&id).await)
}
