//! The database key on its way between two processes of the same user.

use std::fmt;

use crate::keys::kdf::Key;

/// A database key outside of a vault. It wipes itself when dropped and never shows itself.
#[derive(Clone)]
pub struct VaultKey(Key);

impl VaultKey {
    /// Bytes of a key.
    pub const LEN: usize = 32;

    /// Takes a key in.
    pub fn from_bytes(bytes: &[u8; Self::LEN]) -> Self {
        Self(Key::from(bytes))
    }

    /// The key itself, for the process that is to hold it.
    pub fn expose(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    pub(crate) fn into_key(self) -> Key {
        self.0
    }
}

impl From<Key> for VaultKey {
    fn from(key: Key) -> Self {
        Self(key)
    }
}

impl fmt::Debug for VaultKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t40_a_key_does_not_show_itself() {
        let key = VaultKey::from_bytes(&[0xab; 32]);
        assert_eq!(format!("{key:?}"), "[redacted]");
    }
}
