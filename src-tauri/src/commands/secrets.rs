//! The only commands that give a secret out: revealed to the page, or copied past it.

use keywright_core::view::{
    CopyForm, CopyReceipt, ErrorView, FailureCode, RevealedSecret, SecretRef,
};
use keywright_core::{Family, SecretText, translate};
use std::time::Duration;
use tauri::State;
use tauri::{AppHandle, Manager};
use tauri_specta::Event as _;

use crate::events::ClipboardCleared;

use crate::app_state::{AppState, CommandResult};

/// A revealed value is hidden after this long.
const HIDE_AFTER_SECS: u32 = 20;

/// Reveals a secret; written to the audit log.
#[tauri::command]
#[specta::specta]
pub(crate) async fn secret_reveal(
    app_state: State<'_, AppState>,
    secret: SecretRef,
) -> CommandResult<RevealedSecret> {
    if app_state
        .to_ipc(app_state.keywright.preferences())?
        .presenter
    {
        return Err(plain(&app_state, FailureCode::Presenter, &[]));
    }
    let value = app_state.to_ipc(app_state.keywright.disclosure().reveal(&secret))?;
    Ok(RevealedSecret {
        value: value.expose().to_owned(),
        hide_after_secs: HIDE_AFTER_SECS,
    })
}

/// Copies a secret; it never passes through the page.
#[tauri::command]
#[specta::specta]
pub(crate) async fn secret_copy(
    app: AppHandle,
    app_state: State<'_, AppState>,
    secret: SecretRef,
    form: CopyForm,
) -> CommandResult<CopyReceipt> {
    copy_secret(&app, &app_state, &secret, form)
}

/// Copies a secret and begins the time after which the clipboard is cleared.
pub(super) fn copy_secret(
    app: &AppHandle,
    app_state: &AppState,
    secret: &SecretRef,
    form: CopyForm,
) -> CommandResult<CopyReceipt> {
    let keywright_core::Copied {
        text,
        holds_value,
        address,
        lives_secs,
    } = app_state.to_ipc(app_state.keywright.disclosure().copy(secret, form))?;
    let number = copied(app_state, text, holds_value)?;
    let clear_after_secs = if holds_value {
        app_state
            .to_ipc(app_state.keywright.preferences())?
            .clipboard_clear_secs
    } else {
        None
    };
    if let Some(seconds) = clear_after_secs {
        let app = app.clone();
        tauri::async_runtime::spawn(async move {
            tokio::time::sleep(Duration::from_secs(u64::from(seconds))).await;
            let app_state = app.state::<AppState>();
            if app_state.clipboard.clear(number)
                && let Err(error) = ClipboardCleared.emit(&app)
            {
                tracing::warn!(%error, "the pages were not told");
            }
        });
    }
    Ok(CopyReceipt {
        clear_after_secs,
        holds_value,
        address,
        lives_secs,
    })
}

/// Takes the copied secret back at once; says whether it was still there.
#[tauri::command]
#[specta::specta]
pub(crate) async fn clipboard_clear(app: AppHandle) -> CommandResult<bool> {
    // Another program that owns the clipboard may let it wait.
    let cleared = tauri::async_runtime::spawn_blocking(move || {
        app.state::<AppState>().clipboard.clear_ours()
    });
    Ok(cleared.await.unwrap_or_default())
}

/// Copies text that is no secret.
#[tauri::command]
#[specta::specta]
pub(crate) async fn copy_text(app_state: State<'_, AppState>, text: String) -> CommandResult<()> {
    copy_plain(&app_state, text)
}

pub(super) fn copy_plain(app_state: &AppState, text: String) -> CommandResult<()> {
    copied(app_state, SecretText::new(text), false)?;
    Ok(())
}

fn copied(app_state: &AppState, text: SecretText, secret: bool) -> CommandResult<u64> {
    app_state.clipboard.copy(text, secret).map_err(|error| {
        plain(
            app_state,
            FailureCode::Clipboard,
            &[("detail", &error.to_string())],
        )
    })
}

/// An error of the window alone, in the user's language.
pub(super) fn plain(
    app_state: &AppState,
    code: FailureCode,
    details: &[(&str, &str)],
) -> ErrorView {
    let lang = app_state.keywright.lang();
    let hint = translate(lang, Family::ErrorHint.key(code.as_str()), &[]);
    let message = translate(lang, Family::ErrorMessage.key(code.as_str()), details);
    ErrorView::of_surface(code, message, Some(hint))
}
