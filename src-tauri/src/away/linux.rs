//! Linux: systemd-logind tells of sleep and of locked sessions, the screen saver of itself. Where a bus
//! or a service is missing, the idle time and the look at the clock remain.

use futures::{StreamExt as _, stream};
use tauri::AppHandle;
use zbus::{
    Connection, Message, MessageStream, Proxy,
    zvariant::{OwnedFd, OwnedObjectPath},
};

use super::lock;

const LOGIND: &str = "org.freedesktop.login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const MANAGER_PATH: &str = "/org/freedesktop/login1";
const SESSION: &str = "org.freedesktop.login1.Session";
/// Who sends a signal is not asked: all that it can do is to lock.
const SYSTEM_SIGNALS: [&str; 2] = [
    "type='signal',interface='org.freedesktop.login1.Manager',member='PrepareForSleep'",
    "type='signal',interface='org.freedesktop.login1.Session',member='Lock'",
];
const SESSION_SIGNALS: [&str; 2] = [
    "type='signal',interface='org.freedesktop.ScreenSaver',member='ActiveChanged'",
    "type='signal',interface='org.gnome.ScreenSaver',member='ActiveChanged'",
];

pub(super) fn begin(app: &AppHandle) {
    let of_system = app.clone();
    tauri::async_runtime::spawn(async move {
        if let Err(error) = system_bus(&of_system).await {
            tracing::info!(%error, "the system does not tell of sleep and locked sessions");
        }
    });
    let of_session = app.clone();
    tauri::async_runtime::spawn(async move {
        if let Err(error) = session_bus(&of_session).await {
            tracing::info!(%error, "the session does not tell of its screen saver");
        }
    });
}

/// Sleep, and the session locked by `loginctl` or by the desktop.
async fn system_bus(app: &AppHandle) -> zbus::Result<()> {
    let bus = Connection::system().await?;
    let mut signals = signals(&bus, SYSTEM_SIGNALS).await?;
    let mut held = hold_sleep(&bus).await;
    while let Some(signal) = signals.next().await {
        let signal = signal?;
        if signal
            .header()
            .interface()
            .is_some_and(|name| name == SESSION)
        {
            if is_of_this_user(&bus, &signal).await {
                lock(app, "the session is locked").await;
            }
            continue;
        }
        if signal.body().deserialize()? {
            lock(app, "the machine goes to sleep").await;
            // Now it may sleep.
            held = None;
        } else if held.is_none() {
            held = hold_sleep(&bus).await;
        }
    }
    Ok(())
}

async fn session_bus(app: &AppHandle) -> zbus::Result<()> {
    let bus = Connection::session().await?;
    let mut signals = signals(&bus, SESSION_SIGNALS).await?;
    while let Some(signal) = signals.next().await {
        if signal?.body().deserialize()? {
            lock(app, "the screen saver is on").await;
        }
    }
    Ok(())
}

async fn signals(
    bus: &Connection,
    rules: [&str; 2],
) -> zbus::Result<stream::SelectAll<MessageStream>> {
    let mut all = Vec::new();
    for rule in rules {
        all.push(MessageStream::for_match_rule(rule, bus, None).await?);
    }
    Ok(stream::select_all(all))
}

/// Asks for a delay: the machine sleeps only once the vault is locked. The delay ends when this is dropped,
/// and after some seconds in any case.
async fn hold_sleep(bus: &Connection) -> Option<OwnedFd> {
    let held = async {
        let manager = Proxy::new(bus, LOGIND, MANAGER_PATH, MANAGER).await?;
        manager
            .call(
                "Inhibit",
                &("sleep", "Keywright", "Locks the vault", "delay"),
            )
            .await
    };
    match held.await {
        Ok(descriptor) => Some(descriptor),
        Err(error) => {
            tracing::info!(%error, "sleep does not wait for the lock");
            None
        }
    }
}

/// The session that a signal names is one of this user; where it is not told, it counts as one.
async fn is_of_this_user(bus: &Connection, signal: &Message) -> bool {
    let header = signal.header();
    let Some(path) = header.path() else {
        return true;
    };
    let owner = async {
        let session = Proxy::new(bus, LOGIND, path.to_owned(), SESSION).await?;
        session.get_property::<(u32, OwnedObjectPath)>("User").await
    };
    owner
        .await
        .map_or(true, |(uid, _)| uid == rustix::process::getuid().as_raw())
}
