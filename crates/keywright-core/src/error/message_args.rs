//! What a message about a failure can name, gathered from every layer.

mod answers;

use std::{io, path::Path};

use keywright_oauth::{
    authorize::AnswerError,
    error_response::{Challenge, ErrorResponse},
    id_token::IdTokenProblem,
    jwt::SignatureProblem,
    protected_resource::ResourceError,
};
use keywright_providers::ProviderKind;
use keywright_vault::{BackupProblem, KeyringProblem, VaultError};
use uuid::Uuid;

use super::{
    CoreError, Operation,
    connect::ConnectError,
    file::FileProblem,
    input_problem::InputProblem,
    mcp::McpError,
    parse::{address_meant, address_problem},
    provider_label::ScopeAdvice,
    subject::Subject,
    wording::Wording,
};
use crate::{
    Awaited, ProviderLabel, SignInError,
    i18n::key::{Key, MessageKey},
    shell_words,
};

/// What a message can name.
#[derive(Default)]
pub(super) struct MessageArgs {
    pub(super) who: String,
    pub(super) kind: Option<ProviderKind>,
    pub(super) what: String,
    pub(super) detail: String,
    pub(super) asked: String,
    /// What is wrong with a file: key of the phrase and of the hint.
    pub(super) file_problem: Option<FileProblem>,
    /// The name or the address that was probably meant.
    pub(super) nearest: String,
    /// The setting for an endpoint that is not known.
    pub(super) endpoint: String,
    /// Where a redirect leads.
    pub(super) target: String,
    pub(super) doing: Option<Operation>,
    pub(super) status: Option<u16>,
    pub(super) retry_after: Option<u64>,
    pub(super) words: Option<ErrorResponse>,
    pub(super) exchange: Option<Uuid>,
    /// Why something cannot be done: the sentences that say so, the closest first.
    pub(super) reason: Vec<MessageKey>,
    /// The application and the configuration as a command names them.
    pub(super) app: String,
    /// The registration of that application cannot be changed.
    pub(super) is_fixed: bool,
    /// No initial access token is set in that configuration.
    pub(super) lacks_initial_token: bool,
    /// That token manages clients that have none of their own.
    pub(super) manages_as_administrator: bool,
    /// Both encodings of Basic write the credentials alike.
    pub(super) is_encoded_alike: bool,
    pub(super) asks_no_scope: bool,
    pub(super) config: String,
    /// The same, unquoted.
    pub(super) configuration: Option<String>,
    /// A closer sentence than that of the code.
    pub(super) wording: Option<Wording>,
    /// What it is about, where that is one of a closed list.
    pub(super) subject: Option<Subject>,
    /// A closer hint than that of the code.
    pub(super) closer_hint: Option<Key>,
    /// Where the answer of a user was awaited.
    pub(super) awaited: Option<Awaited>,
    /// What may be registered in the place of scopes that were refused.
    pub(super) scopes: Option<Box<ScopeAdvice>>,
}

