//! The user goes away: the machine sleeps, the session is locked. The vault locks before.

use tauri::{AppHandle, Manager};

use crate::app_state::AppState;

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod system;

/// Begins to listen to what the system says of it.
pub(crate) fn begin(app: &AppHandle) {
    system::begin(app);
}

/// Locks, unless it is locked.
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "only Linux tells so far")
)]
async fn lock(app: &AppHandle, why: &'static str) {
    let app_state = app.state::<AppState>();
    if app_state.keywright.is_unlocked() {
        tracing::info!(why, "the vault locks by itself");
        app_state.lock(app).await;
    }
}
