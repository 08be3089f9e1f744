//! The stable code of each failure, and who is to blame for it.

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

use super::{connect::ConnectError, mcp::McpError, sign_in::SignInError};

/// Who is to blame, which decides the exit code (DESIGN section 8).
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

pub(super) fn vault_blame(error: &VaultError) -> ErrorClass {
    match error {
        VaultError::NotFound { .. } | VaultError::Gone(_) => ErrorClass::NotFound,
        VaultError::NoVault { .. }
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

pub(super) fn vault_code(error: &VaultError) -> &'static str {
    match error {
        VaultError::NoVault { .. } => "no_vault",
        VaultError::NotFound { .. } => "not_found",
        VaultError::Gone(_) => "gone_meanwhile",
        VaultError::AlreadyExists { .. } => "vault_exists",
        VaultError::WrongPassphrase => "wrong_passphrase",
        VaultError::NoSlot => "no_slot",
        VaultError::LastSlot => "last_slot",
        VaultError::EmptyPassphrase => "empty_passphrase",
        VaultError::KeyringUnavailable { source } => match source {
            KeyringProblem::NoBus { .. } => "keyring_no_bus",
            KeyringProblem::Locked => "keyring_locked",
            KeyringProblem::PromptRefused => "keyring_prompt_refused",
            KeyringProblem::Silent { .. } => "keyring_silent",
            KeyringProblem::Disabled
            | KeyringProblem::NoStore { .. }
            | KeyringProblem::NoThread { .. }
            | KeyringProblem::Store(_) => "keyring_unavailable",
        },
        VaultError::TooManyAttempts { .. } => "too_many_attempts",
        VaultError::NotEnoughMemory { .. } => "not_enough_memory",
        VaultError::SlotNotOpened { .. } => "slot_not_opened",
        VaultError::Unfinished { .. } => "unfinished",
        VaultError::KeyRotated => "key_rotated",
        VaultError::Header(HeaderProblem::NotAuthentic) => "header_changed",
        VaultError::Header(HeaderProblem::Outdated { .. }) => "header_outdated",
        VaultError::DatabaseKeyRejected => "database_foreign",
        VaultError::KeyringEntryMissing | VaultError::KeyringEntryInvalid => "keyring_entry",
        VaultError::NewerVersion { .. } => "newer_vault",
        VaultError::Busy => "busy",
        VaultError::NameTaken { .. } => "name_taken",
        VaultError::ConfigurationInUse { .. } => "configuration_in_use",
        VaultError::JournalClosed { .. } => "journal_closed",
        VaultError::Moved { .. } => "vault_moved",
        VaultError::DiskFull(_) => "disk_full",
        VaultError::DiskFailed(_) => "disk_failed",
        VaultError::ReadOnly(_) => "vault_read_only",
        VaultError::Io { source, .. } => match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "disk_full",
            ErrorKind::ReadOnlyFilesystem => "vault_read_only",
            _ => "file",
        },
        VaultError::NoHome => "no_home",
        VaultError::Backup(problem) => match problem {
            BackupProblem::Foreign => "backup_foreign",
            BackupProblem::NotOpened => "backup_not_opened",
            BackupProblem::Damaged { .. } => "backup_damaged",
            BackupProblem::Newer { .. } => "backup_newer",
            BackupProblem::Occupied { .. } => "backup_occupied",
            BackupProblem::Unfinished { .. } => "restore_unfinished",
            BackupProblem::BrokenOff(_) => "backup_broken_off",
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
        | VaultError::Sqlite(_) => "vault_damaged",
    }
}

pub(super) fn sign_in_blame(error: &SignInError) -> ErrorClass {
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
        | SignInError::NoUser { .. } => ErrorClass::Refused,
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

pub(super) fn sign_in_code(error: &SignInError) -> &'static str {
    match error {
        SignInError::Needed => "sign_in_needed",
        SignInError::NoRedirect => "sign_in_no_redirect",
        SignInError::NotLoopback { .. } => "sign_in_not_loopback",
        SignInError::PortTaken { .. } => "sign_in_port_taken",
        SignInError::Listener { .. } => "sign_in_listener",
        SignInError::PkceUnlisted => "sign_in_pkce_unlisted",
        SignInError::TimedOut { ignored: 0, .. } => "sign_in_timed_out",
        SignInError::TimedOut { .. } => "sign_in_timed_out_ignored",
        SignInError::CodeExpired => "sign_in_code_expired",
        SignInError::NoAnswer => "sign_in_no_answer",
        SignInError::Answer(error) => match error {
            AnswerError::State => "sign_in_state",
            AnswerError::Repeated { .. } => "sign_in_repeated",
            AnswerError::Issuer { named: Some(_), .. } => "sign_in_issuer",
            AnswerError::Issuer { named: None, .. } => "sign_in_issuer_missing",
            AnswerError::Refused { .. } => "sign_in_refused",
            AnswerError::NoCode => "sign_in_no_code",
        },
        SignInError::SignedAnswer(_) => "sign_in_signed_answer",
        SignInError::NoRequestKey => "sign_in_no_request_key",
        SignInError::IdToken(_) => "sign_in_id_token",
        SignInError::OtherUser => "sign_in_other_user",
        SignInError::NoUser { .. } => "userinfo_no_user",
        SignInError::Changed => "sign_in_changed",
    }
}

pub(super) fn connect_blame(error: &ConnectError) -> ErrorClass {
    match error {
        ConnectError::Open
        | ConnectError::NoServer
        | ConnectError::Moved { .. }
        | ConnectError::NotAnIssuer => ErrorClass::NotFound,
        ConnectError::OtherIssuer { .. } | ConnectError::NoIdentity => ErrorClass::Usage,
        ConnectError::DocumentNotAccepted => ErrorClass::Refused,
        ConnectError::Resource(error) => match error {
            ResourceError::Mismatch { .. } | ResourceError::NotAddress { .. } => {
                ErrorClass::Security
            }
            ResourceError::Http(error) => http_blame(error),
            ResourceError::Status { .. } | ResourceError::NotMetadata { .. } => ErrorClass::Refused,
        },
    }
}

pub(super) fn connect_code(error: &ConnectError) -> &'static str {
    match error {
        ConnectError::Open => "connect_open",
        ConnectError::NoServer => "connect_no_server",
        ConnectError::Moved { .. } => "connect_moved",
        ConnectError::NotAnIssuer => "connect_not_an_issuer",
        ConnectError::OtherIssuer { .. } => "connect_other_issuer",
        ConnectError::NoIdentity => "connect_no_identity",
        ConnectError::DocumentNotAccepted => "connect_document_not_accepted",
        ConnectError::Resource(error) => match error {
            ResourceError::NotAddress { .. } => "resource_metadata_address",
            ResourceError::Http(error) => error.code(),
            ResourceError::Status { .. } => "resource_metadata_status",
            ResourceError::NotMetadata { .. } => "resource_not_metadata",
            ResourceError::Mismatch { .. } => "resource_mismatch",
        },
    }
}

