//! Opens an application for a change: what an earlier change left behind is finished first.

use keywright_vault::{ApplicationRow, ChangeLock, JournalOperation, JournalState, Vault};
use uuid::Uuid;

use crate::{
    CoreError,
    registration::{Registrar, journal::RemoteState},
};

impl Registrar<'_> {
    /// The right to change an application, with the application as it is now. What an earlier change left
    /// behind when its process was killed is finished first: its answer is older.
    pub(crate) async fn open_application(
        self,
        wanted: &str,
        operation: JournalOperation,
    ) -> Result<(ApplicationRow, ChangeLock), CoreError> {
        let row = self.app.application_row(wanted)?;
        let lock = self.app.open_change(row.id, &row.name, operation).await?;
        let vault = self.app.vault()?;
        self.finish_left_behind(&vault, row.id)?;
        Ok((vault.application(row.id)?, lock))
    }

    /// An operation of an application was begun and not finished.
    pub(super) fn is_left_behind(self, application: Uuid) -> Result<bool, CoreError> {
        let left = self.app.vault()?.journal_pending()?;
        Ok(left
            .iter()
            .any(|entry| entry.application_id == Some(application)))
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
                        && RemoteState::read(&entry.remote)?.complete =>
                {
                    self.finish_change(entry)?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}
