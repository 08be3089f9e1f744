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
    /// This step was answered, with all that is worth keeping.
    Answered {
        /// Step.
        step: &'static str,
        /// The answer.
        information: &'a ClientInformation,
    },
}

/// The journal could not be written: nothing more may be sent.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the step could not be written down")]
pub struct CheckpointError {
    /// What the keeper of the journal said.
    #[source]
    pub source: Arc<dyn std::error::Error + Send + Sync>,
}

/// Writes the journal.
pub type Keep<'a> = &'a (dyn Fn(Checkpoint<'_>) -> Result<(), CheckpointError> + Send + Sync);

/// Context of one operation.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The user's action.
    pub flow: Uuid,
    /// Writes the journal.
    pub keep: Keep<'a>,
    /// Hears of verify steps as they change.
    pub progress: &'a (dyn Fn(&VerifyStep) + Send + Sync),
}
