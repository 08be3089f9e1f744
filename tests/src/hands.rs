//! The window as a person has it: no driver, nothing automated; a mouse and a keyboard by XTEST.

use std::{
    ops::RangeInclusive,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ClientMessageEvent, ConnectionExt as _, EventMask,
    MOTION_NOTIFY_EVENT, Window,
};

use crate::{Display, display::atom, program, xtest::XTest};

const PATIENCE: Duration = Duration::from_mins(1);
const LEAST_WIDTH: u16 = 900;

/// A display, the program on it, and hands.
pub struct Hands {
    pub display: Display,
    app: Child,
    input: XTest,
}

impl Hands {
    /// Opens the program on a vault folder.
    pub fn open(home: &Path, env: &[(&str, &str)]) -> Self {
        Self::open_as(home, env, None)
    }

    /// Opens it as another user, which only root can.
    pub fn open_as(home: &Path, env: &[(&str, &str)], user: Option<u32>) -> Self {
        let hands = Self::start(home, env, user, &[]);
        hands.focus();
        hands
    }

    /// Starts it as the session does, with a window that may stay hidden.
    pub fn in_tray(home: &Path, env: &[(&str, &str)]) -> Self {
        Self::start(home, env, None, &["--in-tray"])
    }

    fn start(home: &Path, env: &[(&str, &str)], user: Option<u32>, arguments: &[&str]) -> Self {
        use std::os::unix::process::CommandExt as _;
        let display = Display::start();
        let mut app = Command::new(program("keywright-app"));
        if let Some(user) = user {
            app.uid(user).gid(user).current_dir("/");
        }
        let app = app
            .env("DISPLAY", &display.name)
            .env("KEYWRIGHT_HOME", home)
            .env("KEYWRIGHT_KEYRING", "off")
            .env("KEYWRIGHT_TEST_FAST_KDF", "1")
            .env("XDG_CONFIG_HOME", home.with_extension("config"))
            .env("XDG_CACHE_HOME", home.with_extension("cache"))
            .env("WEBKIT_DISABLE_COMPOSITING_MODE", "1")
            .env("LC_ALL", "C.UTF-8")
            .envs(env.iter().copied())
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the window starts");
        let input = XTest::on(&display);
        Self {
            display,
            app,
            input,
        }
    }

    /// The program's process.
    pub fn pid(&self) -> u32 {
        self.app.id()
    }

    /// The program still runs.
    pub fn runs(&mut self) -> bool {
        self.app.try_wait().expect("its state").is_none()
    }

    /// Waits for the window and gives it the keyboard: there is no window manager that would.
    pub fn focus(&self) {
        self.input.focus(self.window());
    }

    /// The window's title.
    pub fn title(&self) -> String {
        use x11rb::protocol::xproto::AtomEnum;
        let answer = self
            .input
            .connection
            .get_property(
                false,
                self.window(),
                AtomEnum::WM_NAME,
                AtomEnum::ANY,
                0,
                1024,
            )
            .expect("a request")
            .reply()
            .expect("the title");
        String::from_utf8_lossy(&answer.value).into_owned()
    }

    /// A click at a place within the window.
    pub fn click(&self, (x, y): (i16, i16)) {
        let place = self
            .input
            .connection
            .translate_coordinates(self.window(), self.input.root, x, y)
            .expect("a request")
            .reply()
            .expect("a place on the screen");
        self.input
            .fake(MOTION_NOTIFY_EVENT, 0, place.dst_x, place.dst_y);
        self.input.fake(BUTTON_PRESS_EVENT, 1, 0, 0);
        self.input.fake(BUTTON_RELEASE_EVENT, 1, 0, 0);
    }

    /// Types text that has small letters, digits, spaces and line ends.
    pub fn type_text(&self, text: &str) {
        self.input.type_text(text);
    }

    /// Presses keys together, by their keysyms.
    pub fn press(&self, keys: &[u32]) {
        self.input.press(keys);
    }

    /// Ends the program as the session's end does.
    pub fn close(mut self) {
        self.app.kill().expect("it can be ended");
        self.app.wait().expect("it ends");
    }

    /// Waits until the window is not seen any more.
    pub fn hidden(&self) {
        let begun = Instant::now();
        while self.seen(LEAST_WIDTH..=u16::MAX).is_some() {
            assert!(begun.elapsed() < PATIENCE, "the window is still seen");
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Waits for a small window in front of the others, and gives it the keyboard.
    pub fn focus_small(&self, widths: RangeInclusive<u16>) {
        let begun = Instant::now();
        let window = loop {
            if let Some(window) = self.seen(widths.clone()) {
                break window;
            }
            assert!(begun.elapsed() < PATIENCE, "no small window appeared");
            thread::sleep(Duration::from_millis(50));
        };
        self.input.focus(window);
    }

    /// A window of such a width is seen.
    pub fn sees(&self, widths: RangeInclusive<u16>) -> bool {
        self.seen(widths).is_some()
    }

    /// Closes the window as its cross does, and waits for the program's end.
    pub fn quit(&mut self) {
        self.ask_to_close();
        let begun = Instant::now();
        while self.runs() {
            assert!(begun.elapsed() < PATIENCE, "the window does not close");
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Closes the window as its cross does.
    pub fn ask_to_close(&self) {
        let window = self.window();
        let [protocols, delete] =
            ["WM_PROTOCOLS", "WM_DELETE_WINDOW"].map(|name| atom(&self.input.connection, name));
        let wish = ClientMessageEvent::new(32, window, protocols, [delete, 0, 0, 0, 0]);
        self.input
            .connection
            .send_event(false, window, EventMask::NO_EVENT, wish)
            .expect("a request")
            .check()
            .expect("the window is asked");
    }

    fn window(&self) -> Window {
        let begun = Instant::now();
        loop {
            if let Some(window) = self.seen(LEAST_WIDTH..=u16::MAX) {
                return window;
            }
            assert!(begun.elapsed() < PATIENCE, "no window appeared");
            thread::sleep(Duration::from_millis(100));
        }
    }

    fn seen(&self, widths: RangeInclusive<u16>) -> Option<Window> {
        self.input.seen(&widths)
    }
}

impl Drop for Hands {
    fn drop(&mut self) {
        let _ = self.app.kill();
        let _ = self.app.wait();
    }
}
