//! What was cut off: finish it or clean it up.

use std::sync::Arc;

use keywright_providers::{Capability, Checkpoint, Context, OwnerTag, Provider, Registration};
use keywright_vault::{
    ApplicationRow, ChangeLock, ConfigurationRow, JournalEntry, JournalOperation, JournalState,
    Vault,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    CoreError, Operation, ProviderLabel, Standing, Thing,
    app::{FlowSubject, audit_action::AuditAction, conversions::id},
    applications::{metadata_diff, types::ApplicationView},
    configurations::verify::no_checkpoint,
    error::input_problem::InputProblem,
    i18n::key::{Family, Key},
    registration::{
        Registrar,
        existence::Refused,
        journal::{Journal, RegistrationRequest, RemoteState},
        types::{PendingOperation, PendingState, PendingView},
    },
};

/// What was found out about something that was cut off.
#[derive(Debug, Clone)]
pub struct Resumed {
    /// What was found, in the user's language.
    pub found: String,
    /// The application as it is now.
    pub application: ApplicationView,
}

impl Registrar<'_> {
    /// Everything that is neither done nor given up.
    pub fn pending(self) -> Result<Vec<PendingView>, CoreError> {
        let vault = self.app.vault()?;
        let entries = vault.journal_pending()?;
        entries
            .into_iter()
            .map(|entry| self.pending_view(&vault, entry))
            .collect()
    }

    fn pending_view(
        self,
        vault: &Arc<Vault>,
        entry: JournalEntry,
    ) -> Result<PendingView, CoreError> {
        let remote = RemoteState::read(&entry.remote)?;
        let configuration = vault.configuration(entry.configuration_id).ok();
        let config = configuration
            .as_ref()
            .map(|row| row.name.clone())
            .unwrap_or_default();
        let provider = configuration
            .map(|row| self.app.configurations().provider(&row))
            .transpose()?;
        let registering = entry.operation == JournalOperation::Register;
        let state = state_of(entry.state, &remote, registering);
        let topic = match entry.operation {
            JournalOperation::Register => "register",
            JournalOperation::Read => "read",
            _ => "change",
        };
        // A refusal is kept when the request goes out again in another form.
        let key = if registering && entry.state == JournalState::Intent && entry.error.is_some() {
            Family::Pending.key("register.refused")
        } else {
            Family::Pending.key(format!("{topic}.{}", state.as_str()))
        };
        let blanks = [
            ("name", entry.name.as_str()),
            ("who", config.as_str()),
            ("client_id", remote.client_id.as_deref().unwrap_or_default()),
        ];
        let so_far = remote.registration(vault, &entry)?;
        let can = |capability| {
            provider
                .as_ref()
                .is_some_and(|provider| provider.can(capability, &so_far).is_ok())
        };
        Ok(PendingView {
            message: self.app.translate(key, &blanks),
            id: entry.id.to_string(),
            operation: operation_of(entry.operation),
            config,
            state,
            discard_deletes_remote: registering
                && remote.client_id.is_some()
                && can(Capability::Delete),
            can_resume: match entry.operation {
                // What is not known here may be found there by its owner tag.
                JournalOperation::Register => {
                    remote.client_id.is_some()
                        || (entry.state != JournalState::Intent && can(Capability::List))
                }
                _ => entry.application_id.is_some(),
            },
            name: entry.name,
            client_id: remote.client_id,
            registration_client_uri: remote.registration_client_uri,
            created_at: entry.created_at,
        })
    }

    /// Finishes what was cut off: sends the steps that are missing and takes the client into the vault,
    /// or reads the application again to find out what became of a change.
    pub async fn resume(self, wanted: &str) -> Result<Resumed, CoreError> {
        let vault = self.app.vault()?;
        let (entry, _open) = self.open_pending(wanted).await?;
        if entry.operation == JournalOperation::Register {
            let application = self.resume_registration(&vault, entry).await?;
            return Ok(self.resumed(Key::FoundRegistered, application));
        }
        let Some(id) = entry.application_id else {
            return Err(cannot_resume(entry.name));
        };
        let application = id.to_string();
        if entry.state == JournalState::Answered {
            self.finish_change(&entry)?;
            return Ok(self.resumed(
                Key::FoundAnswered,
                self.app.applications().get(&application)?,
            ));
        }
        let before = self.app.applications().get(&application)?;
        let row = vault.application(id)?;
        let read = self.read_opened(&row).await;
        if entry.operation == JournalOperation::Delete && read.as_ref().is_err_and(is_gone) {
            self.forget_gone(entry.id, &row)?;
            return Ok(self.resumed(Key::FoundGone, before));
        }
        // A read that is lost once more has an entry of its own, which says the same.
        let lost_again = entry.operation == JournalOperation::Read
            && matches!(
                read,
                Err(CoreError::OutcomeUnknown { .. } | CoreError::AnswerLost { .. })
            );
        if read.is_ok() || lost_again {
            vault.journal_discard(entry.id, self.app.now())?;
        }
        let now = read?;
        let found = match entry.operation {
            JournalOperation::Delete => Key::FoundExists,
            JournalOperation::Rotate if now.rotating => Key::FoundOtherSecret,
            JournalOperation::Rotate => Key::FoundRotation,
            JournalOperation::Update if took_effect(&entry.draft, &row, &now) => Key::FoundApplied,
            JournalOperation::Update => Key::FoundNotApplied,
            _ => Key::FoundRead,
        };
        Ok(self.resumed(found, now))
    }

    fn resumed(self, found: Key, application: ApplicationView) -> Resumed {
        let blanks = [
            ("name", application.name.as_str()),
            ("who", application.config.as_str()),
            ("id", application.id.as_str()),
        ];
        Resumed {
            found: self.app.translate(found, &blanks),
            application,
        }
    }

    /// An entry, and the right to go on with it: the program that wrote it may still be at work.
    async fn open_pending(self, wanted: &str) -> Result<(JournalEntry, ChangeLock), CoreError> {
        let entry = self.pending_entry(wanted)?;
        let id = entry.application_id.unwrap_or(entry.id);
        let open = self
            .app
            .open_change(id, &entry.name, entry.operation)
            .await?;
        Ok((self.pending_entry(&entry.id.to_string())?, open))
    }

    async fn resume_registration(
        self,
        vault: &Arc<Vault>,
        entry: JournalEntry,
    ) -> Result<ApplicationView, CoreError> {
        let configuration = vault.configuration(entry.configuration_id)?;
        let wanted: RegistrationRequest = serde_json::from_value(entry.draft.clone())?;
        let mut remote = RemoteState::read(&entry.remote)?;
        if !remote.complete {
            let (configuration, provider) = self
                .app
                .configurations()
                .discovered(configuration.clone())
                .await?;
            let mut so_far = remote.registration(vault, &entry)?;
            if remote.client_id.is_none() {
                so_far = self.marked(&entry, &configuration, &provider).await?;
            }
            let journal = Journal::again(Arc::clone(vault), self.app.0.clock.clone(), entry.id);
            let flow = self.app.flow(FlowSubject {
                configuration: Some(configuration.id),
                application: None,
            });
            let keep = |checkpoint: Checkpoint<'_>| journal.keep(&checkpoint);
            let context = Context {
                flow: flow.id,
                owner_tag: self.owner_tag(entry.id)?,
                keep: &keep,
                progress: &|_| {},
            };
            let resumed = provider.resume(context, &wanted.metadata, &so_far).await;
            if let Err(source) = resumed {
                let who = ProviderLabel::of(&configuration);
                let doing = Operation::Register;
                return Err(match journal.remote()?.client_id {
                    Some(_) => Self::unfinished(&journal, who, doing, source)?,
                    None => CoreError::Provider { who, doing, source },
                });
            }
            remote = journal.remote()?;
        }
        let application = Uuid::now_v7();
        self.finish_registration(
            &configuration,
            entry.id,
            application,
            &entry.name,
            &wanted,
            &remote,
        )?;
        self.app.applications().get(&application.to_string())
    }

    /// The client that bears the mark of an entry whose answer was lost.
    async fn marked(
        self,
        entry: &JournalEntry,
        configuration: &ConfigurationRow,
        provider: &Provider,
    ) -> Result<Registration, CoreError> {
        let who = ProviderLabel::of(configuration);
        if provider
            .can(Capability::List, &Registration::default())
            .is_err()
        {
            return Err(cannot_resume(entry.name.clone()));
        }
        let flow = self.app.flow(FlowSubject {
            configuration: Some(configuration.id),
            application: None,
        });
        let owner_tag = self.owner_tag(entry.id)?;
        let context = Context {
            flow: flow.id,
            owner_tag,
            keep: &no_checkpoint,
            progress: &|_| {},
        };
        let listed = provider
            .list(context)
            .await
            .map_err(|source| CoreError::Provider {
                who: who.clone(),
                doing: Operation::Register,
                source,
            })?;
        let found = listed
            .into_iter()
            .find(|one| one.owner_tag == Some(owner_tag));
        found
            .map(|one| Registration {
                client_id: one.client_id,
                handles: one.handles,
                ..Registration::default()
            })
            .ok_or(CoreError::NothingLeft {
                who,
                name: entry.name.clone(),
            })
    }

    /// Whether there is something to give up: said before the user is asked to confirm it.
    ///
    /// # Errors
    ///
    /// `not_found` where nothing of that name or id was interrupted.
    pub fn check_discard(self, wanted: &str) -> Result<(), CoreError> {
        self.pending_entry(wanted).map(|_entry| ())
    }

    /// Gives up what was cut off. A client that was created is deleted at the provider first, unless
    /// `keep_client`; when that fails, the entry stays. What is known of a client whose deletion was not
    /// confirmed is forgotten, not wiped. A change that the provider answered is finished: the answer may hold the only
    /// secret or registration token that works.
    pub async fn discard(self, wanted: &str, keep_client: bool) -> Result<Discarded, CoreError> {
        let vault = self.app.vault()?;
        let (entry, _open) = self.open_pending(wanted).await?;
        if entry.operation != JournalOperation::Register && entry.state == JournalState::Answered {
            self.finish_change(&entry)?;
            return Ok(Discarded::Finished);
        }
        let mut is_deleted = false;
        if entry.operation == JournalOperation::Register && !keep_client {
            is_deleted = self.clean_up(&vault, &entry).await?;
        }
        let remote = RemoteState::read(&entry.remote)?;
        let mut discarded = Discarded::Dropped;
        if entry.operation == JournalOperation::Register
            && remote.client_id.is_some()
            && !is_deleted
        {
            let application = Uuid::now_v7();
            let wanted: RegistrationRequest = serde_json::from_value(entry.draft.clone())?;
            let configuration = vault.configuration(entry.configuration_id)?;
            self.finish_registration(
                &configuration,
                entry.id,
                application,
                &entry.name,
                &wanted,
                &remote,
            )?;
            Box::pin(self.forget(&application.to_string())).await?;
            discarded = Discarded::Forgotten {
                id: application.to_string(),
            };
        } else {
            vault.journal_discard(entry.id, self.app.now())?;
        }
        self.app.audit(
            AuditAction::PendingDiscarded,
            "",
            json!({ "name": entry.name }),
        )?;
        Ok(discarded)
    }

    /// Deletes at the provider what a registration left there, as far as that is known or can be found.
    /// True where the provider confirmed it.
    async fn clean_up(self, vault: &Arc<Vault>, entry: &JournalEntry) -> Result<bool, CoreError> {
        let remote = RemoteState::read(&entry.remote)?;
        let row = vault.configuration(entry.configuration_id)?;
        let provider = self.app.configurations().provider(&row)?;
        let mut at = remote.registration(vault, entry)?;
        if remote.client_id.is_none() {
            let lists = provider.can(Capability::List, &at).is_ok();
            if entry.state == JournalState::Intent || !lists {
                return Ok(false);
            }
            at = match self.marked(entry, &row, &provider).await {
                Ok(found) => found,
                Err(CoreError::NothingLeft { .. }) => return Ok(false),
                Err(error) => return Err(error),
            };
        }
        if provider.can(Capability::Delete, &at).is_err() {
            return Ok(false);
        }
        let flow = self.app.flow(FlowSubject {
            configuration: Some(row.id),
            application: None,
        });
        let context = Context {
            flow: flow.id,
            owner_tag: OwnerTag::default(),
            keep: &no_checkpoint,
            progress: &|_| {},
        };
        let Err(source) = provider.delete(context, &at).await else {
            return Ok(true);
        };
        let who = ProviderLabel::of(&row);
        let refused = Refused {
            configuration: row,
            clients: vec![at],
            application: None,
            secret_expires_at: remote.client_secret_expires_at,
        };
        match self.standing(&provider, &refused, &source).await {
            // Gone already is what was wanted.
            Some(Standing::Gone) => Ok(false),
            standing => {
                let doing = Operation::CleanUp;
                let error = CoreError::Provider { who, doing, source };
                Err(error.with_standing(&entry.name, standing))
            }
        }
    }

    fn pending_entry(self, wanted: &str) -> Result<JournalEntry, CoreError> {
        let vault = self.app.vault()?;
        let missing = || CoreError::NotFound {
            what: Thing::Journal,
            name: wanted.to_owned(),
            nearest: None,
        };
        let pending = vault.journal_pending()?;
        let id = id(Thing::Journal, wanted);
        let by_id = |entry: &&JournalEntry| id.as_ref().is_ok_and(|id| entry.id == *id);
        let by_name = |entry: &&JournalEntry| entry.name == wanted;
        let found = pending.iter().find(by_id).or(pending.iter().find(by_name));
        match (found, &id) {
            (Some(entry), _) => Ok(entry.clone()),
            (None, Ok(_)) => Err(missing()),
            (None, Err(_)) => Err(id.err().unwrap_or_else(missing)),
        }
    }
}

