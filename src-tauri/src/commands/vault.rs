//! Unlock, lock and what protects the vault.

use keywright_core::{
    SecretText,
    view::{InitVault, PassphraseStrength, ProtectionChange, UnlockInput, VaultStatus},
};
use tauri::{AppHandle, State, WebviewWindow};
use tauri_specta::Event as _;

use crate::{
    app_state::{AppState, CommandResult},
    events::VaultChanged,
    quick_access,
};

/// Where the vault stands.
#[tauri::command]
#[specta::specta]
pub(crate) async fn vault_status(app_state: State<'_, AppState>) -> CommandResult<VaultStatus> {
    app_state.status()
}

/// Makes the vault.
#[tauri::command]
#[specta::specta]
pub(crate) async fn vault_create(
    app_state: State<'_, AppState>,
    input: InitVault,
) -> CommandResult<VaultStatus> {
    app_state.to_ipc(app_state.keywright.init(input).await)?;
    app_state.touch();
    app_state.status()
}

/// How long a passphrase withstands guessing.
#[tauri::command]
#[specta::specta]
pub(crate) async fn passphrase_strength(
    app_state: State<'_, AppState>,
    passphrase: String,
) -> CommandResult<PassphraseStrength> {
    let passphrase = SecretText::new(passphrase);
    Ok(app_state
        .keywright
        .key_slots()
        .passphrase_strength(&passphrase))
}

/// A passphrase of four words, for the field that is shown.
#[tauri::command]
#[specta::specta]
pub(crate) async fn passphrase_generate(app_state: State<'_, AppState>) -> CommandResult<String> {
    let passphrase = app_state.to_ipc(app_state.keywright.key_slots().generate_passphrase())?;
    Ok(passphrase.expose().to_owned())
}

/// Opens the vault, and brings the Sandbox back where it was used before.
#[tauri::command]
#[specta::specta]
pub(crate) async fn vault_unlock(
    window: WebviewWindow,
    app_state: State<'_, AppState>,
    input: UnlockInput,
) -> CommandResult<VaultStatus> {
    app_state.to_ipc(app_state.keywright.unlock(input).await)?;
    app_state.watch_from_now();
    app_state.touch();
    super::sandbox::bring_back(&app_state).await;
    // Unlocked in quick access: for the main window a change like one of another program.
    if window.label() == quick_access::LABEL
        && let Err(error) = VaultChanged.emit(&window)
    {
        tracing::warn!(%error, "the main window was not told of the unlock");
    }
    app_state.status()
}

/// Locks.
#[tauri::command]
#[specta::specta]
pub(crate) async fn vault_lock(
    app: AppHandle,
    app_state: State<'_, AppState>,
) -> CommandResult<()> {
    app_state.lock(&app).await;
    Ok(())
}

/// Changes what opens the vault.
#[tauri::command]
#[specta::specta]
pub(crate) async fn protection_set(
    app_state: State<'_, AppState>,
    change: ProtectionChange,
) -> CommandResult<VaultStatus> {
    app_state.to_ipc(app_state.keywright.key_slots().change(change).await)?;
    app_state.status()
}

/// The user did something.
#[tauri::command]
#[specta::specta]
pub(crate) async fn activity_ping(app_state: State<'_, AppState>) -> CommandResult<()> {
    app_state.touch();
    Ok(())
}
