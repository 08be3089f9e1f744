//! What a message about a failure can name, gathered from every layer.

use keywright_oauth::{
    discover::DiscoveryError, http::HttpError, register::RegistrationError, token::TokenError,
    words::ProviderWords,
};
use keywright_providers::{ProviderError, ProviderKind};
use keywright_vault::{BackupProblem, KeyringProblem, VaultError};
use uuid::Uuid;

use super::{CoreError, Doing, codes::disk_of};
use crate::Who;

/// What a message can name.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) who: String,
    pub(super) kind: Option<ProviderKind>,
    pub(super) what: String,
    pub(super) detail: String,
    pub(super) asked: String,
    pub(super) doing: Option<Doing>,
    pub(super) status: Option<u16>,
    pub(super) retry_after: Option<u64>,
    pub(super) words: Option<ProviderWords>,
    pub(super) exchange: Option<Uuid>,
}

impl Seen {
    pub(super) fn of(error: &CoreError) -> Self {
        let mut seen = Self::default();
        match error {
            CoreError::Provider { who, doing, source } => {
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
                seen.what.clone_from(name);
            }
            CoreError::OutcomeUnknown {
                who,
                journal,
                source,
            }
            | CoreError::Incomplete {
                who,
                journal,
                source,
            } => {
                seen.named(who);
                seen.provider(source);
                seen.detail = journal.to_string();
            }
            CoreError::AnswerLost { who, client, .. } => {
                seen.named(who);
                seen.detail.clone_from(client);
            }
            CoreError::ChangeBusy { name, .. } => seen.what.clone_from(name),
            CoreError::NothingLeft { who, name } => {
                seen.named(who);
                seen.what.clone_from(name);
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
                (*what).clone_into(&mut seen.what);
                seen.who.clone_from(name);
                seen.detail = nearest.clone().unwrap_or_default();
            }
            CoreError::Input { detail, .. } => seen.detail.clone_from(detail),
            CoreError::NoSecret { what } => (*what).clone_into(&mut seen.what),
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
            CoreError::File { path, source } => {
                seen.what = path.display().to_string();
                seen.detail = source.to_string();
            }
            CoreError::Stored(source) => seen.detail = source.to_string(),
            CoreError::Vault(source) => seen.vault(source),
            CoreError::Locked | CoreError::Draft { .. } | CoreError::Task { .. } => {}
        }
        seen
    }

    fn named(&mut self, who: &Who) {
        self.who.clone_from(&who.name);
        self.kind = who.kind;
    }

    fn vault(&mut self, error: &VaultError) {
        match error {
            VaultError::NoVault { folder }
            | VaultError::AlreadyExists { folder }
            | VaultError::Moved { folder } => {
                self.what = folder.display().to_string();
            }
            VaultError::NotFound { kind, id } => {
                (*kind).clone_into(&mut self.what);
                self.who.clone_from(id);
            }
            VaultError::NameTaken { name } => self.who.clone_from(name),
            VaultError::NewerVersion { found, supported } => {
                self.detail = found.to_string();
                self.what = supported.to_string();
            }
            VaultError::Io { path, source } => {
                self.what = path.display().to_string();
                self.detail = source.to_string();
            }
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
            other => self.detail = other.to_string(),
        }
    }

    fn keyring(&mut self, problem: &KeyringProblem) {
        match problem {
            KeyringProblem::NoBus { reason } => self.detail.clone_from(reason),
            KeyringProblem::Silent { seconds } => self.retry_after = Some(*seconds),
            other => self.detail = other.to_string(),
        }
    }

    fn backup(&mut self, problem: &BackupProblem) {
        match problem {
            BackupProblem::Damaged { what } => (*what).clone_into(&mut self.detail),
            BackupProblem::Newer { program } => self.detail.clone_from(program),
            BackupProblem::Occupied { path } => self.what = path.display().to_string(),
            BackupProblem::Unfinished { count } => self.detail = count.to_string(),
            BackupProblem::BrokenOff(source) => self.detail = source.to_string(),
            _ => {}
        }
    }

    fn provider(&mut self, error: &ProviderError) {
        match error {
            ProviderError::Registration(error) => self.registration(error),
            ProviderError::Discovery(error) => self.discovery(error),
            ProviderError::Token(error) | ProviderError::Admin { source: error } => {
                self.token(error);
            }
            ProviderError::Http(error) => self.http(error),
            ProviderError::AuthMethod { method } => self.detail.clone_from(method),
            ProviderError::Address { key, .. } | ProviderError::Missing { key } => {
                (*key).clone_into(&mut self.what);
            }
            ProviderError::Endpoint { name, text } => {
                (*name).clone_into(&mut self.what);
                self.detail.clone_from(text);
            }
            ProviderError::AdminKey { source } => self.detail = source.to_string(),
            ProviderError::NotCapable { capability, .. } => {
                capability.as_str().clone_into(&mut self.what);
            }
            ProviderError::Checkpoint(error) => {
                if let Some(error) = disk_of(error) {
                    self.vault(error);
                }
            }
            ProviderError::NotRotated => {}
        }
    }

