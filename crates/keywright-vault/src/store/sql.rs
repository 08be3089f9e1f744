//! How our types look in a column: ids as text, enums as their JSON names, values as JSON text.

use rusqlite::Row;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::{RowKind, VaultError};

/// An id as text.
#[derive(Clone, Copy)]
pub(crate) struct Id(pub(crate) Uuid);

impl ToSql for Id {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.to_string().into())
    }
}

impl FromSql for Id {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let parsed = Uuid::parse_str(value.as_str()?);
        parsed
            .map(Self)
            .map_err(|error| FromSqlError::Other(Box::new(error)))
    }
}

/// A value as JSON text.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match serde_json::to_string(&self.0) {
            Ok(text) => Ok(text.into()),
            Err(error) => Err(rusqlite::Error::ToSqlConversionFailure(Box::new(error))),
        }
    }
}

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match serde_json::from_str(value.as_str()?) {
            Ok(parsed) => Ok(Self(parsed)),
            Err(error) => Err(FromSqlError::Other(Box::new(error))),
        }
    }
}

/// The id in a column.
pub(crate) fn id_at(row: &Row<'_>, column: &str) -> rusqlite::Result<Uuid> {
    Ok(row.get::<_, Id>(column)?.0)
}

/// The id in a column that may be empty.
pub(crate) fn optional_id_at(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Uuid>> {
    Ok(row.get::<_, Option<Id>>(column)?.map(|id| id.0))
}

/// The JSON value in a column.
pub(crate) fn json_at<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    Ok(row.get::<_, Json<T>>(column)?.0)
}

/// A count or an unsigned number as SQLite has it; beyond its range the largest.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A count from SQLite.
pub(crate) fn count_at(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or(0))
}

/// Says `NotFound` when a statement that should have touched a row touched none.
pub(crate) fn one_changed(changed: usize, kind: RowKind, id: Uuid) -> Result<(), VaultError> {
    if changed == 0 {
        return Err(VaultError::not_found(kind, id));
    }
    Ok(())
}

/// Says `NameTaken` when a unique index on names refused.
pub(crate) fn name_taken(error: rusqlite::Error, kind: RowKind, name: &str) -> VaultError {
    let unique = rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE;
    match &error {
        rusqlite::Error::SqliteFailure(failure, Some(message))
            if failure.extended_code == unique && message.contains(".name") =>
        {
            VaultError::NameTaken {
                kind,
                name: name.to_owned(),
            }
        }
        _ => error.into(),
    }
}

/// An enum whose variants have one name each, in JSON and in a column.
macro_rules! text_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// All, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in JSON and in the database.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl rusqlite::types::ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                Ok(self.as_str().into())
            }
        }

        impl rusqlite::types::FromSql for $name {
            fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
                match value.as_str()? {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(rusqlite::types::FromSqlError::InvalidType),
                }
            }
        }
    };
}
pub(crate) use text_enum;
