//! The journal of a test: what is kept at each checkpoint, and where an operation is cut off.

use std::sync::{Arc, Mutex};

use keywright_oauth::register::ClientInformation;
use keywright_providers::{Checkpoint, CheckpointError};
use keywright_sandbox::{Personality, Sandbox, SandboxFaults};

/// How an operation is cut off.
#[derive(Debug, Clone)]
pub(crate) enum Cut {
    /// These dials are turned before the request is sent.
    Fault(SandboxFaults),
    /// The program ends before the request is sent.
    End,
}

#[derive(Default)]
struct Kept {
    sent: Vec<String>,
    answered: Vec<(String, bool)>,
    last: Option<ClientInformation>,
    cut: Option<(usize, Cut)>,
}

impl Cut {
    /// The request arrives and is carried out; its answer is lost.
    pub(crate) fn lost() -> Self {
        Self::Fault(SandboxFaults {
            drop_after_receiving_percent: 100,
            ..SandboxFaults::default()
        })
    }
}

/// The journal.
pub(crate) struct Journal {
    sandbox: Arc<Sandbox>,
    personality: Personality,
    kept: Mutex<Kept>,
}

impl Journal {
    pub(crate) fn new(sandbox: Arc<Sandbox>, personality: Personality) -> Self {
        Self {
            sandbox,
            personality,
            kept: Mutex::default(),
        }
    }

    /// Forgets what was kept, and cuts the next operation off at this step (from 0) where one is
    /// named.
    pub(crate) fn begin(&self, cut: Option<(usize, Cut)>) {
        *self.kept.lock().unwrap() = Kept {
            cut,
            ..Kept::default()
        };
    }

    pub(crate) fn keep(&self, checkpoint: &Checkpoint<'_>) -> Result<(), CheckpointError> {
        let mut kept = self.kept.lock().unwrap();
        match checkpoint {
            Checkpoint::Sending { step } => {
                let index = kept.sent.len();
                match &kept.cut {
                    Some((at, Cut::End)) if *at == index => {
                        return Err(CheckpointError {
                            unkept: None,
                            source: Arc::new(std::io::Error::other("the program ended")),
                        });
                    }
                    Some((at, Cut::Fault(faults))) if *at == index => {
                        self.sandbox.set_faults(self.personality, faults.clone());
                    }
                    _ => {}
                }
                kept.sent.push((*step).to_owned());
            }
            Checkpoint::Answered {
                step,
                information,
                complete,
            } => {
                kept.answered.push(((*step).to_owned(), *complete));
                kept.last = Some((*information).clone());
            }
        }
        Ok(())
    }

    /// Steps whose request was about to go out, in order.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.kept.lock().unwrap().sent.clone()
    }

    /// Steps that were answered, and whether nothing more was to be sent.
    pub(crate) fn answered(&self) -> Vec<(String, bool)> {
        self.kept.lock().unwrap().answered.clone()
    }

    /// All that was known at the last answer.
    pub(crate) fn last(&self) -> Option<ClientInformation> {
        self.kept.lock().unwrap().last.clone()
    }
}
