//! What the pages hear of without asking.

use crate::commands::sign_in::SignInStepView;
use keywright_core::view::VerifyStepView;
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri_specta::Event;

/// The vault was locked.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct VaultLocked;

/// Something in the vault changed, perhaps by another program.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct VaultChanged;

/// The Sandbox started, stopped or has other clients.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct SandboxChanged;

/// Our value was taken out of the clipboard.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct ClipboardCleared;

/// Quick access is shown again: what is on it is read again.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct QuickAccessShown;

/// The window is to show a page: chosen in the tray or in quick access.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct ShowPlace {
    /// The page.
    pub(crate) screen: String,
    /// What is chosen on it.
    pub(crate) id: Option<String>,
    /// What is done there.
    pub(crate) what: Option<String>,
}

/// A sign-in went on.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct SignInStepEvent {
    /// The application.
    pub(crate) application_id: String,
    /// What happened.
    pub(crate) step: SignInStepView,
}

/// A step of Verify changed.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct VerifyStepEvent {
    /// The configuration.
    pub(crate) configuration_id: String,
    /// The step as it now stands.
    pub(crate) step: VerifyStepView,
}