    fn registration(&mut self, error: &RegistrationError) {
        self.exchange = error.exchange();
        match error {
            RegistrationError::Http(error) => self.http(error),
            RegistrationError::Refused {
                words, retry_after, ..
            } => {
                self.words = Some(words.clone());
                self.retry_after = *retry_after;
            }
            RegistrationError::NoClientId { status, .. } => self.status = Some(*status),
            RegistrationError::OtherClient {
                asked, answered, ..
            } => {
                self.what.clone_from(asked);
                self.detail.clone_from(answered);
            }
            RegistrationError::Unreadable { status, title, .. } => {
                self.status = Some(*status);
                self.detail = title.clone().unwrap_or_default();
            }
        }
    }

    fn token(&mut self, error: &TokenError) {
        self.exchange = error.exchange();
        match error {
            TokenError::Http(error) => self.http(error),
            TokenError::Refused {
                words, retry_after, ..
            } => {
                self.words = Some(words.clone());
                self.retry_after = *retry_after;
            }
            TokenError::NoToken { status, title, .. } => {
                self.status = Some(*status);
                self.detail = title.clone().unwrap_or_default();
            }
        }
    }

    fn discovery(&mut self, error: &DiscoveryError) {
        match error {
            DiscoveryError::InvalidIssuer { issuer, .. } => self.detail.clone_from(issuer),
            DiscoveryError::Http(error) => self.http(error),
            DiscoveryError::Status {
                url,
                words,
                exchange,
            } => {
                self.what = url.to_string();
                self.words = Some(words.clone());
                self.exchange = Some(*exchange);
            }
            DiscoveryError::NotMetadata {
                url,
                title,
                status,
                exchange,
            } => {
                self.what = url.to_string();
                self.detail = title.clone().unwrap_or_default();
                self.status = Some(*status);
                self.exchange = Some(*exchange);
            }
            DiscoveryError::IssuerMismatch {
                url,
                asked,
                answered,
                exchange,
            } => {
                self.what = url.to_string();
                self.asked.clone_from(asked);
                self.detail.clone_from(answered);
                self.exchange = Some(*exchange);
            }
        }
    }

    fn http(&mut self, error: &HttpError) {
        self.exchange = error.exchange();
        if let Some(host) = error.host() {
            host.clone_into(&mut self.what);
        }
        match error {
            HttpError::Tls { reason, .. } => self.detail.clone_from(reason),
            HttpError::Redirect { to, status, .. } => {
                self.detail = to.clone().unwrap_or_default();
                self.status = Some(*status);
            }
            HttpError::PrivateAddress { address, .. }
            | HttpError::SharedAddress { address, .. } => {
                self.detail = address.to_string();
            }
            HttpError::BodyTooLarge { limit, .. } => self.detail = limit.to_string(),
            HttpError::ColonInId { id } => self.detail.clone_from(id),
            HttpError::Scheme { scheme } => self.detail.clone_from(scheme),
            HttpError::Request { source } => self.detail = source.to_string(),
            HttpError::Setup { source } => self.detail = source.to_string(),
            _ => {}
        }
    }
}

/// The advice for a vendor's own code, where it has one.
pub(super) fn advice_key(seen: &Seen) -> Option<String> {
    let key = keywright_providers::advice(seen.kind?, seen.words.as_ref()?)?;
    Some(format!("advice.{key}"))
}

/// A provider's refusal has a hint for its own code or status, where one is known.
pub(super) fn hint_key(code: &str, seen: &Seen) -> String {
    if code == "endpoint_unreadable"
        && !matches!(&*seen.what, "registration_endpoint" | "token_endpoint")
    {
        // Only these two can be typed into a configuration.
        return "hint.endpoint_of_the_server".into();
    }
    let Some(words) = &seen.words else {
        return format!("error.{code}.hint");
    };
    if words.status == 429 {
        return if seen.retry_after.is_some() {
            "hint.429_wait".into()
        } else {
            "hint.429".into()
        };
    }
    match words.error.as_deref() {
        Some(
            error @ ("invalid_client_metadata"
            | "invalid_redirect_uri"
            | "invalid_client"
            | "invalid_scope"
            | "invalid_target"
            | "unauthorized_client"
            | "unsupported_grant_type"
            | "invalid_grant"
            | "invalid_software_statement"
            | "unapproved_software_statement"),
        ) => format!("hint.{error}"),
        _ if words.status >= 500 => "hint.5xx".into(),
        _ => match (seen.doing, words.status) {
            (Some(Doing::Register), status @ (401 | 403 | 404)) => {
                format!("hint.register_{status}")
            }
            (
                Some(Doing::Read | Doing::Update | Doing::Rotate | Doing::Delete | Doing::CleanUp),
                401 | 403 | 404,
            ) => "hint.manage_401".into(),
            _ => format!("error.{code}.hint"),
        },
    }
}
