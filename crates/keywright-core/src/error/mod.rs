//! Everything that can go wrong, as types inside and as data outside.

pub(crate) mod cause;
mod class;
pub(crate) mod code;
mod codes;
pub(crate) mod connect;
pub(crate) mod file;
pub(crate) mod hints;
pub(crate) mod input_problem;
pub(crate) mod mcp;
mod message_args;
pub(crate) mod parse;
mod place;
pub(crate) mod provider_label;
pub(crate) mod sign_in;
pub(crate) mod spelling;
pub(crate) mod standing;
pub(crate) mod subject;
#[cfg(test)]
mod tests;
pub(crate) mod types;
mod view;
pub(crate) mod wording;

use keywright_oauth::{client_key::KeyError, http::HttpError};
use keywright_providers::ProviderError;
use keywright_vault::{ChangeHolder, VaultError, nearest_of};
use uuid::Uuid;

use class::{
    ErrorClass, connect_class, http_class, mcp_class, provider_class, sign_in_class, vault_class,
};
use codes::{connect_code, http_code, key_code, mcp_code, provider_code, sign_in_code, vault_code};

use crate::{
    ProviderLabel, Standing,
    calls::session_types::SessionEndReason,
    codes::codes,
    error::{
        cause::Cause,
        code::{ErrorCode, FailureCode},
        connect::ConnectError,
        input_problem::InputProblem,
        mcp::McpError,
        sign_in::SignInError,
        subject::{SecretKind, Thing},
        wording::Wording,
    },
    registration::types::DraftProblem,
};

codes! {
    /// What was being done at a provider; the message names it.
    pub enum Operation {
        /// Registering.
        Register = "register",
        /// Reading a registration.
        Read = "read",
        /// Changing a registration.
        Update = "update",
        /// Replacing a secret.
        Rotate = "rotate",
        /// Deleting a client.
        Delete = "delete",
        /// Deleting what a registration left behind.
        CleanUp = "clean_up",
        /// Getting a token.
        Token = "token",
        /// Exchanging the code of a sign-in for a token.
        SignIn = "sign_in",
        /// Introspecting.
        Introspect = "introspect",
        /// Revoking.
        Revoke = "revoke",
        /// Asking who a user is.
        Userinfo = "userinfo",
        /// Sending a user to the sign-out.
        SignOut = "sign_out",
        /// Looking at an issuer.
        Discover = "discover",
        /// Listing clients.
        List = "list",
    }
}

