//! What messages can name of a failure of the wire, and of a provider's answer.

use keywright_oauth::{
    discover::DiscoveryError, http::HttpError, register::RegistrationError, token::TokenError,
};
use keywright_providers::ProviderError;

use super::MessageArgs;
use crate::{
    error::{codes::disk_of, subject::Subject, wording::Wording},
    i18n::key::Family,
};

impl MessageArgs {
    pub(super) fn provider(&mut self, error: &ProviderError) {
        match error {
            ProviderError::Registration(error) => self.registration(error),
            ProviderError::Discovery(error) => self.discovery(error),
            ProviderError::Token(error) | ProviderError::Admin { source: error } => {
                self.token(error);
            }
            ProviderError::Http(error) => self.http(error),
            ProviderError::Address { key, .. } | ProviderError::Missing { key } => {
                (*key).clone_into(&mut self.what);
            }
            ProviderError::Endpoint { name, text } => {
                (*name).clone_into(&mut self.what);
                self.detail.clone_from(text);
            }
            ProviderError::AdminKey { source } => self.detail = source.to_string(),
            ProviderError::NotCapable { capability, reason } => {
                self.subject = Some(Subject::Capability(*capability));
                self.reason = vec![
                    Family::Because.key(reason.as_str()),
                    Family::Reason.key(reason.as_str()),
                ];
                if let Some(name) = reason
                    .blanks()
                    .get("name")
                    .filter(|_| reason.is_missing_endpoint())
                {
                    self.endpoint.clone_from(name);
                }
            }
            ProviderError::AuthMethod { method }
            | ProviderError::NoSecret { method }
            | ProviderError::NoKey { method } => {
                self.detail.clone_from(method);
            }
            ProviderError::Checkpoint(error) => {
                if let Some(error) = disk_of(error) {
                    self.vault(error);
                }
            }
            ProviderError::NotRotated => {}
        }
    }

    pub(super) fn registration(&mut self, error: &RegistrationError) {
        self.exchange = error.exchange();
        match error {
            RegistrationError::Http(error) => self.http(error),
            RegistrationError::Refused {
                words, retry_after, ..
            } => {
                self.words = Some(words.clone());
                self.retry_after = *retry_after;
            }
            RegistrationError::NoClientId { status, words, .. } => {
                self.status = Some(*status);
                self.words = words
                    .as_deref()
                    .filter(|words| words.description.is_some())
                    .cloned();
            }
            RegistrationError::Placed { status, at, .. } => {
                self.status = Some(*status);
                self.target.clone_from(at);
            }
            RegistrationError::SaysNothing { status, .. }
            | RegistrationError::NoSecret { status, .. } => self.status = Some(*status),
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

    pub(super) fn token(&mut self, error: &TokenError) {
        self.exchange = error.exchange();
        match error {
            TokenError::Http(error) => self.http(error),
            TokenError::Refused {
                words, retry_after, ..
            } => {
                self.words = Some(words.clone());
                self.retry_after = *retry_after;
            }
            TokenError::Assertion(error) => self.detail = error.detail(),
            TokenError::Incomplete {
                status, members, ..
            } => {
                self.status = Some(*status);
                (*members).clone_into(&mut self.detail);
            }
            TokenError::NoToken {
                status,
                title,
                words,
                ..
            } => {
                self.words = words
                    .as_deref()
                    .filter(|words| words.description.is_some())
                    .cloned();
                self.status = Some(*status);
                self.detail = title.clone().unwrap_or_default();
            }
        }
    }

    pub(super) fn discovery(&mut self, error: &DiscoveryError) {
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

    pub(super) fn http(&mut self, error: &HttpError) {
        self.exchange = error.exchange();
        self.wording = error.wording().map(Wording::from);
        if let Some(host) = error.host() {
            host.clone_into(&mut self.what);
        }
        match error {
            HttpError::Tls { reason, .. } => self.detail.clone_from(reason),
            HttpError::Redirect { to, status, .. } => {
                self.target = to.clone().unwrap_or_default();
                self.detail.clone_from(&self.target);
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
            HttpError::Trust(source) => self.detail = source.to_string(),
            HttpError::Dns { .. }
            | HttpError::Connect { .. }
            | HttpError::ProxyAuthentication { .. }
            | HttpError::Timeout { .. }
            | HttpError::NotHttp { .. }
            | HttpError::ConnectionLost { .. }
            | HttpError::NotDecoded { .. }
            | HttpError::PlainHttp { .. }
            | HttpError::UnconfirmedHost { .. }
            | HttpError::Proof { .. }
            | HttpError::NoAuthority => {}
        }
    }
}
