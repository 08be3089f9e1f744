//! Read, update and rotate a registration (RFC 7592). Whatever an answer carries is kept before
//! anything else: a new registration access token replaces the old one at once.

use keywright_oauth::{client_metadata::ClientMetadata, register::ClientInformation};
use keywright_providers::{
    Capability, Checkpoint, CheckpointError, Context, OwnerTag, Provider, ProviderError,
    Registration,
};
use keywright_vault::{
    ApplicationRow, Health, JournalEntry, JournalOperation, SECRET_CLIENT, SECRET_OFFERED,
    SecretChange,
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

use crate::{
    CoreError, Operation, Standing,
    app::{FlowSubject, audit_action::AuditAction, registration_record::registration},
    applications::{metadata_diff::asked_for, types::ApplicationView},
    error::input_problem::InputProblem,
    i18n::key::Key,
    registration::{
        Registrar, access_token,
        answers::{kept_secrets, write_answer},
        journal::{Journal, JournalSubject, RemoteState, secrets_of},
    },
    tokens::secret_overlap::KEEP_PREVIOUS,
};

impl Registrar<'_> {
    /// Reads the registration as the provider has it now. Where a registration access token opens it, the
    /// read may replace that token and the secret (RFC 7592 section 3), so it is written down like a change.
    pub async fn read(self, wanted: &str) -> Result<ApplicationView, CoreError> {
        let (row, _open) = self
            .open_application(wanted, JournalOperation::Read)
            .await?;
        self.read_opened(&row).await
    }

    /// Reads the registration of an application that is open for this change.
    pub(crate) async fn read_opened(
        self,
        row: &ApplicationRow,
    ) -> Result<ApplicationView, CoreError> {
        let vault = self.app.vault()?;
        let at = registration(&vault, row)?;
        if at.registration_access_token.is_some() {
            self.change(row, JournalOperation::Read, None).await?;
        } else {
            self.look(row, &at).await?;
        }
        vault.mark_health(row.id, Health::Live, self.app.now())?;
        self.app.applications().get(&row.id.to_string())
    }

    /// Reads a registration that reading cannot change.
    async fn look(self, row: &ApplicationRow, at: &Registration) -> Result<(), CoreError> {
        let vault = self.app.vault()?;
        let (who, provider) = self.app.configurations().provider_of(row)?;
        let flow = self.app.flow(FlowSubject {
            configuration: Some(row.configuration_id),
            application: Some(row.id),
        });
        let now = self.app.now();
        let keep = |checkpoint: Checkpoint<'_>| match checkpoint {
            Checkpoint::Sending { .. } => Ok(()),
            Checkpoint::Answered {
                information,
                complete,
                ..
            } => {
                let remote = RemoteState::of(information, complete);
                let secrets = secrets_of(
                    information.client_secret.as_ref(),
                    information.registration_access_token.as_ref(),
                );
                kept_secrets(&vault, row, some(secrets), provider.issues_secrets())
                    .and_then(|secrets| {
                        vault.change_application(row.id, &secrets, |row| {
                            write_answer(row, &remote, &secrets, now, false);
                        })
                    })
                    .map_err(|source| CheckpointError {
                        unkept: Some(information.client_id.clone()),
                        source: Arc::new(source),
                    })
            }
        };
        let context = Context {
            flow: flow.id,
            owner_tag: OwnerTag::default(),
            keep: &keep,
            progress: &|_| {},
        };
        match provider.read(context, at).await {
            Ok(_) => Ok(()),
            Err(source) => {
                let standing = self.refused_management(row, &provider, &source).await?;
                let error = CoreError::Provider {
                    who,
                    doing: Operation::Read,
                    source,
                };
                Err(error.with_standing(&row.name, standing))
            }
        }
    }

    /// Replaces the metadata. `changes` are merged into what the provider has now: a member that is
    /// null is removed, all others stay, because RFC 7592 §2.2 replaces the whole.
    pub async fn update(self, wanted: &str, changes: Value) -> Result<ApplicationView, CoreError> {
        let Value::Object(changes) = changes else {
            return Err(CoreError::Input {
                what: InputProblem::MetadataJson,
                detail: self.app.translate(Key::JsonObject, &[]),
            });
        };
        let changes = ClientMetadata::asked_in(changes);
        let (row, _open) = self
            .open_application(wanted, JournalOperation::Update)
            .await?;
        let row = self.read_before(row, Capability::Update).await?;
        // What the user asked for, now or at the registration.
        let before = row.requested.as_object();
        let before = before.into_iter().flat_map(|members| members.keys());
        let named: Vec<String> = changes.keys().chain(before).cloned().collect();
        let asked = merged(registration(&*self.app.vault()?, &row)?.granted, changes);
        self.update_adapting(&row, asked, &named).await?;
        self.prove_offered(&row.id.to_string()).await?;
        self.app.applications().get(&row.id.to_string())
    }

    /// Sends an update, and again in another form where it was refused: a refused update changed nothing. `named` are the
    /// members that the user changes.
    async fn update_adapting(
        self,
        row: &ApplicationRow,
        asked: ClientMetadata,
        named: &[String],
    ) -> Result<(), CoreError> {
        let send = |form| self.change(row, JournalOperation::Update, Some(form));
        let Err(mut error) = Box::pin(send(asked.clone())).await else {
            return Ok(());
        };
        // A server that takes no empty member is asked to drop it instead.
        let plain = asked.without_cleared();
        if plain != asked && is_refused_request(&error) {
            error = match Box::pin(send(plain.clone())).await {
                Ok(_) => return Ok(()),
                Err(error) => error,
            };
        }
        // What the server added by itself is sent back (RFC 7592 §2.2), unless it refuses that.
        let own = plain.of_standards(named);
        if is_refused_request(&error) && names_dropped(&error, &plain, &own) {
            Box::pin(send(own)).await?;
            return Ok(());
        }
        Err(error)
    }

    /// Replaces the client secret.
    pub async fn rotate(self, wanted: &str) -> Result<ApplicationView, CoreError> {
        Box::pin(self.rotated(wanted, false)).await
    }

    /// Adds a client secret and uses it; those before it stay at the provider, which must let several live.
    pub async fn rotate_keeping_old(self, wanted: &str) -> Result<ApplicationView, CoreError> {
        Box::pin(self.rotated(wanted, true)).await
    }

    async fn rotated(self, wanted: &str, keep_old: bool) -> Result<ApplicationView, CoreError> {
        let (row, open) = self
            .open_application(wanted, JournalOperation::Rotate)
            .await?;
        self.check_secret(&row)?;
        let row = self.read_before(row, Capability::Rotate).await?;
        if keep_old {
            self.check_several(&row)?;
        }
        let kept_before = row.handles.contains_key(KEEP_PREVIOUS);
        let row = self.keep_previous(row, keep_old)?;
        let before = registration(&*self.app.vault()?, &row)?.client_secret;
        let answer = match self.change(&row, JournalOperation::Rotate, None).await {
            Ok(answer) => answer,
            Err(error) => {
                // A refused rotation made no secret: what was to be kept before it counts again.
                if !self.is_left_behind(row.id)? {
                    self.keep_previous(row, kept_before)?;
                }
                return Err(error);
            }
        };
        let kept = match (&before, &answer.client_secret) {
            (Some(old), Some(new)) => old.is_same(new),
            (_, None) => true,
            (None, Some(_)) => false,
        };
        if kept {
            let (who, _) = self.app.configurations().provider_of(&row)?;
            return Err(CoreError::Provider {
                who,
                doing: Operation::Rotate,
                source: ProviderError::NotRotated,
            });
        }
        self.app.audit(
            AuditAction::SecretRotated,
            &row.id.to_string(),
            json!({ "name": row.name }),
        )?;
        drop(open);
        self.app
            .tokens()
            .prove_rotation(&row.id.to_string())
            .await?;
        self.app.applications().get(&row.id.to_string())
    }

    /// A client without authentication may have no secret.
    fn check_secret(self, row: &ApplicationRow) -> Result<(), CoreError> {
        let at = registration(&*self.app.vault()?, row)?;
        let method = at.granted.token_endpoint_auth_method();
        if method.as_deref() == Some("none") && at.client_secret.is_none() {
            return Err(CoreError::Input {
                what: InputProblem::RotateWithoutSecret,
                detail: row.name.clone(),
            });
        }
        Ok(())
    }

    pub(crate) async fn change(
        self,
        row: &ApplicationRow,
        operation: JournalOperation,
        asked: Option<ClientMetadata>,
    ) -> Result<ClientInformation, CoreError> {
        let vault = self.app.vault()?;
        let (who, provider) = self.app.configurations().provider_of(row)?;
        let at = registration(&vault, row)?;
        let (doing, capability) = match operation {
            JournalOperation::Read => (Operation::Read, Capability::Read),
            JournalOperation::Rotate => (Operation::Rotate, Capability::Rotate),
            _ => (Operation::Update, Capability::Update),
        };
        if let Err(source) = provider.can(capability, &at) {
            return Err(CoreError::Provider { who, doing, source });
        }
        let subject = JournalSubject {
            operation,
            configuration: row.configuration_id,
            application: Some(row.id),
            name: &row.name,
            draft: serde_json::to_value(&asked)?,
        };
        let journal = Journal::begin(Arc::clone(&vault), self.app.0.clock.clone(), subject)?;
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
        let mut answer = send_change(&provider, context, &at, operation, asked.as_ref()).await;
        if let Err(refused) = &answer
            && access_token::is_refused(refused, &at)
            && let Some(before) = access_token::with_previous(&vault, row, &at)?
        {
            match send_change(&provider, context, &before, operation, asked.as_ref()).await {
                // The refusal of the token in use says more.
                Err(source) if access_token::is_refused(&source, &before) => {}
                other => {
                    if other.is_ok() {
                        access_token::use_previous(&vault, row)?;
                    }
                    answer = other;
                }
            }
        }
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
    pub(crate) fn finish_change(self, entry: &JournalEntry) -> Result<(), CoreError> {
        let vault = self.app.vault()?;
        let row = vault.application(entry.application_id.unwrap_or_default())?;
        let remote = RemoteState::read(&entry.remote)?;
        let mut secrets = self.journal_secrets(entry.id)?;
        if entry.operation == JournalOperation::Rotate {
            secrets.extend(self.app.tokens().previous_secret(&row, &secrets)?);
            if secrets.iter().any(|(name, _)| name == SECRET_CLIENT) {
                // What an earlier answer offered is older than this one.
                secrets.push((SECRET_OFFERED.to_owned(), None));
            }
        } else {
            let (_, provider) = self.app.configurations().provider_of(&row)?;
            secrets = kept_secrets(&vault, &row, secrets, provider.issues_secrets())?;
        }
        secrets.push(access_token::kept(&vault, &row, &secrets)?);
        let asked: Option<ClientMetadata> = serde_json::from_value(entry.draft.clone())?;
        let requested = asked.map(|asked| {
            let before = row.current.as_ref().unwrap_or(&row.granted);
            asked_for(&row.requested, before, &asked.without_cleared().to_value())
        });
        let read = entry.operation == JournalOperation::Read;
        let now = self.app.now();
        vault.journal_finish_change(entry.id, row.id, &secrets, now, |row| {
            write_answer(row, &remote, &secrets, now, !read);
            if let Some(requested) = requested {
                row.requested = requested;
            }
        })?;
        if read {
            return Ok(());
        }
        self.app.audit(
            AuditAction::ApplicationChanged,
            &row.id.to_string(),
            json!({ "name": row.name }),
        )
    }

    /// Finds out whether the client of a refused request still exists. One that is gone and was right
    /// before is marked rejected; nothing registers again by itself.
    async fn refused_management(
        self,
        row: &ApplicationRow,
        provider: &Provider,
        source: &ProviderError,
    ) -> Result<Option<Standing>, CoreError> {
        let refused = self.refused_client(row)?;
        let standing = self.standing(provider, &refused, source).await;
        if standing == Some(Standing::Gone) && self.app.was_right(row)?.is_some() {
            self.app
                .vault()?
                .mark_health(row.id, Health::Rejected, self.app.now())?;
        }
        Ok(standing)
    }
}

