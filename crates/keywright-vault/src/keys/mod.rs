//! What opens the vault: header, key slots, passphrases and keyring, and the database key.

pub(crate) mod attempts;
pub(crate) mod header;
pub(crate) mod header_change;
pub(crate) mod kdf;
pub(crate) mod keyring_access;
pub(crate) mod keyring_wait;
pub(crate) mod protection;
pub(crate) mod rotation;
pub(crate) mod seal;
pub(crate) mod slots;
pub(crate) mod stack;
pub(crate) mod vault_key;
