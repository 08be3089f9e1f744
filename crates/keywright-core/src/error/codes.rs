//! Which code each failure of each layer has.

use std::io::ErrorKind;

use keywright_oauth::{
    authorize::AnswerError,
    client_key::KeyError,
    discover::DiscoveryError,
    http::HttpError,
    protected_resource::ResourceError,
    register::{REGISTRATION_CLIENT_URI, RegistrationError},
    token::TokenError,
};
use keywright_providers::{CheckpointError, ProviderError};
use keywright_vault::{BackupProblem, HeaderProblem, KeyringProblem, VaultError};

use super::{code::FailureCode, connect::ConnectError, mcp::McpError, sign_in::SignInError};

pub(super) fn vault_code(error: &VaultError) -> FailureCode {
    match error {
        VaultError::NoVault { .. } => FailureCode::NoVault,
        VaultError::HeaderMissing { .. } => FailureCode::VaultHeaderMissing,
        VaultError::NotFound { .. } => FailureCode::NotFound,
        VaultError::Gone(_) => FailureCode::GoneMeanwhile,
        VaultError::AlreadyExists { .. } => FailureCode::VaultExists,
        VaultError::WrongPassphrase => FailureCode::WrongPassphrase,
        VaultError::NoSlot => FailureCode::NoSlot,
        VaultError::LastSlot => FailureCode::LastSlot,
        VaultError::EmptyPassphrase => FailureCode::EmptyPassphrase,
        VaultError::KeyringUnavailable { source } => match source {
            KeyringProblem::NoBus { .. } => FailureCode::KeyringNoBus,
            KeyringProblem::Locked => FailureCode::KeyringLocked,
            KeyringProblem::PromptRefused => FailureCode::KeyringPromptRefused,
            KeyringProblem::Silent { .. } => FailureCode::KeyringSilent,
            KeyringProblem::Disabled
            | KeyringProblem::NoStore { .. }
            | KeyringProblem::NoThread { .. }
            | KeyringProblem::Store(_) => FailureCode::KeyringUnavailable,
        },
        VaultError::TooManyAttempts { .. } => FailureCode::TooManyAttempts,
        VaultError::NotEnoughMemory { .. } => FailureCode::NotEnoughMemory,
        VaultError::SlotNotOpened { .. } => FailureCode::SlotNotOpened,
        VaultError::Unfinished { .. } => FailureCode::Unfinished,
        VaultError::KeyRotated => FailureCode::KeyRotated,
        VaultError::Header(HeaderProblem::NotAuthentic) => FailureCode::HeaderChanged,
        VaultError::Header(HeaderProblem::Outdated { .. }) => FailureCode::HeaderOutdated,
        VaultError::DatabaseKeyRejected => FailureCode::DatabaseForeign,
        VaultError::KeyringEntryMissing | VaultError::KeyringEntryInvalid => {
            FailureCode::KeyringEntry
        }
        VaultError::NewerVersion { .. } => FailureCode::NewerVault,
        VaultError::Busy => FailureCode::Busy,
        VaultError::NameTaken { .. } => FailureCode::NameTaken,
        VaultError::ConfigurationInUse { .. } => FailureCode::ConfigurationInUse,
        VaultError::JournalClosed { .. } => FailureCode::JournalClosed,
        VaultError::Moved { .. } => FailureCode::VaultMoved,
        VaultError::DiskFull(_) => FailureCode::DiskFull,
        VaultError::DiskFailed(_) => FailureCode::DiskFailed,
        VaultError::ReadOnly(_) => FailureCode::VaultReadOnly,
        VaultError::Io { source, .. } => match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => FailureCode::DiskFull,
            ErrorKind::ReadOnlyFilesystem => FailureCode::VaultReadOnly,
            _ => FailureCode::File,
        },
        VaultError::NoHome => FailureCode::NoHome,
        VaultError::Backup(problem) => match problem {
            BackupProblem::Foreign => FailureCode::BackupForeign,
            BackupProblem::NotOpened => FailureCode::BackupNotOpened,
            BackupProblem::Damaged { .. } => FailureCode::BackupDamaged,
            BackupProblem::Newer { .. } => FailureCode::BackupNewer,
            BackupProblem::Occupied { .. } => FailureCode::BackupOccupied,
            BackupProblem::Unfinished { .. } => FailureCode::RestoreUnfinished,
            BackupProblem::BrokenOff(_) => FailureCode::BackupBrokenOff,
        },
        VaultError::Header(
            HeaderProblem::Json(_)
            | HeaderProblem::Value { .. }
            | HeaderProblem::DatabaseMissing
            | HeaderProblem::CopyDamaged,
        )
        | VaultError::Damaged(_)
        | VaultError::Random(_)
        | VaultError::KeyDerivation(_)
        | VaultError::KeyWrap
        | VaultError::Json(_)
        | VaultError::Migration(_)
        | VaultError::Sqlite(_) => FailureCode::VaultDamaged,
    }
}

