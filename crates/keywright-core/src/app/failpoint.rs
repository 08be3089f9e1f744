//! Lets a test end the process between two lines. A release build has no such thing.

/// Ends the process at once, as `kill -9` would, when `KEYWRIGHT_FAULT_POINT` names this point.
#[cfg(debug_assertions)]
pub(crate) fn point(name: &str) {
    if std::env::var("KEYWRIGHT_FAULT_POINT").is_ok_and(|wanted| wanted == name) {
        std::process::abort();
    }
}

/// Nothing.
#[cfg(not(debug_assertions))]
pub(crate) fn point(_name: &str) {}
