//! Lets one change of an application run at a time, in this process and in others.

use std::{sync::atomic::Ordering, time::Duration};

use keywright_vault::{
    ApplicationRow, ChangeHolder, ChangeLock, JournalOperation, JournalState, Vault,
};
use uuid::Uuid;

use crate::{
    CoreError,
    registration::{Registrar, journal::Remote, recovery::operation_name},
};

/// The pause before a change that has to wait looks again.
const PAUSE: Duration = Duration::from_millis(100);

impl Registrar<'_> {
    /// Lets changes wait until another change of the same application ended, in place of failing.
    pub fn wait_for_changes(self, waits: bool) {
        self.app.0.waits.store(waits, Ordering::Relaxed);
    }

    /// Takes the right to change an application, or to go on with a journal entry. Give it back before a
    /// token is asked for: that may end a rotated secret, which is a change, too.
    pub(crate) async fn open_change(
        self,
        id: Uuid,
        name: &str,
        operation: JournalOperation,
    ) -> Result<ChangeLock, CoreError> {
        let vault = self.app.vault()?;
        let wanted = self.change_holder(operation);
        loop {
            match vault.try_lock_change(id, &wanted)? {
                Ok(lock) => return Ok(lock),
                Err(_) if self.app.0.waits.load(Ordering::Relaxed) => {
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

    /// The right to change an application, with the application as it is now. What an earlier change left
    /// behind when its process was killed is finished first: its answer is older.
    pub(crate) async fn open_application(
        self,
        wanted: &str,
        operation: JournalOperation,
    ) -> Result<(ApplicationRow, ChangeLock), CoreError> {
        let row = self.app.application_row(wanted)?;
        let lock = self.open_change(row.id, &row.name, operation).await?;
        let vault = self.app.vault()?;
        self.finish_left_behind(&vault, row.id)?;
        Ok((vault.application(row.id)?, lock))
    }

    fn finish_left_behind(self, vault: &Vault, application: Uuid) -> Result<(), CoreError> {
        let left = vault.journal_pending()?;
        for entry in left
            .iter()
            .filter(|entry| entry.application_id == Some(application))
        {
            match entry.state {
                JournalState::Intent => vault.journal_discard(entry.id, self.app.now())?,
                JournalState::Answered
                    if entry.operation != JournalOperation::Register
                        && Remote::read(&entry.remote)?.complete =>
                {
                    self.finish_change(entry)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Takes the right only where nobody has it.
    pub(crate) fn try_open_change(self, id: Uuid) -> Result<Option<ChangeLock>, CoreError> {
        let holder = self.change_holder(JournalOperation::Rotate);
        Ok(self.app.vault()?.try_lock_change(id, &holder)?.ok())
    }

    fn change_holder(self, operation: JournalOperation) -> ChangeHolder {
        ChangeHolder {
            program: self.app.0.actor.as_str().to_owned(),
            process: std::process::id(),
            operation: operation_name(operation).to_owned(),
            since: self.app.now(),
        }
    }
}
