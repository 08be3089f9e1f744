//! Which tokens are being checked.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;
use uuid::Uuid;

/// The checks that are under way, by token.
#[derive(Debug, Default)]
pub(crate) struct Checks(Mutex<HashMap<Uuid, watch::Receiver<()>>>);

/// Ends its check when it is dropped.
pub(crate) struct Check<'a> {
    checks: &'a Checks,
    token: Uuid,
    _ended: watch::Sender<()>,
}

impl Checks {
    /// A check begins: the value that marks it, for the task that makes the check.
    pub(crate) fn announce(&self, token: Uuid) -> watch::Sender<()> {
        let (sender, receiver) = watch::channel(());
        self.all().insert(token, receiver);
        sender
    }

    /// The check runs until the answer is dropped.
    pub(crate) fn run(&self, token: Uuid, sender: watch::Sender<()>) -> Check<'_> {
        Check {
            checks: self,
            token,
            _ended: sender,
        }
    }

    /// The check of this token is under way.
    pub(crate) fn has(&self, token: Uuid) -> bool {
        self.all().contains_key(&token)
    }

    /// The tokens whose checks are under way.
    pub(crate) fn tokens(&self) -> Vec<Uuid> {
        self.all().keys().copied().collect()
    }

    /// Waits until the check of this token ended, if one is under way.
    pub(crate) async fn ended(&self, token: Uuid) {
        let receiver = self.all().get(&token).cloned();
        if let Some(mut receiver) = receiver {
            // Nothing is ever sent: the end of the sender is the end of the check.
            while receiver.changed().await.is_ok() {}
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Uuid, watch::Receiver<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Check<'_> {
    fn drop(&mut self) {
        self.checks.all().remove(&self.token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_waits_for_a_check_goes_on_when_it_ended() {
        let checks = Checks::default();
        let token = Uuid::now_v7();
        checks.ended(token).await;
        let sender = checks.announce(token);
        assert!(checks.has(token));
        let check = checks.run(token, sender);
        let end = async {
            tokio::task::yield_now().await;
            assert_eq!(checks.tokens(), [token]);
            drop(check);
        };
        tokio::join!(checks.ended(token), end);
        assert!(!checks.has(token));
    }
}
