//! The dials of all personalities and what they count.

use std::sync::{Mutex, PoisonError};

use crate::faults::rate_limit::RateCounter;
use crate::faults::{SandboxFaults, Shares};
use crate::personality::Personality;

/// The dials of one personality.
#[derive(Default)]
pub(crate) struct PersonalityDials {
    faults: Mutex<SandboxFaults>,
    pub(crate) shares: Shares,
    pub(crate) rate: RateCounter,
}

impl PersonalityDials {
    pub(crate) fn faults(&self) -> SandboxFaults {
        self.faults
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(crate) fn set(&self, faults: SandboxFaults) {
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner) = faults;
    }
}

/// The dials of all personalities.
#[derive(Default)]
pub(crate) struct Dials([PersonalityDials; Personality::ALL.len()]);

impl Dials {
    pub(crate) fn of(&self, personality: Personality) -> &PersonalityDials {
        // `ALL` names each once, in the order of the enum: the index is always within.
        &self.0[personality as usize]
    }
}
