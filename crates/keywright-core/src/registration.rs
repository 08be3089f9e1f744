//! What an adapter must know of an application: its row with its secrets.

use keywright_oauth::{
    client_metadata::ClientMetadata,
    secret::{ClientSecret, RegistrationAccessToken},
};
use keywright_providers::Registration;
use keywright_vault::{
    ApplicationRow, Owner, SECRET_CLIENT, SECRET_REGISTRATION_TOKEN, Vault, VaultError,
};
use url::Url;
use uuid::Uuid;

use crate::{CoreError, Keywright, convert::id};

/// Metadata as the vault keeps it.
pub(crate) fn metadata(value: &serde_json::Value) -> ClientMetadata {
    value
        .as_object()
        .cloned()
        .map(ClientMetadata::from_answer)
        .unwrap_or_default()
}

/// The row with its secrets.
pub(crate) fn registration(vault: &Vault, row: &ApplicationRow) -> Result<Registration, CoreError> {
    let owner = Owner::Application(row.id);
    let secret = vault.secret(owner, SECRET_CLIENT)?;
    let token = vault.secret(owner, SECRET_REGISTRATION_TOKEN)?;
    Ok(Registration {
        client_id: row.client_id.clone(),
        client_secret: secret.map(|text| ClientSecret::new(text.expose())),
        registration_client_uri: row
            .registration_client_uri
            .as_deref()
            .and_then(|text| Url::parse(text).ok()),
        registration_access_token: token.map(|text| RegistrationAccessToken::new(text.expose())),
        handles: row.handles.clone(),
        granted: metadata(row.current.as_ref().unwrap_or(&row.granted)),
    })
}

impl Keywright {
    /// An application by id or by exact name.
    pub(crate) fn application_row(&self, wanted: &str) -> Result<ApplicationRow, CoreError> {
        let vault = self.vault()?;
        if let Some(row) = vault.application_by_name(wanted)? {
            return Ok(row);
        }
        let missing = |nearest| CoreError::NotFound {
            what: "application",
            name: wanted.to_owned(),
            nearest,
        };
        let Ok(id) = id("application", wanted) else {
            return Err(missing(vault.nearest_name(wanted)?));
        };
        match vault.application(id) {
            Err(VaultError::NotFound { .. }) => Err(missing(None)),
            other => Ok(other?),
        }
    }

    /// The audience that an application remembers.
    pub(crate) fn audience(&self, application: Uuid) -> Result<Option<String>, CoreError> {
        let kept = self.vault()?.kv(&audience_key(application))?;
        Ok(kept.and_then(|value| value.as_str().map(str::to_owned)))
    }
}

/// Key of the remembered audience: ours alone, never part of the metadata.
pub(crate) fn audience_key(application: Uuid) -> String {
    format!("application/{application}/audience")
}
