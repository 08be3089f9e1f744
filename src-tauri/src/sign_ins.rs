//! The sign-ins that wait for a user, one for each application.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use tokio::sync::{mpsc, watch};
use url::Url;

/// Pasted answers that wait to be looked at.
const WAITING: usize = 4;

/// The sign-ins that wait. One that is begun for the same application ends the one before it.
#[derive(Default)]
pub(crate) struct SignIns(Mutex<HashMap<String, Waiting>>);

/// What reaches a sign-in from outside.
struct Waiting {
    cancel: watch::Sender<bool>,
    pasted: mpsc::Sender<String>,
    /// What the browser is to open; none until the core says so.
    address: Option<Url>,
}

/// The inner side.
pub(crate) struct Begun {
    cancelled: watch::Receiver<bool>,
    pub(crate) pasted: mpsc::Receiver<String>,
}

impl Begun {
    /// Ends once the sign-in was cancelled, or another one has taken its place.
    pub(crate) async fn cancelled(mut cancelled: watch::Receiver<bool>) {
        // An error is the end of the sender: another sign-in was begun.
        let _ = cancelled.wait_for(|cancelled| *cancelled).await;
    }

    /// What [`Begun::cancelled`] waits for.
    pub(crate) fn cancel(&self) -> watch::Receiver<bool> {
        self.cancelled.clone()
    }
}

impl SignIns {
    pub(crate) fn begin(&self, application: &str) -> Begun {
        let (cancel, cancelled) = watch::channel(false);
        let (pasted, receiver) = mpsc::channel(WAITING);
        let waiting = Waiting {
            cancel,
            pasted,
            address: None,
        };
        self.all().insert(application.to_owned(), waiting);
        Begun {
            cancelled,
            pasted: receiver,
        }
    }

    /// The sign-in of this receiver is over; one that was begun since stays.
    pub(crate) fn end(&self, application: &str, of: &watch::Receiver<bool>) {
        let mut all = self.all();
        let is_mine = all
            .get(application)
            .is_some_and(|one| one.cancel.subscribe().same_channel(of));
        if is_mine {
            all.remove(application);
        }
    }

    pub(crate) fn cancel(&self, application: &str) {
        if let Some(one) = self.all().remove(application) {
            one.cancel.send_replace(true);
        }
    }

    /// The vault is locked: nothing waits any more.
    pub(crate) fn cancel_all(&self) {
        for (_, one) in self.all().drain() {
            one.cancel.send_replace(true);
        }
    }

    pub(crate) fn opens(&self, application: &str, address: Url) {
        if let Some(one) = self.all().get_mut(application) {
            one.address = Some(address);
        }
    }

    pub(crate) fn address(&self, application: &str) -> Option<Url> {
        self.all().get(application)?.address.clone()
    }

    /// Gives an answer to the sign-in; one that nobody waits for is dropped.
    pub(crate) fn paste(&self, application: &str, text: String) {
        if let Some(one) = self.all().get(application) {
            // A full queue has answers enough that do not belong to this sign-in.
            let _ = one.pasted.try_send(text);
        }
    }

    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<String, Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
