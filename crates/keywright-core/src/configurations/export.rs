//! Configurations on their way to another vault: with the names of their secrets, and with the values only when the
//! passphrase was given again.

use std::{collections::BTreeMap, fmt};

use keywright_vault::{Owner, SecretText};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    CoreError,
    app::{audit_action::AuditAction, runtime::blocking},
    configurations::Configurations,
};

/// A configuration as it is exported: nothing that only this vault knows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExportedConfiguration {
    /// Name.
    pub name: String,
    /// Provider kind.
    pub provider: String,
    /// Issuer.
    pub issuer: String,
    /// Settings.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// Keys of the secrets that it needs.
    #[serde(default)]
    pub secret_keys: Vec<String>,
    /// Their values, where they were asked for.
    #[serde(default, skip_serializing_if = "ExportedSecrets::is_empty")]
    pub secrets: ExportedSecrets,
}

/// Values of secrets in a document for another vault. They are written into the document, and nowhere else.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExportedSecrets(pub(crate) BTreeMap<String, String>);

impl ExportedSecrets {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for ExportedSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Configurations<'_> {
    /// Configurations without the values of their secrets. Written to the audit log.
    pub fn export(self, wanted: &[String]) -> Result<Vec<ExportedConfiguration>, CoreError> {
        let exported = self.to_export(wanted)?;
        self.exported(AuditAction::ConfigurationsExported, &exported)?;
        Ok(exported)
    }

    /// Configurations with their secrets, in plain text, for whom the passphrase opens the vault.
    pub async fn export_with_secrets(
        self,
        wanted: &[String],
        passphrase: SecretText,
    ) -> Result<Vec<ExportedConfiguration>, CoreError> {
        let vault = self.app.vault()?;
        let now = self.app.now();
        blocking(move || Ok(vault.check_passphrase(&passphrase, now)?)).await?;
        let vault = self.app.vault()?;
        let mut exported = self.to_export(wanted)?;
        self.exported(AuditAction::SecretsExported, &exported)?;
        for one in &mut exported {
            let owner = Owner::Configuration(self.row(&one.name)?.id);
            for key in &one.secret_keys {
                if let Some(value) = vault.secret(owner, key)? {
                    one.secrets.0.insert(key.clone(), value.expose().to_owned());
                }
            }
        }
        Ok(exported)
    }

    fn to_export(self, wanted: &[String]) -> Result<Vec<ExportedConfiguration>, CoreError> {
        let all = self.app.vault()?.configurations()?;
        for name in wanted {
            self.row(name)?;
        }
        Ok(all
            .into_iter()
            .filter(|row| {
                wanted.is_empty()
                    || wanted.contains(&row.name)
                    || wanted.contains(&row.id.to_string())
            })
            .map(|row| ExportedConfiguration {
                name: row.name,
                provider: row.provider,
                issuer: row.issuer,
                settings: row.settings,
                secret_keys: row.secret_keys,
                secrets: ExportedSecrets::default(),
            })
            .collect())
    }

    fn exported(self, action: AuditAction, all: &[ExportedConfiguration]) -> Result<(), CoreError> {
        let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
        self.app
            .audit(action, "", json!({ "name": names.join(", ") }))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_values_stand_in_the_document_and_not_in_debug() {
        let text = r#"{"name":"a","provider":"rfc7591","issuer":"https://a.example","secrets":{"k":"s3cr3t"}}"#;
        let one: ExportedConfiguration = serde_json::from_str(text).unwrap();
        assert!(serde_json::to_string(&one).unwrap().contains("s3cr3t"));
        let shown = format!("{one:?}");
        assert!(
            shown.contains("\"k\"") && !shown.contains("s3cr3t"),
            "{shown}"
        );
    }
}
