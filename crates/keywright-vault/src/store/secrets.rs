//! The table of secrets, apart from everything a list shows.

use rusqlite::{Connection, OptionalExtension as _, params};
use uuid::Uuid;

use crate::store::sql::Id;
use crate::{SecretText, Vault, VaultError};

/// The name of an application's `client_secret`.
pub const SECRET_CLIENT: &str = "client_secret";
/// Name under which the secret before a rotation is kept, until the new one is proven.
pub const SECRET_PREVIOUS: &str = "client_secret_previous";
/// Name under which a secret is kept that a read or an update brought along, until a token request proves it.
pub const SECRET_OFFERED: &str = "client_secret_offered";
/// The name of an application's key ring: the private keys that it proves itself with.
pub const SECRET_CLIENT_KEYS: &str = "client_keys";
/// The name of the key that an application's tokens are bound to.
pub const SECRET_DPOP_KEY: &str = "dpop_key";
/// The name of an application's `registration_access_token` (RFC 7592).
pub const SECRET_REGISTRATION_TOKEN: &str = "registration_access_token";
/// Name under which the registration access token before is kept, until the new one opened the registration.
pub const SECRET_PREVIOUS_REGISTRATION_TOKEN: &str = "registration_access_token_previous";
/// The name of a session's cookie jar.
pub const SECRET_JAR: &str = "jar";
/// The name of the address that was last read with a session, as it was sent.
pub const SECRET_LAST_URL: &str = "last_url";

/// A secret's name with its new value, or with none to delete it.
pub type SecretChange = (String, Option<SecretText>);

/// Whose secret it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// A configuration's, for example an initial access token.
    Configuration(Uuid),
    /// An application's.
    Application(Uuid),
    /// A token's: `access_token` and `refresh_token`.
    Token(Uuid),
    /// A session's: its cookie jar and its last address.
    Session(Uuid),
    /// From an answer that is not part of an application yet.
    Journal(Uuid),
}

impl Owner {
    fn columns(self) -> (&'static str, Id) {
        match self {
            Self::Configuration(id) => ("configuration", Id(id)),
            Self::Application(id) => ("application", Id(id)),
            Self::Token(id) => ("token", Id(id)),
            Self::Session(id) => ("session", Id(id)),
            Self::Journal(id) => ("journal", Id(id)),
        }
    }
}

impl Vault {
    /// One secret; none if it is not there.
    pub fn secret(&self, owner: Owner, name: &str) -> Result<Option<SecretText>, VaultError> {
        self.read(|connection| get(connection, owner, name))
    }

    /// Since when a secret has its value; none if it is not there.
    pub fn secret_since(&self, owner: Owner, name: &str) -> Result<Option<i64>, VaultError> {
        let (kind, id) = owner.columns();
        self.read(|connection| {
            Ok(connection
                .prepare_cached(
                    "SELECT created_at FROM secret WHERE owner_kind = ?1 AND owner_id = ?2 AND name = ?3",
                )?
                .query_row(params![kind, id, name], |row| row.get(0))
                .optional()?)
        })
    }

    /// The names of an owner's secrets, in order.
    pub fn secret_names(&self, owner: Owner) -> Result<Vec<String>, VaultError> {
        self.read(|connection| names(connection, owner))
    }

    /// Stores one secret, replacing the one of that name.
    pub fn put_secret(
        &self,
        owner: Owner,
        name: &str,
        value: &SecretText,
        now: i64,
    ) -> Result<(), VaultError> {
        self.write(|tx| put(tx, owner, name, value, now))
    }

    /// Stores one secret unless there is one of that name, and returns the one that is there then: of two programs that
    /// make one at the same time, both use the same.
    pub fn put_secret_once(
        &self,
        owner: Owner,
        name: &str,
        value: &SecretText,
        now: i64,
    ) -> Result<SecretText, VaultError> {
        self.write(|tx| {
            if let Some(kept) = get(tx, owner, name)? {
                return Ok(kept);
            }
            put(tx, owner, name, value, now)?;
            Ok(value.clone())
        })
    }

    /// Deletes one secret; that there is none is fine.
    pub fn delete_secret(&self, owner: Owner, name: &str) -> Result<(), VaultError> {
        self.write(|tx| delete(tx, owner, name))
    }
}

/// One secret, within a transaction or not; none if it is not there.
pub(crate) fn get(
    connection: &Connection,
    owner: Owner,
    name: &str,
) -> Result<Option<SecretText>, VaultError> {
    let (kind, id) = owner.columns();
    let found = connection
        .prepare_cached(
            "SELECT value FROM secret WHERE owner_kind = ?1 AND owner_id = ?2 AND name = ?3",
        )?
        .query_row(params![kind, id, name], |row| row.get::<_, String>(0))
        .optional()?;
    Ok(found.map(SecretText::new))
}

/// Stores one secret within a transaction.
pub(crate) fn put(
    tx: &Connection,
    owner: Owner,
    name: &str,
    value: &SecretText,
    now: i64,
) -> Result<(), VaultError> {
    let (kind, id) = owner.columns();
    tx.prepare_cached(
        "INSERT INTO secret (owner_kind, owner_id, name, value, created_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO UPDATE SET value = excluded.value,
            -- The same value again, as a read answers it, is no new secret.
            created_at = CASE WHEN value = excluded.value THEN created_at ELSE excluded.created_at END",
    )?
    .execute(params![kind, id, name, value.expose(), now])?;
    Ok(())
}

/// Stores and deletes secrets within a transaction.
pub(crate) fn apply(
    tx: &Connection,
    owner: Owner,
    changes: &[SecretChange],
    now: i64,
) -> Result<(), VaultError> {
    for (name, value) in changes {
        match value {
            Some(value) => put(tx, owner, name, value, now)?,
            None => delete(tx, owner, name)?,
        }
    }
    Ok(())
}

/// The names of an owner's secrets.
pub(crate) fn names(connection: &Connection, owner: Owner) -> Result<Vec<String>, VaultError> {
    let (kind, id) = owner.columns();
    let names = connection
        .prepare_cached(
            "SELECT name FROM secret WHERE owner_kind = ?1 AND owner_id = ?2 ORDER BY name",
        )?
        .query_map(params![kind, id], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(names)
}

fn delete(tx: &Connection, owner: Owner, name: &str) -> Result<(), VaultError> {
    let (kind, id) = owner.columns();
    tx.prepare_cached("DELETE FROM secret WHERE owner_kind = ?1 AND owner_id = ?2 AND name = ?3")?
        .execute(params![kind, id, name])?;
    Ok(())
}
