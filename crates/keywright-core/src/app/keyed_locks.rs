//! One task at a time for each key.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::sync::{Mutex as TaskMutex, OwnedMutexGuard};

/// Locks by key. A lock that nobody holds or waits for is removed.
#[derive(Debug, Default)]
pub(crate) struct KeyedLocks(Mutex<HashMap<String, Weak<TaskMutex<()>>>>);

impl KeyedLocks {
    /// Waits until no other task holds this key.
    pub(crate) async fn lock(&self, key: String) -> OwnedMutexGuard<()> {
        self.lock_of(key).lock_owned().await
    }

    fn lock_of(&self, key: String) -> Arc<TaskMutex<()>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, lock| lock.strong_count() > 0);
        if let Some(lock) = all.get(&key).and_then(Weak::upgrade) {
            return lock;
        }
        let lock = Arc::default();
        all.insert(key, Arc::downgrade(&lock));
        lock
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[tokio::test]
    async fn a_key_is_held_by_one_task_at_a_time() {
        let locks = KeyedLocks::default();
        let held = locks.lock("a".into()).await;
        let same = locks.lock_of("a".into());
        assert!(same.try_lock().is_err());
        assert!(locks.lock_of("b".into()).try_lock().is_ok());
        drop(held);
        assert!(same.try_lock().is_ok());
    }

    #[tokio::test]
    async fn a_key_that_nobody_holds_is_removed() {
        let locks = KeyedLocks::default();
        for number in 0..1_000 {
            drop(locks.lock(number.to_string()).await);
        }
        let held = locks.lock("held".into()).await;
        assert_eq!(locks.0.lock().unwrap().len(), 1);
        drop(held);
    }
}