pub(super) fn mcp_blame(error: &McpError) -> ErrorClass {
    match error {
        McpError::Arguments { .. } => ErrorClass::Usage,
        McpError::Refused { .. } | McpError::Rpc { .. } | McpError::NotMcp => ErrorClass::Refused,
    }
}

pub(super) fn mcp_code(error: &McpError) -> &'static str {
    match error {
        McpError::Refused { .. } => "mcp_refused",
        McpError::Rpc { .. } => "mcp_error",
        McpError::NotMcp => "mcp_not_mcp",
        McpError::Arguments { .. } => "mcp_arguments",
    }
}

/// The failure of the disk that kept a step from being written down.
pub(super) fn disk_of(error: &CheckpointError) -> Option<&VaultError> {
    error
        .source
        .downcast_ref::<VaultError>()
        .filter(|error| error.is_of_the_disk())
}

pub(super) fn http_blame(error: &HttpError) -> ErrorClass {
    match error {
        HttpError::ColonInId { .. } | HttpError::Request { .. } | HttpError::Setup { .. } => {
            ErrorClass::Usage
        }
        HttpError::Dns { .. }
        | HttpError::Connect { .. }
        | HttpError::ProxyAuthentication { .. }
        | HttpError::Timeout { .. }
        | HttpError::NotHttp { .. }
        | HttpError::ConnectionLost { .. }
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

/// The sentence about a key that cannot be used.
pub(super) fn key_code(error: &KeyError) -> &'static str {
    match error {
        KeyError::NotAKey => "key_not_a_key",
        KeyError::Public => "key_public",
        KeyError::Encrypted => "key_encrypted",
        KeyError::NoPrivatePart => "key_no_private_part",
        KeyError::Several { .. } => "key_several",
        KeyError::Kind { .. } => "key_kind",
        KeyError::Algorithm { .. } => "key_algorithm",
        KeyError::Damaged | KeyError::Rejected(_) => "key_rejected",
        KeyError::Failed(_) | KeyError::Unwritten => "key_failed",
        KeyError::NoCertificate => "key_no_certificate",
        KeyError::BadCertificate => "key_bad_certificate",
        KeyError::OtherCertificate => "key_other_certificate",
    }
}

pub(super) fn provider_blame(error: &ProviderError) -> ErrorClass {
    match error {
        ProviderError::Registration(RegistrationError::Http(error))
        | ProviderError::Token(TokenError::Http(error))
        | ProviderError::Admin {
            source: TokenError::Http(error),
        }
        | ProviderError::Discovery(DiscoveryError::Http(error))
        | ProviderError::Http(error) => http_blame(error),
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

pub(super) fn provider_code(error: &ProviderError) -> &'static str {
    match error {
        ProviderError::Registration(error) => match error {
            RegistrationError::Http(error) => error.code(),
            RegistrationError::Refused { .. } => "provider_refused",
            RegistrationError::Placed { .. } | RegistrationError::NoClientId { .. } => {
                "no_client_id"
            }
            RegistrationError::SaysNothing { .. } => "says_nothing",
            RegistrationError::NoSecret { .. } => "no_new_secret",
            RegistrationError::OtherClient { .. } => "other_client",
            RegistrationError::Unreadable { .. } => "unreadable",
        },
        ProviderError::Admin {
            source: TokenError::Refused { .. },
        } => "admin_refused",
        ProviderError::Token(error) | ProviderError::Admin { source: error } => match error {
            TokenError::Http(error) => error.code(),
            TokenError::Refused { .. } => "provider_refused",
            TokenError::NoToken { .. } => "no_token",
            TokenError::Incomplete { .. } => "unreadable",
            TokenError::Assertion(error) => key_code(error),
        },
        ProviderError::AdminKey { .. } => "admin_key",
        ProviderError::Missing { .. } => "setting_missing",
        ProviderError::Discovery(error) => match error {
            DiscoveryError::Http(error) => error.code(),
            DiscoveryError::InvalidIssuer { .. } => "invalid_issuer",
            DiscoveryError::Status { .. } => "discovery_status",
            DiscoveryError::NotMetadata { .. } => "not_metadata",
            DiscoveryError::IssuerMismatch { .. } => "issuer_mismatch",
        },
        ProviderError::Http(error) => error.code(),
        ProviderError::Checkpoint(error) => disk_of(error).map_or("journal_failed", vault_code),
        ProviderError::NotCapable { .. } => "not_capable",
        ProviderError::Address { .. } => "setting_address",
        ProviderError::AuthMethod { .. } => "auth_method",
        ProviderError::Endpoint {
            name: REGISTRATION_CLIENT_URI,
            ..
        } => "registration_uri_unreadable",
        ProviderError::Endpoint { .. } => "endpoint_unreadable",
        ProviderError::NoSecret { .. } => "client_secret_missing",
        ProviderError::NoKey { .. } => "client_key_missing",
        ProviderError::NotRotated => "not_rotated",
    }
}
