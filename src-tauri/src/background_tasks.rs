//! What happens without the user: the automatic lock, changes by other programs, the Sandbox's
//! state, tokens that are fetched again before they end.

use std::time::Duration;

use keywright_core::{AutoRefresh, Clocks};
use tauri::{AppHandle, Manager};
use tauri_specta::Event as _;

use crate::{
    app_state::AppState,
    events::{SandboxChanged, VaultChanged},
    tray,
};

/// The window shows what the command line changed within this time.
const LOOK: Duration = Duration::from_millis(500);
/// Time between two looks at the tokens that end soon.
const TOKEN_LOOK: Duration = Duration::from_secs(10);

/// Begins to watch. What asks the network does so in a task of its own: the lock waits for no server.
pub(crate) fn begin(app: &AppHandle) {
    tauri::async_runtime::spawn(watch(app.clone()));
    tauri::async_runtime::spawn(refresh(app.clone()));
}

async fn watch(app: AppHandle) {
    let mut sandbox_seen = None;
    let mut in_tray = None;
    let mut looked = Clocks::now();
    loop {
        tokio::time::sleep(LOOK).await;
        let app_state = app.state::<AppState>();
        let now = Clocks::now();
        let slept = matches!((&looked, &now), (Some(before), Some(now)) if now.slept_since(before));
        looked = now;
        if app_state.is_idle() || (slept && app_state.keywright.is_unlocked()) {
            app_state.lock(&app).await;
        }
        let open = app_state.keywright.is_unlocked();
        let token = app_state.keywright.change_token().ok();
        if open && !app_state.keywright.is_unlocked() {
            // Another program replaced the vault's key, and what is open here is of the past.
            app_state.lock(&app).await;
        }
        let preferences = app_state.keywright.preferences().ok();
        let now_in_tray = (open, token, preferences);
        let tray_is_old = in_tray.as_ref() != Some(&now_in_tray);
        in_tray = Some(now_in_tray);
        if app_state.is_changed(token) {
            tell(VaultChanged.emit(&app));
        }
        let state = app_state
            .sandbox
            .lock()
            .await
            .as_ref()
            .map(|sandbox| *sandbox.on_change().borrow());
        if state != sandbox_seen {
            sandbox_seen = state;
            app_state.keep_sandbox().await;
            tell(SandboxChanged.emit(&app));
            tray::refresh(&app).await;
        } else if tray_is_old {
            tray::refresh(&app).await;
        }
    }
}

/// Tokens that are fetched again before they end.
async fn refresh(app: AppHandle) {
    let tokens = AutoRefresh::default();
    loop {
        tokio::time::sleep(TOKEN_LOOK).await;
        let app_state = app.state::<AppState>();
        if !app_state.keywright.is_unlocked() {
            tokens.reset();
            continue;
        }
        if let Err(error) = tokens.turn(&app_state.keywright) {
            tracing::warn!(%error, "the tokens to refresh cannot be listed");
        }
    }
}

fn tell(outcome: Result<(), tauri::Error>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, "the pages were not told");
    }
}
