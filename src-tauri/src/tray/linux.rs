//! A desktop that shows icons of programs has a watcher on the session bus (freedesktop.org, `StatusNotifierItem`).
//! Without it the library of the tray would put its icon nowhere.

use futures::StreamExt as _;
use tauri::AppHandle;
use zbus::{
    Connection,
    fdo::DBusProxy,
    names::{BusName, WellKnownName},
};

const WATCHER: WellKnownName<'static> =
    WellKnownName::from_static_str_unchecked("org.kde.StatusNotifierWatcher");

/// Shows the icon once the watcher is there. That may be long after the start: a desktop starts its parts in any
/// order.
pub(super) fn when_there_is_one(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        match wait().await {
            Ok(()) => super::show(&app),
            Err(error) => tracing::info!(%error, "the desktop has no tray"),
        }
    });
}

async fn wait() -> zbus::Result<()> {
    let bus = Connection::session().await?;
    let names = DBusProxy::new(&bus).await?;
    let mut changes = names
        .receive_name_owner_changed_with_args(&[(0, WATCHER.as_str())])
        .await?;
    if names.name_has_owner(BusName::from(WATCHER)).await? {
        return Ok(());
    }
    while let Some(change) = changes.next().await {
        if change.args()?.new_owner().is_some() {
            return Ok(());
        }
    }
    Err(zbus::Error::Failure("the session bus ended".into()))
}
