//! What Ctrl C leaves behind: names what is at a provider, and how to go on or to take it back.

use std::sync::{Mutex, PoisonError};

use keywright_core::{Keywright, translate};

use crate::{follow_up_commands, output, text::Key};

/// Name of the application that this run registered and gets a token for.
static REGISTERED: Mutex<Option<String>> = Mutex::new(None);

/// An application is in the vault now, and the command goes on with it.
pub(crate) fn registered(name: &str) {
    *REGISTERED.lock().unwrap_or_else(PoisonError::into_inner) = Some(name.to_owned());
}

/// Says what a command left that began at this time. Shown with --quiet as well: nobody else says it.
pub(crate) fn report(keywright: &Keywright, begun: i64) {
    let lang = keywright.lang();
    let say = |key: Key, blanks: &[(&str, &str)]| {
        output::status(false, &translate(lang, key, blanks));
    };
    let name = REGISTERED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    if let Some(name) = name {
        let typed = follow_up_commands::quoted(name.clone());
        say(
            Key::InterruptedRegistered,
            &[("name", &name), ("app", &typed)],
        );
    }
    // A locked vault has begun nothing.
    let pending = keywright.registration().pending().unwrap_or_default();
    let mine: Vec<_> = pending
        .iter()
        .filter(|one| one.created_at >= begun)
        .collect();
    for one in &mine {
        output::status(false, &one.message);
    }
    if !mine.is_empty() {
        say(Key::InterruptedPending, &[]);
    }
}
