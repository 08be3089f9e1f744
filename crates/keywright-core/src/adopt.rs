//! Take a client that exists at the provider into the vault.

use keywright_oauth::client_metadata::ClientMetadata;
use keywright_vault::{
    ApplicationRow, Health, SECRET_CLIENT, SECRET_REGISTRATION_TOKEN, SecretChange, SecretText,
    VaultError,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    CoreError, Keywright,
    configurations::checked_name,
    view::{AdoptInput, ApplicationView},
};

impl Keywright {
    /// Adopts a client by its ID and, where known, its secret and management token.
    pub fn application_adopt(&self, input: AdoptInput) -> Result<ApplicationView, CoreError> {
        let vault = self.vault()?;
        let configuration = self.configuration_row(&input.configuration_id)?;
        let name = checked_name(&input.name)?;
        if vault.application_by_name(&name)?.is_some() {
            return Err(VaultError::NameTaken { name }.into());
        }
        let client_id = input.client_id.trim().to_owned();
        if client_id.is_empty() {
            return Err(CoreError::Input {
                what: "client_id_empty",
                detail: String::new(),
            });
        }
        let mut metadata = ClientMetadata::default();
        if let Some(method) = input.token_endpoint_auth_method {
            metadata.set("token_endpoint_auth_method", method);
        }
        if let Some(scope) = input.scope {
            metadata.set("scope", scope);
        }
        let now = self.now();
        let row = ApplicationRow {
            id: Uuid::now_v7(),
            name,
            configuration_id: configuration.id,
            provider: configuration.provider,
            client_id,
            health: Health::Unknown,
            health_checked_at: None,
            requested: metadata.to_value(),
            granted: metadata.to_value(),
            current: None,
            current_read_at: None,
            registration_client_uri: input.registration_client_uri.filter(|uri| !uri.is_empty()),
            registration_token_replaced_at: None,
            has_secret: false,
            has_registration_token: false,
            client_id_issued_at: None,
            client_secret_expires_at: None,
            labels: Vec::new(),
            auto_refresh: false,
            handles: std::collections::BTreeMap::new(),
            created_at: now,
            updated_at: now,
            last_used_at: None,
            expires_by_ttl_at: None,
        };
        let secret = |name: &str, value: Option<String>| -> Option<SecretChange> {
            let value = value.filter(|value| !value.is_empty())?;
            Some((name.to_owned(), Some(SecretText::new(value))))
        };
        let secrets: Vec<SecretChange> = [
            secret(SECRET_CLIENT, input.client_secret),
            secret(SECRET_REGISTRATION_TOKEN, input.registration_access_token),
        ]
        .into_iter()
        .flatten()
        .collect();
        vault.save_application(&row, &secrets)?;
        self.audit(
            "application_adopted",
            &row.id.to_string(),
            json!({ "name": row.name }),
        )?;
        self.application(&row.id.to_string())
    }
}
