//! The seal of `vault.json`: an authentication code under the database key, and the revision that the database keeps.
//!
//! The next revision is announced in the database, then the header is written and the database is told its revision, in
//! one transaction with the write lock that every change of the header takes. Killed between the two, the header is one
//! ahead, as announced. A header behind the database is an old copy and is refused: it could bring back a slot that was
//! removed. A header that is ahead without an announcement, or further, says that the database is an old copy
//! (`rollback.rs`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::Sha256;

use crate::VaultError;
use crate::error::HeaderProblem;
use crate::keys::header::{FORMAT_VERSION, HeaderFile};
use crate::keys::kdf::Key;
use crate::keys::stack::wiped;

/// Parts this use of the database key from every other.
const LABEL: &[u8] = b"keywright-vault header seal 2\0";
/// Where the database keeps the last revision it was told.
const REVISION: &str = "vault/header_revision";
/// Where the database keeps the revision that a change of the header is about to write.
const ANNOUNCED: &str = "vault/header_announced";

/// How a header and its database stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// They belong together.
    Same,
    /// The header was written, and the database not told: a change was cut off after it took effect.
    HeaderAhead,
    /// The header has the first format: this vault was never sealed.
    Unsealed,
    /// The header is ahead, and the database did not announce that: it is an old copy.
    DatabaseBehind,
}

impl HeaderFile {
    /// Seals what the header says now.
    pub(crate) fn seal(&mut self, key: &Key) -> Result<(), VaultError> {
        self.version = FORMAT_VERSION;
        let sealed = self.sealed()?;
        let seal = with_code(key, &sealed, |code| {
            STANDARD.encode(code.finalize().into_bytes())
        })?;
        self.seal = Some(seal);
        Ok(())
    }

    /// What is sealed: the header without its seal.
    fn sealed(&self) -> Result<Vec<u8>, VaultError> {
        let bare = Self {
            seal: None,
            ..self.clone()
        };
        Ok(serde_json::to_vec(&bare)?)
    }

    /// Whether someone with the key wrote this, and how it stands to the database that the key opens.
    pub(crate) fn check(&self, key: &Key, database: &Connection) -> Result<Standing, VaultError> {
        let known = number(database, REVISION)?;
        let Some(seal) = &self.seal else {
            // A vault that was sealed once is never taken without its seal again.
            return if known.is_none() && self.version == 1 {
                Ok(Standing::Unsealed)
            } else {
                Err(HeaderProblem::NotAuthentic.into())
            };
        };
        let seal = STANDARD.decode(seal).unwrap_or_default();
        let sealed = self.sealed()?;
        if !with_code(key, &sealed, |code| code.verify_slice(&seal).is_ok())? {
            return Err(HeaderProblem::NotAuthentic.into());
        }
        let known = known.unwrap_or(0);
        if self.revision < known {
            return Err(HeaderProblem::Outdated {
                found: self.revision,
                known,
            }
            .into());
        }
        Ok(match self.revision - known {
            0 => Standing::Same,
            1 if number(database, ANNOUNCED)? == Some(self.revision) => Standing::HeaderAhead,
            _ => Standing::DatabaseBehind,
        })
    }
}

/// Uses the authentication code of a header, and leaves nothing of the key on the stack.
fn with_code<T>(
    key: &Key,
    sealed: &[u8],
    take: impl FnOnce(Hmac<Sha256>) -> T,
) -> Result<T, VaultError> {
    wiped(|| {
        let mut code = Hmac::<Sha256>::new_from_slice(key.as_slice())
            .map_err(|_length| VaultError::KeyWrap)?;
        code.update(LABEL);
        code.update(sealed);
        Ok(take(code))
    })
}

/// A number that the database keeps. A vault of the first format has no revision.
fn number(database: &Connection, key: &str) -> Result<Option<u64>, VaultError> {
    let stored: Option<String> = database
        .prepare_cached("SELECT value FROM kv WHERE key = ?1")?
        .query_row([key], |row| row.get(0))
        .optional()?;
    Ok(stored.map(|text| serde_json::from_str(&text)).transpose()?)
}

fn keep(database: &Connection, key: &str, value: u64) -> Result<(), VaultError> {
    database
        .prepare_cached(
            "INSERT INTO kv (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value",
        )?
        .execute(params![key, serde_json::to_string(&value)?])?;
    Ok(())
}

/// Tells the database the revision of its header.
pub(crate) fn tell_revision(database: &Connection, revision: u64) -> Result<(), VaultError> {
    keep(database, REVISION, revision)
}

/// Announces the revision of the header that is written next.
pub(crate) fn announce(database: &Connection, revision: u64) -> Result<(), VaultError> {
    keep(database, ANNOUNCED, revision)
}

/// Whether this revision was announced last.
pub(crate) fn is_announced(database: &Connection, revision: u64) -> Result<bool, VaultError> {
    Ok(number(database, ANNOUNCED)? == Some(revision))
}

/// What was announced is not written: a copy of the database must not count as one that was cut off.
pub(crate) fn withdraw(database: &Connection) -> Result<(), VaultError> {
    database.execute("DELETE FROM kv WHERE key = ?1", [ANNOUNCED])?;
    Ok(())
}

#[cfg(test)]
#[path = "seal_tests.rs"]
mod tests;
