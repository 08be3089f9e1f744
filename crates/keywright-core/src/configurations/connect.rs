//! A configuration from an address alone: for a client that exists already, nothing more is needed.

use std::collections::BTreeMap;

use keywright_oauth::server_metadata::ServerMetadata;
use keywright_providers::{ProviderKind, settings::key};
use keywright_vault::ConfigurationRow;
use url::Url;

use crate::{
    CoreError,
    configurations::{
        Configurations,
        input::{checked, new_row},
        types::{ConfigurationInput, ConfigurationView},
    },
};

impl Configurations<'_> {
    /// The configuration whose issuer has this address; a new one, named after its host, where there is none. It is
    /// saved only once the metadata of the server was read (RFC 8414 §3, OpenID Connect Discovery 1.0 §4).
    ///
    /// # Errors
    ///
    /// `invalid_issuer` with the field, and every failure of discovery; nothing is saved then.
    pub async fn connect(self, address: &str) -> Result<ConfigurationView, CoreError> {
        let host = Url::parse(address.trim())
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned));
        let mut input = ConfigurationInput {
            id: None,
            // An address without a host is refused for itself, not for its name.
            name: host.unwrap_or_else(|| address.trim().to_owned()),
            provider: ProviderKind::Rfc7591.as_str().to_owned(),
            issuer: address.to_owned(),
            settings: BTreeMap::new(),
            secrets: BTreeMap::new(),
        };
        let (mut row, _) = new_row(&checked(input.clone())?, self.app.now());
        self.read_metadata(&mut row).await?;
        let known = self.app.vault()?.configurations()?;
        if let Some(known) = known.into_iter().find(|one| one.issuer == row.issuer) {
            return self.view(known);
        }
        input.name = self.free_name(&input.name)?;
        input.issuer.clone_from(&row.issuer);
        let saved = self.save(input)?;
        let (asked, saved_id) = (row.issuer.clone(), saved.id);
        let saved = self.row(&saved_id)?;
        self.keep_learned(saved.id, &asked, row)?;
        self.get(&saved_id)
    }

    /// The configuration of an issuer whose metadata was read just now: a new one, named after its host, where there
    /// is none, with these certificates. These hosts, which only the metadata names, are confirmed.
    pub(crate) fn with_metadata(
        self,
        known: Option<ConfigurationRow>,
        metadata: &ServerMetadata,
        hosts: &[String],
        ca_pem: Option<&str>,
    ) -> Result<ConfigurationRow, CoreError> {
        let known = if let Some(known) = known {
            known
        } else {
            let issuer = Url::parse(&metadata.issuer).ok();
            let host = issuer.as_ref().and_then(Url::host_str);
            let saved = self.save(ConfigurationInput {
                id: None,
                name: self.free_name(host.unwrap_or(&metadata.issuer))?,
                provider: ProviderKind::Rfc7591.as_str().to_owned(),
                issuer: metadata.issuer.clone(),
                settings: ca_pem
                    .map(|pem| (key::CA_PEM.to_owned(), pem.to_owned()))
                    .into_iter()
                    .collect(),
                secrets: BTreeMap::new(),
            })?;
            self.row(&saved.id)?
        };
        let mut learned = known.clone();
        learned.metadata = Some(serde_json::to_value(metadata)?);
        self.learn_capabilities(&mut learned)?;
        let kept = self.keep_learned(known.id, &known.issuer, learned)?;
        if hosts.is_empty() {
            return Ok(kept);
        }
        self.confirm_hosts(&known.id.to_string(), hosts)?;
        self.row(&known.id.to_string())
    }

    /// The certificates of a configuration whose issuer is on the host of this address, at any port.
    pub(crate) fn ca_pem_for(self, address: &Url) -> Result<Option<String>, CoreError> {
        let all = self.app.vault()?.configurations()?;
        Ok(all.into_iter().find_map(|row| {
            let issuer = Url::parse(&row.issuer).ok()?;
            let is_there = issuer.host().is_some() && issuer.host() == address.host();
            let pem = row.settings.get(key::CA_PEM).filter(|_| is_there)?;
            Some(pem.clone())
        }))
    }

    /// The name, or the name with the first number that no configuration has.
    fn free_name(self, name: &str) -> Result<String, CoreError> {
        let vault = self.app.vault()?;
        let mut number = 1_u32;
        let mut free = name.to_owned();
        while vault.configuration_by_name(&free)?.is_some() {
            number = number.saturating_add(1);
            free = format!("{name} {number}");
        }
        Ok(free)
    }
}
