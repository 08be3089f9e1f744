//! The class of an error, which decides the exit code.

use keywright_oauth::{
    authorize::AnswerError, discover::DiscoveryError, http::HttpError,
    protected_resource::ResourceError, register::RegistrationError, token::TokenError,
};
use keywright_providers::ProviderError;
use keywright_vault::{BackupProblem, HeaderProblem, VaultError};

use super::{connect::ConnectError, mcp::McpError, sign_in::SignInError};

/// Error class, which decides the exit code (`keywright --help` lists them).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ErrorClass {
    Failed,
    Usage,
    NotFound,
    Locked,
    Refused,
    Network,
    Unknown,
    Security,
}

pub(super) fn vault_class(error: &VaultError) -> ErrorClass {
    match error {
        VaultError::NotFound { .. } | VaultError::Gone(_) => ErrorClass::NotFound,
        VaultError::NoVault { .. }
        | VaultError::HeaderMissing { .. }
        | VaultError::WrongPassphrase
        | VaultError::NoSlot
        | VaultError::KeyringUnavailable { .. }
        | VaultError::KeyringEntryMissing
        | VaultError::KeyringEntryInvalid
        | VaultError::KeyRotated
        | VaultError::TooManyAttempts { .. }
        | VaultError::SlotNotOpened { .. }
        | VaultError::NewerVersion { .. } => ErrorClass::Locked,
        VaultError::Header(HeaderProblem::NotAuthentic | HeaderProblem::Outdated { .. }) => {
            ErrorClass::Security
        }
        VaultError::NameTaken { .. }
        | VaultError::EmptyPassphrase
        | VaultError::LastSlot
        | VaultError::Unfinished { .. }
        | VaultError::ConfigurationInUse { .. }
        | VaultError::AlreadyExists { .. } => ErrorClass::Usage,
        VaultError::Backup(problem) => match problem {
            BackupProblem::NotOpened => ErrorClass::Locked,
            BackupProblem::Occupied { .. } | BackupProblem::Unfinished { .. } => ErrorClass::Usage,
            BackupProblem::Foreign
            | BackupProblem::Damaged { .. }
            | BackupProblem::Newer { .. } => ErrorClass::Security,
            BackupProblem::BrokenOff(_) => ErrorClass::Failed,
        },
        VaultError::Header(
            HeaderProblem::Json(_)
            | HeaderProblem::Value { .. }
            | HeaderProblem::DatabaseMissing
            | HeaderProblem::CopyDamaged,
        )
        | VaultError::Busy
        | VaultError::NoHome
        | VaultError::Io { .. }
        | VaultError::DatabaseKeyRejected
        | VaultError::DiskFull(_)
        | VaultError::DiskFailed(_)
        | VaultError::ReadOnly(_)
        | VaultError::Moved { .. }
        | VaultError::Damaged(_)
        | VaultError::JournalClosed { .. }
        | VaultError::Random(_)
        | VaultError::KeyDerivation(_)
        | VaultError::NotEnoughMemory { .. }
        | VaultError::KeyWrap
        | VaultError::Json(_)
        | VaultError::Migration(_)
        | VaultError::Sqlite(_) => ErrorClass::Failed,
    }
}

pub(super) fn sign_in_class(error: &SignInError) -> ErrorClass {
    match error {
        SignInError::Needed => ErrorClass::NotFound,
        SignInError::NoRedirect
        | SignInError::NoRequestKey
        | SignInError::NotLoopback { .. }
        | SignInError::NoAnswer => ErrorClass::Usage,
        SignInError::PortTaken { .. }
        | SignInError::Listener { .. }
        | SignInError::TimedOut { .. }
        | SignInError::CodeExpired => ErrorClass::Failed,
        SignInError::Answer(AnswerError::Refused { .. } | AnswerError::NoCode)
        | SignInError::NoUser { .. }
        | SignInError::UserinfoEncrypted { .. } => ErrorClass::Refused,
        SignInError::PkceUnlisted
        | SignInError::Answer(
            AnswerError::State | AnswerError::Repeated { .. } | AnswerError::Issuer { .. },
        )
        | SignInError::SignedAnswer(_)
        | SignInError::IdToken(_)
        | SignInError::OtherUser
        | SignInError::Changed => ErrorClass::Security,
    }
}

