//! Backups: one file, sealed with a passphrase of its own, made while the vault is in use and read again before it
//! gets its name; and what a restore makes of one.

pub(crate) mod automatic;
mod contents;
mod format;
mod make;
mod open;
mod preview;
mod quarantine;
mod restore;
mod temp_file;
#[cfg(test)]
mod tests;

pub use contents::Contents;
pub use make::BackupMade;
pub use open::{OpenBackup, Origin};
pub use preview::{RestorePreview, Rows};
pub use restore::Restored;
