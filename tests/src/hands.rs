//! The window as a person has it: no driver, nothing automated; a mouse and a keyboard by XTEST.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use x11rb::{
    connection::Connection as _,
    protocol::{
        xproto::{
            BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ClientMessageEvent, ConnectionExt as _,
            EventMask, InputFocus, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, MOTION_NOTIFY_EVENT,
            MapState, Window,
        },
        xtest::ConnectionExt as _,
    },
    rust_connection::RustConnection,
};

use crate::{Display, display::atom, program};

const PATIENCE: Duration = Duration::from_mins(1);
/// Between two strokes, as a quick person has it.
const STROKE: Duration = Duration::from_millis(25);
const LEAST_WIDTH: u16 = 900;

/// A display, the program on it, and hands.
pub struct Hands {
    pub display: Display,
    app: Child,
    connection: RustConnection,
    root: Window,
}

impl Hands {
    /// Opens the program on a vault folder.
    pub fn open(home: &Path, env: &[(&str, &str)]) -> Self {
        Self::open_as(home, env, None)
    }

    /// Opens it as another user, which only root can.
    pub fn open_as(home: &Path, env: &[(&str, &str)], user: Option<u32>) -> Self {
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
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the window starts");
        let (connection, screen) =
            x11rb::connect(Some(&display.name)).expect("a connection to the display");
        let root = connection.setup().roots[screen].root;
        let hands = Self {
            display,
            app,
            connection,
            root,
        };
        hands.focus();
        hands
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
        let window = self.window();
        self.connection
            .set_input_focus(InputFocus::POINTER_ROOT, window, x11rb::CURRENT_TIME)
            .expect("a request")
            .check()
            .expect("the window takes the focus");
    }

    /// The window's title.
    pub fn title(&self) -> String {
        use x11rb::protocol::xproto::AtomEnum;
        let answer = self
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
            .connection
            .translate_coordinates(self.window(), self.root, x, y)
            .expect("a request")
            .reply()
            .expect("a place on the screen");
        self.fake(MOTION_NOTIFY_EVENT, 0, place.dst_x, place.dst_y);
        self.fake(BUTTON_PRESS_EVENT, 1, 0, 0);
        self.fake(BUTTON_RELEASE_EVENT, 1, 0, 0);
    }

    /// Types text that has small letters, digits, spaces and line ends.
    pub fn type_text(&self, text: &str) {
        for letter in text.chars() {
            self.press(&[letter_sym(letter)]);
        }
    }

    /// Presses keys together, by their keysyms.
    pub fn press(&self, keys: &[u32]) {
        let codes: Vec<u8> = keys.iter().map(|key| self.code(*key)).collect();
        for code in &codes {
            self.fake(KEY_PRESS_EVENT, *code, 0, 0);
        }
        for code in codes.iter().rev() {
            self.fake(KEY_RELEASE_EVENT, *code, 0, 0);
        }
    }

    /// Ends the program as the session's end does.
    pub fn close(mut self) {
        self.app.kill().expect("it can be ended");
        self.app.wait().expect("it ends");
    }

    /// Closes the window as its cross does, and waits for the program's end.
    pub fn quit(&mut self) {
        let window = self.window();
        let [protocols, delete] =
            ["WM_PROTOCOLS", "WM_DELETE_WINDOW"].map(|name| atom(&self.connection, name));
        let wish = ClientMessageEvent::new(32, window, protocols, [delete, 0, 0, 0, 0]);
        self.connection
            .send_event(false, window, EventMask::NO_EVENT, wish)
            .expect("a request")
            .check()
            .expect("the window is asked");
        let begun = Instant::now();
        while self.runs() {
            assert!(begun.elapsed() < PATIENCE, "the window does not close");
            thread::sleep(Duration::from_millis(100));
        }
    }

    fn window(&self) -> Window {
        let begun = Instant::now();
        loop {
            let children = self
                .connection
                .query_tree(self.root)
                .expect("a request")
                .reply()
                .expect("the windows")
                .children;
            for child in children {
                if self.is_the_window(child) {
                    return child;
                }
            }
            assert!(begun.elapsed() < PATIENCE, "no window appeared");
            thread::sleep(Duration::from_millis(100));
        }
    }

    fn is_the_window(&self, window: Window) -> bool {
        let attributes = self.connection.get_window_attributes(window);
        let geometry = self.connection.get_geometry(window);
        // A window may go between two questions.
        let (Ok(Ok(attributes)), Ok(Ok(geometry))) = (
            attributes.map(x11rb::cookie::Cookie::reply),
            geometry.map(x11rb::cookie::Cookie::reply),
        ) else {
            return false;
        };
        attributes.map_state == MapState::VIEWABLE && geometry.width >= LEAST_WIDTH
    }

    fn fake(&self, kind: u8, detail: u8, x: i16, y: i16) {
        self.connection
            .xtest_fake_input(kind, detail, x11rb::CURRENT_TIME, self.root, x, y, 0)
            .expect("a request")
            .check()
            .expect("the display takes input");
        thread::sleep(STROKE);
    }

    fn code(&self, keysym: u32) -> u8 {
        let setup = self.connection.setup();
        let count = setup.max_keycode - setup.min_keycode + 1;
        let map = self
            .connection
            .get_keyboard_mapping(setup.min_keycode, count)
            .expect("a request")
            .reply()
            .expect("the keyboard");
        let width = usize::from(map.keysyms_per_keycode);
        let at = map
            .keysyms
            .chunks(width)
            .position(|syms| syms.first() == Some(&keysym))
            .unwrap_or_else(|| panic!("no key makes {keysym:#x}"));
        setup.min_keycode + u8::try_from(at).expect("a key code")
    }
}

/// The keysym of a letter; of Latin-1 it is the letter's number.
fn letter_sym(letter: char) -> u32 {
    match letter {
        '\n' => 0xff0d,
        other => u32::from(other),
    }
}

impl Drop for Hands {
    fn drop(&mut self) {
        let _ = self.app.kill();
        let _ = self.app.wait();
    }
}