impl MessageArgs {
    #[expect(clippy::too_many_lines, reason = "one arm a kind of failure")]
    pub(super) fn of(error: &CoreError) -> Self {
        // An application that is not known is the blank of a command.
        let mut seen = Self {
            app: "NAME".to_owned(),
            ..Self::default()
        };
        match error {
            CoreError::Provider { who, doing, source }
            | CoreError::Explained {
                who, doing, source, ..
            } => {
                seen.named(who);
                seen.doing = Some(*doing);
                seen.provider(source);
            }
            CoreError::Unmanaged {
                who,
                name,
                doing,
                source,
                ..
            } => {
                seen.named(who);
                seen.doing = Some(*doing);
                seen.provider(source);
                seen.application(name, Some(name));
            }
            CoreError::OutcomeUnknown {
                who,
                doing,
                journal,
                source,
            } => {
                seen.named(who);
                seen.provider(source);
                // The sentence is about the outcome, not about the connection.
                seen.wording = None;
                seen.doing = Some(*doing);
                seen.detail = journal.to_string();
            }
            CoreError::Incomplete {
                who,
                journal,
                source,
            } => {
                seen.named(who);
                seen.provider(source);
                seen.wording = None;
                seen.detail = journal.to_string();
            }
            CoreError::AnswerLost { who, client, .. } => {
                seen.named(who);
                seen.detail.clone_from(client);
            }
            CoreError::ChangeBusy { name, .. } => seen.what.clone_from(name),
            CoreError::NothingLeft { who, name } => {
                seen.named(who);
                seen.application(name, Some(name));
            }
            CoreError::SignIn { who, source } => seen.sign_in(who, source),
            CoreError::Connect { address, source } => seen.connect(address, source),
            CoreError::Mcp { address, source } => {
                seen.asked = shell_words::quoted(address);
                seen.who.clone_from(address);
                match &**source {
                    McpError::Refused { words } => seen.words = Some((**words).clone()),
                    McpError::Rpc { code, message } => {
                        seen.what = code.to_string();
                        seen.detail.clone_from(message);
                    }
                    McpError::Arguments { detail } => seen.detail.clone_from(detail),
                    McpError::NotMcp => {}
                }
            }
            CoreError::Api { who, source } => {
                seen.http(source);
                seen.who.clone_from(who);
            }
            CoreError::NotFound {
                what,
                name,
                nearest,
            } => {
                seen.subject = Some(Subject::Thing(*what));
                seen.who.clone_from(name);
                seen.detail = nearest.clone().unwrap_or_default();
            }
            CoreError::Input { what, detail } => {
                seen.detail.clone_from(detail);
                if matches!(what, InputProblem::Url | InputProblem::RegistrationUri) {
                    seen.reason = vec![address_problem(detail).into()];
                    seen.nearest = address_meant(detail).unwrap_or_default();
                }
                if matches!(
                    what,
                    InputProblem::CannotResume
                        | InputProblem::AssertionNeeded
                        | InputProblem::RotateWithoutKey
                ) {
                    seen.app = shell_words::quoted(detail);
                }
            }
            CoreError::UnknownName { name, nearest, .. } => {
                seen.detail.clone_from(name);
                seen.nearest = nearest.clone().unwrap_or_default();
            }
            CoreError::NoSecret { what, application } => {
                seen.subject = Some(Subject::Secret(*what));
                if let Some(name) = application {
                    seen.app = shell_words::quoted(name);
                }
            }
            CoreError::NotBearer {
                application,
                token_type,
            } => {
                seen.application(application, Some(application));
                seen.detail.clone_from(token_type);
            }
            CoreError::NoSession { origin, detail, .. } => {
                seen.who.clone_from(origin);
                seen.detail.clone_from(detail);
            }
            CoreError::SessionNotAccepted {
                address,
                status,
                login_page,
            } => {
                seen.who.clone_from(address);
                seen.status = Some(*status);
                seen.detail = login_page.clone().unwrap_or_default();
            }
            CoreError::File { path, source } => seen.file(path, source),
            CoreError::ClientKey { source } => seen.detail = source.detail(),
            CoreError::Stored(source) => seen.detail = source.to_string(),
            CoreError::Vault(source) => seen.vault(source),
            CoreError::Locked | CoreError::Draft { .. } | CoreError::Task { .. } => {}
        }
        seen
    }

    fn file(&mut self, path: &Path, source: &io::Error) {
        self.what = path.display().to_string();
        self.detail = source.to_string();
        self.file_problem = FileProblem::of(source.kind());
    }

    /// What it is about, and the application that a command names.
    fn application(&mut self, what: &str, name: Option<&str>) {
        what.clone_into(&mut self.what);
        if let Some(name) = name {
            self.app = shell_words::quoted(name);
        }
    }

    fn named(&mut self, who: &ProviderLabel) {
        self.who.clone_from(&who.name);
        self.kind = who.kind;
        self.is_fixed = who.is_fixed;
        self.lacks_initial_token = who.lacks_initial_token;
        self.manages_as_administrator = who.manages_as_administrator;
        self.is_encoded_alike = who.is_encoded_alike;
        self.asks_no_scope = who.asks_no_scope;
        self.scopes.clone_from(&who.scopes);
        if let Some(application) = &who.application {
            self.app = shell_words::quoted(application);
        }
        if let Some(configuration) = &who.configuration {
            self.config = shell_words::quoted(configuration);
            self.configuration = Some(configuration.clone());
        }
    }

