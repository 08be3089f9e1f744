//! The use cases: configure, register, rotate, get a token, call, keep a session.
//!
//! Joins the protocol, the providers and the vault; knows no window and no terminal. Start at
//! [`Keywright`]; each folder is one domain, and `docs/architecture.md` shows which may use which.

rust_i18n::i18n!("messages", fallback = "en");

mod activity;
mod actor;
mod app;
mod applications;
mod calls;
mod codes;
mod configurations;
mod connect;
mod diagnosis;
mod disclosure;
mod doctor;
mod error;
pub mod file_kind;
mod i18n;
mod mcp;
mod pseudonyms;
pub mod reference;
mod registration;
mod shell_words;
mod tokens;
mod vault;
pub mod view;

pub use activity::ActivityLog;
pub use actor::Actor;
pub use app::{
    Keywright, Options, clocks::Clocks, conversions::rfc3339, hardening::harden_process,
    preferences::preferred_language,
};
pub use applications::{Applications, metadata_diff::changed};
pub use calls::{Calls, is_secret_header, sessions::Sessions};
pub use configurations::{
    Configurations,
    export::{ExportedConfiguration, ExportedSecrets},
    probe::Probe,
    sandbox::{SandboxLink, SandboxPersonality, SandboxVerify},
    support::ServerSupport,
    verify::Verified,
};
pub use connect::{Connect, ConnectInput, FoundServer, GivenClient};
pub use disclosure::{
    Disclosure,
    command_credentials::{CommandCredentials, encodings},
    reveal::Copied,
};
pub use error::{
    CoreError, NoSession, Operation,
    cause::Cause,
    code::{ErrorCode, FailureCode},
    connect::ConnectError,
    file::file_problem,
    input_problem::InputProblem,
    mcp::McpError,
    parse::json_problem,
    provider_label::ProviderLabel,
    sign_in::{Awaited, SignInError},
    spelling::{typed_grant, typed_method},
    standing::Standing,
    subject::{SecretKind, Thing},
};
pub use i18n::{
    key::{Family, MessageKey},
    moment, translate,
};
pub use keywright_oauth::{
    client_document::DocumentDraft,
    client_key::{ClientKey, KeyAlgorithm},
    grant_name::standard_name,
    time::{Clock, ManualClock},
    token::{DEVICE_CODE, needs_proof},
};
pub use keywright_providers::ProviderKind;
pub use keywright_vault::{SecretText, VaultError, VaultHome, VaultKey};
pub use mcp::Mcp;
pub use registration::{
    Registrar,
    bulk::BulkControl,
    client_keys::{KeyPublication, NewKey},
    delete::Deletion,
    given_keys::{algorithm as key_algorithm, import as import_key, key_file},
    recovery::{Discarded, Resumed},
};
pub use tokens::{
    Tokens,
    auto_refresh::AutoRefresh,
    given::GivenGrant,
    sign_in::{SIGN_IN_TIME, SignInControl, SignInStep, pasted::PasteProblem},
};
pub use vault::{
    backup::{BACKUP_EXTENSION, Backups},
    key_slots::{KeySlots, UnlockMethods},
};
pub use view::Lang;
