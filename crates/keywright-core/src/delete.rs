//! Delete (at the provider and here), forget (here only) and bring back.

use keywright_providers::{Capability, Checkpoint, Context, Mark, ProviderError};
use keywright_vault::JournalOperation;
use serde_json::json;
use uuid::Uuid;

use crate::{
    CoreError, Doing, Keywright,
    journal::{Journal, Subject},
    keywright::FlowSubject,
    registration::registration,
    view::ApplicationView,
};

impl Keywright {
    /// Deletes the client at the provider, then here. A client that the provider does not know any
    /// more is deleted here alone.
    pub async fn application_delete(&self, wanted: &str) -> Result<(), CoreError> {
        let vault = self.vault()?;
        let row = self.application_row(wanted)?;
        let (who, provider) = self.provider_of(&row)?;
        let at = registration(&vault, &row)?;
        if let Err(source) = provider.can(Capability::Delete, &at) {
            return Err(CoreError::Provider {
                who,
                doing: Doing::Delete,
                source,
            });
        }
        let subject = Subject {
            operation: JournalOperation::Delete,
            configuration: row.configuration_id,
            application: Some(row.id),
            name: &row.name,
            draft: json!(null),
        };
        let journal = Journal::begin(std::sync::Arc::clone(&vault), self.0.clock.clone(), subject)?;
        let flow = self.flow(FlowSubject {
            configuration: Some(row.configuration_id),
            application: Some(row.id),
        });
        let keep = |checkpoint: Checkpoint<'_>| journal.keep(&checkpoint);
        let context = Context {
            flow: flow.id,
            mark: Mark::default(),
            keep: &keep,
            progress: &|_| {},
        };
        match provider.delete(context, &at).await {
            Ok(()) => {}
            Err(ProviderError::Registration(error)) if error.is_unknown_client() => {}
            Err(source) => return Err(Self::unfinished(&journal, who, Doing::Delete, source)?),
        }
        vault.journal_finish_removal(journal.id, row.id, self.now())?;
        self.audit("application_deleted", "", json!({ "name": row.name }))
    }

    /// Forgets an application here; the client stays at the provider. Can be undone for a while.
    pub fn application_forget(&self, wanted: &str) -> Result<(), CoreError> {
        let row = self.application_row(wanted)?;
        self.vault()?.forget(row.id, self.now())?;
        self.audit(
            "application_forgotten",
            &row.id.to_string(),
            json!({ "name": row.name }),
        )
    }

    /// Brings a forgotten application back.
    pub fn application_restore(&self, wanted: &str) -> Result<ApplicationView, CoreError> {
        let id: Uuid = crate::convert::id("application", wanted)?;
        self.vault()?.unforget(id)?;
        self.application(wanted)
    }
}
