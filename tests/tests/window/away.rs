//! The user goes away: sleep, a locked session, a screen saver, told by a double of logind on a bus of its own.

use std::{
    io::{PipeReader, Read as _},
    sync::{Arc, Mutex},
};

use keywright_tests::{Bus, Known, Window};
use zbus::{
    Connection, connection, interface,
    zvariant::{OwnedFd, OwnedObjectPath},
};

const MANAGER: &str = "org.freedesktop.login1.Manager";
const MANAGER_PATH: &str = "/org/freedesktop/login1";
const SESSION: &str = "org.freedesktop.login1.Session";
const OURS: &str = "/org/freedesktop/login1/session/ours";
const OTHERS: &str = "/org/freedesktop/login1/session/others";

/// The other ends of the delays that were given out.
type Delays = Arc<Mutex<Vec<PipeReader>>>;

struct Manager(Delays);

#[interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    fn inhibit(&self, what: &str, who: &str, why: &str, mode: &str) -> OwnedFd {
        assert!(
            !who.is_empty() && !why.is_empty(),
            "the user is told who and why"
        );
        assert_eq!((what, mode), ("sleep", "delay"));
        let (reader, writer) = std::io::pipe().unwrap();
        self.0.lock().unwrap().push(reader);
        std::os::fd::OwnedFd::from(writer).into()
    }
}

struct Session(u32);

#[interface(name = "org.freedesktop.login1.Session")]
impl Session {
    #[zbus(property)]
    fn user(&self) -> (u32, OwnedObjectPath) {
        (
            self.0,
            OwnedObjectPath::try_from("/org/freedesktop/login1/user/x").unwrap(),
        )
    }
}

async fn unlock(w: &Window) {
    w.fill("unlock-passphrase", Known::PASSPHRASE).await;
    w.click("unlock-submit").await;
    w.find("lock-now").await;
}

async fn tell(bus: &Connection, path: &str, interface: &str, member: &str, on: bool) {
    bus.emit_signal(None::<&str>, path, interface, member, &on)
        .await
        .unwrap();
}

#[expect(clippy::too_many_lines, reason = "one signal after the other")]
#[tokio::test(flavor = "multi_thread")]
async fn f11_window_locks_before_sleep_and_with_the_session() {
    let bus = Bus::bare();
    let delays = Delays::default();
    let me = std::fs::metadata("/proc/self")
        .map(|of| std::os::unix::fs::MetadataExt::uid(&of))
        .unwrap();
    let logind = connection::Builder::address(bus.address())
        .unwrap()
        .name("org.freedesktop.login1")
        .unwrap()
        .serve_at(MANAGER_PATH, Manager(Arc::clone(&delays)))
        .unwrap()
        .serve_at(OURS, Session(me))
        .unwrap()
        .serve_at(OTHERS, Session(me + 1))
        .unwrap()
        .build()
        .await
        .unwrap();

    let known = Known::new();
    let env = [
        ("DBUS_SYSTEM_BUS_ADDRESS", bus.address()),
        ("DBUS_SESSION_BUS_ADDRESS", bus.address()),
    ];
    let w = Window::open_with(&known.cli.home(), &env, &[]).await;
    unlock(&w).await;

    // The system waits until the vault is locked, and not longer.
    tell(&logind, MANAGER_PATH, MANAGER, "PrepareForSleep", true).await;
    let mut delay = delays.lock().unwrap().pop().expect("a delay was asked for");
    let ended = tokio::task::spawn_blocking(move || delay.read(&mut [0]));
    w.find("unlock-passphrase").await;
    assert_eq!(ended.await.unwrap().unwrap(), 0, "the delay was given back");
    tell(&logind, MANAGER_PATH, MANAGER, "PrepareForSleep", false).await;
    unlock(&w).await;
    assert_eq!(delays.lock().unwrap().len(), 1, "the next sleep waits too");

    // A session of another user is no matter; ours is.
    logind
        .emit_signal(None::<&str>, OTHERS, SESSION, "Lock", &())
        .await
        .unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert!(w.has("lock-now").await, "still open");
    logind
        .emit_signal(None::<&str>, OURS, SESSION, "Lock", &())
        .await
        .unwrap();
    w.find("unlock-passphrase").await;

    // Another program of the bus locks nothing, and what it sends ends nothing.
    unlock(&w).await;
    let stranger = connection::Builder::address(bus.address())
        .unwrap()
        .build()
        .await
        .unwrap();
    let window = zbus::fdo::DBusProxy::new(&stranger).await.unwrap();
    let all = window.list_names().await.unwrap();
    let ones = all.iter().filter(|name| name.starts_with(':')).map(Some);
    for to in ones.chain([None]) {
        for (path, interface, member) in [
            (MANAGER_PATH, MANAGER, "PrepareForSleep"),
            (OURS, SESSION, "Lock"),
        ] {
            let to = to.map(|name| name.as_str());
            stranger
                .emit_signal(to, path, interface, member, &true)
                .await
                .unwrap();
            stranger
                .emit_signal(to, path, interface, member, &"x")
                .await
                .unwrap();
        }
    }
    // Nor does a signal of logind that cannot be read.
    logind
        .emit_signal(None::<&str>, MANAGER_PATH, MANAGER, "PrepareForSleep", &"x")
        .await
        .unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert!(w.has("lock-now").await, "still open");
    logind
        .emit_signal(None::<&str>, OURS, SESSION, "Lock", &())
        .await
        .unwrap();
    w.find("unlock-passphrase").await;

    for saver in ["org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver"] {
        unlock(&w).await;
        tell(
            &logind,
            "/org/freedesktop/ScreenSaver",
            saver,
            "ActiveChanged",
            false,
        )
        .await;
        tell(
            &logind,
            "/org/freedesktop/ScreenSaver",
            saver,
            "ActiveChanged",
            true,
        )
        .await;
        w.find("unlock-passphrase").await;
    }
    w.close().await;
}