pub(super) fn sign_in_code(error: &SignInError) -> FailureCode {
    match error {
        SignInError::Needed => FailureCode::SignInNeeded,
        SignInError::NoRedirect => FailureCode::SignInNoRedirect,
        SignInError::NotLoopback { .. } => FailureCode::SignInNotLoopback,
        SignInError::PortTaken { .. } => FailureCode::SignInPortTaken,
        SignInError::Listener { .. } => FailureCode::SignInListener,
        SignInError::PkceUnlisted => FailureCode::SignInPkceUnlisted,
        SignInError::TimedOut { ignored: 0, .. } => FailureCode::SignInTimedOut,
        SignInError::TimedOut { .. } => FailureCode::SignInTimedOutIgnored,
        SignInError::CodeExpired => FailureCode::SignInCodeExpired,
        SignInError::NoAnswer => FailureCode::SignInNoAnswer,
        SignInError::Answer(error) => match error {
            AnswerError::State => FailureCode::SignInState,
            AnswerError::Repeated { .. } => FailureCode::SignInRepeated,
            AnswerError::Issuer { named: Some(_), .. } => FailureCode::SignInIssuer,
            AnswerError::Issuer { named: None, .. } => FailureCode::SignInIssuerMissing,
            AnswerError::Refused { .. } => FailureCode::SignInRefused,
            AnswerError::NoCode => FailureCode::SignInNoCode,
        },
        SignInError::SignedAnswer(_) => FailureCode::SignInSignedAnswer,
        SignInError::NoRequestKey => FailureCode::SignInNoRequestKey,
        SignInError::IdToken(_) => FailureCode::SignInIdToken,
        SignInError::OtherUser => FailureCode::SignInOtherUser,
        SignInError::UserinfoEncrypted { .. } => FailureCode::UserinfoEncrypted,
        SignInError::NoUser { .. } => FailureCode::UserinfoNoUser,
        SignInError::Changed => FailureCode::SignInChanged,
    }
}

pub(super) fn connect_code(error: &ConnectError) -> FailureCode {
    match error {
        ConnectError::Open => FailureCode::ConnectOpen,
        ConnectError::NoServer => FailureCode::ConnectNoServer,
        ConnectError::Moved { .. } => FailureCode::ConnectMoved,
        ConnectError::NotAnIssuer => FailureCode::ConnectNotAnIssuer,
        ConnectError::OtherIssuer { .. } => FailureCode::ConnectOtherIssuer,
        ConnectError::NoIdentity { .. } => FailureCode::ConnectNoIdentity,
        ConnectError::DocumentNotAccepted => FailureCode::ConnectDocumentNotAccepted,
        ConnectError::Resource(error) => match error {
            ResourceError::NotAddress { .. } => FailureCode::ResourceMetadataAddress,
            ResourceError::Http(error) => http_code(error),
            ResourceError::Status { .. } => FailureCode::ResourceMetadataStatus,
            ResourceError::NotMetadata { .. } => FailureCode::ResourceNotMetadata,
            ResourceError::Mismatch { .. } => FailureCode::ResourceMismatch,
        },
    }
}

pub(super) fn mcp_code(error: &McpError) -> FailureCode {
    match error {
        McpError::Refused { .. } => FailureCode::McpRefused,
        McpError::Rpc { .. } => FailureCode::McpError,
        McpError::NotMcp => FailureCode::McpNotMcp,
        McpError::Arguments { .. } => FailureCode::McpArguments,
    }
}

/// The failure of the disk that kept a step from being written down.
pub(super) fn disk_of(error: &CheckpointError) -> Option<&VaultError> {
    error
        .source
        .downcast_ref::<VaultError>()
        .filter(|error| error.is_of_the_disk())
}

/// The sentence about a key that cannot be used.
pub(super) fn key_code(error: &KeyError) -> FailureCode {
    match error {
        KeyError::NotAKey => FailureCode::KeyNotAKey,
        KeyError::Public => FailureCode::KeyPublic,
        KeyError::Encrypted => FailureCode::KeyEncrypted,
        KeyError::NoPrivatePart => FailureCode::KeyNoPrivatePart,
        KeyError::Several { .. } => FailureCode::KeySeveral,
        KeyError::Kind { .. } => FailureCode::KeyKind,
        KeyError::Algorithm { .. } => FailureCode::KeyAlgorithm,
        KeyError::Damaged | KeyError::Rejected(_) => FailureCode::KeyRejected,
        KeyError::Failed(_) | KeyError::Unwritten => FailureCode::KeyFailed,
        KeyError::NoCertificate => FailureCode::KeyNoCertificate,
        KeyError::BadCertificate => FailureCode::KeyBadCertificate,
        KeyError::OtherCertificate => FailureCode::KeyOtherCertificate,
    }
}

