//! Read, update and rotate a registration (RFC 7592). Whatever an answer carries is kept before
//! anything else: a new registration access token replaces the old one at once.

use keywright_oauth::{client_metadata::ClientMetadata, register::ClientInformation};
use keywright_providers::{
    Capability, Checkpoint, CheckpointError, Context, Mark, Provider, ProviderError, Registration,
};
use keywright_vault::{
    ApplicationRow, Health, JournalEntry, JournalOperation, SecretChange, Vault,
};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use uuid::Uuid;

use crate::{
    CoreError, Doing, Keywright, Standing, Who,
    journal::{Journal, Remote, Subject, secrets_of},
    keywright::FlowSubject,
    registration::registration,
    view::ApplicationView,
};

impl Keywright {
    /// Reads the registration as the provider has it now. Where a registration access token opens it, the
    /// read may replace that token and the secret (RFC 7592 section 3), so it is written down like a change.
    pub async fn application_read(&self, wanted: &str) -> Result<ApplicationView, CoreError> {
        let vault = self.vault()?;
        let row = self.application_row(wanted)?;
        let at = registration(&vault, &row)?;
        if at.registration_access_token.is_some() {
            self.change(&row, JournalOperation::Read, None).await?;
        } else {
            self.look(&row, &at).await?;
        }
        vault.mark_health(row.id, Health::Live, self.now())?;
        self.application(&row.id.to_string())
    }

    /// Reads a registration that reading cannot change.
    async fn look(&self, row: &ApplicationRow, at: &Registration) -> Result<(), CoreError> {
        let vault = self.vault()?;
        let (who, provider) = self.provider_of(row)?;
        let flow = self.flow(FlowSubject {
            configuration: Some(row.configuration_id),
            application: Some(row.id),
        });
        let now = self.now();
        let keep = |checkpoint: Checkpoint<'_>| match checkpoint {
            Checkpoint::Sending { .. } => Ok(()),
            Checkpoint::Answered {
                information,
                complete,
                ..
            } => {
                let remote = Remote::of(information, complete);
                let secrets = secrets_of(
                    information.client_secret.as_ref(),
                    information.registration_access_token.as_ref(),
                );
                let read = with_answer(
                    row.clone(),
                    &remote,
                    !secrets_named(&secrets).is_empty(),
                    now,
                    false,
                );
                vault
                    .update_application(&read, &some(secrets))
                    .map_err(|source| CheckpointError {
                        unkept: Some(information.client_id.clone()),
                        source: Arc::new(source),
                    })
            }
        };
        let context = Context {
            flow: flow.id,
            mark: Mark::default(),
            keep: &keep,
            progress: &|_| {},
        };
        match provider.read(context, at).await {
            Ok(_) => Ok(()),
            Err(source) => {
                let standing = self.refused_management(row, &provider, &source).await?;
                let error = CoreError::Provider {
                    who,
                    doing: Doing::Read,
                    source,
                };
                Err(error.with_standing(&row.name, standing))
            }
        }
    }

    /// Replaces the metadata. `changes` are merged into what the provider has now: a member that is
    /// null is removed, all others stay, because RFC 7592 §2.2 replaces the whole.
    pub async fn application_update(
        &self,
        wanted: &str,
        changes: Value,
    ) -> Result<ApplicationView, CoreError> {
        let row = self.application_row(wanted)?;
        let Value::Object(changes) = changes else {
            return Err(CoreError::Input {
                what: "metadata_json",
                detail: "not an object".into(),
            });
        };
        let asked = merged(row.current.as_ref().unwrap_or(&row.granted), changes);
        self.change(&row, JournalOperation::Update, Some(asked))
            .await?;
        self.application(&row.id.to_string())
    }

    /// Replaces the client secret.
    pub async fn application_rotate(&self, wanted: &str) -> Result<ApplicationView, CoreError> {
        let row = self.application_row(wanted)?;
        let before = registration(&*self.vault()?, &row)?.client_secret;
        let answer = self.change(&row, JournalOperation::Rotate, None).await?;
        let kept = match (&before, &answer.client_secret) {
            (Some(old), Some(new)) => old.expose() == new.expose(),
            (_, None) => true,
            (None, Some(_)) => false,
        };
        if kept {
            let (who, _) = self.provider_of(&row)?;
            return Err(CoreError::Provider {
                who,
                doing: Doing::Rotate,
                source: ProviderError::NotRotated,
            });
        }
        self.audit(
            "secret_rotated",
            &row.id.to_string(),
            json!({ "name": row.name }),
        )?;
        self.prove_rotation(&row.id.to_string()).await?;
        self.application(&row.id.to_string())
    }

    async fn change(
        &self,
        row: &ApplicationRow,
        operation: JournalOperation,
        asked: Option<ClientMetadata>,
    ) -> Result<ClientInformation, CoreError> {
        let vault = self.vault()?;
        let (who, provider) = self.provider_of(row)?;
        let at = registration(&vault, row)?;
        let (doing, capability) = match operation {
            JournalOperation::Read => (Doing::Read, Capability::Read),
            JournalOperation::Rotate => (Doing::Rotate, Capability::Rotate),
            _ => (Doing::Update, Capability::Update),
        };
        if let Err(source) = provider.can(capability, &at) {
            return Err(CoreError::Provider { who, doing, source });
        }
        let subject = Subject {
            operation,
            configuration: row.configuration_id,
            application: Some(row.id),
            name: &row.name,
            draft: serde_json::to_value(&asked)?,
        };
        let journal = Journal::begin(Arc::clone(&vault), self.0.clock.clone(), subject)?;
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
        let answer = match &asked {
            Some(metadata) => provider.update(context, &at, metadata).await,
            None if operation == JournalOperation::Read => provider.read(context, &at).await,
            None => provider.rotate(context, &at).await,
        };
        match answer {
            Ok(information) => {
                self.finish_change(&vault.journal_entry(journal.id)?)?;
                Ok(information)
            }
            Err(source) => {
                let standing = self.refused_management(row, &provider, &source).await?;
                let error = Self::unfinished(&journal, who, doing, source)?;
                Err(error.with_standing(&row.name, standing))
            }
        }
    }

    /// Moves an answered change into the application: metadata, secrets and journal in one transaction.
    pub(crate) fn finish_change(&self, entry: &JournalEntry) -> Result<(), CoreError> {
        let vault = self.vault()?;
        let row = vault.application(entry.application_id.unwrap_or_default())?;
        let remote = Remote::read(&entry.remote)?;
        let mut secrets = self.journal_secrets(entry.id)?;
        if entry.operation == JournalOperation::Rotate {
            secrets.extend(self.previous_secret(&row, &secrets)?);
        }
        let asked: Option<ClientMetadata> = serde_json::from_value(entry.draft.clone())?;
        let new_token = secrets
            .iter()
            .any(|(name, _)| name == keywright_vault::SECRET_REGISTRATION_TOKEN);
        let read = entry.operation == JournalOperation::Read;
        let mut row = with_answer(row, &remote, new_token, self.now(), !read);
        if let Some(asked) = asked {
            row.requested = asked.to_value();
        }
        vault.journal_finish(entry.id, &row, &secrets)?;
        if read {
            return Ok(());
        }
        self.audit(
            "application_changed",
            &row.id.to_string(),
            json!({ "name": row.name }),
        )
    }

    /// The adapter of an application, and the name to blame.
    pub(crate) fn provider_of(&self, row: &ApplicationRow) -> Result<(Who, Provider), CoreError> {
        let configuration = self.vault()?.configuration(row.configuration_id)?;
        let provider = self.provider(&configuration)?;
        Ok((Who::of(&configuration), provider))
    }

    /// Finds out whether the client of a refused request still exists. One that is gone is marked rejected;
    /// nothing registers again by itself.
    async fn refused_management(
        &self,
        row: &ApplicationRow,
        provider: &Provider,
        source: &ProviderError,
    ) -> Result<Option<Standing>, CoreError> {
        let refused = self.refused_client(row)?;
        let standing = self.standing(provider, &refused, source).await;
        if standing == Some(Standing::Gone) {
            self.vault()?
                .mark_health(row.id, Health::Rejected, self.now())?;
        }
        Ok(standing)
    }

    /// Uses of an application move it up in the list.
    pub(crate) fn used(&self, vault: &Vault, application: Uuid) -> Result<(), CoreError> {
        Ok(vault.touch_used(application, self.now())?)
    }
}

