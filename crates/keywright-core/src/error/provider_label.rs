//! Whom a message names.

use std::fmt;

use keywright_providers::{ProviderKind, settings::key};
use keywright_vault::ConfigurationRow;

use crate::error::types::RefusedPart;

/// A provider as a message names it: by its configuration's name, or by its issuer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProviderLabel {
    /// The name.
    pub name: String,
    /// Its kind, which decides what its codes mean.
    pub kind: Option<ProviderKind>,
    /// The configuration, for a command that names it.
    pub configuration: Option<String>,
    /// The application that it is about, for a command that names it.
    pub application: Option<String>,
    /// The registration of that application cannot be changed.
    pub is_fixed: bool,
    /// Its configuration has no initial access token, so that a registration sends none (RFC 7591 §3).
    pub lacks_initial_token: bool,
    /// Its initial access token manages clients that have no token of their own.
    pub manages_as_administrator: bool,
    /// Both encodings of Basic write its credentials alike, or it sends none in that way.
    pub is_encoded_alike: bool,
    /// The request named no scope.
    pub asks_no_scope: bool,
    /// What to ask for instead, where it refused scopes that the user gave.
    pub scopes: Option<Box<ScopeAdvice>>,
    /// What it refused of a registration.
    pub refused: Option<Box<RefusedPart>>,
}

/// Scopes that may be registered, after others were refused.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopeAdvice {
    /// Those that the provider lists; empty where it lists none.
    pub listed: String,
    /// A registration without those that it does not list.
    pub command: String,
}

impl ProviderLabel {
    pub(crate) fn of(row: &ConfigurationRow) -> Self {
        Self {
            name: row.name.clone(),
            kind: ProviderKind::of(&row.provider),
            configuration: Some(row.name.clone()),
            application: None,
            is_fixed: false,
            manages_as_administrator: row
                .settings
                .get(key::MANAGEMENT)
                .is_some_and(|value| value == key::INITIAL_ACCESS_TOKEN),
            is_encoded_alike: false,
            asks_no_scope: false,
            scopes: None,
            refused: None,
            lacks_initial_token: !row
                .secret_keys
                .iter()
                .any(|name| name == key::INITIAL_ACCESS_TOKEN),
        }
    }

    /// About this application.
    pub(crate) fn about(mut self, application: &str) -> Self {
        self.application = Some(application.to_owned());
        self
    }
}

impl fmt::Display for ProviderLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
