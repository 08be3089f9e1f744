//! The use cases: configure, register, rotate, get a token, call, keep a session.
//!
//! Joins the protocol, the providers and the vault; knows no window and no terminal. Start at
//! [`Keywright`]; each use case is one file.

rust_i18n::i18n!("messages", fallback = "en");

mod actions;
mod activity;
mod adopt;
mod applications;
mod audit;
mod backup;
mod bulk;
mod calls;
mod capabilities;
mod compare;
mod configuration_form;
mod configurations;
mod convert;
mod cookies;
mod delete;
mod doctor;
mod draft;
mod error;
mod export;
mod fault;
mod handing;
mod host_forms;
mod import;
mod journal;
mod keys;
mod keywright;
mod manage;
mod metadata_lines;
mod orphans;
mod pace;
mod pending;
mod preferences;
mod presets;
mod preview;
mod probe;
mod refused;
mod register;
mod registration;
mod reveal;
mod rotation;
mod sandbox;
mod sessions;
mod settle;
mod standing;
mod token_view;
mod tokens;
mod transfer;
mod verify;
pub mod view;
mod walls;
mod who;
mod wire;
mod words;
mod workspace;

pub use bulk::BulkControl;
pub use delete::Deletion;
pub use error::{CoreError, Doing};
pub use handing::HandedOut;
pub use keys::Ways;
pub use keywright::{Actor, Keywright, Options};
pub use keywright_oauth::time::{Clock, ManualClock};
pub use keywright_providers::ProviderKind;
pub use keywright_vault::{SecretText, VaultError, VaultHome, VaultKey};
pub use probe::Probe;
pub use standing::Standing;
pub use transfer::{ExportedConfiguration, ExportedSecrets};
pub use verify::Verified;
pub use view::Lang;
pub use walls::raise as raise_walls;
pub use who::Who;
pub use words::say;
