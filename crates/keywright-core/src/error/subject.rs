//! What a failure is about, where that is one of a closed list.

use keywright_providers::Capability;
use keywright_vault::RowKind;

use crate::codes::codes;

codes! {
    /// What was not found, or has a name that something else has.
    pub enum Thing {
        /// A registered application.
        Application = "application",
        /// A key of a client.
        ClientKey = "client_key",
        /// A configuration.
        Configuration = "configuration",
        /// What was found before a connection.
        ConnectSheet = "connect_sheet",
        /// A recorded exchange.
        Exchange = "exchange",
        /// An application that was removed and can be restored.
        ForgottenApplication = "forgotten_application",
        /// An operation that was cut off, as a user names it.
        Journal = "journal",
        /// An entry of the journal.
        JournalEntry = "journal_entry",
        /// A key slot.
        KeySlot = "key_slot",
        /// A key that is to replace the current one.
        PendingKey = "pending_key",
        /// A session.
        Session = "session",
        /// A token.
        Token = "token",
    }
}

impl From<RowKind> for Thing {
    fn from(kind: RowKind) -> Self {
        match kind {
            RowKind::Application => Self::Application,
            RowKind::Configuration => Self::Configuration,
            RowKind::Exchange => Self::Exchange,
            RowKind::ForgottenApplication => Self::ForgottenApplication,
            RowKind::JournalEntry => Self::JournalEntry,
            RowKind::KeySlot => Self::KeySlot,
            RowKind::Session => Self::Session,
            RowKind::Token => Self::Token,
        }
    }
}

codes! {
    /// A secret that the vault can hold for an application, a configuration, a token or a session.
    pub enum SecretKind {
        /// An access token.
        AccessToken = "access_token",
        /// The client secret.
        ClientSecret = "client_secret",
        /// The value of a cookie.
        Cookie = "cookie",
        /// The initial access token of a configuration.
        InitialAccessToken = "initial_access_token",
        /// A refresh token.
        RefreshToken = "refresh_token",
        /// The registration access token.
        RegistrationAccessToken = "registration_access_token",
    }
}

/// What a failure is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Thing(Thing),
    Secret(SecretKind),
    Capability(Capability),
}

impl Subject {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Thing(thing) => thing.as_str(),
            Self::Secret(kind) => kind.as_str(),
            Self::Capability(capability) => capability.as_str(),
        }
    }
}
