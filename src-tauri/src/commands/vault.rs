//! Unlock, lock and what protects the vault.

use keywright_core::{
    SecretText,
    view::{InitVault, PassphraseStrength, ProtectionChange, UnlockInput, VaultStatus},
};
use tauri::AppHandle;
use tauri::State;

use crate::desk::{Answer, Desk};

/// Where the vault stands.
#[tauri::command]
#[specta::specta]
pub(crate) async fn vault_status(desk: State<'_, Desk>) -> Answer<VaultStatus> {
    desk.status()
}

/// Makes the vault.
#[tauri::command]
#[specta::specta]
pub(crate) async fn vault_create(desk: State<'_, Desk>, input: InitVault) -> Answer<VaultStatus> {
    desk.told(desk.keywright.init(input).await)?;
    desk.touch();
    desk.status()
}

/// How long a passphrase withstands guessing.
#[tauri::command]
#[specta::specta]
pub(crate) async fn passphrase_strength(
    desk: State<'_, Desk>,
    passphrase: String,
) -> Answer<PassphraseStrength> {
    let passphrase = SecretText::new(passphrase);
    Ok(desk.keywright.key_slots().passphrase_strength(&passphrase))
}

/// A passphrase of four words, for the field that is shown.
#[tauri::command]
#[specta::specta]
pub(crate) async fn passphrase_generate(desk: State<'_, Desk>) -> Answer<String> {
    let passphrase = desk.told(desk.keywright.key_slots().generate_passphrase())?;
    Ok(passphrase.expose().to_owned())
}

/// Opens the vault, and brings the Sandbox back where it was used before.
#[tauri::command]
#[specta::specta]
pub(crate) async fn vault_unlock(desk: State<'_, Desk>, input: UnlockInput) -> Answer<VaultStatus> {
    desk.told(desk.keywright.unlock(input).await)?;
    desk.touch();
    super::sandbox::bring_back(&desk).await;
    desk.status()
}

/// Locks.
#[tauri::command]
#[specta::specta]
pub(crate) async fn vault_lock(app: AppHandle, desk: State<'_, Desk>) -> Answer<()> {
    desk.lock(&app).await;
    Ok(())
}

/// Changes what opens the vault.
#[tauri::command]
#[specta::specta]
pub(crate) async fn protection_set(
    desk: State<'_, Desk>,
    change: ProtectionChange,
) -> Answer<VaultStatus> {
    desk.told(desk.keywright.set_protection(change).await)?;
    desk.status()
}

/// The user did something.
#[tauri::command]
#[specta::specta]
pub(crate) async fn activity_ping(desk: State<'_, Desk>) -> Answer<()> {
    desk.touch();
    Ok(())
}
