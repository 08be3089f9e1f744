//! The parts of a desktop that a program talks to over the session bus: a tray that shows icons
//! (freedesktop.org `StatusNotifierItem`, canonical `dbusmenu`), and notices.

#![allow(
    clippy::unused_self,
    clippy::used_underscore_binding,
    clippy::needless_pass_by_value,
    reason = "the interfaces on the bus have these arguments"
)]

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use zbus::{
    Connection, Proxy, connection, interface,
    message::Header,
    zvariant::{OwnedObjectPath, OwnedValue, Structure, Value},
};

use crate::Bus;

const PATIENCE: Duration = Duration::from_secs(30);
const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";

/// The icons that were registered: the name on the bus, and the path.
type Icons = Arc<Mutex<Vec<(String, String)>>>;

struct Watcher(Icons);

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, service: &str, #[zbus(header)] header: Header<'_>) {
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        let icon = (sender, service.to_owned());
        let mut icons = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The library registers its icon again whenever something in it changed.
        icons.retain(|known| *known != icon);
        icons.push(icon);
    }

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        Vec::new()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

/// A notice as it arrived: title and text.
pub type Notice = (String, String);

struct Notifications(Arc<Mutex<Vec<Notice>>>);

#[interface(name = "org.freedesktop.Notifications")]
impl Notifications {
    #[expect(clippy::too_many_arguments, reason = "the interface has them")]
    fn notify(
        &self,
        _app: &str,
        _replaces: u32,
        _icon: &str,
        summary: &str,
        body: &str,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _timeout: i32,
    ) -> u32 {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shown.push((summary.to_owned(), body.to_owned()));
        u32::try_from(shown.len()).unwrap_or(u32::MAX)
    }

    fn get_capabilities(&self) -> Vec<String> {
        vec!["body".to_owned()]
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        let text = |text: &str| text.to_owned();
        (text("test"), text("test"), text("1"), text("1.2"))
    }
}

/// One entry of a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuEntry {
    id: i32,
    pub label: String,
    pub enabled: bool,
    pub ticked: bool,
}

/// A desktop with a tray and notices, on a bus of its own.
pub struct Desktop {
    bus: Bus,
    connection: Connection,
    icons: Icons,
    notices: Arc<Mutex<Vec<Notice>>>,
}

impl Desktop {
    /// With both.
    pub async fn start() -> Self {
        let desktop = Self::without_tray().await;
        desktop
            .connection
            .request_name("org.kde.StatusNotifierWatcher")
            .await
            .expect("the name of the watcher");
        desktop
    }

    /// With notices alone.
    pub async fn without_tray() -> Self {
        let bus = Bus::start();
        let icons = Icons::default();
        let notices = Arc::default();
        let connection = connection::Builder::address(bus.address())
            .expect("an address")
            .name("org.freedesktop.Notifications")
            .expect("a name")
            .serve_at("/StatusNotifierWatcher", Watcher(Arc::clone(&icons)))
            .expect("a path")
            .serve_at(
                "/org/freedesktop/Notifications",
                Notifications(Arc::clone(&notices)),
            )
            .expect("a path")
            .build()
            .await
            .expect("the desktop is on the bus");
        Self {
            bus,
            connection,
            icons,
            notices,
        }
    }

    /// Where the bus is.
    pub fn address(&self) -> &str {
        self.bus.address()
    }

    /// Icons that were registered so far.
    pub fn icons(&self) -> usize {
        self.icons
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }

    /// The notices so far.
    pub fn notices(&self) -> Vec<Notice> {
        self.notices
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The menu of the icon, once it has an entry with this label.
    pub async fn menu_with(&self, label: &str) -> Vec<MenuEntry> {
        let begun = Instant::now();
        loop {
            let menu = self.menu().await;
            if menu.iter().any(|entry| entry.label == label) {
                return menu;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "the menu has no {label:?}: {menu:?}"
            );
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
    }

    /// Chooses an entry, once it is there.
    pub async fn choose(&self, label: &str) {
        let menu = self.menu_with(label).await;
        let entry = menu
            .iter()
            .find(|entry| entry.label == label)
            .expect("it was there");
        assert!(entry.enabled, "{label} cannot be chosen");
        let menu = self.menu_proxy().await.expect("a menu");
        menu.call_method("Event", &(entry.id, "clicked", Value::from(0_i32), 0_u32))
            .await
            .expect("the entry is chosen");
    }

    async fn menu(&self) -> Vec<MenuEntry> {
        type Layout = (u32, (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>));
        let Some(menu) = self.menu_proxy().await else {
            return Vec::new();
        };
        let names: Vec<&str> = Vec::new();
        let Ok(answer) = menu
            .call::<_, _, Layout>("GetLayout", &(0_i32, -1_i32, names))
            .await
        else {
            return Vec::new();
        };
        let (_, (_, _, children)) = answer;
        children.iter().filter_map(entry).collect()
    }

    async fn menu_proxy(&self) -> Option<Proxy<'static>> {
        let (name, path) = self
            .icons
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .last()
            .cloned()?;
        let item = Proxy::new(&self.connection, name.clone(), path, ITEM)
            .await
            .ok()?;
        let menu: OwnedObjectPath = item.get_property("Menu").await.ok()?;
        Proxy::new(&self.connection, name, menu, MENU).await.ok()
    }
}

fn entry(child: &OwnedValue) -> Option<MenuEntry> {
    let fields = child.downcast_ref::<Structure<'_>>().ok()?;
    let [id, properties, _] = fields.fields() else {
        return None;
    };
    let properties = HashMap::<String, OwnedValue>::try_from(properties.try_clone().ok()?).ok()?;
    if let Some(kind) = properties.get("type")
        && kind.downcast_ref::<&str>() == Ok("separator")
    {
        return None;
    }
    let number = |name: &str| {
        properties
            .get(name)
            .and_then(|value| value.downcast_ref::<i32>().ok())
    };
    Some(MenuEntry {
        id: id.downcast_ref::<i32>().ok()?,
        label: properties
            .get("label")
            .and_then(|value| value.downcast_ref::<&str>().ok())
            .unwrap_or_default()
            .to_owned(),
        // Entries can be chosen unless they say otherwise.
        enabled: properties
            .get("enabled")
            .and_then(|value| value.downcast_ref::<bool>().ok())
            .unwrap_or(true),
        ticked: number("toggle-state") == Some(1),
    })
}