async fn send_change(
    provider: &Provider,
    context: Context<'_>,
    at: &Registration,
    operation: JournalOperation,
    asked: Option<&ClientMetadata>,
) -> Result<ClientInformation, ProviderError> {
    match asked {
        Some(metadata) => provider.update(context, at, metadata).await,
        None if operation == JournalOperation::Read => provider.read(context, at).await,
        None => provider.rotate(context, at).await,
    }
}

/// `null` leaves a member out, which RFC 7592 section 2.2 defines as its deletion; an empty text is sent.
fn merged(mut asked: ClientMetadata, changes: Map<String, Value>) -> ClientMetadata {
    for (name, value) in changes {
        if value.as_str() == Some("") {
            asked.clear(&name);
        } else {
            asked.set(&name, value);
        }
    }
    asked
}

/// The provider refused the content of a request.
fn is_refused_request(error: &CoreError) -> bool {
    matches!(error, CoreError::Provider { source, .. }
        if source.words().is_some_and(|words| matches!(words.status, 400 | 422)))
}

/// The refusal names a member that `fewer` does not have.
fn names_dropped(error: &CoreError, all: &ClientMetadata, fewer: &ClientMetadata) -> bool {
    let CoreError::Provider { source, .. } = error else {
        return false;
    };
    let said = source.words().and_then(|words| words.description.clone());
    let said = said.unwrap_or_default();
    let mut words =
        said.split(|letter: char| !(letter.is_alphanumeric() || "_-$.".contains(letter)));
    words.any(|word| all.members().contains_key(word) && !fewer.members().contains_key(word))
}

fn some(secrets: Vec<(String, keywright_vault::SecretText)>) -> Vec<SecretChange> {
    secrets
        .into_iter()
        .map(|(name, secret)| (name, Some(secret)))
        .collect()
}
