//! A secret that was replaced outside of Keywright is entered here.

use keywright_oauth::secret::ClientSecret;
use keywright_providers::TokenWish;
use keywright_vault::{
    Health, JournalOperation, SECRET_CLIENT, SECRET_OFFERED, SECRET_PREVIOUS, SecretText,
};
use serde_json::json;

use crate::{
    CoreError,
    app::{
        FlowSubject,
        audit_action::AuditAction,
        registration_record::{registration, write_handles},
    },
    applications::types::ApplicationView,
    error::input_problem::InputProblem,
    registration::Registrar,
};

impl Registrar<'_> {
    /// Puts another client secret in the place of the one in the vault, once a token request has proved it.
    /// One that the provider refuses changes nothing.
    pub async fn set_secret(
        self,
        wanted: &str,
        secret: &str,
    ) -> Result<ApplicationView, CoreError> {
        let vault = self.app.vault()?;
        if secret.is_empty() {
            return Err(CoreError::Input {
                what: InputProblem::SecretEmpty,
                detail: String::new(),
            });
        }
        // A rotation at the same time would make a secret that this one replaces.
        let (row, _change) = self
            .open_application(wanted, JournalOperation::Rotate)
            .await?;
        let configuration = vault.configuration(row.configuration_id)?;
        let (configuration, provider) = self.app.configurations().discovered(configuration).await?;
        let flow = self.app.flow(FlowSubject {
            configuration: Some(configuration.id),
            application: Some(row.id),
        });
        let mut at = registration(&vault, &row)?;
        at.client_secret = Some(ClientSecret::new(secret));
        let wish = TokenWish {
            audience: self.app.audience(row.id)?,
            resources: self.app.resources(&row, &[])?,
            ..TokenWish::default()
        };
        self.prove(&configuration, &provider, at, wish, flow.id)
            .await?;
        let now = self.app.now();
        let changes = [
            (SECRET_CLIENT.to_owned(), Some(SecretText::new(secret))),
            (SECRET_PREVIOUS.to_owned(), None),
            (SECRET_OFFERED.to_owned(), None),
        ];
        vault.change_application(row.id, &changes, |row| {
            row.health = Health::Live;
            row.health_checked_at = Some(now);
            row.updated_at = now;
            // The end of the old secret says nothing about this one.
            row.client_secret_expires_at = None;
            write_handles(row, &provider.unnamed_secret());
        })?;
        self.app.audit(
            AuditAction::SecretEntered,
            &row.id.to_string(),
            json!({ "name": row.name }),
        )?;
        self.app.applications().get(&row.id.to_string())
    }
}
