//! What was found at an address, until the user decides about it.

use std::sync::{Arc, Mutex, PoisonError};

use keywright_core::FoundServer;

/// The newest look at an address. It may hold a client secret, and is dropped when the vault is locked.
#[derive(Default)]
pub(crate) struct Connections(Mutex<Looked>);

#[derive(Default)]
struct Looked {
    /// Looks so far.
    count: u32,
    newest: Option<Arc<FoundServer>>,
}

impl Connections {
    /// Keeps what was found; the number names it until the next look.
    pub(crate) fn keep(&self, found: FoundServer) -> u32 {
        let mut looked = self.looked();
        looked.count = looked.count.wrapping_add(1);
        looked.newest = Some(Arc::new(found));
        looked.count
    }

    /// What was found in the look of this number; none after another look or a lock.
    pub(crate) fn of(&self, number: u32) -> Option<Arc<FoundServer>> {
        let looked = self.looked();
        let found = looked.newest.as_ref();
        found.filter(|_| looked.count == number).cloned()
    }

    /// The vault is locked.
    pub(crate) fn clear(&self) {
        self.looked().newest = None;
    }

    fn looked(&self) -> std::sync::MutexGuard<'_, Looked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