/// What became of an operation that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Discarded {
    /// Nothing of it is left here.
    Dropped,
    /// Its client may exist, and is among the forgotten applications.
    Forgotten {
        /// Id of the forgotten application.
        id: String,
    },
    /// The provider had answered, so the change was finished in its place.
    Finished,
}

/// What the update asked for and the application did not have is there now.
fn took_effect(draft: &Value, before: &ApplicationRow, now: &ApplicationView) -> bool {
    let had = with_key_names(before.current.as_ref().unwrap_or(&before.granted));
    let draft = with_key_names(draft);
    let wanted = metadata_diff::changes(&had, &draft);
    let missing = now
        .current
        .as_ref()
        .map(|current| metadata_diff::changes(&draft, &with_key_names(current)))
        .unwrap_or_default();
    wanted
        .iter()
        .all(|change| missing.iter().all(|other| other.field != change.field))
}

/// The metadata with the names of its keys in their place: not every provider answers the keys themselves.
fn with_key_names(metadata: &Value) -> Value {
    let mut metadata = metadata.clone();
    let keys = metadata.get("jwks").and_then(|set| set.get("keys"));
    if let Some(keys) = keys.and_then(Value::as_array) {
        let names: Vec<Value> = keys.iter().map(|key| key["kid"].clone()).collect();
        metadata["jwks"] = Value::Array(names);
    }
    metadata
}

