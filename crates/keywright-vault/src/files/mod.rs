//! The files of the vault: where they are, who may read them, and whether they are still the same.

pub(crate) mod change_lock;
pub(crate) mod file_identity;
pub(crate) mod fingerprint;
pub(crate) mod home;
pub(crate) mod orphans;
pub(crate) mod permissions;
pub(crate) mod rollback;
pub(crate) mod wal_preallocation;
