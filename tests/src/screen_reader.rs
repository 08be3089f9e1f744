//! What a screen reader gets from the window, over AT-SPI 2: the tree of the engine's web process.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use zbus::{Connection, Proxy, connection::Builder, fdo::DBusProxy, zvariant::OwnedObjectPath};

use crate::{Bus, Display};

const PATIENCE: Duration = Duration::from_mins(1);
const ACCESSIBLE: &str = "org.a11y.atspi.Accessible";
/// Where the engine keeps the page's root.
const ROOT: &str = "/org/a11y/webkit/accessible";
/// Bits of the states of an object (`AtspiStateType`).
const FOCUSABLE: u32 = 11;
const FOCUSED: u32 = 12;

/// One object of the page, as a screen reader sees it.
#[derive(Debug, Clone)]
pub struct Accessible {
    pub role: String,
    pub name: String,
    pub is_focusable: bool,
    pub is_focused: bool,
    /// `live`, for example.
    pub attributes: HashMap<String, String>,
    /// Its place on the bus; the same object has the same one.
    pub path: String,
}

/// A bus with the services of assistive technology on it, and a listener.
pub struct ScreenReader {
    session: Bus,
    bus: Connection,
    // The socket of the other bus is in it, and the registry needs a display.
    _runtime: TempDir,
    _display: Display,
}

impl ScreenReader {
    /// Starts both, and asks for events as Orca does.
    pub async fn start() -> Self {
        let session = Bus::start();
        let display = Display::start();
        let runtime = tempfile::tempdir().expect("a folder");
        let connection = Builder::address(session.address())
            .expect("an address")
            .build()
            .await
            .expect("the session bus");
        // Without them the launcher would choose the same socket in every test.
        let folder = runtime.path().display().to_string();
        let environment = HashMap::from([
            ("XDG_RUNTIME_DIR", folder.as_str()),
            ("DISPLAY", display.name.as_str()),
        ]);
        DBusProxy::new(&connection)
            .await
            .expect("the bus")
            .update_activation_environment(environment)
            .await
            .expect("an environment");
        let address: String =
            Proxy::new(&connection, "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus")
                .await
                .expect("a proxy")
                .call("GetAddress", &())
                .await
                .expect("at-spi2-core is installed by `cargo xtask test`");
        let bus = Builder::address(address.as_str())
            .expect("an address")
            .build()
            .await
            .expect("the bus of assistive technology");
        let registry = "org.a11y.atspi.Registry";
        let proxy = Proxy::new(&bus, registry, "/org/a11y/atspi/registry", registry)
            .await
            .expect("a proxy");
        for event in ["object:", "focus:"] {
            let _: () = proxy
                .call("RegisterEvent", &(event, Vec::<String>::new(), ""))
                .await
                .expect("the registry takes a listener");
        }
        Self {
            session,
            bus,
            _runtime: runtime,
            _display: display,
        }
    }

    /// Of the session bus, for the window.
    pub fn address(&self) -> &str {
        self.session.address()
    }

    /// Every object of the page, in reading order.
    pub async fn page(&self) -> Vec<Accessible> {
        let (process, root) = self.root().await;
        let mut found = Vec::new();
        let mut next = vec![root];
        while let Some(path) = next.pop() {
            let proxy = Proxy::new(&self.bus, process.clone(), path.clone(), ACCESSIBLE)
                .await
                .expect("a proxy");
            // An object that went away meanwhile is left out.
            let Ok(states) = proxy.call::<_, _, Vec<u32>>("GetState", &()).await else {
                continue;
            };
            let Ok(role) = proxy.call("GetRoleName", &()).await else {
                continue;
            };
            let children: Vec<(String, OwnedObjectPath)> =
                proxy.call("GetChildren", &()).await.unwrap_or_default();
            let has = |bit: u32| states.first().is_some_and(|low| low & (1 << bit) != 0);
            found.push(Accessible {
                role,
                name: proxy.get_property("Name").await.unwrap_or_default(),
                is_focusable: has(FOCUSABLE),
                is_focused: has(FOCUSED),
                attributes: proxy.call("GetAttributes", &()).await.unwrap_or_default(),
                path: path.to_string(),
            });
            next.extend(children.into_iter().rev().map(|(_, path)| path));
        }
        found
    }

    /// What has the focus of the keyboard.
    pub async fn focused(&self) -> Option<Accessible> {
        let page = self.page().await;
        page.into_iter().rfind(|one| one.is_focused)
    }

    /// The name of the engine's process on the bus, and the page's root there.
    async fn root(&self) -> (String, OwnedObjectPath) {
        let begun = Instant::now();
        loop {
            let names = DBusProxy::new(&self.bus)
                .await
                .expect("the bus")
                .list_names()
                .await
                .expect("the names");
            for name in names {
                if name.contains("WebProcess")
                    && let Some(root) = self.root_in(name.as_str()).await
                {
                    return (name.to_string(), root);
                }
            }
            assert!(begun.elapsed() < PATIENCE, "the page is not on the bus");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn root_in(&self, process: &str) -> Option<OwnedObjectPath> {
        type Place = (String, OwnedObjectPath);
        type Item = (
            Place,
            Place,
            Place,
            i32,
            i32,
            Vec<String>,
            String,
            u32,
            String,
            Vec<u32>,
        );
        let cache = "org.a11y.atspi.Cache";
        let proxy = Proxy::new(
            &self.bus,
            process.to_owned(),
            "/org/a11y/atspi/cache",
            cache,
        )
        .await;
        let items: Vec<Item> = proxy.ok()?.call("GetItems", &()).await.ok()?;
        let mut places = items.into_iter().map(|item| item.0.1);
        places.find(|path| path.as_str().starts_with(ROOT))
    }
}
