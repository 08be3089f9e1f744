//! Ways of a secret out of the core, each with a line in the audit log, and what an audience sees of names.

mod audience;
pub(crate) mod command_credentials;
mod copy_client;
mod copy_forms;
pub(crate) mod reveal;
pub(crate) mod types;

use crate::Keywright;

/// Ways of a secret out of the core.
#[derive(Clone, Copy, Debug)]
pub struct Disclosure<'a> {
    pub(crate) app: &'a Keywright,
}

impl Keywright {
    /// Ways of a secret out of the core.
    pub fn disclosure(&self) -> Disclosure<'_> {
        Disclosure { app: self }
    }
}
