//! One file or folder a provider, behind one type: what it can do is asked before, and what it
//! answers is the truth.

pub mod capability;
pub mod config;
pub mod context;
pub mod error;
mod kind;
mod provider;
mod rfc7591;
pub mod settings;
pub mod verify;

pub use capability::{Capability, CapabilityLine, CapabilitySheet, Reason, Verdict};
pub use config::ProviderConfig;
pub use context::{Checkpoint, CheckpointError, Context};
pub use error::ProviderError;
pub use kind::ProviderKind;
pub use provider::{Plan, PlannedStep, Provider, Registration, Shortfall, TokenWish};
pub use verify::{Finding, StepName, StepState, Verification, VerifyStep};
