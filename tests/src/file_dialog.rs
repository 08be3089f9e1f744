//! The dialog of the system for a file, which no driver of the page can see: by the keyboard of the display.

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use crate::{
    Window,
    keysym::{ESCAPE, RETURN},
    xtest::XTest,
};

const PATIENCE: Duration = Duration::from_mins(1);
/// Wider than a tooltip, narrower than the window.
const WIDTHS: std::ops::RangeInclusive<u16> = 300..=1270;

/// An open dialog.
pub struct FileDialog {
    input: XTest,
}

impl FileDialog {
    /// Waits until it is open, and gives it the keyboard.
    pub fn of(window: &Window) -> Self {
        let input = XTest::on(&window.display);
        let begun = Instant::now();
        let dialog = loop {
            if let Some(dialog) = input.seen(&WIDTHS) {
                break dialog;
            }
            assert!(begun.elapsed() < PATIENCE, "no dialog opened");
            thread::sleep(Duration::from_millis(100));
        };
        // It is drawn before it takes keys.
        thread::sleep(Duration::from_millis(500));
        input.focus(dialog);
        Self { input }
    }

    /// Types the place of the file over the suggested name, whose extension is not selected and stays. The place has
    /// small letters, digits, `/` and `-`.
    pub fn choose(self, path: &Path) {
        let stem = path.with_extension("");
        let stem = stem.to_str().expect("a place in UTF-8");
        self.input.type_text(stem);
        self.input.press(&[RETURN]);
        self.gone();
    }

    /// Closes it without a file.
    pub fn cancel(self) {
        self.input.press(&[ESCAPE]);
        self.gone();
    }

    fn gone(self) {
        let begun = Instant::now();
        while self.input.seen(&WIDTHS).is_some() {
            assert!(begun.elapsed() < PATIENCE, "the dialog is still open");
            thread::sleep(Duration::from_millis(100));
        }
    }
}
