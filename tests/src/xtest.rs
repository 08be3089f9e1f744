//! A mouse and a keyboard on a display, by XTEST, and the windows that are seen there.

use std::{ops::RangeInclusive, thread, time::Duration};

use x11rb::{
    connection::Connection as _,
    protocol::{
        xproto::{
            ConnectionExt as _, InputFocus, KEY_PRESS_EVENT, KEY_RELEASE_EVENT, MapState, Window,
        },
        xtest::ConnectionExt as _,
    },
    rust_connection::RustConnection,
};

use crate::Display;

/// Between two strokes, as a quick person has it.
const STROKE: Duration = Duration::from_millis(25);

/// A connection to a display.
pub(crate) struct XTest {
    pub(crate) connection: RustConnection,
    pub(crate) root: Window,
}

impl XTest {
    pub(crate) fn on(display: &Display) -> Self {
        let (connection, screen) =
            x11rb::connect(Some(&display.name)).expect("a connection to the display");
        let root = connection.setup().roots[screen].root;
        Self { connection, root }
    }

    /// Gives a window the keyboard, as a window manager would.
    pub(crate) fn focus(&self, window: Window) {
        self.connection
            .set_input_focus(InputFocus::POINTER_ROOT, window, x11rb::CURRENT_TIME)
            .expect("a request")
            .check()
            .expect("the window takes the focus");
    }

    /// Types text that has small letters, digits, spaces, `/`, `-`, `.` and line ends.
    pub(crate) fn type_text(&self, text: &str) {
        for letter in text.chars() {
            self.press(&[letter_sym(letter)]);
        }
    }

    /// Presses keys together, by their keysyms.
    pub(crate) fn press(&self, keys: &[u32]) {
        let codes: Vec<u8> = keys.iter().map(|key| self.code(*key)).collect();
        for code in &codes {
            self.fake(KEY_PRESS_EVENT, *code, 0, 0);
        }
        for code in codes.iter().rev() {
            self.fake(KEY_RELEASE_EVENT, *code, 0, 0);
        }
    }

    /// One event of the mouse or the keyboard.
    pub(crate) fn fake(&self, kind: u8, detail: u8, x: i16, y: i16) {
        self.connection
            .xtest_fake_input(kind, detail, x11rb::CURRENT_TIME, self.root, x, y, 0)
            .expect("a request")
            .check()
            .expect("the display takes input");
        thread::sleep(STROKE);
    }

    /// A window of such a width that is seen.
    pub(crate) fn seen(&self, widths: &RangeInclusive<u16>) -> Option<Window> {
        let tree = self.connection.query_tree(self.root);
        let children = tree
            .expect("a request")
            .reply()
            .expect("the windows")
            .children;
        children
            .into_iter()
            .find(|child| self.has_width(*child, widths))
    }

    fn has_width(&self, window: Window, widths: &RangeInclusive<u16>) -> bool {
        let attributes = self.connection.get_window_attributes(window);
        let geometry = self.connection.get_geometry(window);
        // A window may go between two questions.
        let (Ok(Ok(attributes)), Ok(Ok(geometry))) = (
            attributes.map(x11rb::cookie::Cookie::reply),
            geometry.map(x11rb::cookie::Cookie::reply),
        ) else {
            return false;
        };
        attributes.map_state == MapState::VIEWABLE && widths.contains(&geometry.width)
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
        '\n' => crate::keysym::RETURN,
        other => u32::from(other),
    }
}
