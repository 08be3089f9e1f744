//! What an adapter gets with each operation.

use std::sync::Arc;

use keywright_oauth::register::ClientInformation;
use uuid::Uuid;

use crate::VerifyStep;

/// A point at which the journal must be written before the adapter goes on.
#[derive(Debug)]
pub enum Checkpoint<'a> {
    /// The request of this step goes out next.
    Sending {
        /// Step.
        step: &'static str,
    },
    /// This step was answered, with all that is worth keeping of it and of the steps before.
    Answered {
        /// Step.
        step: &'static str,
        /// The answer.
        information: &'a ClientInformation,
        /// Nothing more needs to be sent for this operation.
        complete: bool,
    },
}

/// The journal could not be written: nothing more may be sent.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the step could not be written down")]
pub struct CheckpointError {
    /// The client whose answer could not be kept; none where the request was still to be sent.
    pub unkept: Option<String>,
    /// What the keeper of the journal said.
    #[source]
    pub source: Arc<dyn std::error::Error + Send + Sync>,
}

/// Writes the journal.
pub type CheckpointFn<'a> =
    &'a (dyn Fn(Checkpoint<'_>) -> Result<(), CheckpointError> + Send + Sync);

/// Says at the provider who made a client, where the provider has a place for it: a client whose
/// answer was lost is found again by its owner tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OwnerTag {
    /// The vault.
    pub vault: Uuid,
    /// Its journal entry.
    pub entry: Uuid,
}

/// Context of one operation.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The user's action.
    pub flow: Uuid,
    /// Who registers; nil outside of a registration.
    pub owner_tag: OwnerTag,
    /// Writes the journal.
    pub keep: CheckpointFn<'a>,
    /// Hears of verify steps as they change.
    pub progress: &'a (dyn Fn(&VerifyStep) + Send + Sync),
}

impl Context<'_> {
    /// The request of this step goes out next.
    pub(crate) fn sending(&self, step: &'static str) -> Result<(), CheckpointError> {
        (self.keep)(Checkpoint::Sending { step })
    }

    /// This step was answered and more follow.
    pub(crate) fn so_far(
        &self,
        step: &'static str,
        information: &ClientInformation,
    ) -> Result<(), CheckpointError> {
        (self.keep)(Checkpoint::Answered {
            step,
            information,
            complete: false,
        })
    }

    /// The last step was answered.
    pub(crate) fn done(
        &self,
        step: &'static str,
        information: &ClientInformation,
    ) -> Result<(), CheckpointError> {
        (self.keep)(Checkpoint::Answered {
            step,
            information,
            complete: true,
        })
    }
}
