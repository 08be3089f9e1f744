//! The clipboard: our value is marked as concealed where the system can, and cleared only while it
//! is still ours.

use std::sync::{Mutex, PoisonError};

use keywright_core::SecretText;

/// The clipboard and what we put there. On X11 the value lives as long as this does.
#[derive(Default)]
pub(crate) struct Clipboard(Mutex<Held>);

#[derive(Default)]
struct Held {
    board: Option<arboard::Clipboard>,
    ours: Option<SecretText>,
    /// Counts copies, so that the clock of an earlier one does not clear a later one.
    copies: u64,
}

impl Clipboard {
    /// Puts text there; gives the number of this copy.
    pub(crate) fn copy(&self, text: SecretText, secret: bool) -> Result<u64, arboard::Error> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let board = match &mut held.board {
            Some(board) => board,
            none => none.insert(arboard::Clipboard::new()?),
        };
        set(board, text.expose(), secret)?;
        held.ours = secret.then_some(text);
        held.copies += 1;
        Ok(held.copies)
    }

    /// Clears the value of copy `number`, if it is still there; says whether it did.
    pub(crate) fn clear(&self, number: u64) -> bool {
        let current = self.0.lock().unwrap_or_else(PoisonError::into_inner).copies == number;
        current && self.clear_ours()
    }

    /// Clears our value, if it is still there; says whether it did.
    pub(crate) fn clear_ours(&self) -> bool {
        // The connection to the display goes too: its buffers held the value. Nobody who copies waits
        // while another program is asked what it put there.
        let taken = {
            let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            held.ours.take().zip(held.board.take())
        };
        let Some((value, mut board)) = taken else {
            return false;
        };
        board.get_text().is_ok_and(|text| text == value.expose()) && board.clear().is_ok()
    }
}

#[cfg(target_os = "linux")]
fn set(board: &mut arboard::Clipboard, text: &str, secret: bool) -> Result<(), arboard::Error> {
    use arboard::SetExtLinux as _;
    let set = board.set();
    let set = if secret {
        set.exclude_from_history()
    } else {
        set
    };
    set.text(text)
}

#[cfg(target_os = "macos")]
fn set(board: &mut arboard::Clipboard, text: &str, secret: bool) -> Result<(), arboard::Error> {
    use arboard::SetExtApple as _;
    let set = board.set();
    let set = if secret {
        set.exclude_from_history()
    } else {
        set
    };
    set.text(text)
}

#[cfg(target_os = "windows")]
fn set(board: &mut arboard::Clipboard, text: &str, secret: bool) -> Result<(), arboard::Error> {
    use arboard::SetExtWindows as _;
    let set = board.set();
    let set = if secret {
        set.exclude_from_history().exclude_from_cloud()
    } else {
        set
    };
    set.text(text)
}