    /// The status of the answer, where it has one.
    pub(super) fn answered_status(&self) -> Option<u16> {
        let words = self.words.as_ref().map(|words| words.status);
        // The words of an authorization endpoint come by a browser, without a status.
        words.filter(|status| *status != 0).or(self.status)
    }

    /// Something that the challenge says.
    pub(super) fn challenged(&self, read: fn(&Challenge) -> &Option<String>) -> String {
        self.words
            .as_ref()
            .and_then(|words| words.challenge.as_ref())
            .and_then(|challenge| read(challenge).clone())
            .unwrap_or_default()
    }

    fn vault(&mut self, error: &VaultError) {
        match error {
            VaultError::NoVault { folder }
            | VaultError::AlreadyExists { folder }
            | VaultError::Moved { folder } => {
                self.what = folder.display().to_string();
            }
            VaultError::HeaderMissing { database } => {
                self.what = database.display().to_string();
            }
            VaultError::NotFound { kind, id } => {
                self.subject = Some(Subject::Thing((*kind).into()));
                self.who.clone_from(id);
            }
            VaultError::NameTaken { kind, name } => {
                self.subject = Some(Subject::Thing((*kind).into()));
                self.who.clone_from(name);
                self.app = shell_words::quoted(name);
            }
            VaultError::NewerVersion { found, supported } => {
                self.detail = found.to_string();
                self.what = supported.to_string();
            }
            VaultError::Io { path, source } => self.file(path, source),
            VaultError::ConfigurationInUse { applications, .. } => {
                self.detail = applications.to_string();
            }
            VaultError::KeyringUnavailable { source } => self.keyring(source),
            VaultError::TooManyAttempts { seconds } => {
                self.retry_after = Some(u64::from(*seconds));
            }
            VaultError::NotEnoughMemory { mib, .. } => self.detail = mib.to_string(),
            VaultError::SlotNotOpened { slot } => self.what = slot.to_string(),
            VaultError::Unfinished { unfinished } => self.detail = unfinished.to_string(),
            VaultError::Header(problem) => self.detail = problem.to_string(),
            VaultError::Backup(problem) => self.backup(problem),
            VaultError::DiskFailed(source) => self.detail = source.to_string(),
            VaultError::Damaged(damage) => self.detail = damage.to_string(),
            VaultError::Gone(_)
            | VaultError::WrongPassphrase
            | VaultError::NoSlot
            | VaultError::LastSlot
            | VaultError::EmptyPassphrase
            | VaultError::KeyringEntryMissing
            | VaultError::KeyringEntryInvalid
            | VaultError::Busy
            | VaultError::NoHome
            | VaultError::DatabaseKeyRejected
            | VaultError::DiskFull(_)
            | VaultError::ReadOnly(_)
            | VaultError::JournalClosed { .. }
            | VaultError::Random(_)
            | VaultError::KeyDerivation(_)
            | VaultError::KeyRotated
            | VaultError::KeyWrap
            | VaultError::Json(_)
            | VaultError::Migration(_)
            | VaultError::Sqlite(_) => self.detail = error.to_string(),
        }
    }

