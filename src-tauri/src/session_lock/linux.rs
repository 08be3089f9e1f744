//! Linux: systemd-logind tells of sleep and of locked sessions, the screen saver of itself. Where a bus
//! or a service is missing, the idle time and the two clocks remain.

use std::time::Duration;

use futures::{StreamExt as _, stream};
use tauri::AppHandle;
use zbus::{
    Connection, Message, MessageStream, Proxy,
    fdo::DBusProxy,
    names::BusName,
    zvariant::{OwnedFd, OwnedObjectPath},
};

use super::lock;

const LOGIND: &str = "org.freedesktop.login1";
const MANAGER: &str = "org.freedesktop.login1.Manager";
const MANAGER_PATH: &str = "/org/freedesktop/login1";
const SESSION: &str = "org.freedesktop.login1.Session";
/// Every user of the computer may send signals over this bus.
const SYSTEM_SIGNALS: [&str; 2] = [
    "type='signal',sender='org.freedesktop.login1',interface='org.freedesktop.login1.Manager',member='PrepareForSleep'",
    "type='signal',sender='org.freedesktop.login1',interface='org.freedesktop.login1.Session',member='Lock'",
];
/// Only programs of this user are on this bus, and desktops send these under names of their own.
const SESSION_SIGNALS: [&str; 2] = [
    "type='signal',interface='org.freedesktop.ScreenSaver',member='ActiveChanged'",
    "type='signal',interface='org.gnome.ScreenSaver',member='ActiveChanged'",
];
/// Pauses before a bus is connected to again.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

pub(super) fn begin(app: &AppHandle) {
    let of_system = app.clone();
    tauri::async_runtime::spawn(async move {
        let mut pause = Pause::default();
        loop {
            let ended = system_bus(&of_system, &mut pause).await;
            pause.after("the system bus", ended).await;
        }
    });
    let of_session = app.clone();
    tauri::async_runtime::spawn(async move {
        let mut pause = Pause::default();
        loop {
            let ended = session_bus(&of_session, &mut pause).await;
            pause.after("the session bus", ended).await;
        }
    });
}

/// Grows from connection to connection until one of them works.
struct Pause(Duration);

impl Default for Pause {
    fn default() -> Self {
        Self(FIRST_PAUSE)
    }
}

impl Pause {
    fn works(&mut self) {
        self.0 = FIRST_PAUSE;
    }

    async fn after(&mut self, bus: &'static str, ended: zbus::Result<()>) {
        match ended {
            Ok(()) => tracing::info!(bus, "the connection ended"),
            // Where there is no such bus, this is no news after the first times.
            Err(error) if self.0 < LONGEST_PAUSE => {
                tracing::info!(%error, bus, "sleep and locked sessions are not told");
            }
            Err(_) => {}
        }
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 2).min(LONGEST_PAUSE);
    }
}

/// Sleep, and the session locked by `loginctl` or by the desktop. Ends when the connection does.
async fn system_bus(app: &AppHandle, pause: &mut Pause) -> zbus::Result<()> {
    let bus = Connection::system().await?;
    let mut signals = signals(&bus, SYSTEM_SIGNALS).await?;
    let mut held = hold_sleep(&bus).await;
    pause.works();
    while let Some(signal) = signals.next().await {
        let signal = signal?;
        // A signal may also be sent to this connection alone, and then no rule is asked.
        if !is_from(&bus, LOGIND, &signal).await {
            tracing::warn!("a signal that is not from logind was ignored");
            continue;
        }
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
        let begins = signal.body().deserialize::<bool>();
        match begins {
            Ok(true) => {
                lock(app, "the machine goes to sleep").await;
                // Now it may sleep.
                held = None;
            }
            Ok(false) if held.is_none() => held = hold_sleep(&bus).await,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "a signal of logind cannot be read"),
        }
    }
    Ok(())
}

async fn session_bus(app: &AppHandle, pause: &mut Pause) -> zbus::Result<()> {
    let bus = Connection::session().await?;
    let mut signals = signals(&bus, SESSION_SIGNALS).await?;
    pause.works();
    while let Some(signal) = signals.next().await {
        let active = signal?.body().deserialize::<bool>();
        match active {
            Ok(true) => lock(app, "the screen saver is on").await,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "a signal of the screen saver cannot be read"),
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

/// The sender of a signal is the program that owns this name now.
async fn is_from(bus: &Connection, name: &'static str, signal: &Message) -> bool {
    let owner = async {
        let name = BusName::try_from(name)?;
        Ok::<_, zbus::Error>(DBusProxy::new(bus).await?.get_name_owner(name).await?)
    };
    let header = signal.header();
    owner.await.is_ok_and(|owner| {
        header
            .sender()
            .is_some_and(|sender| sender.as_str() == owner.as_str())
    })
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
