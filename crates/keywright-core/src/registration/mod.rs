//! Everything that changes a client at the provider, each step written to the journal before it is sent.

mod access_token;
mod adopt;
pub(crate) mod answers;
mod basis;
pub(crate) mod bulk;
mod client_certificates;
pub(crate) mod client_keys;
pub(crate) mod defaults;
pub(crate) mod delete;
mod draft;
pub(crate) mod existence;
mod first_key;
pub(crate) mod given_keys;
mod journal;
mod manage;
mod notes;
mod open_application;
mod other_drafts;
mod preview;
mod proof;
mod rate_limiter;
pub(crate) mod recovery;
mod refused_part;
mod register;
mod secret_entry;
mod secrets;
pub(crate) mod types;

use keywright_vault::{RowKind, VaultError};

use crate::{CoreError, Keywright};

/// Changes of clients at their providers.
#[derive(Clone, Copy, Debug)]
pub struct Registrar<'a> {
    pub(crate) app: &'a Keywright,
}

impl Registrar<'_> {
    /// No application has this name.
    fn check_free(self, name: &str) -> Result<(), CoreError> {
        match self.app.vault()?.application_by_name(name)? {
            Some(_) => Err(VaultError::NameTaken {
                kind: RowKind::Application,
                name: name.to_owned(),
            }
            .into()),
            None => Ok(()),
        }
    }
}

impl Keywright {
    /// Changes of clients at their providers.
    pub fn registration(&self) -> Registrar<'_> {
        Registrar { app: self }
    }
}
