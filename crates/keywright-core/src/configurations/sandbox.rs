//! What the vault remembers of the built-in Sandbox: its state, and the configurations that lead to it.

use std::collections::BTreeMap;

use keywright_providers::{
    ProviderKind,
    settings::{self, SettingKind},
};
use keywright_vault::VaultError;
use serde_json::json;
use uuid::Uuid;

use crate::{
    CoreError, Keywright, Thing,
    app::conversions::id,
    configurations::types::{ConfigurationInput, ConfigurationView},
};

/// A personality of the running Sandbox, as its configuration names it.
pub struct SandboxPersonality {
    /// The kind that talks to it.
    pub kind: ProviderKind,
    /// Its issuer.
    pub issuer: String,
    /// Settings of the configuration.
    pub settings: BTreeMap<String, String>,
    /// Throw-away secrets of the configuration.
    pub secrets: BTreeMap<String, String>,
}

/// When a configuration that leads to the Sandbox is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SandboxVerify {
    /// Each time.
    Always,
    /// Only where its address changed or it never was.
    IfChanged,
}

/// Where the configuration of a personality is kept. A personality has the name of the kind that talks
/// to it; the plain one was the first and has no name there.
fn key_of(personality: ProviderKind) -> String {
    match personality {
        ProviderKind::Rfc7591 => "sandbox/configuration".to_owned(),
        other => format!("sandbox/configuration/{}", other.as_str()),
    }
}

/// The configurations that lead to the built-in Sandbox.
#[derive(Clone, Copy, Debug)]
pub struct SandboxLink<'a> {
    pub(crate) app: &'a Keywright,
}

impl Keywright {
    /// The configurations that lead to the built-in Sandbox.
    pub fn sandbox(&self) -> SandboxLink<'_> {
        SandboxLink { app: self }
    }
}

