//! A login manager on a message bus of its own, which tells of sleep and locks when a test says so.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use zbus::{
    Connection, connection, interface,
    object_server::SignalEmitter,
    zvariant::{OwnedFd, OwnedObjectPath},
};

const MANAGER: &str = "/org/freedesktop/login1";
const SESSION: &str = "/org/freedesktop/login1/session/_31";

/// Anyone may own and send anything, and nothing is started by itself.
const BARE: &str = r#"<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>"#;

/// A message bus in a process of its own.
pub struct Bus {
    process: Child,
    address: String,
}

impl Bus {
    /// Starts one as a desktop has it.
    pub fn start() -> Self {
        Self::run("--session")
    }

    /// Starts one without anything on it.
    pub fn bare() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let rules = folder.path().join("bus.conf");
        std::fs::write(&rules, BARE).expect("the rules are written");
        Self::run(&format!("--config-file={}", rules.display()))
    }

    fn run(rules: &str) -> Self {
        let mut process = Command::new("dbus-daemon")
            .args([rules, "--nofork", "--print-address"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon is installed by `cargo xtask test`");
        let mut address = String::new();
        BufReader::new(process.stdout.take().expect("its output"))
            .read_line(&mut address)
            .expect("its address");
        Self {
            process,
            address: address.trim().to_owned(),
        }
    }

    /// Where it is.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The login manager.
pub struct LoginStub {
    bus: Bus,
    connection: Connection,
    watched: Arc<AtomicBool>,
}

struct Manager {
    inhibited: AtomicBool,
    watched: Arc<AtomicBool>,
}

#[interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    fn inhibit(&self, what: &str, who: &str, why: &str, mode: &str) -> OwnedFd {
        assert_eq!((what, who, mode), ("sleep", "Keywright", "delay"), "{why}");
        self.inhibited.store(true, Ordering::SeqCst);
        let file = std::fs::File::open("/dev/null").expect("/dev/null");
        std::os::fd::OwnedFd::from(file).into()
    }

    #[zbus(name = "GetSessionByPID")]
    fn get_session_by_pid(&self, pid: u32) -> OwnedObjectPath {
        assert_ne!(pid, 0);
        // The last thing that is asked before the watch stands.
        let inhibited = self.inhibited.load(Ordering::SeqCst);
        self.watched.store(inhibited, Ordering::SeqCst);
        OwnedObjectPath::try_from(SESSION).expect("a path")
    }

    #[zbus(signal)]
    async fn prepare_for_sleep(emitter: &SignalEmitter<'_>, start: bool) -> zbus::Result<()>;
}

struct Session {
    locked: bool,
}

#[interface(name = "org.freedesktop.login1.Session")]
impl Session {
    #[zbus(signal)]
    async fn lock(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    #[zbus(property)]
    fn locked_hint(&self) -> bool {
        self.locked
    }
}

impl LoginStub {
    /// Starts it on a bus of its own.
    pub async fn start() -> Self {
        let bus = Bus::start();
        let watched = Arc::new(AtomicBool::new(false));
        let manager = Manager {
            inhibited: AtomicBool::new(false),
            watched: Arc::clone(&watched),
        };
        let connection = connection::Builder::address(bus.address())
            .expect("an address")
            .name("org.freedesktop.login1")
            .expect("a name")
            .serve_at(MANAGER, manager)
            .expect("a place")
            .serve_at(SESSION, Session { locked: false })
            .expect("a place")
            .build()
            .await
            .expect("a connection");
        Self {
            bus,
            connection,
            watched,
        }
    }

    /// Its bus.
    pub fn address(&self) -> &str {
        self.bus.address()
    }

    /// Waits until someone has asked for everything that it needs to hear the signs.
    pub async fn is_watched(&self) {
        for _ in 0..100 {
            if self.watched.load(Ordering::SeqCst) {
                // What is subscribed to after the answer.
                tokio::time::sleep(Duration::from_millis(500)).await;
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("nobody watches the session");
    }

    /// The machine goes to sleep.
    pub async fn goes_to_sleep(&self) {
        let emitter = SignalEmitter::new(&self.connection, MANAGER).expect("a path");
        Manager::prepare_for_sleep(&emitter, true)
            .await
            .expect("a signal");
    }

    /// Someone locks the session.
    pub async fn locks_the_session(&self) {
        let emitter = SignalEmitter::new(&self.connection, SESSION).expect("a path");
        Session::lock(&emitter).await.expect("a signal");
    }

    /// The desktop says that it has locked the session.
    pub async fn hints_that_it_is_locked(&self) {
        let server = self.connection.object_server();
        let session = server
            .interface::<_, Session>(SESSION)
            .await
            .expect("the session");
        let mut held = session.get_mut().await;
        held.locked = true;
        held.locked_hint_changed(session.signal_emitter())
            .await
            .expect("a signal");
    }
}
