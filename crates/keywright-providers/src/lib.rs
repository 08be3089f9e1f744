//! One folder a provider, behind one type: what it can do is asked before, and what it answers is the
//! truth. The contract is `provider.rs`; to add a provider, see CONTRIBUTING.

mod admin;
mod advice;
mod api;
mod auth0;
pub mod capability;
mod client_methods;
mod common_settings;
mod config;
pub mod context;
mod curity;
mod deletion_evidence;
mod endpoints;
mod entra;
pub mod error;
mod grants;
mod http_bridge;
mod kind;
mod message_code;
mod messages;
pub mod offers;
mod okta;
pub mod presets;
mod provider;
mod registration;
mod rfc7591;
pub mod settings;
mod tokens;
pub mod verify;

pub use admin::AdminTokens;
pub use advice::advice;
pub use capability::{Capability, CapabilityLine, CapabilitySheet, Reason, Verdict};
pub use client_methods::{client_method_setting, other_client_methods};
pub use common_settings::AssertionAudience;
pub use config::ProviderConfig;
pub use context::{Checkpoint, CheckpointError, Context, OwnerTag};
pub use deletion_evidence::DeletionEvidence;
pub use error::ProviderError;
pub use grants::OtherGrants;
pub use kind::ProviderKind;
pub use message_code::{MessageCode, message_codes};
pub use provider::{Provider, proves_without_secret};
pub use registration::{
    Listed, ListedSecret, Plan, PlannedBody, PlannedCredential, PlannedStep, Registration,
    Shortfall, TokenWish, WishedGrant, named_by,
};
pub use rfc7591::form::{MemberForm, RequestForm};
pub use tokens::{
    RememberedAudience, audiences_at, client_auth_at, client_auth_setting, other_audience,
    other_client_auth,
};
pub use verify::{DiscoveryFailure, Finding, StepName, StepState, Verification, VerifyStep};