impl SandboxLink<'_> {
    /// Stores which configuration leads to a personality of the Sandbox.
    fn set_configuration(
        self,
        personality: ProviderKind,
        configuration: &str,
    ) -> Result<(), CoreError> {
        Ok(self
            .app
            .vault()?
            .put_kv(&key_of(personality), &json!(configuration))?)
    }

    /// Keeps what the Sandbox must know to be the same after a restart. It holds keys of a
    /// throw-away server, and is encrypted with everything else.
    pub fn keep(self, state: &serde_json::Value) -> Result<(), CoreError> {
        Ok(self.app.vault()?.put_kv("sandbox/state", state)?)
    }

    /// What [`Self::keep`] kept.
    pub fn kept(self) -> Result<Option<serde_json::Value>, CoreError> {
        Ok(self.app.vault()?.kv("sandbox/state")?)
    }

    /// The configuration that leads to a personality of the Sandbox, where there is one.
    pub fn configuration(self, personality: ProviderKind) -> Result<Option<String>, CoreError> {
        let vault = self.app.vault()?;
        let marked = vault.kv(&key_of(personality))?;
        let Some(text) = marked.as_ref().and_then(serde_json::Value::as_str) else {
            return Ok(None);
        };
        match vault.configuration(id(Thing::Configuration, text)?) {
            Ok(row) => Ok(Some(row.id.to_string())),
            Err(VaultError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The kinds whose personality a configuration of this vault leads to.
    pub fn used(self) -> Result<Vec<ProviderKind>, CoreError> {
        let mut used = Vec::new();
        for kind in ProviderKind::ALL {
            if self.configuration(*kind)?.is_some() {
                used.push(*kind);
            }
        }
        Ok(used)
    }

    /// Makes the configuration that leads to a personality, or corrects the one there is, and verifies it. A name that
    /// the user gave it stays; secrets that the Sandbox does not name are removed, since registration that became open
    /// again needs no token.
    pub async fn connect(
        self,
        personality: SandboxPersonality,
        verify: SandboxVerify,
    ) -> Result<ConfigurationView, CoreError> {
        let SandboxPersonality {
            kind,
            issuer,
            settings,
            mut secrets,
        } = personality;
        let configurations = self.app.configurations();
        let known = self.configuration(kind)?;
        let before = known
            .as_deref()
            .map(|id| configurations.get(id))
            .transpose()?;
        let unchanged = before
            .as_ref()
            .is_some_and(|one| one.issuer == issuer && one.report.is_some());
        for spec in settings::of(kind).filter(|spec| spec.kind == SettingKind::Secret) {
            secrets.entry(spec.key.to_owned()).or_default();
        }
        let saved = configurations.save(ConfigurationInput {
            id: known,
            name: before.map_or_else(|| self.name(kind), |one| one.name),
            provider: kind.as_str().to_owned(),
            issuer,
            settings,
            secrets,
        })?;
        self.set_configuration(kind, &saved.id)?;
        if verify == SandboxVerify::Always || !unchanged {
            configurations.verify(&saved.id, |_| {}).await?;
        }
        configurations.get(&saved.id)
    }

    /// What a new configuration of a personality is called.
    fn name(self, personality: ProviderKind) -> String {
        match personality {
            ProviderKind::Rfc7591 => "Sandbox".to_owned(),
            other => format!("Sandbox {}", self.app.configurations().kind_name(other)),
        }
    }

    /// The configuration leads to the Sandbox, as the personality of its own kind.
    pub(crate) fn is_sandbox(self, id: Uuid, kind: &str) -> Result<bool, CoreError> {
        let Some(kind) = ProviderKind::of(kind) else {
            return Ok(false);
        };
        Ok(self
            .app
            .vault()?
            .kv(&key_of(kind))?
            .is_some_and(|marked| marked == json!(id.to_string())))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::{Actor, Clock, Lang, Options, VaultHome, vault::types::InitVault};

    /// Nothing answers at port 9, which is enough: what was saved is looked at.
    fn at(port: u16, secrets: &[(&str, &str)]) -> SandboxPersonality {
        SandboxPersonality {
            kind: ProviderKind::Rfc7591,
            issuer: format!("http://127.0.0.1:{port}"),
            settings: BTreeMap::new(),
            secrets: secrets
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
        }
    }

    #[tokio::test]
    async fn the_sandbox_finds_its_configuration_again() {
        let folder = tempfile::tempdir().unwrap();
        let keywright = Keywright::new(Options {
            home: VaultHome::new(folder.path()),
            actor: Actor::App,
            clock: Clock::system(),
            lang: Lang::En,
        });
        let init = InitVault {
            keyring: false,
            passphrase: Some("for this test only".into()),
        };
        keywright.init(init).await.unwrap();
        let link = keywright.sandbox();
        assert!(link.used().unwrap().is_empty());
        let token = [("initial_access_token", "of-the-first-start")];
        let first = link.connect(at(9, &token), SandboxVerify::IfChanged).await;
        let first = first.unwrap();
        assert_eq!(first.secret_keys, ["initial_access_token"]);
        assert!(first.report.is_some());
        assert_eq!(link.used().unwrap(), [ProviderKind::Rfc7591]);

        let renamed = ConfigurationInput {
            id: Some(first.id.clone()),
            name: "Demo".into(),
            provider: first.provider.clone(),
            issuer: first.issuer.clone(),
            settings: BTreeMap::new(),
            secrets: BTreeMap::new(),
        };
        keywright.configurations().save(renamed).unwrap();
        let again = link.connect(at(10, &[]), SandboxVerify::IfChanged).await;
        let again = again.unwrap();
        assert_eq!(
            (again.id.as_str(), again.name.as_str()),
            (first.id.as_str(), "Demo")
        );
        assert_eq!(again.issuer, "http://127.0.0.1:10");
        assert_eq!(again.secret_keys, Vec::<String>::new());
        assert_eq!(keywright.configurations().list().unwrap().len(), 1);
    }
}
