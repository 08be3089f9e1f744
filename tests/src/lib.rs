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

mod authority;
mod axe;
mod browser;
mod clipboard;
mod command;
#[cfg(target_os = "linux")]
mod desktop;
mod display;
mod every_kind;
pub mod faults;
mod file_dialog;
mod hands;
pub mod keysym;
mod kill;
mod known;
#[cfg(target_os = "linux")]
mod login;
mod memory;
#[cfg(unix)]
mod opener;
mod picky;
pub mod real;
#[cfg(target_os = "linux")]
mod screen_reader;
mod scripted;
mod search;
mod servers;
mod sign_in;
mod spectator;
mod tour;
mod window;
mod wire;
mod xtest;

pub use authority::{Authority, Issued};
pub use browser::{Browser, Page};
pub use clipboard::Clipboard;
pub use command::{Cli, Output, program};
#[cfg(target_os = "linux")]
pub use desktop::{Desktop, MenuEntry, Notice};
pub use display::Display;
pub use every_kind::EveryKind;
pub use file_dialog::FileDialog;
pub use hands::Hands;
pub use keywright_testkit::CoreFixture;
pub use kill::at_writes;
pub use known::Known;
#[cfg(target_os = "linux")]
pub use login::{Bus, LoginStub};
pub use memory::{Hunt, Sighting, tree};
#[cfg(unix)]
pub use opener::Opener;
pub use picky::PickyServer;
#[cfg(target_os = "linux")]
pub use screen_reader::{Accessible, ScreenReader};
pub use scripted::{Received, ScriptedServer};
pub use search::{byte_forms, files_with, files_with_forms, plain_forms};
pub use servers::{OidcProvider, SandboxProcess};
pub use sign_in::SignIn;
pub use spectator::Spectator;
pub use tour::Tour;
pub use window::Window;
pub use wire::{Misbehaviour, WireServer};
