//! Configurations: save, list, remove.

pub(crate) mod adapted;
pub(crate) mod capabilities;
mod connect;
pub(crate) mod export;
mod form;
mod hosts;
mod idn_hosts;
mod import;
pub(crate) mod key_sets;
mod orphans;
mod presets;
pub(crate) mod probe;
pub(crate) mod sandbox;
pub(crate) mod sandbox_types;
pub(crate) mod types;
pub(crate) mod verify;

use std::{collections::BTreeMap, sync::PoisonError};

use keywright_oauth::{discover, secret::AdminSecret, server_metadata::ServerMetadata};
use keywright_providers::{
    AdminTokens, Provider, ProviderConfig, ProviderKind,
    settings::{self, ADAPTED, SettingProblem, key},
};
use keywright_vault::{
    ApplicationQuery, ApplicationRow, ConfigurationRow, Owner, SecretChange, SecretText,
    VaultError, VerifyState,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    CoreError, Keywright, ProviderLabel,
    app::{conversions::id, preferences::proxy_error, runtime::small},
    configurations::types::{ConfigurationInput, ConfigurationView},
    file_kind,
};

/// Longest name of anything.
pub(crate) const LONGEST_NAME: usize = 200;

/// The configurations of the vault.
#[derive(Clone, Copy, Debug)]
pub struct Configurations<'a> {
    pub(crate) app: &'a Keywright,
}

impl Keywright {
    /// The configurations of the vault.
    pub fn configurations(&self) -> Configurations<'_> {
        Configurations { app: self }
    }
}

