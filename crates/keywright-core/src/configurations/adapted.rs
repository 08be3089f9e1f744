//! Registrations whose usual request the server refuses: the next form is sent, what was accepted is
//! remembered in the configuration, and both are shown.

use std::collections::BTreeMap;

use keywright_oauth::grant_name::NAMED_GRANTS;
use keywright_providers::{
    ProviderError, RequestForm,
    settings::{ADAPTED, key as setting},
};
use keywright_vault::ConfigurationRow;
use serde_json::json;
use uuid::Uuid;

use crate::{
    CoreError,
    app::audit_action::AuditAction,
    configurations::{
        Configurations,
        types::{AdaptedAttempt, AdaptedSetting, AdaptedView, ConfigurationView},
    },
    error::types::ProviderWordsView,
    i18n::key::{Family, Key},
};

impl Configurations<'_> {
    /// Forgets what was learned of the server of a configuration: the next registration sends the usual
    /// request first.
    pub fn forget_adapted(self, wanted: &str) -> Result<ConfigurationView, CoreError> {
        let id = self.row(wanted)?.id;
        let now = self.app.now();
        let row = self.app.vault()?.change_configuration(id, &[], |row| {
            row.settings.retain(|key, _| !key.starts_with(ADAPTED));
            row.updated_at = now;
        })?;
        self.app.audit(
            AuditAction::ConfigurationChanged,
            "",
            json!({ "name": row.name }),
        )?;
        self.view(row)
    }

    /// Keeps settings that were learned from what the server accepted; an empty value removes one.
    pub(crate) fn remember_adapted(
        self,
        configuration: Uuid,
        learned: &BTreeMap<String, String>,
    ) -> Result<(), CoreError> {
        if learned.is_empty() {
            return Ok(());
        }
        let now = self.app.now();
        // The configuration may have been edited while the server was asked.
        self.app
            .vault()?
            .change_configuration(configuration, &[], |row| {
                let before = row.settings.clone();
                learn(row, learned);
                if row.settings != before {
                    row.updated_at = now;
                }
            })?;
        Ok(())
    }

    /// What was learned of a server, in the user's language.
    pub(crate) fn adapted_settings(
        self,
        settings: &BTreeMap<String, String>,
    ) -> Vec<AdaptedSetting> {
        let learned = settings.iter().filter_map(|(key, value)| {
            let key = key.strip_prefix(ADAPTED).filter(|_| !value.is_empty())?;
            let message = match key {
                setting::RESOURCE => self
                    .app
                    .translate(Key::AdaptedResource, &[("detail", value)]),
                _ if NAMED_GRANTS.iter().any(|grant| grant.key == key) => self
                    .app
                    .translate(Key::AdaptedGrantName, &[("detail", value)]),
                _ => self
                    .app
                    .translate(Family::Adapted.key(format!("{key}.{value}")), &[]),
            };
            Some(AdaptedSetting {
                message,
                key: key.to_owned(),
                value: value.clone(),
            })
        });
        learned.collect()
    }

    /// The note of a registration that was accepted in this form; none where it was the usual one, at once.
    pub(crate) fn adapted_view(
        self,
        row: &ConfigurationRow,
        form: &BTreeMap<String, String>,
        attempts: Vec<AdaptedAttempt>,
    ) -> Option<AdaptedView> {
        let kept = self.adapted_settings(form);
        if kept.is_empty() && attempts.is_empty() {
            return None;
        }
        let key = if attempts.is_empty() {
            Key::RegisterAdaptedBefore
        } else {
            Key::RegisterAdaptedNow
        };
        Some(AdaptedView {
            message: self.app.translate(key, &[("who", &row.name)]),
            kept,
            attempts,
        })
    }

    /// A form that was refused, with the server's words.
    pub(crate) fn adapted_attempt(form: RequestForm, source: &ProviderError) -> AdaptedAttempt {
        let words = source.words();
        let exchange = match source {
            ProviderError::Registration(error) => error.exchange(),
            _ => None,
        };
        AdaptedAttempt {
            redirect_uris: form.redirect_uris.as_str().to_owned(),
            response_types: form.response_types.as_str().to_owned(),
            token_endpoint_auth_method: form.auth_method.as_str().to_owned(),
            application_type: form.application_type.as_str().to_owned(),
            offline_access: form.offline_access.as_str().to_owned(),
            grant_types: form.grants.to_string(),
            status: words.map(|words| words.status),
            words: words.cloned().map(ProviderWordsView::from),
            exchange: exchange.map(|id| id.to_string()),
        }
    }
}

/// Writes learned settings into a row.
pub(crate) fn learn(row: &mut ConfigurationRow, learned: &BTreeMap<String, String>) {
    for (key, value) in learned {
        if value.is_empty() {
            row.settings.remove(key);
        } else {
            row.settings.insert(key.clone(), value.clone());
        }
    }
}
