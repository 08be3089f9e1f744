//! Notices of the desktop: a client secret that expires soon, and what the tray copied. They hold no secret, and no
//! real name in presenter mode: other programs read and keep them.

use std::time::Duration;

use keywright_core::{Family, translate, view::ExpiryNotice};
use notify_rust::Notification;
use tauri::{AppHandle, Manager as _};

use crate::{app_state::AppState, commands::quick_access::QuickCopied, text::Key, window};

/// Time between two looks at what expires.
const LOOK: Duration = Duration::from_secs(30);
/// Notices at once; the rest is counted in one more.
const MOST: usize = 3;

/// Begins to look for client secrets that expire soon.
pub(crate) fn begin(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let mut pause = Duration::from_secs(5);
        loop {
            tokio::time::sleep(pause).await;
            // An unlocked vault is looked at within seconds, then now and then.
            let looked = look(&app.state::<AppState>());
            pause = if looked { LOOK } else { Duration::from_secs(5) };
        }
    });
}

/// False where the vault is locked.
fn look(app_state: &AppState) -> bool {
    let keywright = &app_state.keywright;
    if !keywright.is_unlocked() {
        return false;
    }
    let wanted = keywright
        .preferences()
        .is_ok_and(|preferences| preferences.expiry_notices);
    if !wanted {
        return true;
    }
    match keywright.applications().take_expiry_notices() {
        Ok(notices) => tell(app_state, &notices),
        Err(error) => tracing::warn!(%error, "what expires soon cannot be listed"),
    }
    true
}

fn tell(app_state: &AppState, notices: &[ExpiryNotice]) {
    let lang = app_state.keywright.lang();
    let title = translate(lang, Key::NoticeExpiresTitle, &[]);
    for notice in notices.iter().take(MOST) {
        let name = shown_name(app_state, &notice.application);
        let key = Family::ExpiryNotice.key(notice.days.to_string());
        show(
            title.clone(),
            &translate(lang, key, &[("name", name.as_str())]),
        );
    }
    let rest = notices.len().saturating_sub(MOST);
    if rest > 0 {
        let rest = rest.to_string();
        show(
            title,
            &translate(lang, Key::NoticeExpiresMany, &[("n", rest.as_str())]),
        );
    }
}

/// Reports a token that was copied without the window.
pub(crate) fn copied(app: &AppHandle, copied: &QuickCopied) {
    let app_state = app.state::<AppState>();
    let lang = app_state.keywright.lang();
    let name = shown_name(&app_state, &copied.name);
    let title = translate(lang, Key::NoticeCopied, &[("name", name.as_str())]);
    let body = copied.clear_after_secs.map(|seconds| {
        let seconds = seconds.to_string();
        translate(
            lang,
            Key::NoticeCopiedClears,
            &[("seconds", seconds.as_str())],
        )
    });
    show(title, &body.unwrap_or_default());
}

fn shown_name(app_state: &AppState, name: &str) -> String {
    let disclosure = app_state.keywright.disclosure();
    disclosure.application_name(name.to_owned())
}

/// Shows a notice. A desktop without notices is not a failure.
fn show(title: String, body: &str) {
    // The text of a notice may be markup (Desktop Notifications Specification, section 4).
    let body = body
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    tauri::async_runtime::spawn_blocking(move || {
        let shown = Notification::new()
            .appname(window::TITLE)
            .icon("keywright-app")
            .summary(&title)
            .body(&body)
            .show();
        if let Err(error) = shown {
            tracing::info!(%error, "the desktop shows no notice");
        }
    });
}