    fn sign_in(&mut self, who: &ProviderLabel, error: &SignInError) {
        self.named(who);
        match error {
            SignInError::NotLoopback { redirect_uri } => self.detail.clone_from(redirect_uri),
            SignInError::PortTaken { port } => self.detail = port.to_string(),
            SignInError::Listener { source } => self.detail = source.to_string(),
            SignInError::TimedOut { seconds, at, .. } => {
                self.detail = seconds.to_string();
                self.awaited = Some(*at);
            }
            SignInError::Answer(AnswerError::Repeated { name }) => {
                (*name).clone_into(&mut self.detail);
            }
            SignInError::Answer(AnswerError::Issuer { expected, named }) => {
                self.asked.clone_from(expected);
                self.detail = named.clone().unwrap_or_default();
            }
            SignInError::Answer(AnswerError::Refused { words }) => {
                self.words = Some((**words).clone());
            }
            SignInError::NoUser { words, exchange } => {
                self.words = Some((**words).clone());
                self.exchange = Some(*exchange);
            }
            SignInError::UserinfoEncrypted {
                encryption,
                exchange,
            } => {
                self.detail = encryption.to_string();
                self.exchange = Some(*exchange);
            }
            SignInError::IdToken(problem) => {
                problem.as_str().clone_into(&mut self.detail);
                if let IdTokenProblem::Encrypted(encryption) = problem {
                    self.detail = encryption.to_string();
                    self.wording = Some(Wording::SignInIdTokenEncrypted);
                }
                self.closer_hint = match problem {
                    IdTokenProblem::Signature(SignatureProblem::KeyRefused) => {
                        Some(Key::HintIdTokenKeyRefused)
                    }
                    IdTokenProblem::Signature(SignatureProblem::AlgorithmRefused) => {
                        Some(Key::HintIdTokenAlgorithmRefused)
                    }
                    IdTokenProblem::Nonce => Some(Key::HintIdTokenNonce),
                    IdTokenProblem::Signature(
                        SignatureProblem::TooManyKeys
                        | SignatureProblem::AlgorithmUnsupported
                        | SignatureProblem::Critical
                        | SignatureProblem::WrongType
                        | SignatureProblem::UnknownKey
                        | SignatureProblem::WrongSignature
                        | SignatureProblem::NoKeys,
                    )
                    | IdTokenProblem::NotJwt
                    | IdTokenProblem::Encrypted(_)
                    | IdTokenProblem::Issuer
                    | IdTokenProblem::Audience
                    | IdTokenProblem::AuthorizedParty
                    | IdTokenProblem::AccessTokenHash
                    | IdTokenProblem::Time
                    | IdTokenProblem::Subject => None,
                };
            }
            SignInError::SignedAnswer(problem) => problem.as_str().clone_into(&mut self.detail),
            SignInError::Needed
            | SignInError::NoRedirect
            | SignInError::NoRequestKey
            | SignInError::PkceUnlisted
            | SignInError::CodeExpired
            | SignInError::NoAnswer
            | SignInError::Answer(AnswerError::State | AnswerError::NoCode)
            | SignInError::OtherUser
            | SignInError::Changed => {}
        }
    }

    fn connect(&mut self, address: &str, error: &ConnectError) {
        self.asked = shell_words::quoted(address);
        address.clone_into(&mut self.who);
        match error {
            ConnectError::OtherIssuer { issuer } => self.detail.clone_from(issuer),
            ConnectError::Moved { to } => self.target.clone_from(to),
            ConnectError::Resource(error) => match error {
                ResourceError::NotAddress { text } => self.detail.clone_from(text),
                ResourceError::Http(error) => self.http(error),
                ResourceError::Status { url, words } => {
                    self.detail = url.to_string();
                    self.words = Some((**words).clone());
                }
                ResourceError::NotMetadata { url } => self.detail = url.to_string(),
                ResourceError::Mismatch { url, named, .. } => {
                    self.what = url.to_string();
                    self.detail.clone_from(named);
                }
            },
            ConnectError::NoIdentity { takes_documents } => {
                self.wording = takes_documents.then_some(Wording::ConnectDocumentNeeded);
            }
            ConnectError::Open
            | ConnectError::NoServer
            | ConnectError::NotAnIssuer
            | ConnectError::DocumentNotAccepted => {}
        }
    }

    fn keyring(&mut self, problem: &KeyringProblem) {
        match problem {
            KeyringProblem::NoBus { reason } => self.detail.clone_from(reason),
            KeyringProblem::Silent { seconds } => self.retry_after = Some(*seconds),
            KeyringProblem::Disabled
            | KeyringProblem::NoStore { .. }
            | KeyringProblem::Locked
            | KeyringProblem::PromptRefused
            | KeyringProblem::NoThread { .. }
            | KeyringProblem::Store(_) => self.detail = problem.to_string(),
        }
    }

    fn backup(&mut self, problem: &BackupProblem) {
        match problem {
            BackupProblem::Damaged { what } => (*what).clone_into(&mut self.detail),
            BackupProblem::Newer { program } => self.detail.clone_from(program),
            BackupProblem::Occupied { path } => self.what = path.display().to_string(),
            BackupProblem::Unfinished { count } => self.detail = count.to_string(),
            BackupProblem::BrokenOff(source) => self.detail = source.to_string(),
            BackupProblem::Foreign | BackupProblem::NotOpened => {}
        }
    }
}
