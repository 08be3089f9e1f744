//! Whom a message names.

use std::fmt;

use keywright_providers::ProviderKind;
use keywright_vault::ConfigurationRow;

/// A provider as a message names it: by its configuration's name, or by its issuer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    /// The name.
    pub name: String,
    /// Its kind, which decides what its codes mean.
    pub kind: Option<ProviderKind>,
}

impl Who {
    pub(crate) fn of(row: &ConfigurationRow) -> Self {
        Self {
            name: row.name.clone(),
            kind: ProviderKind::of(&row.provider),
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
