//! All hosts that a configuration wants to talk to, and confirming them together.

use std::collections::{BTreeMap, BTreeSet};

use keywright_oauth::{http::HttpPolicy, register::REGISTRATION_CLIENT_URI};
use keywright_providers::{ProviderConfig, settings::key};
use keywright_vault::ConfigurationRow;
use url::Url;
use uuid::Uuid;

use crate::{
    CoreError,
    configurations::{
        Configurations,
        types::{ConfigurationInput, ConfigurationView, WantedHostView},
    },
    error::input_problem::InputProblem,
};

/// Read without a secret.
const JWKS_URI: &str = "jwks_uri";

impl Configurations<'_> {
    /// Every host, and what it is asked for: the user's addresses, what the metadata names, and where the clients of
    /// this configuration are managed.
    pub fn wanted_hosts(self, wanted: &str) -> Result<Vec<WantedHostView>, CoreError> {
        self.hosts_of(&self.row(wanted)?)
    }

    fn hosts_of(self, row: &ConfigurationRow) -> Result<Vec<WantedHostView>, CoreError> {
        let config = self.provider_config(row)?;
        Ok(listed(&config, &self.managed_hosts(row.id)?))
    }

    /// Where the clients of a configuration are managed.
    pub(crate) fn managed_hosts(self, configuration: Uuid) -> Result<BTreeSet<String>, CoreError> {
        let addresses = self.app.vault()?.registration_addresses(configuration)?;
        Ok(addresses
            .iter()
            .filter_map(|text| Url::parse(text).ok())
            .map(|url| HttpPolicy::host_of(&url))
            .collect())
    }

    /// Whether these hosts can be confirmed: said before the user is asked to.
    ///
    /// # Errors
    ///
    /// `host_unknown` for one that the configuration does not use.
    pub fn check_hosts(self, wanted: &str, hosts: &[String]) -> Result<(), CoreError> {
        let all = self.wanted_hosts(wanted)?;
        hosts
            .iter()
            .try_for_each(|host| named(&all, host).map(|_host| ()))
    }

    /// Confirms these hosts, or all that are not confirmed when none is named. Only hosts that the configuration wants
    /// to talk to can be confirmed.
    pub fn confirm_hosts(
        self,
        wanted: &str,
        hosts: &[String],
    ) -> Result<ConfigurationView, CoreError> {
        let row = self.row(wanted)?;
        let all = self.hosts_of(&row)?;
        let mut confirmed: BTreeSet<String> = row
            .settings
            .get(key::CONFIRMED_HOSTS)
            .map(String::as_str)
            .unwrap_or_default()
            .split([',', ' '])
            .filter(|host| !host.is_empty())
            .map(str::to_owned)
            .collect();
        if hosts.is_empty() {
            let open = all.into_iter().filter(|one| !one.confirmed);
            confirmed.extend(open.map(|one| one.host));
        } else {
            for host in hosts {
                let known = named(&all, host)?;
                if !known.confirmed {
                    confirmed.insert(known.host.clone());
                }
            }
        }
        let setting = confirmed.into_iter().collect::<Vec<_>>().join(",");
        self.save(ConfigurationInput {
            id: Some(row.id.to_string()),
            name: row.name,
            provider: row.provider,
            issuer: row.issuer,
            settings: BTreeMap::from([(key::CONFIRMED_HOSTS.to_owned(), setting)]),
            secrets: BTreeMap::new(),
        })
    }
}

/// The host of this name, in whatever letters it was typed.
fn named<'a>(all: &'a [WantedHostView], host: &str) -> Result<&'a WantedHostView, CoreError> {
    let known = all.iter().find(|one| one.host.eq_ignore_ascii_case(host));
    known.ok_or_else(|| CoreError::Input {
        what: InputProblem::HostUnknown,
        detail: host.to_owned(),
    })
}

pub(crate) fn listed(config: &ProviderConfig, managed: &BTreeSet<String>) -> Vec<WantedHostView> {
    let named = config.named_hosts();
    let mut uses = config.wanted_hosts();
    for host in managed {
        uses.entry(host.clone())
            .or_default()
            .insert(REGISTRATION_CLIENT_URI.to_owned());
    }
    for host in &named {
        uses.entry(host.clone()).or_default();
    }
    uses.into_iter()
        .map(|(host, uses)| WantedHostView {
            confirmed: config.is_confirmed(&host),
            secrets: uses.iter().any(|one| one != JWKS_URI),
            uses: uses.into_iter().collect(),
            host,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use keywright_oauth::server_metadata::ServerMetadata;
    use keywright_providers::ProviderKind;
    use serde_json::json;

    use super::*;

    #[test]
    fn t02_every_host_is_listed_with_what_it_is_asked_for() {
        let document = json!({
            "issuer": "https://id.example", "registration_endpoint": "https://id.example/reg",
            "token_endpoint": "https://tokens.example/token", "jwks_uri": "https://keys.example/jwks",
        });
        let config = ProviderConfig {
            kind: ProviderKind::Rfc7591,
            issuer: "https://id.example".into(),
            settings: BTreeMap::from([(key::CONFIRMED_HOSTS.to_owned(), "old.example".to_owned())]),
            secrets: BTreeMap::new(),
            metadata: ServerMetadata::read(
                document.as_object().unwrap().clone(),
                "https://id.example".parse().unwrap(),
            ),
        };
        let all = listed(&config, &BTreeSet::from(["manage.example".to_owned()]));
        let line = |host: &str| {
            let one = all.iter().find(|one| one.host == host).unwrap();
            (one.uses.join(" "), one.confirmed, one.secrets)
        };
        assert_eq!(
            line("id.example"),
            ("issuer registration_endpoint".into(), true, true)
        );
        assert_eq!(
            line("tokens.example"),
            ("token_endpoint".into(), false, true)
        );
        assert_eq!(line("keys.example"), ("jwks_uri".into(), false, false));
        assert_eq!(
            line("manage.example"),
            ("registration_client_uri".into(), false, true)
        );
        assert_eq!(line("old.example"), (String::new(), true, false));
        assert_eq!(all.len(), 5);
    }
}
