//! Between the types of the rooms.

use keywright_oauth::secret::{ClientSecret, RegistrationAccessToken};
use keywright_vault::SecretText;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use crate::{CoreError, Thing};

/// An id as the window and the command line write it.
pub(crate) fn id(what: Thing, text: &str) -> Result<Uuid, CoreError> {
    text.parse().map_err(|_: uuid::Error| CoreError::NotFound {
        what,
        name: text.to_owned(),
        nearest: None,
    })
}

pub(crate) fn text_of(secret: &ClientSecret) -> SecretText {
    SecretText::from(secret)
}

pub(crate) fn token_text(secret: &RegistrationAccessToken) -> SecretText {
    SecretText::from(secret)
}

/// A point in time as text (RFC 3339, UTC); the number itself where it is not a time of our calendar.
pub fn rfc3339(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_else(|| seconds.to_string())
}
