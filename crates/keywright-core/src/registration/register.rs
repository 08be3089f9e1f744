//! Register an application: plan, journal, send, keep the answer, finish.

use std::{collections::BTreeMap, sync::Arc};

use keywright_oauth::{
    client_key::ClientKey,
    client_metadata::ClientMetadata,
    register::{ClientInformation, RegistrationError},
};
use keywright_providers::{
    Checkpoint, CheckpointError, Context, OwnerTag, Provider, ProviderError, RequestForm,
};
use keywright_vault::{
    ApplicationRow, ConfigurationRow, Health, JournalOperation, JournalState, Owner,
    SECRET_CLIENT_KEYS, SecretChange, SecretText,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    CoreError, Operation, ProviderLabel,
    app::{
        FlowSubject,
        audit_action::AuditAction,
        client_keys::KeyRing,
        failpoint,
        registration_record::{audience_key, checked_resources, resources_key},
    },
    configurations::{Configurations, adapted::learn, types::AdaptedAttempt},
    error::{code::ErrorCode, input_problem::InputProblem, parse::object_problem},
    registration::{
        Registrar,
        first_key::key_for,
        journal::{Journal, JournalSubject, RegistrationRequest, RemoteState},
        refused_part::with_refused_part,
        types::{Draft, DraftProblem, Registered},
    },
};

