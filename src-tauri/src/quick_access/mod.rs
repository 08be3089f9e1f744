//! Quick access: a small window in front of every program that copies one secret and goes. It is made when it is
//! wanted for the first time, and destroyed with everything in it when the vault locks.

pub(crate) mod shortcut;

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use tauri::{
    AppHandle, LogicalPosition, LogicalSize, Manager as _, WebviewUrl, WebviewWindow,
    WebviewWindowBuilder, WindowEvent,
};
use tauri_specta::Event as _;
use tempfile::TempDir;

use crate::{
    app_state::AppState, events::QuickAccessShown, failure::Failure, webview_reset, window,
};

/// Label of the window in the capabilities.
pub(crate) const LABEL: &str = "quick";
const WIDTH: f64 = 560.0;
/// Until the page knows its height.
const FIRST_HEIGHT: f64 = 54.0;
const LEAST_HEIGHT: f64 = 48.0;
const MOST_HEIGHT: f64 = 560.0;
/// Share of the screen above the window.
const ABOVE: f64 = 0.16;

/// What is known of the window while it is there.
#[derive(Default)]
pub(crate) struct QuickAccess {
    /// It had the keyboard: it hides when another window takes that.
    focused: AtomicBool,
    /// Removed with the window. The runtime gives the pages inside the program to the first view of each folder alone;
    /// this view is private, and the web side only makes empty files there.
    folder: Mutex<Option<TempDir>>,
}

impl QuickAccess {
    fn keep(&self, folder: Option<TempDir>) {
        *self.folder.lock().unwrap_or_else(PoisonError::into_inner) = folder;
    }
}

/// The keys were pressed: shows it, or hides it where it is in front.
pub(crate) fn toggle(app: &AppHandle) {
    let in_front = app
        .get_webview_window(LABEL)
        .is_some_and(|quick| quick.is_visible().unwrap_or_default());
    if in_front {
        hide(app);
    } else {
        show(app);
    }
}

/// Shows it; without a vault, the window that makes one.
pub(crate) fn show(app: &AppHandle) {
    let shown = match app.state::<AppState>().keywright.vault_id() {
        Ok(Some(_)) => try_show(app),
        _ => window::show(app).map_err(Failure::from),
    };
    if let Err(error) = shown {
        tracing::warn!(%error, "quick access cannot be shown");
    }
}

fn try_show(app: &AppHandle) -> Result<(), Failure> {
    let quick = match app.get_webview_window(LABEL) {
        Some(quick) => {
            // Its page reads everything again.
            QuickAccessShown.emit_to(app, LABEL)?;
            quick
        }
        None => open(app)?,
    };
    place(&quick)?;
    // A view that was never seen draws nothing: its page is not waited for.
    quick.show()?;
    quick.set_focus()?;
    Ok(())
}

fn open(app: &AppHandle) -> Result<WebviewWindow, Failure> {
    let page = WebviewUrl::App("quick.html".into());
    let builder = WebviewWindowBuilder::new(app, LABEL, page)
        .inner_size(WIDTH, FIRST_HEIGHT)
        .decorations(false)
        .always_on_top(true)
        .skip_taskbar(true)
        .visible(false);
    let profile = app.state::<AppState>().web_profile.clone();
    let is_private = profile.is_none();
    let mut builder = window::contained(builder, profile);
    if cfg!(target_os = "linux") && is_private {
        let folder = tempfile::tempdir().map_err(tauri::Error::from)?;
        builder = builder.data_directory(folder.path().to_owned());
        app.state::<QuickAccess>().keep(Some(folder));
    }
    let quick = builder.build()?;
    let of_app = app.clone();
    quick.on_window_event(move |event| {
        let state = of_app.state::<QuickAccess>();
        let focused = &state.focused;
        match event {
            WindowEvent::Focused(true) => focused.store(true, Ordering::Relaxed),
            WindowEvent::Focused(false) if focused.load(Ordering::Relaxed) => hide(&of_app),
            _ => {}
        }
    });
    Ok(quick)
}

/// In the middle of the upper half of the screen.
fn place(quick: &WebviewWindow) -> tauri::Result<()> {
    let monitor = match quick.current_monitor()? {
        Some(monitor) => Some(monitor),
        None => quick.primary_monitor()?,
    };
    let Some(monitor) = monitor else {
        return Ok(());
    };
    let scale = monitor.scale_factor();
    let corner = monitor.position().to_logical::<f64>(scale);
    let size = monitor.size().to_logical::<f64>(scale);
    quick.set_position(LogicalPosition::new(
        corner.x + (size.width - WIDTH) / 2.0,
        corner.y + size.height * ABOVE,
    ))
}

/// The page has this height.
pub(crate) fn fit(app: &AppHandle, height: f64) -> tauri::Result<()> {
    let Some(quick) = app.get_webview_window(LABEL) else {
        return Ok(());
    };
    if !height.is_finite() {
        return Ok(());
    }
    quick.set_size(LogicalSize::new(
        WIDTH,
        height.clamp(LEAST_HEIGHT, MOST_HEIGHT),
    ))
}

/// Hides it; its page stays for the next use.
pub(crate) fn hide(app: &AppHandle) {
    app.state::<QuickAccess>()
        .focused
        .store(false, Ordering::Relaxed);
    if let Some(quick) = app.get_webview_window(LABEL)
        && let Err(error) = quick.hide()
    {
        tracing::warn!(%error, "quick access does not hide");
    }
}

/// Destroys it, with the process that showed names in it.
pub(crate) fn close(app: &AppHandle) {
    app.state::<QuickAccess>()
        .focused
        .store(false, Ordering::Relaxed);
    if let Some(quick) = app.get_webview_window(LABEL)
        && let Err(error) = webview_reset::end(&quick).and_then(|()| quick.destroy())
    {
        tracing::warn!(%error, "quick access does not close");
    }
    app.state::<QuickAccess>().keep(None);
}
