//! The only commands that give a secret out: revealed to the page, or copied past it.

use keywright_core::view::{CopyForm, CopyReceipt, ErrorView, RevealedSecret, SecretRef};
use keywright_core::{SecretText, say};
use std::time::Duration;
use tauri::State;
use tauri::{AppHandle, Manager};
use tauri_specta::Event as _;

use crate::events::ClipboardCleared;

use crate::desk::{Answer, Desk};

/// A revealed value is hidden after this long.
const HIDE_AFTER_SECS: u32 = 20;

/// Reveals a secret; written to the audit log.
#[tauri::command]
#[specta::specta]
pub(crate) async fn secret_reveal(
    desk: State<'_, Desk>,
    secret: SecretRef,
) -> Answer<RevealedSecret> {
    if desk.told(desk.keywright.preferences())?.presenter {
        return Err(plain(&desk, "presenter", &[]));
    }
    let value = desk.told(desk.keywright.disclosure().reveal(&secret))?;
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
    desk: State<'_, Desk>,
    secret: SecretRef,
    form: CopyForm,
) -> Answer<CopyReceipt> {
    let keywright_core::Copied {
        text,
        holds_value,
        address,
    } = desk.told(desk.keywright.disclosure().copy(&secret, form))?;
    let number = copied(&desk, text, holds_value)?;
    let clear_after_secs = if holds_value {
        desk.told(desk.keywright.preferences())?
            .clipboard_clear_secs
    } else {
        None
    };
    if let Some(seconds) = clear_after_secs {
        tauri::async_runtime::spawn(async move {
            tokio::time::sleep(Duration::from_secs(u64::from(seconds))).await;
            let desk = app.state::<Desk>();
            if desk.clipboard.clear(number)
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
    })
}

/// Takes the copied secret back at once; says whether it was still there.
#[tauri::command]
#[specta::specta]
pub(crate) async fn clipboard_clear(app: AppHandle) -> Answer<bool> {
    // Another program that owns the clipboard may let it wait.
    let cleared =
        tauri::async_runtime::spawn_blocking(move || app.state::<Desk>().clipboard.clear_ours());
    Ok(cleared.await.unwrap_or_default())
}

/// Copies text that is no secret.
#[tauri::command]
#[specta::specta]
pub(crate) async fn copy_text(desk: State<'_, Desk>, text: String) -> Answer<()> {
    copied(&desk, SecretText::new(text), false)?;
    Ok(())
}

fn copied(desk: &Desk, text: SecretText, secret: bool) -> Answer<u64> {
    desk.clipboard
        .copy(text, secret)
        .map_err(|error| plain(desk, "clipboard", &[("detail", &error.to_string())]))
}

/// An error of the window alone, in the user's language.
fn plain(desk: &Desk, code: &str, details: &[(&str, &str)]) -> ErrorView {
    let lang = desk.keywright.lang();
    ErrorView {
        code: code.into(),
        message: say(lang, &format!("error.{code}.message"), details),
        hint: Some(say(lang, &format!("error.{code}.hint"), &[])),
        status: None,
        provider: None,
        exchange: None,
        cause: None,
        field: None,
        instead: None,
        interrupted: false,
    }
}
