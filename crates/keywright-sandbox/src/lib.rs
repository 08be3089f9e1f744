//! The Sandbox: an identity provider and an API gateway on this machine's loopback, over real HTTP.
//!
//! It is there to try Keywright, and to test it, without an account anywhere. It is no identity
//! provider for production: its state is in memory, its listeners are plain HTTP on 127.0.0.1.

mod error;
mod faults;
mod gateway;
mod idp;
mod info;
mod options;
mod personality;
mod sandbox;
mod server;
mod state;

pub use error::SandboxError;
pub use faults::{DialKind, SandboxFaults, VendorDial};
pub use info::{PersonalityInfo, SandboxInfo};
pub use options::{Now, Registration, SandboxOptions, SessionLimits, system_now};
pub use personality::Personality;
pub use sandbox::Sandbox;
