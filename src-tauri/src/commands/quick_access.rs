//! Quick access: find an application, copy one of its secrets past the page.

use keywright_core::view::{ApplicationSummary, CopyForm, SecretRef, TokenWish};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{AppHandle, State};

use super::secrets::{copy_plain, copy_secret};
use crate::{
    app_state::{AppState, CommandResult},
    quick_access, tray,
};

/// Applications on show at once.
const ROWS: u32 = 5;

/// What quick access copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum QuickForm {
    /// `Authorization: Bearer …`.
    Header,
    /// The access token alone.
    Token,
    /// A command for curl with the token.
    Curl,
    /// The client secret.
    ClientSecret,
    /// The client ID.
    ClientId,
}

/// One row.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub(crate) struct QuickRow {
    /// The application.
    pub(crate) application: ApplicationSummary,
    /// Scope of its newest token that can be used; none where it has no such token.
    pub(crate) scope: Option<String>,
    /// It has a token that can be used.
    pub(crate) live: bool,
}

/// What was copied.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub(crate) struct QuickCopied {
    /// The application.
    pub(crate) name: String,
    /// What of it.
    pub(crate) form: QuickForm,
    /// Scope of the token.
    pub(crate) scope: Option<String>,
    /// End of the token (Unix seconds).
    pub(crate) expires_at: Option<i64>,
    /// The clipboard is cleared after this many seconds; none for never.
    pub(crate) clear_after_secs: Option<u32>,
}

/// Applications by name, the last used first where nothing is typed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn quick_access_find(
    app_state: State<'_, AppState>,
    text: String,
) -> CommandResult<Vec<QuickRow>> {
    app_state.touch();
    let found = app_state.to_ipc(app_state.keywright.applications().find(&text, ROWS))?;
    let tokens = app_state.keywright.tokens();
    let rows = found.into_iter().map(|application| {
        let live = app_state.to_ipc(tokens.live(&application.id))?;
        let newest = live.into_iter().next();
        Ok(QuickRow {
            application,
            live: newest.is_some(),
            scope: newest.and_then(|token| token.scope),
        })
    });
    rows.collect()
}

/// Copies; fetches a token first where there is none, or with `fetch` in any case.
#[tauri::command]
#[specta::specta]
pub(crate) async fn quick_access_copy(
    app: AppHandle,
    app_state: State<'_, AppState>,
    id: String,
    form: QuickForm,
    fetch: bool,
) -> CommandResult<QuickCopied> {
    app_state.touch();
    copy(&app, &app_state, &id, form, fetch).await
}

/// The same for the tray.
pub(crate) async fn copy(
    app: &AppHandle,
    app_state: &AppState,
    id: &str,
    form: QuickForm,
    fetch: bool,
) -> CommandResult<QuickCopied> {
    let keywright = &app_state.keywright;
    let application = app_state.to_ipc(keywright.applications().get(id))?;
    let mut copied = QuickCopied {
        name: application.name,
        form,
        scope: None,
        expires_at: None,
        clear_after_secs: None,
    };
    let (secret, form) = match form {
        QuickForm::ClientId => {
            copy_plain(app_state, application.client_id)?;
            return Ok(copied);
        }
        QuickForm::ClientSecret => (
            SecretRef::ClientSecret {
                application_id: id.to_owned(),
            },
            CopyForm::Raw,
        ),
        QuickForm::Header | QuickForm::Token | QuickForm::Curl => {
            let wish = TokenWish {
                application_id: id.to_owned(),
                refresh: fetch,
                ..TokenWish::default()
            };
            let token = app_state.to_ipc(keywright.tokens().get(&wish).await)?;
            copied.scope = token.scope;
            copied.expires_at = token.expires_at;
            let form = match form {
                QuickForm::Header => CopyForm::Header,
                QuickForm::Curl => CopyForm::CurlWithValue,
                _ => CopyForm::Raw,
            };
            (SecretRef::AccessToken { token_id: token.id }, form)
        }
    };
    copied.clear_after_secs = copy_secret(app, app_state, &secret, form)?.clear_after_secs;
    Ok(copied)
}

/// The page has this height in CSS pixels.
#[tauri::command]
#[specta::specta]
pub(crate) async fn quick_access_fit(app: AppHandle, height: f64) -> CommandResult<()> {
    if let Err(error) = quick_access::fit(&app, height) {
        tracing::warn!(%error, "quick access has another size than its page");
    }
    Ok(())
}

/// Hides the window.
#[tauri::command]
#[specta::specta]
pub(crate) async fn quick_access_hide(app: AppHandle) -> CommandResult<()> {
    quick_access::hide(&app);
    Ok(())
}

/// Opens the main window, at an application where one is given: that is where a refusal is explained.
#[tauri::command]
#[specta::specta]
pub(crate) async fn quick_access_explain(app: AppHandle, id: String) -> CommandResult<()> {
    quick_access::hide(&app);
    tray::open_at(&app, "applications", Some(id), Some("token"));
    Ok(())
}

/// Opens quick access from the main window.
#[tauri::command]
#[specta::specta]
pub(crate) async fn quick_access_open(app: AppHandle) -> CommandResult<()> {
    quick_access::show(&app);
    Ok(())
}
