//! Configurations from another vault's export: all of them are imported, or none.

use std::collections::BTreeSet;

use keywright_vault::VaultError;
use serde_json::json;

use crate::{
    CoreError, ExportedConfiguration,
    app::audit_action::AuditAction,
    configurations::{
        Configurations,
        input::{checked, new_row},
        types::{ConfigurationInput, ConfigurationView},
    },
};

impl Configurations<'_> {
    /// Imports exported configurations, in one transaction. What is wrong with one of them, or a name that is taken,
    /// stops all of them before the first is written.
    pub fn import(
        self,
        all: Vec<ExportedConfiguration>,
    ) -> Result<Vec<ConfigurationView>, CoreError> {
        let vault = self.app.vault()?;
        let now = self.app.now();
        let mut names = BTreeSet::new();
        let mut rows = Vec::new();
        let mut lines = Vec::new();
        for one in all {
            let checked = checked(input_of(one))?;
            let name = checked.name.clone();
            if vault.configuration_by_name(&name)?.is_some() || !names.insert(name.clone()) {
                return Err(VaultError::NameTaken {
                    kind: "configuration",
                    name,
                }
                .into());
            }
            rows.push(new_row(&checked, now));
            lines.push(self.app.audit_line(
                AuditAction::ConfigurationAdded,
                "",
                json!({ "name": name }),
            ));
        }
        vault.add_configurations(&rows, &lines)?;
        rows.into_iter().map(|(row, _)| self.view(row)).collect()
    }
}

fn input_of(one: ExportedConfiguration) -> ConfigurationInput {
    ConfigurationInput {
        id: None,
        name: one.name,
        provider: one.provider,
        issuer: one.issuer,
        settings: one.settings,
        secrets: one.secrets.0,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use std::collections::BTreeMap;

    use super::*;
    use crate::{Actor, Clock, Keywright, Lang, Options, VaultHome, vault::types::InitVault};

    fn sample(name: &str, issuer: &str) -> ExportedConfiguration {
        ExportedConfiguration {
            name: name.into(),
            provider: "rfc7591".into(),
            issuer: issuer.into(),
            settings: BTreeMap::new(),
            secret_keys: Vec::new(),
            secrets: crate::ExportedSecrets::default(),
        }
    }

    #[tokio::test]
    async fn t48_an_import_with_one_fault_takes_nothing_in() {
        let folder = tempfile::tempdir().unwrap();
        let keywright = Keywright::new(Options {
            home: VaultHome::new(folder.path()),
            actor: Actor::Cli,
            clock: Clock::system(),
            lang: Lang::En,
        });
        let init = InitVault {
            keyring: false,
            passphrase: Some("for this test only".into()),
        };
        keywright.init(init).await.unwrap();
        let good = || sample("one", "https://id.example");
        for fault in [
            sample("two", "no address"),
            sample("", "https://id.example"),
            sample(" one ", "https://other.example"),
        ] {
            assert!(
                keywright
                    .configurations()
                    .import(vec![good(), fault])
                    .is_err()
            );
            assert!(keywright.configurations().list().unwrap().is_empty());
        }
        keywright.configurations().import(vec![good()]).unwrap();
        let second = vec![
            sample("two", "https://id.example"),
            sample(" one", "https://a.example"),
        ];
        assert!(keywright.configurations().import(second).is_err());
        assert_eq!(keywright.configurations().list().unwrap().len(), 1);
    }
}