/// The client is proven to be gone.
fn is_gone(error: &CoreError) -> bool {
    matches!(
        error,
        CoreError::Unmanaged {
            standing: Standing::Gone,
            ..
        }
    )
}

fn cannot_resume(name: String) -> CoreError {
    CoreError::Input {
        what: InputProblem::CannotResume,
        detail: name,
    }
}

/// A registration whose client was made and whose later steps are missing has a state of its own.
fn state_of(state: JournalState, remote: &RemoteState, registering: bool) -> PendingState {
    if registering && remote.client_id.is_some() && !remote.complete {
        return PendingState::Incomplete;
    }
    match state {
        JournalState::Intent => PendingState::Intent,
        JournalState::Sent => PendingState::Sent,
        JournalState::Answered => PendingState::Answered,
        JournalState::Unknown => PendingState::Unknown,
        JournalState::Done => PendingState::Done,
        JournalState::Discarded => PendingState::Discarded,
    }
}

fn operation_of(operation: JournalOperation) -> PendingOperation {
    match operation {
        JournalOperation::Register => PendingOperation::Register,
        JournalOperation::Read => PendingOperation::Read,
        JournalOperation::Update => PendingOperation::Update,
        JournalOperation::Rotate => PendingOperation::Rotate,
        JournalOperation::Delete => PendingOperation::Delete,
    }
}
