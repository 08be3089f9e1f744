//! The vault as the use cases see it: create, open, lock, key slots, backup.

pub(crate) mod backup;
pub(crate) mod backup_types;
pub(crate) mod key_slots;
pub(crate) mod lifecycle;
mod passphrase;
mod protection;
pub(crate) mod types;
