//! The stable code of each failure.

use std::fmt;

use serde::{Deserialize, Serialize};
use specta::Type;

use crate::{codes::codes, error::input_problem::InputProblem};

/// The stable code of a failure: an input that cannot be used has the code of what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Type)]
#[serde(untagged)]
pub enum ErrorCode {
    /// Something failed.
    Failure(FailureCode),
    /// What was given cannot be used.
    Input(InputProblem),
}

impl ErrorCode {
    /// The code in `snake_case`, for example `provider_refused`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failure(code) => code.as_str(),
            Self::Input(problem) => problem.as_str(),
        }
    }
}

impl From<FailureCode> for ErrorCode {
    fn from(code: FailureCode) -> Self {
        Self::Failure(code)
    }
}

impl From<InputProblem> for ErrorCode {
    fn from(problem: InputProblem) -> Self {
        Self::Input(problem)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

codes! {
    /// What failed, at every layer and on both surfaces.
    #[allow(missing_docs, reason = "the sentence of each is in messages/errors.yml")]
    #[derive(Serialize, Deserialize, Type)]
    #[serde(rename_all = "snake_case")]
    pub enum FailureCode {
        AdminKey = "admin_key",
        AdminRefused = "admin_refused",
        Agent = "agent",
        AgentRefused = "agent_refused",
        AnswerLost = "answer_lost",
        AuthMethod = "auth_method",
        Autostart = "autostart",
        BackupBrokenOff = "backup_broken_off",
        BackupDamaged = "backup_damaged",
        BackupForeign = "backup_foreign",
        BackupNewer = "backup_newer",
        BackupNotOpened = "backup_not_opened",
        BackupOccupied = "backup_occupied",
        BodyTooLarge = "body_too_large",
        Busy = "busy",
        ClientKeyMissing = "client_key_missing",
        ClientSecretMissing = "client_secret_missing",
        Clipboard = "clipboard",
        ColonInClientId = "colon_in_client_id",
        ConfigurationInUse = "configuration_in_use",
        Connect = "connect",
        ConnectDocumentNotAccepted = "connect_document_not_accepted",
        ConnectMoved = "connect_moved",
        ConnectNoIdentity = "connect_no_identity",
        ConnectNoServer = "connect_no_server",
        ConnectNotAnIssuer = "connect_not_an_issuer",
        ConnectOpen = "connect_open",
        ConnectOtherIssuer = "connect_other_issuer",
        ConnectionLost = "connection_lost",
        DatabaseForeign = "database_foreign",
        DiscoveryStatus = "discovery_status",
        DiskFailed = "disk_failed",
        DiskFull = "disk_full",
        Dns = "dns",
        Draft = "draft",
        EmptyPassphrase = "empty_passphrase",
        EndpointUnreadable = "endpoint_unreadable",
        File = "file",
        ForeignFile = "foreign_file",
        ForeignMetadata = "foreign_metadata",
        GoneMeanwhile = "gone_meanwhile",
        HeaderChanged = "header_changed",
        HeaderOutdated = "header_outdated",
        HttpSetup = "http_setup",
        Incomplete = "incomplete",
        InvalidIssuer = "invalid_issuer",
        IssuerMismatch = "issuer_mismatch",
        JournalClosed = "journal_closed",
        JournalFailed = "journal_failed",
        KeyAlgorithm = "key_algorithm",
        KeyBadCertificate = "key_bad_certificate",
        KeyEncrypted = "key_encrypted",
        KeyFailed = "key_failed",
        KeyKind = "key_kind",
        KeyNoCertificate = "key_no_certificate",
        KeyNoPrivatePart = "key_no_private_part",
        KeyNotAKey = "key_not_a_key",
        KeyOtherCertificate = "key_other_certificate",
        KeyPublic = "key_public",
        KeyRejected = "key_rejected",
        KeyRotated = "key_rotated",
        KeySeveral = "key_several",
        KeyringEntry = "keyring_entry",
        KeyringLocked = "keyring_locked",
        KeyringNoBus = "keyring_no_bus",
        KeyringPromptRefused = "keyring_prompt_refused",
        KeyringSilent = "keyring_silent",
        KeyringUnavailable = "keyring_unavailable",
        LastSlot = "last_slot",
        Locked = "locked",
        McpArguments = "mcp_arguments",
        McpError = "mcp_error",
        McpNotMcp = "mcp_not_mcp",
        McpRefused = "mcp_refused",
        NameTaken = "name_taken",
        NewerVault = "newer_vault",
        NoAuthority = "no_authority",
        NoClientId = "no_client_id",
        NoHome = "no_home",
        NoInput = "no_input",
        NoNewSecret = "no_new_secret",
        NoSecret = "no_secret",
        NoSession = "no_session",
        NoSlot = "no_slot",
        NoTerminal = "no_terminal",
        NoToken = "no_token",
        NoVault = "no_vault",
        NotBearer = "not_bearer",
        NotCapable = "not_capable",
        NotConfirmed = "not_confirmed",
        NotDecoded = "not_decoded",
        NotEnoughMemory = "not_enough_memory",
        NotFound = "not_found",
        NotHttp = "not_http",
        NotMetadata = "not_metadata",
        NotRotated = "not_rotated",
        NothingLeft = "nothing_left",
        OtherClient = "other_client",
        OutcomeUnknown = "outcome_unknown",
        Output = "output",
        PlainHttp = "plain_http",
        Presenter = "presenter",
        PrivateAddress = "private_address",
        ProviderRefused = "provider_refused",
        ProxyAuthentication = "proxy_authentication",
        QuickAccessKeys = "quick_access_keys",
        Redirect = "redirect",
        RedirectUri = "redirect_uri",
        RegistrationUriUnreadable = "registration_uri_unreadable",
        RequestInvalid = "request_invalid",
        ResourceMetadataAddress = "resource_metadata_address",
        ResourceMetadataStatus = "resource_metadata_status",
        ResourceMismatch = "resource_mismatch",
        ResourceNotMetadata = "resource_not_metadata",
        RestoreUnfinished = "restore_unfinished",
        Runtime = "runtime",
        Sandbox = "sandbox",
        SaysNothing = "says_nothing",
        Scheme = "scheme",
        SecretArgument = "secret_argument",
        SessionNotAccepted = "session_not_accepted",
        SettingAddress = "setting_address",
        SettingMissing = "setting_missing",
        SharedAddress = "shared_address",
        SignInChanged = "sign_in_changed",
        SignInCodeExpired = "sign_in_code_expired",
        SignInIdToken = "sign_in_id_token",
        SignInIssuer = "sign_in_issuer",
        SignInIssuerMissing = "sign_in_issuer_missing",
        SignInListener = "sign_in_listener",
        SignInNeeded = "sign_in_needed",
        SignInNoAnswer = "sign_in_no_answer",
        SignInNoCode = "sign_in_no_code",
        SignInNoRedirect = "sign_in_no_redirect",
        SignInNoRequestKey = "sign_in_no_request_key",
        SignInNotLoopback = "sign_in_not_loopback",
        SignInOtherUser = "sign_in_other_user",
        SignInPkceUnlisted = "sign_in_pkce_unlisted",
        SignInPortTaken = "sign_in_port_taken",
        SignInRefused = "sign_in_refused",
        SignInRepeated = "sign_in_repeated",
        SignInSignedAnswer = "sign_in_signed_answer",
        SignInState = "sign_in_state",
        SignInTimedOut = "sign_in_timed_out",
        SignInTimedOutIgnored = "sign_in_timed_out_ignored",
        SlotNotOpened = "slot_not_opened",
        Source = "source",
        Stored = "stored",
        Task = "task",
        Timeout = "timeout",
        Tls = "tls",
        TooManyAttempts = "too_many_attempts",
        UnconfirmedHost = "unconfirmed_host",
        Unfinished = "unfinished",
        Unreadable = "unreadable",
        UnreadableFile = "unreadable_file",
        Usage = "usage",
        UserinfoEncrypted = "userinfo_encrypted",
        UserinfoNoUser = "userinfo_no_user",
        VaultDamaged = "vault_damaged",
        VaultExists = "vault_exists",
        VaultHeaderMissing = "vault_header_missing",
        VaultMoved = "vault_moved",
        VaultReadOnly = "vault_read_only",
        WindowFailed = "window_failed",
        WrongPassphrase = "wrong_passphrase",
    }
}
