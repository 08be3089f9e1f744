//! Reading and writing an open vault: one connection writes, others read next to it.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use rusqlite::{Connection, Transaction};

use crate::files::file_identity::FileIdentity;
use crate::vault::lock;
use crate::{Vault, VaultError, store::database};

/// How many idle read-only connections are kept.
const IDLE_READERS: usize = 3;

impl Vault {
    /// Runs one transaction; it commits if the work succeeds and leaves nothing behind if not.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        self.on_writer(|connection| {
            transact(connection, |tx| {
                self.still_current()?;
                work(tx)
            })
        })
    }

    /// As [`Vault::write`], for what may be lost with the machine: the commit does not wait for the disk. The next
    /// commit that does makes it durable as well.
    pub(crate) fn write_without_sync<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        self.on_writer(|connection| {
            database::sync_commits(connection, false)?;
            let result = transact(connection, |tx| {
                self.still_current()?;
                work(tx)
            });
            database::sync_commits(connection, true)?;
            result
        })
    }

    /// Works with the connection that writes.
    pub(crate) fn on_writer<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        let mut writer = lock(&self.writer);
        self.check_place()?;
        let mut connection = match writer.take() {
            Some(connection) => connection,
            None => self.writer_anew()?,
        };
        let result = work(&mut connection);
        // After a failed sync the system may call written what is not on the disk: the connection that goes by it
        // is let go.
        if is_sound(&result) {
            *writer = Some(connection);
        }
        result
    }

    /// The connection that writes, after the disk failed or while the vault could only be read.
    fn writer_anew(&self) -> Result<Connection, VaultError> {
        let connection = database::open_writer(&self.paths.database, &self.key)?;
        database::trust(&connection)?;
        lock(&self.readers).clear();
        if self.at_rest.load(Ordering::Acquire) {
            *lock(&self.watcher) = database::open_reader(&self.paths.database, &self.key)?;
            *self.place.write().unwrap_or_else(PoisonError::into_inner) =
                FileIdentity::of(&self.paths)?;
            self.at_rest.store(false, Ordering::Release);
        }
        Ok(connection)
    }

    /// The vault's files are still where they were, and the header still names this database.
    fn check_place(&self) -> Result<(), VaultError> {
        let place = self
            .place
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .check();
        match (place, self.still_current()) {
            // Whoever replaces the key deletes the old files.
            (_, Err(VaultError::KeyRotated)) => Err(VaultError::KeyRotated),
            (Err(moved), _) => Err(moved),
            (Ok(()), current) => current,
        }
    }

    /// Reads one consistent state, without waiting for a writer.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        self.check_place()?;
        let idle = lock(&self.readers).pop();
        let connection = match idle {
            Some(connection) => connection,
            None if self.at_rest.load(Ordering::Acquire) => {
                database::open_at_rest(&self.paths, &self.key)?
            }
            None => database::open_reader(&self.paths.database, &self.key)?,
        };
        let snapshot = connection.unchecked_transaction()?;
        let result = work(&snapshot);
        snapshot.finish()?;
        let mut idle = lock(&self.readers);
        if idle.len() < IDLE_READERS && is_sound(&result) {
            idle.push(connection);
        }
        result
    }
}

/// The disk did what the connection asked of it.
fn is_sound<T>(result: &Result<T, VaultError>) -> bool {
    !matches!(result, Err(error) if error.is_of_the_disk())
}

fn transact<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, VaultError>,
) -> Result<T, VaultError> {
    let tx = connection.transaction()?;
    let result = work(&tx)?;
    tx.commit()?;
    Ok(result)
}

#[cfg(test)]
#[path = "access_tests.rs"]
mod tests;
