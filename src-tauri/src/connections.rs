//! What was found at an address, until the user decides about it.

use std::sync::{Arc, Mutex, PoisonError};

use keywright_core::FoundServer;

/// The newest inspection of an address. It may hold a client secret, and is dropped when the vault is locked.
#[derive(Default)]
pub(crate) struct Connections(Mutex<Inspected>);

#[derive(Default)]
struct Inspected {
    /// Inspections so far.
    count: u32,
    newest: Option<Arc<FoundServer>>,
}

impl Connections {
    /// Keeps what was found; the number names it until the next inspection.
    pub(crate) fn keep(&self, found: FoundServer) -> u32 {
        let mut inspected = self.inspected();
        inspected.count = inspected.count.wrapping_add(1);
        inspected.newest = Some(Arc::new(found));
        inspected.count
    }

    /// What was found in the inspection of this number; none after another one or a lock.
    pub(crate) fn of(&self, number: u32) -> Option<Arc<FoundServer>> {
        let inspected = self.inspected();
        let found = inspected.newest.as_ref();
        found.filter(|_| inspected.count == number).cloned()
    }

    /// The vault is locked.
    pub(crate) fn clear(&self) {
        self.inspected().newest = None;
    }

    fn inspected(&self) -> std::sync::MutexGuard<'_, Inspected> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