/// A failed use case.
#[derive(Debug, thiserror::Error)]
pub enum CoreError {
    /// The vault is locked.
    #[error("the vault is locked")]
    Locked,
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A provider refused, could not be reached, or cannot do it.
    #[error("{who}: {source}")]
    Provider {
        /// Its configuration's name, or the issuer.
        who: ProviderLabel,
        /// What was being done.
        doing: Operation,
        /// Why.
        source: ProviderError,
    },
    /// The provider refused to manage a client: the client is gone, or the way to manage it is.
    #[error("{who}: {source}")]
    Unmanaged {
        /// The configuration's name.
        who: ProviderLabel,
        /// The application's name.
        name: String,
        /// What was being done.
        doing: Operation,
        /// What is known about the client.
        standing: Standing,
        /// Why.
        source: ProviderError,
    },
    /// Another program, or another task of this one, changes the same application now.
    #[error("{name} is being changed by process {}", holder.process)]
    ChangeBusy {
        /// The application's name.
        name: String,
        /// Who changes it, and how.
        holder: ChangeHolder,
    },
    /// A provider refused, and what is known of the application says why.
    #[error("{who}: {source}")]
    Explained {
        /// Its configuration's name.
        who: ProviderLabel,
        /// What was being done.
        doing: Operation,
        /// Why.
        source: ProviderError,
        /// The most likely cause.
        cause: Box<Cause>,
    },
    /// A user did not sign in, or what came of it does not hold.
    #[error("{who}: {source}")]
    SignIn {
        /// The configuration's name.
        who: ProviderLabel,
        /// Why.
        source: SignInError,
    },
    /// An address leads to no token.
    #[error("{address}: {source}")]
    Connect {
        /// As typed.
        address: String,
        /// Why.
        source: Box<ConnectError>,
    },
    /// An MCP server did not do it.
    #[error("{address}: {source}")]
    Mcp {
        /// Its address.
        address: String,
        /// Why.
        source: Box<McpError>,
    },
    /// Something was sent and its outcome is not known; the journal holds it.
    #[error("{who}: the outcome is unknown")]
    OutcomeUnknown {
        /// The configuration's name.
        who: ProviderLabel,
        /// What was sent.
        doing: Operation,
        /// The journal entry.
        journal: Uuid,
        /// Why.
        source: ProviderError,
    },
    /// A client was made, and a step after it failed; the journal holds what there is.
    #[error("{who}: begun and not finished: {source}")]
    Incomplete {
        /// The configuration's name.
        who: ProviderLabel,
        /// The journal entry.
        journal: Uuid,
        /// Why.
        source: ProviderError,
    },
    /// The provider answered, and the answer could not be written down.
    #[error("{who}: the answer about the client {client} could not be kept")]
    AnswerLost {
        /// The configuration's name.
        who: ProviderLabel,
        /// The journal entry.
        journal: Uuid,
        /// The client that exists there.
        client: String,
        /// Why.
        source: ProviderError,
    },
    /// Nothing at the provider bears the mark of this journal entry: its request never took effect.
    #[error("{who} has nothing of {name}")]
    NothingLeft {
        /// The configuration's name.
        who: ProviderLabel,
        /// The name that was to be registered.
        name: String,
    },
    /// An API could not be reached.
    #[error("{who}: {source}")]
    Api {
        /// Its host.
        who: String,
        /// Why.
        source: HttpError,
    },
    /// Nothing of that name or id.
    #[error("no {} named {name}", what.as_str())]
    NotFound {
        /// What was looked for.
        what: Thing,
        /// What was asked for.
        name: String,
        /// The nearest name there is.
        nearest: Option<String>,
    },
    /// The input cannot be used.
    #[error("the {} cannot be used", what.as_str())]
    Input {
        /// Why not.
        what: InputProblem,
        /// What is wrong, in the words of what read it.
        detail: String,
    },
    /// A name that is not one of those that exist.
    #[error("the {} cannot be used", what.as_str())]
    UnknownName {
        /// Which name.
        what: InputProblem,
        /// As typed.
        name: String,
        /// The nearest one that exists.
        nearest: Option<String>,
    },
    /// The draft has problems.
    #[error("the draft has {} problems", problems.len())]
    Draft {
        /// Each one.
        problems: Vec<DraftProblem>,
    },
    /// The vault holds no such secret.
    #[error("the vault holds no {} here", what.as_str())]
    NoSecret {
        /// Which.
        what: SecretKind,
        /// The application's name; none for a secret of a configuration.
        application: Option<String>,
    },
    /// The token is good only together with a proof for each request (RFC 9449 §5), which is not made here.
    #[error("a token of the type {token_type} is not a bearer token")]
    NotBearer {
        /// The application's name.
        application: String,
        /// `token_type` as answered.
        token_type: String,
    },
    /// A key cannot be made, read or used.
    #[error("the key of the client: {source}")]
    ClientKey {
        /// Why.
        #[from]
        source: KeyError,
    },
    /// There is no session to use.
    #[error("no live session with {origin}: {why:?}")]
    NoSession {
        /// API origin.
        origin: String,
        /// Why there is none.
        why: NoSession,
        /// Names of cookies, or a path.
        detail: String,
    },
    /// An imported session was tried and not accepted.
    #[error("the session was not accepted by {address}: status {status}")]
    SessionNotAccepted {
        /// The address that was called.
        address: String,
        /// Its answer.
        status: u16,
        /// The login page that it sent the call to.
        login_page: Option<String>,
    },
    /// A file next to the vault.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What the vault gave back cannot be read.
    #[error("stored data cannot be read: {0}")]
    Stored(#[from] serde_json::Error),
    /// A task of our own was ended.
    #[error("the work was ended: {source}")]
    Task {
        /// Why.
        source: tokio::task::JoinError,
    },
}

/// Why there is no session to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoSession {
    /// There never was one.
    Never,
    /// The gateway answered and set no cookie.
    NoCookie,
    /// The gateway set cookies that make no session: of a load balancer and the like.
    OtherCookies,
    /// Its cookies are for another path.
    OtherPath,
    /// It has ended.
    Ended(SessionEndReason),
}

impl NoSession {
    /// Its sentences.
    fn wording(self) -> Wording {
        match self {
            Self::Never => Wording::NoSession,
            Self::NoCookie => Wording::NoSessionCookie,
            Self::OtherCookies => Wording::NoSessionOtherCookies,
            Self::OtherPath => Wording::NoSessionPath,
            Self::Ended(SessionEndReason::Refused) => Wording::NoSessionRefused,
            Self::Ended(SessionEndReason::Login) => Wording::NoSessionLogin,
            Self::Ended(SessionEndReason::Deleted) => Wording::NoSessionDeleted,
            Self::Ended(SessionEndReason::Limit) => Wording::NoSessionLimit,
            Self::Ended(SessionEndReason::Expired) => Wording::NoSessionExpired,
        }
    }
}

