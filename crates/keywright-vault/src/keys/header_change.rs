//! Changes of the header of an open vault.

use rusqlite::Connection;

use crate::keys::header::HeaderFile;
use crate::keys::seal::{announce, is_announced, tell_revision, withdraw};
use crate::{Vault, VaultError};

impl Vault {
    /// Changes the header under the database's write lock, which other processes respect as well.
    pub(crate) fn change_header<T>(
        &self,
        change: impl FnOnce(&mut HeaderFile) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        let mut change = Some(change);
        loop {
            self.write(|tx| announce(tx, self.checked_header(tx)?.revision + 1))?;
            let changed = self.write(|tx| {
                let mut header = self.checked_header(tx)?;
                // Another process changed it meanwhile.
                if !is_announced(tx, header.revision + 1)? {
                    return Ok(None);
                }
                let Some(change) = change.take() else {
                    return Ok(None);
                };
                let result = change(&mut header)?;
                header.revision += 1;
                header.seal(&self.key)?;
                header.write(&self.paths)?;
                tell_revision(tx, header.revision)?;
                Ok(Some(result))
            });
            match changed {
                Ok(Some(result)) => return Ok(result),
                Ok(None) => {}
                Err(error) => {
                    self.withdraw_announcement();
                    return Err(error);
                }
            }
        }
    }

    fn checked_header(&self, tx: &Connection) -> Result<HeaderFile, VaultError> {
        let header = HeaderFile::read(&self.paths)?;
        header.check(&self.key, tx)?;
        Ok(header)
    }

    /// Only where the header was not written after all.
    pub(crate) fn withdraw_announcement(&self) {
        let withdrawn = self.write(|tx| match self.checked_header(tx)? {
            header if is_announced(tx, header.revision + 1)? => withdraw(tx),
            _ => Ok(()),
        });
        if let Err(error) = withdrawn {
            tracing::warn!(%error, "a change of the header that failed is still announced");
        }
    }
}