impl Registrar<'_> {
    /// Registers an application. When this returns, it lies in the vault; when it fails, the
    /// journal says what may be left at the provider.
    pub async fn register(self, draft: Draft) -> Result<Registered, CoreError> {
        Box::pin(self.register_with_key(draft, None)).await
    }

    /// Refuses a draft that no provider could take.
    fn without_problems(self, draft: &Draft, problems: Vec<DraftProblem>) -> Result<(), CoreError> {
        if let [only] = problems.as_slice() {
            return Err(match only.code {
                ErrorCode::Input(what) => CoreError::Input {
                    what,
                    detail: self.problem_detail(draft, what),
                },
                ErrorCode::Failure(_) => CoreError::Draft { problems },
            });
        }
        if !problems.is_empty() {
            return Err(CoreError::Draft { problems });
        }
        Ok(())
    }

    /// The same with a key that the client proves itself with (`private_key_jwt`). Without one it is made here.
    pub async fn register_with_key(
        self,
        draft: Draft,
        key: Option<ClientKey>,
    ) -> Result<Registered, CoreError> {
        let row = self.app.configurations().row(&draft.configuration_id)?;
        let (_, name) = self.checked(&draft)?;
        let interrupted = Box::pin(self.interrupted(&row, &name)).await?;
        let (row, _) = self.app.configurations().discovered(row).await?;
        let filled = self.filled(&row, draft.clone())?;
        let mut registered = Box::pin(self.register_filled(&row, filled, key))
            .await
            .map_err(|error| with_refused_part(error, &draft))?;
        registered.warnings.extend(interrupted);
        Ok(registered)
    }

    /// The metadata and the name of a draft, before anything is asked of its provider.
    fn checked(self, draft: &Draft) -> Result<(ClientMetadata, String), CoreError> {
        let (metadata, problems) = self.metadata_of(draft);
        self.without_problems(draft, problems)?;
        let name = draft.name.trim().to_owned();
        self.check_free(&name)?;
        Ok((metadata, name))
    }

    /// Registers a draft as it is.
    pub(crate) async fn register_draft(
        self,
        draft: Draft,
        key: Option<ClientKey>,
    ) -> Result<Registered, CoreError> {
        let row = self.app.configurations().row(&draft.configuration_id)?;
        let (mut metadata, name) = self.checked(&draft)?;
        let vault = self.app.vault()?;
        let (row, provider) = self.app.configurations().discovered(row).await?;
        let config = self.app.configurations().provider_config(&row)?;
        let key = key_for(&mut metadata, &config, key, self.app.now())?;
        provider.apply_audience(&mut metadata, draft.audience.as_deref());
        let wanted = RegistrationRequest {
            metadata,
            labels: draft.labels,
            audience: draft.audience,
            resources: checked_resources(&draft.resources)?,
            ttl_secs: draft.ttl_secs,
        };
        let subject = JournalSubject {
            operation: JournalOperation::Register,
            configuration: row.id,
            application: None,
            name: &name,
            draft: serde_json::to_value(&wanted)?,
        };
        let journal = Journal::begin(Arc::clone(&vault), self.app.0.clock.clone(), subject)?;
        if let Some(key) = &key {
            // Before anything is sent: whatever becomes of the request, its key is not lost.
            let now = self.app.now();
            let ring = KeyRing::with(key, now)?.to_text()?;
            vault.put_secret(Owner::Journal(journal.id), SECRET_CLIENT_KEYS, &ring, now)?;
        }
        let _open = self
            .app
            .open_change(journal.id, &name, JournalOperation::Register)
            .await?;
        let application = Uuid::now_v7();
        let flow = self.app.flow(FlowSubject {
            configuration: Some(row.id),
            application: Some(application),
        });
        let keep = |checkpoint: Checkpoint<'_>| journal.keep(&checkpoint);
        let context = Context {
            flow: flow.id,
            owner_tag: self.owner_tag(journal.id)?,
            keep: &keep,
            progress: &|_| {},
        };
        let sent = Box::pin(self.send_registration(&journal, context, &row, provider, &wanted));
        let sent = sent.await;
        let Sent {
            information,
            body,
            form,
            attempts,
        } = match sent {
            Ok(sent) => sent,
            Err(Unsent::Core(error)) => return Err(error),
            Err(Unsent::Provider(source)) => {
                return Err(Self::unfinished(
                    &journal,
                    ProviderLabel::of(&row),
                    Operation::Register,
                    source,
                )?);
            }
        };
        let remote = RemoteState::of(&information, true);
        let secrets = self.journal_secrets(journal.id)?;
        // What was sent was asked for, whoever chose it.
        let wanted = RegistrationRequest {
            metadata: body,
            ..wanted
        };
        self.finish_registration(&row, journal.id, application, &name, &wanted, &remote)?;
        // The client is in the vault: what cannot be remembered is learned again.
        if !attempts.is_empty()
            && let Err(error) = self.app.configurations().remember_adapted(row.id, &form)
        {
            tracing::warn!(%error, "the accepted form could not be remembered");
        }
        let mut warnings = self.registered_warnings(&row, &wanted, &remote, &secrets)?;
        warnings.extend(self.shared_client_warning(&row, application, &remote)?);
        Ok(Registered {
            application: self.app.applications().get(&application.to_string())?,
            status: remote.status,
            elapsed_ms: remote.elapsed_ms,
            adapted: self
                .app
                .configurations()
                .adapted_view(&row, &form, attempts),
            note: None,
            warnings,
        })
    }

    /// Sends the registration, and the next form of it where the server refuses the form of the one
    /// before. The entry says before each request that it is sent, and after each refusal that nothing is
    /// there.
    async fn send_registration(
        self,
        journal: &Journal,
        context: Context<'_>,
        row: &ConfigurationRow,
        mut provider: Provider,
        wanted: &RegistrationRequest,
    ) -> Result<Sent, Unsent> {
        let mut row = row.clone();
        let mut tried: Vec<RequestForm> = Vec::new();
        let mut attempts = Vec::new();
        loop {
            let form = provider.request_form(&wanted.metadata);
            let source = match provider.register(context, &wanted.metadata).await {
                Ok(information) => {
                    let form = form.map(|form| provider.remembered(form));
                    return Ok(Sent {
                        information,
                        body: provider.sent(&wanted.metadata),
                        form: form.unwrap_or_default(),
                        attempts,
                    });
                }
                Err(source) => source,
            };
            tried.extend(form);
            let (Some(form), Some(next)) = (form, RequestForm::after(&tried, &source)) else {
                return Err(Unsent::Provider(source));
            };
            journal
                .refused(&error_value(&source))
                .map_err(Unsent::Core)?;
            failpoint::point("after_refusal");
            attempts.push(Configurations::adapted_attempt(form, &source));
            learn(&mut row, &provider.remembered(next));
            provider = self
                .app
                .configurations()
                .provider(&row)
                .map_err(Unsent::Core)?;
        }
    }

    /// Moves an answered journal entry into an application: row, secrets and journal in one transaction.
    pub(crate) fn finish_registration(
        self,
        configuration: &ConfigurationRow,
        journal: Uuid,
        application: Uuid,
        name: &str,
        wanted: &RegistrationRequest,
        remote: &RemoteState,
    ) -> Result<(), CoreError> {
        let vault = self.app.vault()?;
        let now = self.app.now();
        let name = self.free_name(name)?;
        let secrets = self.journal_secrets(journal)?;
        if let Some(audience) = &wanted.audience {
            vault.put_kv(&audience_key(application), &json!(audience))?;
        }
        if !wanted.resources.is_empty() {
            vault.put_kv(&resources_key(application), &json!(wanted.resources))?;
        }
        failpoint::point("before_finish");
        let row = ApplicationRow {
            id: application,
            name,
            configuration_id: configuration.id,
            provider: configuration.provider.clone(),
            client_id: remote.client_id.clone().unwrap_or_default(),
            health: Health::Unknown,
            health_checked_at: None,
            requested: wanted.metadata.to_value(),
            granted: remote.granted.to_value(),
            current: None,
            current_read_at: None,
            registration_client_uri: remote.registration_client_uri.clone(),
            registration_token_replaced_at: None,
            has_secret: false,
            has_registration_token: false,
            client_id_issued_at: remote.client_id_issued_at.or(Some(now)),
            client_secret_expires_at: remote.client_secret_expires_at,
            labels: wanted.labels.clone(),
            auto_refresh: false,
            handles: remote.handles.clone(),
            created_at: now,
            updated_at: now,
            last_used_at: None,
            expires_by_ttl_at: wanted.ttl_secs.map(|ttl| now.saturating_add(ttl)),
        };
        vault.journal_finish(journal, &row, &secrets)?;
        failpoint::point("after_finish");
        self.app.audit(
            AuditAction::ApplicationRegistered,
            &application.to_string(),
            json!({ "name": row.name }),
        )
    }

    /// Closes or keeps the journal entry of a failed operation, and says which it is.
    pub(crate) fn unfinished(
        journal: &Journal,
        who: ProviderLabel,
        doing: Operation,
        source: ProviderError,
    ) -> Result<CoreError, CoreError> {
        let made = journal.remote()?.client_id.is_some();
        if let ProviderError::Checkpoint(CheckpointError {
            unkept: Some(client),
            ..
        }) = &source
        {
            let client = client.clone();
            // The entry says that something was sent: what the disk refuses now adds nothing to that.
            if let Err(error) = journal.unknown(&error_value(&source)) {
                tracing::warn!(%error, "why an answer was not kept could not be written down");
            }
            return Ok(CoreError::AnswerLost {
                who,
                journal: journal.id,
                client,
                source,
            });
        }
        let (mut lost, mut unknown) = match &source {
            ProviderError::Registration(error) => (error.answer_lost(), error.outcome_unknown()),
            _ => (false, false),
        };
        // A look at the provider before anything was sent that changes something there.
        if journal.state()? == JournalState::Intent {
            (lost, unknown) = (false, false);
        }
        // A read that was refused changed nothing, unless its answer was lost (RFC 7592 section 3).
        if doing == Operation::Read {
            unknown = lost;
        }
        if made && !lost {
            journal.unknown(&error_value(&source))?;
            return Ok(CoreError::Incomplete {
                who,
                journal: journal.id,
                source,
            });
        }
        if !unknown {
            journal.failed(&error_value(&source))?;
            return Ok(CoreError::Provider { who, doing, source });
        }
        journal.unknown(&error_value(&source))?;
        // The answer is about another client: that is said first, and the journal remembers the rest.
        if matches!(
            source,
            ProviderError::Registration(RegistrationError::OtherClient { .. })
        ) {
            return Ok(CoreError::Provider { who, doing, source });
        }
        Ok(CoreError::OutcomeUnknown {
            who,
            doing,
            journal: journal.id,
            source,
        })
    }

    /// The mark of a journal entry of this vault.
    pub(crate) fn owner_tag(self, entry: Uuid) -> Result<OwnerTag, CoreError> {
        Ok(OwnerTag {
            vault: self.app.vault()?.header()?.vault_id,
            entry,
        })
    }

    pub(crate) fn journal_secrets(self, journal: Uuid) -> Result<Vec<SecretChange>, CoreError> {
        let vault = self.app.vault()?;
        let mut all = Vec::new();
        for name in [
            keywright_vault::SECRET_CLIENT,
            keywright_vault::SECRET_CLIENT_KEYS,
            keywright_vault::SECRET_REGISTRATION_TOKEN,
        ] {
            let kept: Option<SecretText> =
                crate::registration::journal::journal_secret(&vault, journal, name)?;
            all.extend(kept.map(|secret| (name.to_owned(), Some(secret))));
        }
        Ok(all)
    }

    /// The name, or the name with a number when it was taken while the provider was asked:
    /// a client that exists must never be lost for want of a name.
    fn free_name(self, name: &str) -> Result<String, CoreError> {
        let vault = self.app.vault()?;
        let mut free = name.to_owned();
        let mut number = 2;
        while vault.application_by_name(&free)?.is_some() {
            free = format!("{name} ({number})");
            number += 1;
        }
        Ok(free)
    }

    fn problem_detail(self, draft: &Draft, what: InputProblem) -> String {
        match what {
            InputProblem::MetadataJson => draft
                .metadata_json
                .as_deref()
                .and_then(|text| serde_json::from_str::<serde_json::Map<String, Value>>(text).err())
                .map(|error| object_problem(self.app.lang(), &error))
                .unwrap_or_default(),
            _ => crate::configurations::input::LONGEST_NAME.to_string(),
        }
    }
}

/// A registration that the server accepted.
struct Sent {
    information: ClientInformation,
    /// The metadata that was accepted.
    body: ClientMetadata,
    /// Settings that remember the accepted form.
    form: BTreeMap<String, String>,
    attempts: Vec<AdaptedAttempt>,
}

/// Why a registration was not accepted.
enum Unsent {
    Core(CoreError),
    Provider(ProviderError),
}

/// What the journal keeps of a failure, to say it again after a restart.
fn error_value(source: &ProviderError) -> Value {
    json!({ "text": source.to_string(), "words": source.words() })
}