impl CoreError {
    /// A name that is not among those that exist, with the nearest of them.
    pub(crate) fn unknown_name<'a>(
        what: InputProblem,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        Self::UnknownName {
            what,
            name: name.to_owned(),
            nearest: nearest_of(name.trim(), known),
        }
    }

    /// Exit code of the command line.
    pub fn exit_code(&self) -> u8 {
        match self.class() {
            ErrorClass::Failed => 1,
            ErrorClass::Usage => 2,
            ErrorClass::NotFound => 3,
            ErrorClass::Locked => 4,
            ErrorClass::Refused => 5,
            ErrorClass::Network => 6,
            ErrorClass::Unknown => 7,
            ErrorClass::Security => 8,
        }
    }

    /// The same refusal with what is known about the client, where that was found out.
    pub(crate) fn with_standing(self, name: &str, standing: Option<Standing>) -> Self {
        match (self, standing) {
            (Self::Provider { who, doing, source }, Some(standing)) => Self::Unmanaged {
                who,
                name: name.to_owned(),
                doing,
                standing,
                source,
            },
            (error, _) => error,
        }
    }

    fn class(&self) -> ErrorClass {
        match self {
            Self::Locked => ErrorClass::Locked,
            Self::Vault(error) => vault_class(error),
            Self::Provider { source, .. }
            | Self::Unmanaged { source, .. }
            | Self::Explained { source, .. } => provider_class(source),
            Self::OutcomeUnknown { .. } | Self::Incomplete { .. } | Self::AnswerLost { .. } => {
                ErrorClass::Unknown
            }
            Self::SignIn { source, .. } => sign_in_class(source),
            Self::Connect { source, .. } => connect_class(source),
            Self::Mcp { source, .. } => mcp_class(source),
            Self::Api { source, .. } => http_class(source),
            Self::NotFound { .. }
            | Self::NoSession { .. }
            | Self::NoSecret { .. }
            | Self::NothingLeft { .. } => ErrorClass::NotFound,
            Self::SessionNotAccepted { .. } | Self::NotBearer { .. } => ErrorClass::Refused,
            Self::Input { .. }
            | Self::UnknownName { .. }
            | Self::Draft { .. }
            | Self::ClientKey { .. } => ErrorClass::Usage,
            Self::ChangeBusy { .. } | Self::File { .. } | Self::Stored(_) | Self::Task { .. } => {
                ErrorClass::Failed
            }
        }
    }

    /// Seconds that a server or the vault asks to wait before the next try.
    pub fn retry_after(&self) -> Option<u64> {
        message_args::MessageArgs::of(self).retry_after
    }

    /// Stable code.
    pub fn code(&self) -> ErrorCode {
        let code = match self {
            Self::Locked => FailureCode::Locked,
            Self::Vault(error) => vault_code(error),
            Self::Provider { source, .. }
            | Self::Unmanaged { source, .. }
            | Self::Explained { source, .. } => provider_code(source),
            Self::ChangeBusy { .. } => FailureCode::Busy,
            Self::OutcomeUnknown { .. } => FailureCode::OutcomeUnknown,
            Self::Incomplete { .. } => FailureCode::Incomplete,
            Self::AnswerLost { .. } => FailureCode::AnswerLost,
            Self::NothingLeft { .. } => FailureCode::NothingLeft,
            Self::SignIn { source, .. } => sign_in_code(source),
            Self::Connect { source, .. } => connect_code(source),
            Self::Mcp { source, .. } => mcp_code(source),
            Self::Api { source, .. } => http_code(source),
            Self::NotFound { .. } => FailureCode::NotFound,
            Self::Input { what, .. } | Self::UnknownName { what, .. } => return (*what).into(),
            Self::Draft { .. } => FailureCode::Draft,
            Self::NoSecret { .. } => FailureCode::NoSecret,
            Self::NotBearer { .. } => FailureCode::NotBearer,
            Self::ClientKey { source } => key_code(source),
            Self::NoSession { .. } => FailureCode::NoSession,
            Self::SessionNotAccepted { .. } => FailureCode::SessionNotAccepted,
            Self::File { .. } => FailureCode::File,
            Self::Stored(_) => FailureCode::Stored,
            Self::Task { .. } => FailureCode::Task,
        };
        code.into()
    }
}

/// Messages about a client whose management was refused. A 401 is about the registration access token.
fn unmanaged_wording(standing: Standing, status: Option<u16>) -> Wording {
    match (standing, status) {
        (Standing::Gone, _) => Wording::ClientGone,
        (Standing::Lives, Some(401)) => Wording::TokenRefusedClientLives,
        (Standing::Lives, _) => Wording::NotFoundClientLives,
        (Standing::Unproven, Some(401)) => Wording::TokenRefusedUnproven,
        (Standing::Unproven, _) => Wording::NotFoundUnproven,
    }
}