impl Configurations<'_> {
    /// All configurations, by name.
    pub fn list(self) -> Result<Vec<ConfigurationView>, CoreError> {
        self.app
            .vault()?
            .configurations()?
            .into_iter()
            .map(|row| self.view(row))
            .collect()
    }

    /// One configuration, by id or by exact name.
    pub fn get(self, wanted: &str) -> Result<ConfigurationView, CoreError> {
        let row = self.row(wanted)?;
        self.view(row)
    }

    pub(crate) fn row(self, wanted: &str) -> Result<ConfigurationRow, CoreError> {
        let vault = self.app.vault()?;
        if let Some(row) = vault.configuration_by_name(wanted)? {
            return Ok(row);
        }
        let missing = || CoreError::NotFound {
            what: "configuration",
            name: wanted.to_owned(),
            nearest: None,
        };
        let id: Uuid = id("configuration", wanted)?;
        match vault.configuration(id) {
            Err(VaultError::NotFound { .. }) => Err(missing()),
            other => Ok(other?),
        }
    }

    /// Saves a configuration: new without an id. Nothing is written unless everything is right.
    pub fn save(self, input: ConfigurationInput) -> Result<ConfigurationView, CoreError> {
        let vault = self.app.vault()?;
        let now = self.app.now();
        let checked = checked(input)?;
        let before = checked
            .input
            .id
            .as_deref()
            .map(|text| self.row(text))
            .transpose()?;
        if let Some(other) = vault.configuration_by_name(&checked.name)?
            && before.as_ref().is_none_or(|row| row.id != other.id)
        {
            return Err(VaultError::NameTaken { name: checked.name }.into());
        }
        let fresh = before.is_none();
        let (row, secrets) = row_of(before, checked, now);
        vault.save_configuration(&row, &secrets)?;
        // Sessions that are alive follow the limits that are named now.
        let limits = settings::session_limits(&row.settings);
        vault.set_session_limits(row.id, limits.map(|one| one.map_or(0, |limit| limit.secs)))?;
        // A token got with other credentials says nothing about these.
        self.forget_admin_tokens(row.id);
        self.app.audit(
            if fresh {
                "configuration_added"
            } else {
                "configuration_changed"
            },
            "",
            json!({ "name": row.name }),
        )?;
        self.view(row)
    }

    /// Removes a configuration that no application uses.
    pub fn remove(self, wanted: &str) -> Result<(), CoreError> {
        let row = self.row(wanted)?;
        self.app.vault()?.remove_configuration(row.id)?;
        self.forget_keys(row.id)?;
        self.app
            .audit("configuration_removed", "", json!({ "name": row.name }))
    }

    /// The adapter of a configuration, with its own client for the wire.
    pub(crate) fn provider(self, row: &ConfigurationRow) -> Result<Provider, CoreError> {
        let config = self.provider_config(row)?;
        let http = self
            .app
            .client(config.http_policy())
            .map_err(|source| CoreError::Api {
                who: row.name.clone(),
                source,
            })?;
        Ok(Provider::new(config, http, self.admin_tokens(row.id)))
    }

    fn admin_tokens(self, configuration: Uuid) -> AdminTokens {
        self.app
            .0
            .admin
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(configuration)
            .or_default()
            .clone()
    }

    fn forget_admin_tokens(self, configuration: Uuid) {
        self.app
            .0
            .admin
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&configuration);
    }

    /// The adapter of an application, and the name to blame.
    pub(crate) fn provider_of(
        self,
        row: &ApplicationRow,
    ) -> Result<(ProviderLabel, Provider), CoreError> {
        let configuration = self.app.vault()?.configuration(row.configuration_id)?;
        let provider = self.provider(&configuration)?;
        Ok((ProviderLabel::of(&configuration).about(&row.name), provider))
    }

    pub(crate) fn provider_config(
        self,
        row: &ConfigurationRow,
    ) -> Result<ProviderConfig, CoreError> {
        let vault = self.app.vault()?;
        let mut config = Self::public_config(row)?;
        for key in &row.secret_keys {
            if let Some(secret) = vault.secret(Owner::Configuration(row.id), key)? {
                let secret = AdminSecret::new(secret.expose());
                config.secrets.insert(key.clone(), secret);
            }
        }
        Ok(config)
    }

    /// The same without its secrets, for what is only looked at.
    fn public_config(row: &ConfigurationRow) -> Result<ProviderConfig, CoreError> {
        let kind = ProviderKind::of(&row.provider).ok_or_else(|| CoreError::Input {
            what: "unknown_provider",
            detail: row.provider.clone(),
        })?;
        let metadata: Option<ServerMetadata> = row
            .metadata
            .clone()
            .map(serde_json::from_value)
            .transpose()?;
        Ok(ProviderConfig {
            kind,
            issuer: row.issuer.clone(),
            settings: row.settings.clone(),
            secrets: BTreeMap::new(),
            metadata,
        })
    }

    pub(crate) fn view(self, row: ConfigurationRow) -> Result<ConfigurationView, CoreError> {
        let vault = self.app.vault()?;
        let query = ApplicationQuery {
            configuration_id: Some(row.id),
            limit: 0,
            ..ApplicationQuery::default()
        };
        let used_by = small(vault.applications(&query)?.total);
        let sheet = row
            .capabilities
            .clone()
            .map(serde_json::from_value)
            .transpose()?;
        let config = Self::public_config(&row)?;
        Ok(ConfigurationView {
            report: self.stored_report(&row)?,
            capabilities: sheet.map(|sheet| self.sheet_view(&row, &sheet)),
            adapted: self.adapted_settings(&row.settings),
            sandbox: self.app.sandbox().is_sandbox(row.id, &row.provider)?,
            id: row.id.to_string(),
            verify_state: verify_state(row.verify_state),
            name: row.name,
            kind_name: ProviderKind::of(&row.provider)
                .map_or_else(|| row.provider.clone(), |kind| self.kind_name(kind)),
            provider: row.provider,
            issuer: row.issuer,
            settings: row.settings,
            secret_keys: row.secret_keys,
            verified_at: row.verified_at,
            used_by,
            plain_http: config.speaks_plain_http(),
            host_forms: idn_hosts::of(&config),
            created_at: row.created_at,
        })
    }
}

/// How the last Verify ended, as a view.
pub(crate) fn verify_state(state: VerifyState) -> types::VerifyState {
    match state {
        VerifyState::Unknown => types::VerifyState::Unknown,
        VerifyState::Ok => types::VerifyState::Ok,
        VerifyState::Warning => types::VerifyState::Warning,
        VerifyState::Failed => types::VerifyState::Failed,
    }
}

