//! Configurations from another vault's export: all of them are imported, or none.

use std::collections::BTreeSet;

use keywright_oauth::http::HttpPolicy;
use keywright_providers::settings::key;
use keywright_vault::{RowKind, VaultError};
use serde_json::json;
use url::Url;

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
                    kind: RowKind::Configuration,
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

impl ExportedConfiguration {
    /// Settings that decide where secrets go or whom they are trusted to, each with its value: what a file from someone
    /// else may not decide unseen. An address at the host of the issuer is none of them.
    pub fn trusting_settings(&self) -> Vec<(&str, &str)> {
        let issuer = host(&self.issuer);
        self.settings
            .iter()
            .filter(|(name, value)| {
                let leads_elsewhere = || host(value).is_some_and(|host| Some(host) != issuer);
                let is_set = !value.is_empty() && value.as_str() != "false";
                is_set && (TRUSTING.contains(&name.as_str()) || leads_elsewhere())
            })
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }
}

const TRUSTING: [&str; 4] = [
    key::PROXY,
    key::CA_PEM,
    key::ALLOW_PLAIN_HTTP,
    key::CONFIRMED_HOSTS,
];

fn host(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    url.has_host().then(|| HttpPolicy::host_of(&url))
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

    #[test]
    fn t02_settings_of_trust_are_named_before_an_import() {
        let mut one = sample("Company", "https://id.example");
        let settings = [
            ("allow_plain_http", "true"),
            ("ca_pem", "-----BEGIN CERTIFICATE-----"),
            ("confirmed_hosts", "other.example"),
            ("proxy", "http://proxy.example:3128"),
            ("token_endpoint", "http://10.9.9.9:1/token"),
        ];
        one.settings = settings
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        assert_eq!(one.trusting_settings(), settings);
        let harmless = [
            ("allow_plain_http", "false"),
            ("confirmed_hosts", ""),
            ("resource", "urn:api"),
            ("tenant", "t-1"),
            ("token_endpoint", "https://id.example/token"),
        ];
        one.settings = harmless
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        assert!(one.trusting_settings().is_empty());
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
