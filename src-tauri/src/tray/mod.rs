//! The icon in the tray: the state at a glance, and what is done without opening the window. It exists only where the
//! desktop has a place for it.

mod menu;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Mutex, PoisonError},
};

use keywright_core::view::{ApplicationQuery, FailureCode};
use tauri::{AppHandle, Manager as _, tray::TrayIconBuilder};
use tauri_specta::Event as _;

use crate::{
    app_state::AppState, commands::quick_access as copying, events::ShowPlace, notices, presenter,
    quick_access, window,
};
use menu::{Snapshot, Vault};

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod host;

const ID: &str = "keywright";
/// Pinned applications in the menu.
const PINNED: usize = 5;

/// What the menu shows.
#[derive(Default)]
pub(crate) struct Shown(Mutex<Option<Snapshot>>);

/// Shows the icon as soon as the desktop has a place for it. The start of the window does not wait.
pub(crate) fn begin(app: &AppHandle) {
    host::when_there_is_one(app);
}

/// The icon is there: a window that is hidden can be opened again.
pub(crate) fn is_shown(app: &AppHandle) -> bool {
    app.tray_by_id(ID).is_some()
}

/// Makes the icon, on the thread of the window.
fn show(app: &AppHandle) {
    let on_main = app.clone();
    let sent = app.run_on_main_thread(move || {
        // The binding of the tray's library panics where the library is not installed.
        match catch_unwind(AssertUnwindSafe(|| make(&on_main))) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the tray shows nothing"),
            Err(_) => tracing::warn!("the library of the tray is missing"),
        }
    });
    if let Err(error) = sent {
        tracing::warn!(%error, "the tray shows nothing");
    }
}

fn make(app: &AppHandle) -> tauri::Result<()> {
    if is_shown(app) {
        return Ok(());
    }
    let mut tray = TrayIconBuilder::with_id(ID)
        .tooltip(window::TITLE)
        .on_menu_event(|app, event| chosen(app, event.id().as_ref()));
    if let Some(icon) = app.default_window_icon() {
        tray = tray.icon(icon.clone());
    }
    // An icon without a menu is not drawn by every desktop; the entries follow at once.
    tray = tray.menu(&menu::build(app, &[])?);
    tray.build(app)?;
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        app.state::<Shown>().forget();
        refresh(&app).await;
    });
    Ok(())
}

impl Shown {
    fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Remembers what is shown from now on; false where it is shown already.
    fn is_new(&self, snapshot: &Snapshot) -> bool {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = shown.as_ref() != Some(snapshot);
        *shown = Some(snapshot.clone());
        new
    }
}

/// Draws the menu again where something in it changed.
pub(crate) async fn refresh(app: &AppHandle) {
    if !is_shown(app) {
        return;
    }
    let snapshot = snapshot(&app.state::<AppState>()).await;
    // A menu that is open closes when it is replaced.
    if !app.state::<Shown>().is_new(&snapshot) {
        return;
    }
    let entries = snapshot.entries();
    let on_main = app.clone();
    let sent = app.run_on_main_thread(move || {
        let drawn = menu::build(&on_main, &entries).and_then(|menu| {
            on_main
                .tray_by_id(ID)
                .map_or(Ok(()), |tray| tray.set_menu(Some(menu)))
        });
        if let Err(error) = drawn {
            tracing::warn!(%error, "the menu of the tray is not up to date");
        }
    });
    if let Err(error) = sent {
        tracing::warn!(%error, "the menu of the tray is not up to date");
    }
}

async fn snapshot(app_state: &AppState) -> Snapshot {
    let keywright = &app_state.keywright;
    let preferences = keywright.preferences().unwrap_or_default();
    let vault = if keywright.is_unlocked() {
        Vault::Unlocked
    } else if keywright.vault_id().is_ok_and(|id| id.is_some()) {
        Vault::Locked
    } else {
        Vault::Missing
    };
    let query = ApplicationQuery {
        limit: u32::try_from(PINNED).unwrap_or_default(),
        ..ApplicationQuery::default()
    };
    let pinned = match vault {
        // Pinned ones come first in every order.
        Vault::Unlocked => keywright.applications().list(&query).map_or_else(
            |_| Vec::new(),
            |page| page.items.into_iter().filter(|one| one.pinned).collect(),
        ),
        Vault::Locked | Vault::Missing => Vec::new(),
    };
    let pinned = pinned.into_iter().map(|one| {
        let name = keywright.disclosure().application_name(one.name);
        (one.id, name)
    });
    Snapshot {
        vault,
        pinned: pinned.collect(),
        faults: app_state.faults_on().await,
        presenter: preferences.presenter,
        lang: keywright.lang(),
    }
}

/// An entry was chosen.
fn chosen(app: &AppHandle, id: &str) {
    let (app, id) = (app.clone(), id.to_owned());
    tauri::async_runtime::spawn(async move {
        let app_state = app.state::<AppState>();
        app_state.touch();
        match id.as_str() {
            menu::OPEN => bring_up(&app),
            menu::QUICK_ACCESS | menu::UNLOCK => quick_access::show(&app),
            menu::LOCK => app_state.lock(&app).await,
            menu::QUIT => app.exit(0),
            menu::PRESENTER => {
                if let Err(error) = presenter::toggle(&app) {
                    tracing::warn!(%error, "presenter mode did not change");
                }
            }
            menu::FAULTS => open_at(&app, "sandbox", None, None),
            other => {
                if let Some(application) = other.strip_prefix(menu::COPY) {
                    copy_token(&app, application).await;
                }
            }
        }
        refresh(&app).await;
    });
}

/// Copies the token of a pinned application; a refusal is explained in the window.
async fn copy_token(app: &AppHandle, id: &str) {
    let app_state = app.state::<AppState>();
    match copying::copy(app, &app_state, id, copying::QuickForm::Token, false).await {
        Ok(copied) => notices::copied(app, &copied),
        Err(error) => {
            let what = if error.code == FailureCode::SignInNeeded.into() {
                "sign_in"
            } else {
                "token"
            };
            open_at(app, "applications", Some(id.to_owned()), Some(what));
        }
    }
}

fn bring_up(app: &AppHandle) {
    if let Err(error) = window::show(app) {
        tracing::warn!(%error, "the window cannot be brought up");
    }
}

/// Opens the window at a page of it.
pub(crate) fn open_at(app: &AppHandle, screen: &str, id: Option<String>, what: Option<&str>) {
    bring_up(app);
    let place = ShowPlace {
        screen: screen.to_owned(),
        id,
        what: what.map(str::to_owned),
    };
    if let Err(error) = place.emit(app) {
        tracing::warn!(%error, "the window does not show the page");
    }
}
