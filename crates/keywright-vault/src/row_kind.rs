//! What a failure of the vault can be about.

use std::fmt;

/// What was looked for and not found, or has a name that is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// A registered application.
    Application,
    /// A configuration.
    Configuration,
    /// A recorded exchange.
    Exchange,
    /// An application that was removed and can be restored.
    ForgottenApplication,
    /// An entry of the journal.
    JournalEntry,
    /// A key slot.
    KeySlot,
    /// A session.
    Session,
    /// A token.
    Token,
}

impl fmt::Display for RowKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Application => "application",
            Self::Configuration => "configuration",
            Self::Exchange => "exchange",
            Self::ForgottenApplication => "forgotten application",
            Self::JournalEntry => "journal entry",
            Self::KeySlot => "key slot",
            Self::Session => "session",
            Self::Token => "token",
        })
    }
}