pub(super) fn connect_class(error: &ConnectError) -> ErrorClass {
    match error {
        ConnectError::Open
        | ConnectError::NoServer
        | ConnectError::Moved { .. }
        | ConnectError::NotAnIssuer => ErrorClass::NotFound,
        ConnectError::OtherIssuer { .. } | ConnectError::NoIdentity { .. } => ErrorClass::Usage,
        ConnectError::DocumentNotAccepted => ErrorClass::Refused,
        ConnectError::Resource(error) => match error {
            ResourceError::Mismatch { .. } | ResourceError::NotAddress { .. } => {
                ErrorClass::Security
            }
            ResourceError::Http(error) => http_class(error),
            ResourceError::Status { .. } | ResourceError::NotMetadata { .. } => ErrorClass::Refused,
        },
    }
}

pub(super) fn mcp_class(error: &McpError) -> ErrorClass {
    match error {
        McpError::Arguments { .. } => ErrorClass::Usage,
        McpError::Refused { .. } | McpError::Rpc { .. } | McpError::NotMcp => ErrorClass::Refused,
    }
}

pub(super) fn http_class(error: &HttpError) -> ErrorClass {
    match error {
        HttpError::ColonInId { .. }
        | HttpError::Request { .. }
        | HttpError::Setup { .. }
        | HttpError::Trust(_)
        | HttpError::NoAuthority => ErrorClass::Usage,
        HttpError::Dns { .. }
        | HttpError::Connect { .. }
        | HttpError::ProxyAuthentication { .. }
        | HttpError::Timeout { .. }
        | HttpError::NotHttp { .. }
        | HttpError::ConnectionLost { .. }
        | HttpError::NotDecoded { .. }
        | HttpError::BodyTooLarge { .. }
        | HttpError::Proof { .. } => ErrorClass::Network,
        HttpError::Tls { .. }
        | HttpError::Redirect { .. }
        | HttpError::PlainHttp { .. }
        | HttpError::UnconfirmedHost { .. }
        | HttpError::PrivateAddress { .. }
        | HttpError::SharedAddress { .. }
        | HttpError::Scheme { .. } => ErrorClass::Security,
    }
}

pub(super) fn provider_class(error: &ProviderError) -> ErrorClass {
    match error {
        ProviderError::Registration(RegistrationError::Http(error))
        | ProviderError::Token(TokenError::Http(error))
        | ProviderError::Admin {
            source: TokenError::Http(error),
        }
        | ProviderError::Discovery(DiscoveryError::Http(error))
        | ProviderError::Http(error) => http_class(error),
        ProviderError::Discovery(DiscoveryError::IssuerMismatch { .. })
        | ProviderError::Registration(RegistrationError::OtherClient { .. }) => {
            ErrorClass::Security
        }
        ProviderError::Discovery(DiscoveryError::InvalidIssuer { .. })
        | ProviderError::Address { .. }
        | ProviderError::Missing { .. }
        | ProviderError::AdminKey { .. }
        | ProviderError::Token(TokenError::Assertion(_)) => ErrorClass::Usage,
        ProviderError::Checkpoint(_) => ErrorClass::Failed,
        ProviderError::NoSecret { .. } | ProviderError::NoKey { .. } => ErrorClass::NotFound,
        ProviderError::Registration(
            RegistrationError::Refused { .. }
            | RegistrationError::Placed { .. }
            | RegistrationError::NoClientId { .. }
            | RegistrationError::SaysNothing { .. }
            | RegistrationError::NoSecret { .. }
            | RegistrationError::Unreadable { .. },
        )
        | ProviderError::Discovery(
            DiscoveryError::Status { .. } | DiscoveryError::NotMetadata { .. },
        )
        | ProviderError::Token(
            TokenError::Refused { .. } | TokenError::NoToken { .. } | TokenError::Incomplete { .. },
        )
        | ProviderError::Admin {
            source:
                TokenError::Refused { .. }
                | TokenError::NoToken { .. }
                | TokenError::Incomplete { .. }
                | TokenError::Assertion(_),
        }
        | ProviderError::NotCapable { .. }
        | ProviderError::Endpoint { .. }
        | ProviderError::AuthMethod { .. }
        | ProviderError::NotRotated => ErrorClass::Refused,
    }
}
