//! What the black-box tests share: the `keywright` command in a vault of its own, servers that
//! nobody here wrote, a server that misbehaves on purpose, and a search for secret bytes.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a helper of tests fails by panicking"
)]

mod command;
mod desk;
pub mod faults;
mod kill;
#[cfg(target_os = "linux")]
mod login;
mod search;
mod servers;
mod tour;
mod window;
mod wire;

pub use command::{Cli, Output, program};
pub use desk::Desk;
pub use kill::at_writes;
#[cfg(target_os = "linux")]
pub use login::{Bus, LoginStub};
pub use search::{files_with, plain_forms};
pub use servers::{OidcProvider, SandboxProcess};
pub use tour::Tour;
pub use window::Window;
pub use wire::{Misbehaviour, WireServer};
