//! After a rotation: both secrets are kept until a token call proves the new one, then the old one ends.

use std::sync::Arc;

use keywright_oauth::secret::ClientSecret;
use keywright_providers::{Capability, Context, OwnerTag, Provider, Registration, Verdict};
use keywright_vault::{ApplicationRow, Owner, SECRET_CLIENT, SECRET_PREVIOUS, SecretChange, Vault};
use serde_json::json;

use crate::{
    CoreError,
    app::{
        FlowSubject,
        audit_action::AuditAction,
        registration_record::{registration, write_handles},
    },
    configurations::verify::no_checkpoint,
    tokens::{Tokens, types::TokenWish},
};

/// Handle: the secrets before the current one stay at the provider when it is proven.
pub(crate) const KEEP_PREVIOUS: &str = "keep_previous_secrets";

impl Tokens<'_> {
    /// The secret that a new one replaces, to be kept next to it where the provider lets both live.
    pub(crate) fn previous_secret(
        self,
        row: &ApplicationRow,
        answered: &[SecretChange],
    ) -> Result<Option<SecretChange>, CoreError> {
        let (_, provider) = self.app.configurations().provider_of(row)?;
        let both_live = provider
            .capabilities()
            .line(Capability::RotateOverlap)
            .is_some_and(|line| matches!(line.verdict, Verdict::Yes | Verdict::Partly));
        let replaced = answered.iter().any(|(name, _)| name == SECRET_CLIENT);
        if !both_live || !replaced {
            return Ok(None);
        }
        let old = self
            .app
            .vault()?
            .secret(Owner::Application(row.id), SECRET_CLIENT)?;
        Ok(old.map(|old| (SECRET_PREVIOUS.to_owned(), Some(old))))
    }

    /// Gets a token with the new secret where the old one still lives. A provider that does not know
    /// the new one yet is no failure of the rotation: both are kept, and the next token proves it.
    pub(crate) async fn prove_rotation(self, application: &str) -> Result<(), CoreError> {
        let row = self.app.application_row(application)?;
        if previous(&self.app.vault()?, &row)?.is_none() {
            return Ok(());
        }
        let wish = TokenWish {
            application_id: row.id.to_string(),
            refresh: true,
            ..TokenWish::default()
        };
        if let Err(error) = self.token_for(&row, &wish).await {
            tracing::info!(
                code = error.code().as_str(),
                "the new secret is not proven yet"
            );
        }
        Ok(())
    }

    /// The new secret got a token: the old one ends at the provider and here. `proven` is what got the token.
    pub(crate) async fn retire_previous(
        self,
        row: &ApplicationRow,
        provider: &Provider,
        proven: &Registration,
    ) -> Result<(), CoreError> {
        let vault = self.app.vault()?;
        // While another change runs, it is not known which secret is the old one.
        let Some(_open) = self.app.try_open_change(row.id)? else {
            return Ok(());
        };
        // Nor after a change that ended since the token was asked for: another secret may be the current one.
        let row = &vault.application(row.id)?;
        let at = &registration(&vault, row)?;
        match (&at.client_secret, &proven.client_secret) {
            (Some(current), Some(proven)) if current.is_same(proven) => {}
            _ => return Ok(()),
        }
        let flow = self.app.flow(FlowSubject {
            configuration: Some(row.configuration_id),
            application: Some(row.id),
        });
        let context = Context {
            flow: flow.id,
            owner_tag: OwnerTag::default(),
            keep: &no_checkpoint,
            progress: &|_| {},
        };
        // One that could not be ended is tried again after the next token.
        let keeps = at.handle(KEEP_PREVIOUS).is_some();
        let ended = if keeps {
            let mut handles = provider.keeping_secrets();
            handles.insert(KEEP_PREVIOUS.to_owned(), String::new());
            Ok(handles)
        } else {
            provider.revoke_previous_secret(context, at).await
        };
        let handles = match ended {
            Ok(handles) => handles,
            Err(error) => {
                tracing::warn!(%error, "the old secret could not be ended yet");
                return Ok(());
            }
        };
        let ended = [(SECRET_PREVIOUS.to_owned(), None)];
        vault.change_application(row.id, &ended, |row| write_handles(row, &handles))?;
        if keeps {
            return Ok(());
        }
        self.app.audit(
            AuditAction::SecretRetired,
            &row.id.to_string(),
            json!({ "name": row.name }),
        )
    }
}

/// The application with the secret before the rotation, where there is one.
pub(crate) fn previous(
    vault: &Arc<Vault>,
    row: &ApplicationRow,
) -> Result<Option<Registration>, CoreError> {
    let Some(secret) = vault.secret(Owner::Application(row.id), SECRET_PREVIOUS)? else {
        return Ok(None);
    };
    let mut at = registration(vault, row)?;
    at.client_secret = Some(ClientSecret::from(&secret));
    Ok(Some(at))
}
