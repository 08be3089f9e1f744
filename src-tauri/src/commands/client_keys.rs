//! The keys that applications authenticate with. A private part goes in and never out.

use keywright_core::{
    KeyPublication, NewKey, SecretText, import_key, key_algorithm, key_file, view::ClientKeysView,
};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{State, WebviewWindow};

use crate::{
    app_state::{AppState, CommandResult},
    dialog,
};

/// How a key is imported.
#[derive(Clone, Deserialize, Serialize, Type)]
pub(crate) struct KeyImport {
    /// The key as PEM or JWK; a dialog asks for its file where absent.
    key: Option<String>,
    /// How it signs, where the key does not say it.
    signing_alg: Option<String>,
    /// The name that the provider knows it by (`kid`), where the key does not say it.
    key_id: Option<String>,
    /// The provider knows the key already.
    published: bool,
}

/// The keys of an application, without their private parts.
#[tauri::command]
#[specta::specta]
pub(crate) async fn client_keys(
    app_state: State<'_, AppState>,
    application_id: String,
) -> CommandResult<ClientKeysView> {
    app_state.to_ipc(app_state.keywright.registration().keys(&application_id))
}

/// Makes the first key, and gives it to the provider.
#[tauri::command]
#[specta::specta]
pub(crate) async fn client_key_make(
    app_state: State<'_, AppState>,
    application_id: String,
    signing_alg: Option<String>,
) -> CommandResult<ClientKeysView> {
    let algorithm = signing_alg.as_deref().map(key_algorithm).transpose();
    let algorithm = app_state.to_ipc(algorithm)?;
    let registrar = app_state.keywright.registration();
    app_state.to_ipc(registrar.first_key(&application_id, algorithm).await)
}

/// Makes the next key, or goes on with one that does not sign yet.
#[tauri::command]
#[specta::specta]
pub(crate) async fn client_key_rotate(
    app_state: State<'_, AppState>,
    application_id: String,
    signing_alg: Option<String>,
    published: bool,
) -> CommandResult<ClientKeysView> {
    let algorithm = signing_alg.as_deref().map(key_algorithm).transpose();
    let algorithm = app_state.to_ipc(algorithm)?;
    let registrar = app_state.keywright.registration();
    let made = registrar
        .rotate_key(&application_id, algorithm, publication(published))
        .await;
    app_state.to_ipc(made)
}

/// Imports a key, typed or from a file that the user chooses. None where the dialog was closed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn client_key_import(
    window: WebviewWindow,
    app_state: State<'_, AppState>,
    application_id: String,
    input: KeyImport,
) -> CommandResult<Option<ClientKeysView>> {
    let text = match input.key {
        Some(text) => SecretText::new(text),
        None => match dialog::choose(&window, None, None).await {
            Some(path) => app_state.to_ipc(key_file(&path))?,
            None => return Ok(None),
        },
    };
    let key = import_key(
        text.expose(),
        input.signing_alg.as_deref(),
        input.key_id.as_deref(),
    );
    let key = NewKey::Imported(app_state.to_ipc(key)?);
    let registrar = app_state.keywright.registration();
    let imported = registrar
        .new_key(&application_id, key, publication(input.published))
        .await;
    app_state.to_ipc(imported.map(Some))
}

/// Removes a key that does not sign any more.
#[tauri::command]
#[specta::specta]
pub(crate) async fn client_key_remove(
    app_state: State<'_, AppState>,
    application_id: String,
    key: String,
) -> CommandResult<ClientKeysView> {
    let registrar = app_state.keywright.registration();
    app_state.to_ipc(registrar.remove_key(&application_id, &key).await)
}

fn publication(is_published: bool) -> KeyPublication {
    if is_published {
        KeyPublication::Done
    } else {
        KeyPublication::Update
    }
}
