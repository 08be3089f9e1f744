//! Who may register clients: one administrator for each personality, with throw-away credentials.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::{Deserialize, Serialize};

use crate::personality::Personality;

/// The credentials that a configuration of this personality is given.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Admin {
    /// Client ID of the administrator's own client; empty where a token or key alone opens.
    pub(crate) id: String,
    /// Its secret, or the token or key that opens.
    pub(crate) secret: String,
}

/// The administrators of all personalities.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Admins(BTreeMap<Personality, Admin>);

impl Admins {
    /// All of them: those there are, and new ones for the personalities that have none yet.
    pub(crate) fn completed(mut self) -> Result<Self, getrandom::Error> {
        for one in Personality::ALL {
            if let Entry::Vacant(place) = self.0.entry(one) {
                place.insert(one.provider_behavior().new_admin()?);
            }
        }
        Ok(self)
    }

    /// None before [`Admins::completed`]: then nobody is let in.
    pub(crate) fn of(&self, personality: Personality) -> Option<&Admin> {
        self.0.get(&personality)
    }
}
