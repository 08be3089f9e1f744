//! The clipboard of a display, as another program sees it (ICCCM section 2).

use std::{
    thread,
    time::{Duration, Instant},
};

use x11rb::{
    connection::Connection as _,
    protocol::{
        Event,
        xproto::{Atom, AtomEnum, ConnectionExt as _, CreateWindowAux, Window, WindowClass},
    },
    rust_connection::RustConnection,
};

use crate::display::atom;

const PATIENCE: Duration = Duration::from_secs(5);

/// A program that looks at the clipboard, and may take it over.
pub struct Clipboard {
    connection: RustConnection,
    window: Window,
    selection: Atom,
    answer: Atom,
}

impl Clipboard {
    /// Looks at the clipboard of a display.
    pub fn of(display: &str) -> Self {
        let (connection, screen) = x11rb::connect(Some(display)).expect("the display");
        let root = connection.setup().roots[screen].root;
        let window = connection.generate_id().expect("a window's id");
        connection
            .create_window(
                0,
                window,
                root,
                0,
                0,
                1,
                1,
                0,
                WindowClass::INPUT_ONLY,
                x11rb::COPY_FROM_PARENT,
                &CreateWindowAux::new(),
            )
            .expect("a request")
            .check()
            .expect("a window");
        let mut clipboard = Self {
            connection,
            window,
            selection: 0,
            answer: 0,
        };
        clipboard.selection = clipboard.atom("CLIPBOARD");
        clipboard.answer = clipboard.atom("KEYWRIGHT_TEST");
        clipboard
    }

    /// The value in one form, for example `UTF8_STRING`; none where nobody offers it.
    pub fn get(&self, form: &str) -> Option<String> {
        let form = self.atom(form);
        self.connection
            .convert_selection(
                self.window,
                self.selection,
                form,
                self.answer,
                x11rb::CURRENT_TIME,
            )
            .expect("a request")
            .check()
            .expect("the clipboard is asked");
        let begun = Instant::now();
        loop {
            match self.connection.poll_for_event().expect("the display") {
                Some(Event::SelectionNotify(told)) if told.property == x11rb::NONE => return None,
                Some(Event::SelectionNotify(_)) => break,
                Some(_) => {}
                None => thread::sleep(Duration::from_millis(20)),
            }
            assert!(begun.elapsed() < PATIENCE, "the clipboard does not answer");
        }
        let value = self
            .connection
            .get_property(true, self.window, self.answer, AtomEnum::ANY, 0, 1 << 20)
            .expect("a request")
            .reply()
            .expect("the value");
        Some(String::from_utf8_lossy(&value.value).into_owned())
    }

    /// Copies something else, whose value nobody gets.
    pub fn take_over(&self) {
        self.connection
            .set_selection_owner(self.window, self.selection, x11rb::CURRENT_TIME)
            .expect("a request")
            .check()
            .expect("the clipboard is taken");
    }

    /// What [`Clipboard::take_over`] put there is still there.
    pub fn is_ours(&self) -> bool {
        self.owner() == self.window
    }

    /// Waits until nobody owns it.
    pub fn becomes_empty(&self, within: Duration) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < within {
            if self.owner() == x11rb::NONE {
                return true;
            }
            thread::sleep(Duration::from_millis(100));
        }
        false
    }

    fn owner(&self) -> Window {
        self.connection
            .get_selection_owner(self.selection)
            .expect("a request")
            .reply()
            .expect("the owner")
            .owner
    }

    fn atom(&self, name: &str) -> Atom {
        atom(&self.connection, name)
    }
}