pub(super) fn provider_code(error: &ProviderError) -> FailureCode {
    match error {
        ProviderError::Registration(error) => match error {
            RegistrationError::Http(error) => http_code(error),
            RegistrationError::Refused { .. } => FailureCode::ProviderRefused,
            RegistrationError::Placed { .. } | RegistrationError::NoClientId { .. } => {
                FailureCode::NoClientId
            }
            RegistrationError::SaysNothing { .. } => FailureCode::SaysNothing,
            RegistrationError::NoSecret { .. } => FailureCode::NoNewSecret,
            RegistrationError::OtherClient { .. } => FailureCode::OtherClient,
            RegistrationError::Unreadable { .. } => FailureCode::Unreadable,
        },
        ProviderError::Admin {
            source: TokenError::Refused { .. },
        } => FailureCode::AdminRefused,
        ProviderError::Token(error) | ProviderError::Admin { source: error } => match error {
            TokenError::Http(error) => http_code(error),
            TokenError::Refused { .. } => FailureCode::ProviderRefused,
            TokenError::NoToken { .. } => FailureCode::NoToken,
            TokenError::Incomplete { .. } => FailureCode::Unreadable,
            TokenError::Assertion(error) => key_code(error),
        },
        ProviderError::AdminKey { .. } => FailureCode::AdminKey,
        ProviderError::Missing { .. } => FailureCode::SettingMissing,
        ProviderError::Discovery(error) => match error {
            DiscoveryError::Http(error) => http_code(error),
            DiscoveryError::InvalidIssuer { .. } => FailureCode::InvalidIssuer,
            DiscoveryError::Status { .. } => FailureCode::DiscoveryStatus,
            DiscoveryError::NotMetadata { .. } => FailureCode::NotMetadata,
            DiscoveryError::IssuerMismatch { .. } => FailureCode::IssuerMismatch,
        },
        ProviderError::Http(error) => http_code(error),
        ProviderError::Checkpoint(error) => {
            disk_of(error).map_or(FailureCode::JournalFailed, vault_code)
        }
        ProviderError::NotCapable { .. } => FailureCode::NotCapable,
        ProviderError::Address { .. } => FailureCode::SettingAddress,
        ProviderError::AuthMethod { .. } => FailureCode::AuthMethod,
        ProviderError::Endpoint {
            name: REGISTRATION_CLIENT_URI,
            ..
        } => FailureCode::RegistrationUriUnreadable,
        ProviderError::Endpoint { .. } => FailureCode::EndpointUnreadable,
        ProviderError::NoSecret { .. } => FailureCode::ClientSecretMissing,
        ProviderError::NoKey { .. } => FailureCode::ClientKeyMissing,
        ProviderError::NotRotated => FailureCode::NotRotated,
    }
}

/// The code of a failure of the connection: `HttpError::code` as a type.
pub(super) fn http_code(error: &HttpError) -> FailureCode {
    match error {
        HttpError::Dns { .. } => FailureCode::Dns,
        HttpError::Connect { .. } => FailureCode::Connect,
        HttpError::ProxyAuthentication { .. } => FailureCode::ProxyAuthentication,
        HttpError::Tls { .. } => FailureCode::Tls,
        HttpError::Timeout { .. } => FailureCode::Timeout,
        HttpError::NotHttp { .. } => FailureCode::NotHttp,
        HttpError::ConnectionLost { .. } => FailureCode::ConnectionLost,
        HttpError::NotDecoded { .. } => FailureCode::NotDecoded,
        HttpError::BodyTooLarge { .. } => FailureCode::BodyTooLarge,
        HttpError::Redirect { .. } => FailureCode::Redirect,
        HttpError::PlainHttp { .. } => FailureCode::PlainHttp,
        HttpError::UnconfirmedHost { .. } => FailureCode::UnconfirmedHost,
        HttpError::PrivateAddress { .. } => FailureCode::PrivateAddress,
        HttpError::SharedAddress { .. } => FailureCode::SharedAddress,
        HttpError::Scheme { .. } => FailureCode::Scheme,
        HttpError::ColonInId { .. } => FailureCode::ColonInClientId,
        HttpError::Proof { .. } => FailureCode::KeyFailed,
        HttpError::Request { .. } => FailureCode::RequestInvalid,
        HttpError::Setup { .. } | HttpError::Trust(_) => FailureCode::HttpSetup,
        HttpError::NoAuthority => FailureCode::NoAuthority,
    }
}