fn merged(now: &Value, changes: Map<String, Value>) -> ClientMetadata {
    let mut asked = crate::registration::metadata(now);
    for (name, value) in changes {
        asked.set(&name, value);
    }
    asked
}

/// The row after an answer. What the server left out stays as it was.
fn with_answer(
    mut row: ApplicationRow,
    remote: &Remote,
    new_token: bool,
    now: i64,
    granted: bool,
) -> ApplicationRow {
    let metadata = remote.granted.to_value();
    if granted {
        row.granted = metadata.clone();
    }
    row.current = Some(metadata);
    row.current_read_at = Some(now);
    // Pinned at registration: a later answer must not lead the registration access token elsewhere.
    if row.registration_client_uri.is_none() {
        row.registration_client_uri
            .clone_from(&remote.registration_client_uri);
    }
    for (name, value) in &remote.handles {
        if value.is_empty() {
            row.handles.remove(name);
        } else {
            row.handles.insert(name.clone(), value.clone());
        }
    }
    if remote.client_secret_expires_at.is_some() {
        row.client_secret_expires_at = remote.client_secret_expires_at;
    }
    if new_token {
        row.registration_token_replaced_at = Some(now);
    }
    row.updated_at = now;
    row
}

fn secrets_named(secrets: &[(String, keywright_vault::SecretText)]) -> Vec<&str> {
    secrets
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| *name == keywright_vault::SECRET_REGISTRATION_TOKEN)
        .collect()
}

fn some(secrets: Vec<(String, keywright_vault::SecretText)>) -> Vec<SecretChange> {
    secrets
        .into_iter()
        .map(|(name, secret)| (name, Some(secret)))
        .collect()
}