/// The row as it becomes, and its secrets that change: a new one, or one that was there before.
pub(crate) fn row_of(
    before: Option<ConfigurationRow>,
    checked: Checked,
    now: i64,
) -> (ConfigurationRow, Vec<SecretChange>) {
    let Checked {
        kind,
        name,
        issuer,
        input,
    } = checked;
    let fresh = before.is_none();
    let mut row = before.unwrap_or_else(|| ConfigurationRow {
        id: Uuid::now_v7(),
        name: String::new(),
        provider: kind.as_str().to_owned(),
        issuer: String::new(),
        settings: BTreeMap::new(),
        secret_keys: Vec::new(),
        metadata: None,
        capabilities: None,
        verify: None,
        verified_at: None,
        verify_state: VerifyState::Unknown,
        created_at: now,
        updated_at: now,
    });
    let unchanged = row.issuer == issuer
        && input.settings.iter().all(|(key, value)| {
            // The limits of a gateway say nothing about the provider.
            settings::is_of_sessions(key)
                || row.settings.get(key).map_or("", String::as_str) == value.trim()
        });
    if !unchanged {
        // What was learned of another address says nothing about this one.
        if row.issuer != issuer {
            row.metadata = None;
            row.settings.retain(|key, _| !key.starts_with(ADAPTED));
        }
        row.verify_state = VerifyState::Unknown;
    }
    row.name = name;
    row.issuer = issuer;
    row.updated_at = now;
    for (key, value) in &input.settings {
        // A form sends back what it was opened with: it may forget what was learned, and not bring it back.
        if !fresh && key.starts_with(ADAPTED) && !value.trim().is_empty() {
            continue;
        }
        if value.trim().is_empty() {
            row.settings.remove(key);
        } else {
            let value = file_kind::trimmed(value);
            row.settings.insert(key.clone(), value.to_owned());
        }
    }
    let mut secrets = Vec::new();
    for (key, value) in input.secrets {
        row.secret_keys.retain(|known| *known != key);
        if value.is_empty() {
            secrets.push((key, None));
        } else {
            row.secret_keys.push(key.clone());
            secrets.push((key, Some(SecretText::new(file_kind::trimmed(&value)))));
        }
    }
    (row, secrets)
}

/// A configuration with nothing wrong in it.
pub(crate) struct Checked {
    kind: ProviderKind,
    /// Its name, as it will be saved.
    pub(crate) name: String,
    issuer: String,
    input: ConfigurationInput,
}

/// Checks all that can be said of a configuration without the vault.
pub(crate) fn checked(input: ConfigurationInput) -> Result<Checked, CoreError> {
    let kind = ProviderKind::of(&input.provider).ok_or_else(|| CoreError::Input {
        what: "unknown_provider",
        detail: input.provider.clone(),
    })?;
    let name = checked_name(&input.name)?;
    let input = with_addresses(kind, input);
    let issuer = input.issuer.trim().to_owned();
    discover::issuer_of(&issuer).map_err(|source| CoreError::Provider {
        who: ProviderLabel {
            name: name.clone(),
            kind: Some(kind),
            ..ProviderLabel::default()
        },
        doing: crate::Operation::Discover,
        source: source.into(),
    })?;
    for (key, value, secret) in input
        .settings
        .iter()
        .map(|(key, value)| (key, value, false))
        .chain(input.secrets.iter().map(|(key, value)| (key, value, true)))
    {
        settings::check(kind, key, value, secret).map_err(|problem| match problem {
            SettingProblem::Proxy(_) => setting_error(value, problem),
            _ => setting_error(key, problem),
        })?;
    }
    Ok(Checked {
        kind,
        name,
        issuer,
        input,
    })
}

/// Fills the issuer and the token endpoint in, where they are left out and a tenant says them.
fn with_addresses(kind: ProviderKind, mut input: ConfigurationInput) -> ConfigurationInput {
    if input.issuer.trim().is_empty()
        && let Some(found) = settings::prefill(kind, &input.settings)
    {
        input.issuer = found.issuer;
        input
            .settings
            .entry(key::TOKEN_ENDPOINT.to_owned())
            .or_insert(found.token_endpoint);
    }
    input
}

/// A name of ours: one line, not empty, of a sane length. Any script and any emoji is welcome.
pub(crate) fn checked_name(name: &str) -> Result<String, CoreError> {
    let name = name.trim();
    let problem = |what| {
        Err(CoreError::Input {
            what,
            detail: LONGEST_NAME.to_string(),
        })
    };
    if name.is_empty() {
        return problem("name_empty");
    }
    if name.chars().count() > LONGEST_NAME {
        return problem("name_long");
    }
    if name.chars().any(char::is_control) {
        return problem("name_control");
    }
    Ok(name.to_owned())
}

fn setting_error(key: &str, problem: SettingProblem) -> CoreError {
    let what = match problem {
        SettingProblem::UnknownKey => "setting_unknown",
        SettingProblem::IsSecret => "setting_is_secret",
        SettingProblem::NotSecret => "setting_not_secret",
        SettingProblem::NotAddress => "setting_address",
        SettingProblem::NotChoice => "setting_choice",
        SettingProblem::NotSeconds => "setting_seconds",
        SettingProblem::Proxy(problem) => proxy_error(problem),
    };
    CoreError::Input {
        what,
        detail: key.to_owned(),
    }
}
