//! Lets a test end the process between two lines. A release build has no such thing.

/// Ends the process at once, as `kill -9` would, when `KEYWRIGHT_FAULT_POINT` names this point: `NAME`, or `NAME:2`
/// for the second time that it is passed.
#[cfg(debug_assertions)]
pub(crate) fn point(name: &str) {
    use std::sync::atomic::{AtomicUsize, Ordering};

    static PASSED: AtomicUsize = AtomicUsize::new(0);
    let Ok(wanted) = std::env::var("KEYWRIGHT_FAULT_POINT") else {
        return;
    };
    let (point, time) = wanted.split_once(':').unwrap_or((&wanted, "1"));
    if point == name && time.parse() == Ok(PASSED.fetch_add(1, Ordering::SeqCst) + 1) {
        std::process::abort();
    }
}

/// Nothing.
#[cfg(not(debug_assertions))]
pub(crate) fn point(_name: &str) {}
