//! Ways of a secret out of the core, each with a line in the audit log.

pub(crate) mod command_credentials;
mod copy_forms;
mod reveal;
