//! What can stop the program before or outside a command.

/// Why the program cannot start.
#[derive(Debug, thiserror::Error)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one failure a run of the program"
)]
pub(crate) enum Failure {
    /// The configuration names no window.
    #[error("the configuration of the window is missing")]
    NoWindow,
    /// The window system or the web view.
    #[error("the window cannot be opened: {0}")]
    Tauri(#[from] tauri::Error),
    /// A word on the command line that is not known.
    #[error("unknown argument {0}; known are --home DIR, --sandbox, --quick-access and --in-tray")]
    Argument(String),
    /// `--home` without a folder.
    #[error("--home needs a folder")]
    HomeMissing,
    /// The core.
    #[error(transparent)]
    Core(#[from] keywright_core::CoreError),
}
