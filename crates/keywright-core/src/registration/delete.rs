//! Delete (at the provider and here), forget (here only) and bring back.

use keywright_providers::{Capability, Checkpoint, Context, OwnerTag, Provider, Registration};
use keywright_vault::{ApplicationRow, JournalOperation};
use serde_json::json;
use uuid::Uuid;

use crate::{
    CoreError, Operation, ProviderLabel, Standing, Thing,
    app::{FlowSubject, audit_action::AuditAction, registration_record::registration},
    applications::types::ApplicationView,
    registration::{
        Registrar, access_token,
        journal::{Journal, JournalSubject},
    },
};

/// What a deletion did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// The provider confirmed it, and the application was removed here.
    Deleted,
    /// The client no longer existed at the provider. The application was forgotten here, which can be
    /// undone.
    AlreadyGone,
}

impl Registrar<'_> {
    /// Whether the provider deletes this client: said before the user is asked to confirm it.
    ///
    /// # Errors
    ///
    /// `not_found`, and `not_capable` with the reason.
    pub fn check_deletion(self, wanted: &str) -> Result<(), CoreError> {
        let row = self.app.application_row(wanted)?;
        let (who, provider) = self.app.configurations().provider_of(&row)?;
        can_delete(&provider, &who, &registration(&*self.app.vault()?, &row)?)
    }

    /// Deletes the client at the provider, then here. A client that is proven to be gone there already
    /// is forgotten here: its secret is kept, and the user can undo it.
    pub async fn delete(self, wanted: &str) -> Result<Deletion, CoreError> {
        let vault = self.app.vault()?;
        let (row, _open) = self
            .open_application(wanted, JournalOperation::Delete)
            .await?;
        let (who, provider) = self.app.configurations().provider_of(&row)?;
        let at = registration(&vault, &row)?;
        can_delete(&provider, &who, &at)?;
        let subject = JournalSubject {
            operation: JournalOperation::Delete,
            configuration: row.configuration_id,
            application: Some(row.id),
            name: &row.name,
            draft: json!(null),
        };
        let journal = Journal::begin(
            std::sync::Arc::clone(&vault),
            self.app.0.clock.clone(),
            subject,
        )?;
        let flow = self.app.flow(FlowSubject {
            configuration: Some(row.configuration_id),
            application: Some(row.id),
        });
        let keep = |checkpoint: Checkpoint<'_>| journal.keep(&checkpoint);
        let context = Context {
            flow: flow.id,
            owner_tag: OwnerTag::default(),
            keep: &keep,
            progress: &|_| {},
        };
        let mut answer = provider.delete(context, &at).await;
        if let Err(refused) = &answer
            && access_token::is_refused(refused, &at)
            && let Some(before) = access_token::with_previous(&vault, &row, &at)?
        {
            match provider.delete(context, &before).await {
                Err(source) if access_token::is_refused(&source, &before) => {}
                other => answer = other,
            }
        }
        match answer {
            Ok(()) => {
                vault.journal_finish_removal(journal.id, row.id, self.app.now())?;
                self.app.audit(
                    AuditAction::ApplicationDeleted,
                    "",
                    json!({ "name": row.name }),
                )?;
                Ok(Deletion::Deleted)
            }
            Err(source) => {
                let refused = self.refused_client(&row)?;
                let standing = self.standing(&provider, &refused, &source).await;
                if standing == Some(Standing::Gone) {
                    self.forget_gone(journal.id, &row)?;
                    return Ok(Deletion::AlreadyGone);
                }
                let error = Self::unfinished(&journal, who, Operation::Delete, source)?;
                Err(error.with_standing(&row.name, standing))
            }
        }
    }

    /// Ends a deletion of a client that no longer exists at the provider.
    pub(crate) fn forget_gone(self, journal: Uuid, row: &ApplicationRow) -> Result<(), CoreError> {
        self.app
            .vault()?
            .journal_finish_forgotten(journal, row.id, self.app.now())?;
        self.app.audit(
            AuditAction::ApplicationForgotten,
            &row.id.to_string(),
            json!({ "name": row.name }),
        )
    }

    /// Forgets an application here; the client stays at the provider. Can be undone for a while. A change in progress is
    /// waited for or named, since its answer needs the application.
    pub async fn forget(self, wanted: &str) -> Result<(), CoreError> {
        let (row, _change) = self
            .open_application(wanted, JournalOperation::Delete)
            .await?;
        self.app.vault()?.forget(row.id, self.app.now())?;
        self.app.audit(
            AuditAction::ApplicationForgotten,
            &row.id.to_string(),
            json!({ "name": row.name }),
        )
    }

    /// Brings a forgotten application back.
    pub fn restore(self, wanted: &str) -> Result<ApplicationView, CoreError> {
        let id: Uuid = crate::app::conversions::id(Thing::Application, wanted)?;
        self.app.vault()?.unforget(id)?;
        self.app.applications().get(wanted)
    }
}

fn can_delete(
    provider: &Provider,
    who: &ProviderLabel,
    at: &Registration,
) -> Result<(), CoreError> {
    provider
        .can(Capability::Delete, at)
        .map_err(|source| CoreError::Provider {
            who: who.clone(),
            doing: Operation::Delete,
            source,
        })
}
