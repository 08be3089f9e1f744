//! What the window holds while it is open: the core, the Sandbox, the clipboard.

use std::{
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use keywright_core::{
    Actor, CoreError, Keywright,
    view::{ErrorView, VaultStatus},
};
use keywright_sandbox::{Personality, Sandbox};
use tauri::{AppHandle, Manager as _};
use tauri_specta::Event as _;

use crate::{
    clipboard::Clipboard, connections::Connections, events::VaultLocked, quick_access,
    sign_ins::SignIns, webview_reset,
};

/// The state that all commands share.
pub(crate) struct AppState {
    pub(crate) keywright: Keywright,
    pub(crate) sandbox: tokio::sync::Mutex<Option<Sandbox>>,
    /// Limits and registration of the next start, and of this one.
    pub(crate) sandbox_options: Mutex<keywright_core::view::SandboxOptionsInput>,
    pub(crate) clipboard: Clipboard,
    pub(crate) sign_ins: SignIns,
    pub(crate) connections: Connections,
    pub(crate) sandbox_wished: bool,
    /// Where the web side keeps what automation needs; none in a private view.
    pub(crate) web_profile: Option<PathBuf>,
    /// On a clock that nobody sets.
    touched: Mutex<Instant>,
    sandbox_rests: AtomicBool,
    /// The change of the vault that the pages know of.
    shown_change: Mutex<Option<u64>>,
}

/// What a command gives the pages: data, or an error as data.
pub(crate) type CommandResult<T> = Result<T, ErrorView>;

impl AppState {
    pub(crate) fn new(
        keywright: Keywright,
        sandbox_wished: bool,
        web_profile: Option<PathBuf>,
    ) -> Self {
        Self {
            keywright,
            sandbox: tokio::sync::Mutex::new(None),
            sandbox_options: Mutex::new(crate::commands::sandbox::default_options()),
            clipboard: Clipboard::default(),
            sign_ins: SignIns::default(),
            connections: Connections::default(),
            sandbox_wished,
            web_profile,
            touched: Mutex::new(Instant::now()),
            sandbox_rests: AtomicBool::new(false),
            shown_change: Mutex::new(None),
        }
    }

    /// An error in the user's language.
    pub(crate) fn to_ipc<T>(&self, outcome: Result<T, CoreError>) -> CommandResult<T> {
        outcome.map_err(|error| {
            tracing::debug!(%error, "a command failed");
            error.view(self.keywright.lang(), Actor::App)
        })
    }

    /// The user did something: the vault stays open.
    pub(crate) fn touch(&self) {
        *self.touched.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// The pages are about to read the vault: from now on each change reaches them, also one before the first look.
    pub(crate) fn watch_from_now(&self) {
        let token = self.keywright.change_token().ok();
        *self
            .shown_change
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = token;
    }

    /// Whether the vault changed since the last look, so that the pages have to read it again.
    pub(crate) fn is_changed(&self, token: Option<u64>) -> bool {
        let mut shown = self
            .shown_change
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *shown, token);
        before.is_some() && token.is_some() && before != token
    }

    /// Time until the vault locks itself, if nothing is done.
    fn time_left(&self) -> Option<Duration> {
        let minutes = self
            .keywright
            .preferences()
            .map_or(0, |preferences| preferences.auto_lock_minutes);
        let limit = Duration::from_secs(u64::from(minutes) * 60);
        let touched = *self.touched.lock().unwrap_or_else(PoisonError::into_inner);
        (minutes > 0 && self.keywright.is_unlocked())
            .then(|| limit.saturating_sub(touched.elapsed()))
    }

    /// Nothing was done for the time after which the vault locks itself.
    pub(crate) fn is_idle(&self) -> bool {
        self.time_left().is_some_and(|left| left.is_zero())
    }

    /// When the vault locks itself, if nothing is done.
    pub(crate) fn locks_at(&self) -> Option<i64> {
        let left = i64::try_from(self.time_left()?.as_secs()).unwrap_or(i64::MAX);
        Some(self.keywright.now().saturating_add(left))
    }

    /// The vault's state with the time of the automatic lock.
    pub(crate) fn status(&self) -> CommandResult<VaultStatus> {
        let mut status = self.to_ipc(self.keywright.status())?;
        status.locks_at = self.locks_at();
        Ok(status)
    }

    /// Locks: the vault is closed, our clipboard value cleared, the process that showed secrets ended, and
    /// the Sandbox, which knows the secrets of its clients, stopped.
    pub(crate) async fn lock(&self, app: &AppHandle) {
        // Held to the end: an unlock that follows at once finds its ports free again.
        let mut sandbox = self.sandbox.lock().await;
        if let Some(running) = sandbox.as_ref() {
            self.keep(running);
        }
        // Listeners end, codes are dropped.
        self.sign_ins.cancel_all();
        self.connections.clear();
        self.keywright.lock();
        if let Err(error) = VaultLocked.emit(app) {
            tracing::warn!(%error, "the pages were not told of the lock");
        }
        quick_access::close(app);
        if let Err(error) = webview_reset::load(app) {
            tracing::warn!(%error, "the pages were not loaded anew");
        }
        // Last of all and beside: another program that owns the clipboard may let it wait.
        let of_clipboard = app.clone();
        tauri::async_runtime::spawn_blocking(move || {
            of_clipboard.state::<Self>().clipboard.clear_ours();
        });
        if let Some(running) = sandbox.take() {
            self.sandbox_rests.store(true, Ordering::Relaxed);
            running.stop().await;
        }
    }

    /// The Sandbox ran when the vault was locked; asked once.
    pub(crate) fn take_sandbox_rests(&self) -> bool {
        self.sandbox_rests.swap(false, Ordering::Relaxed)
    }

    /// Faults of the Sandbox that are on.
    pub(crate) async fn faults_on(&self) -> u32 {
        let running = self.sandbox.lock().await;
        running.as_ref().map_or(0, |sandbox| {
            let on = |one: Personality| sandbox.faults(one).count_on();
            Personality::ALL.iter().copied().map(on).sum()
        })
    }

    /// Keeps the Sandbox's state in the vault, so that its clients and sessions outlive a restart.
    pub(crate) async fn keep_sandbox(&self) {
        if let Some(sandbox) = self.sandbox.lock().await.as_ref() {
            self.keep(sandbox);
        }
    }

    fn keep(&self, sandbox: &Sandbox) {
        if self.keywright.is_unlocked()
            && let Err(error) = self.keywright.sandbox().keep(&sandbox.snapshot())
        {
            tracing::warn!(%error, "the state of the Sandbox was not kept");
        }
    }

    /// The window closes.
    pub(crate) fn close(&self) {
        if let Ok(sandbox) = self.sandbox.try_lock()
            && let Some(sandbox) = sandbox.as_ref()
        {
            self.keep(sandbox);
        }
        self.clipboard.clear_ours();
        self.keywright.lock();
    }

    pub(crate) fn options(&self) -> keywright_core::view::SandboxOptionsInput {
        *self
            .sandbox_options
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use keywright_sandbox::Personality;
    use keywright_testkit::CoreFixture;

    use super::*;

    #[test]
    fn a_change_between_the_unlock_and_the_first_look_is_noticed() {
        let fixture = tauri::async_runtime::block_on(CoreFixture::new());
        let app_state = AppState::new(fixture.keywright.clone(), false, None);
        let look = || app_state.is_changed(app_state.keywright.change_token().ok());
        app_state.watch_from_now();
        fixture.configure(Personality::Rfc7591);
        assert!(look());
        assert!(!look(), "nothing changed since");
    }
}
