//! What the vault remembers of the built-in Sandbox: its state, and the configurations that lead to it.

use keywright_providers::ProviderKind;
use keywright_vault::VaultError;
use serde_json::json;
use uuid::Uuid;

use crate::{CoreError, Keywright, app::conversions::id};

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
    /// Marks a configuration as the one that leads to a personality of the Sandbox.
    pub fn mark(self, personality: ProviderKind, configuration: &str) -> Result<(), CoreError> {
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
        match vault.configuration(id("configuration", text)?) {
            Ok(row) => Ok(Some(row.id.to_string())),
            Err(VaultError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What a new configuration of a personality is called.
    pub fn name(self, personality: ProviderKind) -> String {
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
