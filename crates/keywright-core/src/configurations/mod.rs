//! Configurations: save, list, remove.

pub(crate) mod adapted;
pub(crate) mod capabilities;
mod connect;
pub(crate) mod export;
mod form;
mod hosts;
mod idn_hosts;
mod import;
pub(crate) mod input;
pub(crate) mod key_sets;
mod orphans;
mod presets;
pub(crate) mod probe;
pub(crate) mod sandbox;
pub(crate) mod sandbox_types;
pub(crate) mod support;
pub(crate) mod types;
pub(crate) mod verify;

use std::{collections::BTreeMap, sync::PoisonError};

use keywright_oauth::{http::HttpClient, secret::AdminSecret, server_metadata::ServerMetadata};
use keywright_providers::{AdminTokens, Provider, ProviderConfig, ProviderKind, settings};
use keywright_vault::{
    ApplicationQuery, ApplicationRow, ConfigurationRow, Owner, RowKind, VaultError, VerifyState,
    nearest_of,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    CoreError, Keywright, ProviderLabel, Thing,
    app::{audit_action::AuditAction, runtime::small},
    configurations::{
        input::{checked, new_row},
        types::{ConfigurationInput, ConfigurationView},
    },
};

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
        // An id is never taken for the name of another configuration.
        match wanted.parse::<Uuid>().map(|id| vault.configuration(id)) {
            Err(_) | Ok(Err(VaultError::NotFound { .. })) => {}
            Ok(found) => return Ok(found?),
        }
        if let Some(row) = vault.configuration_by_name(wanted)? {
            return Ok(row);
        }
        let known = vault.configurations()?;
        let names = known.iter().map(|row| row.name.as_str());
        Err(CoreError::NotFound {
            what: Thing::Configuration,
            name: wanted.to_owned(),
            nearest: nearest_of(wanted, names),
        })
    }

    /// Refuses the name of a setting before its value is asked for.
    ///
    /// # Errors
    ///
    /// `unknown_provider`, `setting_unknown` with the nearest name, `setting_is_secret` and `setting_not_secret`.
    pub fn check_key(provider: &str, key: &str, secret: bool) -> Result<(), CoreError> {
        input::checked_key(form::kind_of(provider)?, key, secret)
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
            return Err(VaultError::NameTaken {
                kind: RowKind::Configuration,
                name: checked.name,
            }
            .into());
        }
        let fresh = before.is_none();
        let row = if let Some(before) = before {
            let secrets = checked.secret_changes();
            vault.change_configuration(before.id, &secrets, |row| checked.change(row, now))?
        } else {
            let (row, secrets) = new_row(&checked, now);
            vault.save_configuration(&row, &secrets)?;
            row
        };
        // Sessions that are alive follow the limits that are named now.
        let limits = settings::session_limits(&row.settings);
        vault.set_session_limits(row.id, limits.map(|one| one.map_or(0, |limit| limit.secs)))?;
        // A token got with other credentials says nothing about these.
        self.forget_admin_tokens(row.id);
        self.app.audit(
            if fresh {
                AuditAction::ConfigurationAdded
            } else {
                AuditAction::ConfigurationChanged
            },
            "",
            json!({ "name": row.name }),
        )?;
        self.view(row)
    }

    /// Whether a configuration can be removed: said before the user is asked to confirm it.
    ///
    /// # Errors
    ///
    /// `not_found`, and `configuration_in_use` while applications use it.
    pub fn check_removal(self, wanted: &str) -> Result<(), CoreError> {
        let applications = self.get(wanted)?.used_by.into();
        if applications == 0 {
            return Ok(());
        }
        Err(VaultError::ConfigurationInUse {
            applications,
            unfinished: 0,
        }
        .into())
    }

    /// Removes a configuration that no application uses.
    ///
    /// # Errors
    ///
    /// Those of [`Configurations::check_removal`], and `configuration_in_use` for unfinished operations.
    pub fn remove(self, wanted: &str) -> Result<(), CoreError> {
        let row = self.row(wanted)?;
        self.app.vault()?.remove_configuration(row.id)?;
        self.forget_keys(row.id)?;
        self.app.audit(
            AuditAction::ConfigurationRemoved,
            "",
            json!({ "name": row.name }),
        )
    }

    /// The adapter of a configuration, with its own client for the wire.
    pub(crate) fn provider(self, row: &ConfigurationRow) -> Result<Provider, CoreError> {
        let config = self.provider_config(row)?;
        let http = self.http(&config, &row.name)?;
        Ok(Provider::new(config, http, self.admin_tokens(row.id)))
    }

    /// The client that asks what a configuration names. `who` is named where it cannot be made.
    pub(crate) fn http(self, config: &ProviderConfig, who: &str) -> Result<HttpClient, CoreError> {
        self.app
            .client(config.http_policy())
            .map_err(|source| CoreError::Api {
                who: who.to_owned(),
                source,
            })
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
                let secret = AdminSecret::from(&secret);
                config.secrets.insert(key.clone(), secret);
            }
        }
        Ok(config)
    }

    /// The same without its secrets, for what is only looked at.
    pub(crate) fn public_config(row: &ConfigurationRow) -> Result<ProviderConfig, CoreError> {
        let kind = form::kind_of(&row.provider)?;
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
