//! A program on a display of its own: its window, what is painted in it, and keys pressed by XTEST.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use keywright_tests::Display;
pub(crate) use keywright_tests::keysym::{BACKSPACE, CONTROL, DOWN, RETURN};
use x11rb::{
    connection::Connection as _,
    protocol::{
        xproto::{
            ConnectionExt as _, ImageFormat, InputFocus, KEY_PRESS_EVENT, KEY_RELEASE_EVENT,
            MapState, Window,
        },
        xtest::ConnectionExt as _,
    },
    rust_connection::RustConnection,
};

const PATIENCE: Duration = Duration::from_mins(1);
const LEAST_WIDTH: u16 = 900;
/// Between two looks at the screen.
const LOOK: Duration = Duration::from_millis(1);
/// Nothing is painted any more when so long nothing changed.
const QUIET: Duration = Duration::from_millis(400);

/// A part of the window: left, top, width, height.
pub(crate) type Area = (i16, i16, u16, u16);

/// A program that runs on a display of its own.
pub(crate) struct Screen {
    connection: RustConnection,
    root: Window,
    window: Window,
    app: Child,
    /// Milliseconds from its start until its window was painted.
    pub(crate) start_ms: f64,
    // Ends after the program.
    _display: Display,
}

impl Screen {
    /// Starts a program and waits until its window is painted.
    pub(crate) fn open(program: &Path, vault: Option<&Path>) -> Self {
        let display = Display::start();
        let (connection, number) = x11rb::connect(Some(&display.name)).expect("a connection");
        let root = connection.setup().roots[number].root;
        let mut command = Command::new(program);
        command
            .env("DISPLAY", &display.name)
            .env("KEYWRIGHT_KEYRING", "off")
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if let Some(vault) = vault {
            command
                .env("KEYWRIGHT_HOME", vault)
                .env("XDG_CONFIG_HOME", vault.with_extension("config"))
                .env("XDG_CACHE_HOME", vault.with_extension("cache"));
        }
        let begun = Instant::now();
        let app = command.spawn().expect("the program starts");
        let mut screen = Self {
            connection,
            root,
            window: root,
            app,
            start_ms: 0.0,
            _display: display,
        };
        screen.window = screen.wait_for("no window appeared", Self::find_window);
        screen.wait_for("the window stayed empty", |screen| {
            screen.is_painted().then_some(())
        });
        screen.start_ms = begun.elapsed().as_secs_f64() * 1000.0;
        screen
            .connection
            .set_input_focus(InputFocus::POINTER_ROOT, screen.window, x11rb::CURRENT_TIME)
            .expect("a request")
            .check()
            .expect("the window takes the focus");
        screen
    }

    pub(crate) fn pid(&self) -> u32 {
        self.app.id()
    }

    /// What is on a part of the window now.
    pub(crate) fn image(&self, (x, y, width, height): Area) -> Vec<u8> {
        let image = self
            .connection
            .get_image(ImageFormat::Z_PIXMAP, self.window, x, y, width, height, !0)
            .expect("a request")
            .reply();
        // The window may not be there yet, or no more.
        image.map(|image| image.data).unwrap_or_default()
    }

    /// Waits until nothing is painted any more.
    pub(crate) fn settle(&self, area: Area) -> Vec<u8> {
        let begun = Instant::now();
        let mut seen = self.image(area);
        let mut since = Instant::now();
        while since.elapsed() < QUIET {
            assert!(begun.elapsed() < PATIENCE, "the window never comes to rest");
            sleep(Duration::from_millis(20));
            let now = self.image(area);
            if now != seen {
                (seen, since) = (now, Instant::now());
            }
        }
        seen
    }

    /// Milliseconds from the press of a key until a part of the window shows something else; none where it stays as
    /// it was.
    pub(crate) fn key_to_paint(&self, key: u32, area: Area) -> Option<f64> {
        const LONGEST: Duration = Duration::from_secs(2);
        let before = self.settle(area);
        let begun = Instant::now();
        self.press(&[key]);
        while begun.elapsed() < LONGEST {
            if self.image(area) != before {
                return Some(begun.elapsed().as_secs_f64() * 1000.0);
            }
            sleep(LOOK);
        }
        None
    }

    /// Presses keys together, by their keysyms.
    pub(crate) fn press(&self, keys: &[u32]) {
        let codes: Vec<u8> = keys.iter().map(|key| self.code(*key)).collect();
        for code in &codes {
            self.fake(KEY_PRESS_EVENT, *code);
        }
        for code in codes.iter().rev() {
            self.fake(KEY_RELEASE_EVENT, *code);
        }
    }

    /// Types text that has small letters, digits and spaces.
    pub(crate) fn type_text(&self, text: &str) {
        for letter in text.chars() {
            self.press(&[u32::from(letter)]);
            sleep(Duration::from_millis(25));
        }
    }

    fn fake(&self, kind: u8, detail: u8) {
        self.connection
            .xtest_fake_input(kind, detail, x11rb::CURRENT_TIME, self.root, 0, 0, 0)
            .expect("a request")
            .check()
            .expect("the display takes input");
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
            .expect("a key for it");
        setup.min_keycode + u8::try_from(at).expect("a key code")
    }

    fn wait_for<T>(&self, otherwise: &str, look: impl Fn(&Self) -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            assert!(begun.elapsed() < PATIENCE, "{otherwise}");
            sleep(LOOK);
        }
    }

    /// The program's window, by its size: the toolkit has small ones that nobody sees.
    fn find_window(&self) -> Option<Window> {
        let tree = self.connection.query_tree(self.root).ok()?.reply().ok()?;
        tree.children.into_iter().find(|&window| {
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
        })
    }

    /// Its page was drawn: a bare window is black or white.
    fn is_painted(&self) -> bool {
        let part = self.image((100, 100, 700, 400));
        part.chunks_exact(4)
            .any(|pixel| !matches!(pixel[..3], [0, 0, 0] | [255, 255, 255]))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.app.kill();
        let _ = self.app.wait();
    }
}
