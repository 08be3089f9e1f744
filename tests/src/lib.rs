//! What the black-box tests share: the `keywright` command in a vault of its own, independent
//! servers, a server that misbehaves on purpose, and a search for secret bytes.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a helper of tests fails by panicking"
)]

mod axe;
mod browser;
mod clipboard;
mod command;
mod desk;
mod display;
mod every_kind;
pub mod faults;
mod hands;
mod kill;
mod known;
#[cfg(target_os = "linux")]
mod login;
mod memory;
#[cfg(unix)]
mod opener;
mod picky;
pub mod real;
mod scripted;
mod search;
mod servers;
mod sign_in;
mod spectator;
mod tour;
mod window;
mod wire;

pub use browser::{Browser, Page};
pub use clipboard::Clipboard;
pub use command::{Cli, Output, program};
pub use desk::Desk;
pub use display::Display;
pub use every_kind::EveryKind;
pub use hands::Hands;
pub use kill::at_writes;
pub use known::Known;
#[cfg(target_os = "linux")]
pub use login::{Bus, LoginStub};
pub use memory::{Hunt, Sighting, tree};
#[cfg(unix)]
pub use opener::Opener;
pub use picky::PickyServer;
pub use scripted::{Received, ScriptedServer};
pub use search::{byte_forms, files_with, files_with_forms, plain_forms};
pub use servers::{OidcProvider, SandboxProcess};
pub use sign_in::SignIn;
pub use spectator::Spectator;
pub use tour::Tour;
pub use window::Window;
pub use wire::{Misbehaviour, WireServer};
