//! Lets one change of an application run at a time, in this process and in others.

use std::{sync::atomic::Ordering, time::Duration};

use keywright_vault::{ChangeHolder, ChangeLock, JournalOperation};
use uuid::Uuid;

use crate::{CoreError, Keywright};

/// The pause before a change that has to wait looks again.
const PAUSE: Duration = Duration::from_millis(100);

impl Keywright {
    /// Lets changes wait until another change of the same application ended, in place of failing.
    pub fn wait_for_changes(&self, waits: bool) {
        self.0.waits.store(waits, Ordering::Relaxed);
    }

    /// Takes the right to change an application, or to go on with a journal entry. Give it back before a
    /// token is asked for: that may end a rotated secret, which is a change, too.
    pub(crate) async fn open_change(
        &self,
        id: Uuid,
        name: &str,
        operation: JournalOperation,
    ) -> Result<ChangeLock, CoreError> {
        let vault = self.vault()?;
        let wanted = self.change_holder(operation);
        loop {
            match vault.try_lock_change(id, &wanted)? {
                Ok(lock) => return Ok(lock),
                Err(_) if self.0.waits.load(Ordering::Relaxed) => {
                    tokio::time::sleep(PAUSE).await;
                }
                Err(holder) => {
                    return Err(CoreError::ChangeBusy {
                        name: name.to_owned(),
                        holder,
                    });
                }
            }
        }
    }

    /// Takes the right only where nobody has it.
    pub(crate) fn try_open_change(&self, id: Uuid) -> Result<Option<ChangeLock>, CoreError> {
        let holder = self.change_holder(JournalOperation::Rotate);
        Ok(self.vault()?.try_lock_change(id, &holder)?.ok())
    }

    fn change_holder(&self, operation: JournalOperation) -> ChangeHolder {
        ChangeHolder {
            program: self.0.actor.as_str().to_owned(),
            process: std::process::id(),
            operation: operation_name(operation).to_owned(),
            since: self.now(),
        }
    }
}

fn operation_name(operation: JournalOperation) -> &'static str {
    match operation {
        JournalOperation::Register => "register",
        JournalOperation::Read => "read",
        JournalOperation::Update => "update",
        JournalOperation::Rotate => "rotate",
        JournalOperation::Delete => "delete",
    }
}
