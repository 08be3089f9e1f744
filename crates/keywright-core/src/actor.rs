//! Which program acts.

/// Which program acts; Activity names it with everything it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// The window.
    App,
    /// The command line.
    Cli,
}

impl Actor {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Cli => "cli",
        }
    }
}
