//! What happens without the user: the automatic lock, changes by other programs, the Sandbox's
//! state, tokens that are fetched again before they end.

use std::time::Duration;

use keywright_core::view::TokenWish;
use tauri::{AppHandle, Manager};
use tauri_specta::Event as _;

use crate::{
    desk::Desk,
    events::{SandboxChanged, VaultChanged},
};

/// The window shows what the command line changed within this time.
const LOOK: Duration = Duration::from_millis(500);
/// Tokens of applications with auto-refresh are fetched again this long before they end.
const BEFORE_END_SECS: i64 = 60;
/// A look that is off by so much is no slow one.
const SLEPT_SECS: i64 = 60;
/// Looks between two looks at tokens.
const TOKEN_TURN: u32 = 20;

/// Begins to watch.
pub(crate) fn begin(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let mut seen = None;
        let mut sandbox_seen = None;
        let mut turn = 0_u32;
        let mut looked_at = app.state::<Desk>().keywright.now();
        loop {
            tokio::time::sleep(LOOK).await;
            let desk = app.state::<Desk>();
            let now = desk.keywright.now();
            let idle = desk.locks_at().is_some_and(|end| end <= now);
            if idle || (slept(looked_at, now) && desk.keywright.is_unlocked()) {
                desk.lock(&app).await;
            }
            looked_at = now;
            let token = desk.keywright.change_token().ok();
            if token != seen && token.is_some() && seen.is_some() {
                tell(VaultChanged.emit(&app));
            }
            seen = token;
            let state = desk
                .sandbox
                .lock()
                .await
                .as_ref()
                .map(|sandbox| *sandbox.on_change().borrow());
            if state != sandbox_seen {
                sandbox_seen = state;
                desk.keep_sandbox().await;
                tell(SandboxChanged.emit(&app));
            }
            turn = (turn + 1) % TOKEN_TURN;
            if turn == 0 && desk.keywright.is_unlocked() {
                refresh_tokens(&desk).await;
            }
        }
    });
}

/// The machine slept between two looks, or its clock was set: what the system does not tell, the clock does.
fn slept(before: i64, now: i64) -> bool {
    (now - before).abs() > SLEPT_SECS
}

async fn refresh_tokens(desk: &Desk) {
    let due = match desk.keywright.applications_to_refresh(BEFORE_END_SECS) {
        Ok(due) => due,
        Err(error) => {
            tracing::warn!(%error, "the tokens to refresh cannot be listed");
            return;
        }
    };
    for application_id in due {
        let wish = TokenWish {
            application_id,
            refresh: true,
            ..TokenWish::default()
        };
        if let Err(error) = desk.keywright.token_get(&wish).await {
            tracing::warn!(%error, "a token was not refreshed");
        }
    }
}

fn tell(outcome: Result<(), tauri::Error>) {
    if let Err(error) = outcome {
        tracing::warn!(%error, "the pages were not told");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f11_a_machine_that_slept_is_told_by_the_clock() {
        assert!(!slept(1_000, 1_001) && !slept(1_000, 1_060));
        assert!(slept(1_000, 1_061), "it slept");
        assert!(slept(100_000, 13_600), "the clock was set back");
    }
}
