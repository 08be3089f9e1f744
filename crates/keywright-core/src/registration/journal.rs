//! Keeps the journal of one operation: written before and after each step, so that a kill between
//! any two lines leaves something to finish or to clean up.

use std::{sync::Arc, time::Duration};

use keywright_oauth::{
    client_metadata::ClientMetadata,
    register::{ClientInformation, Handles},
    secret::{ClientSecret, RegistrationAccessToken},
};
use keywright_providers::{Checkpoint, CheckpointError, Registration};
use keywright_vault::{
    JournalEntry, JournalOperation, JournalState, Owner, SECRET_CLIENT, SECRET_REGISTRATION_TOKEN,
    SecretText, Vault, VaultError,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use crate::{
    CoreError,
    app::{
        conversions::{text_of, token_text},
        failpoint,
        registration_record::{client_key, other_clients},
    },
};

/// The pause before an answer that could not be kept is written once more.
const ANOTHER_TRY: Duration = Duration::from_millis(200);

/// What of a draft is needed to finish a registration after a restart.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct RegistrationRequest {
    pub(crate) metadata: ClientMetadata,
    pub(crate) labels: Vec<String>,
    pub(crate) audience: Option<String>,
    #[serde(default)]
    pub(crate) resources: Vec<String>,
    pub(crate) ttl_secs: Option<i64>,
}

/// Every remote id known, and what was granted. Holds no secret.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct RemoteState {
    pub(crate) client_id: Option<String>,
    pub(crate) registration_client_uri: Option<String>,
    pub(crate) client_id_issued_at: Option<i64>,
    pub(crate) client_secret_expires_at: Option<i64>,
    #[serde(default)]
    pub(crate) granted: ClientMetadata,
    /// What else the provider's own API needs to find it.
    #[serde(default)]
    pub(crate) handles: Handles,
    /// Every step of the operation was answered.
    #[serde(default)]
    pub(crate) complete: bool,
    #[serde(default)]
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) elapsed_ms: u64,
}

impl RemoteState {
    pub(crate) fn of(information: &ClientInformation, complete: bool) -> Self {
        Self {
            client_id: Some(information.client_id.clone()),
            registration_client_uri: information
                .registration_client_uri
                .as_ref()
                .map(Url::to_string),
            client_id_issued_at: information.client_id_issued_at,
            client_secret_expires_at: information.client_secret_expires_at,
            granted: information.metadata.clone(),
            handles: information.handles.clone(),
            complete,
            status: information.status,
            elapsed_ms: information.elapsed_ms,
        }
    }

    pub(crate) fn read(value: &Value) -> Result<Self, CoreError> {
        if value.is_null() {
            return Ok(Self::default());
        }
        Ok(serde_json::from_value(value.clone())?)
    }
}

impl RemoteState {
    /// What an adapter must know to go on with it or to clean it up.
    pub(crate) fn registration(
        &self,
        vault: &Vault,
        entry: &JournalEntry,
    ) -> Result<Registration, CoreError> {
        let secret = journal_secret(vault, entry.id, SECRET_CLIENT)?;
        let token = journal_secret(vault, entry.id, SECRET_REGISTRATION_TOKEN)?;
        let uri = self.registration_client_uri.as_deref();
        let uri = uri.and_then(|text| Url::parse(text).ok());
        let client_id = self.client_id.clone().unwrap_or_default();
        Ok(Registration {
            other_clients: other_clients(
                vault,
                entry.configuration_id,
                entry.application_id,
                &client_id,
                uri.as_ref(),
            )?,
            client_id,
            client_secret: secret.map(ClientSecret::from),
            client_key: client_key(vault, Owner::Journal(entry.id))?,
            dpop_key: None,
            registration_client_uri: uri,
            registration_access_token: token.map(RegistrationAccessToken::from),
            handles: self.handles.clone(),
            granted: self.granted.clone(),
            asked_scopes: None,
        })
    }
}

/// Secrets of an answer, by the names under which the vault keeps them.
pub(crate) fn secrets_of(
    secret: Option<&ClientSecret>,
    token: Option<&RegistrationAccessToken>,
) -> Vec<(String, SecretText)> {
    let secret = secret.map(|secret| (SECRET_CLIENT.to_owned(), text_of(secret)));
    let token = token.map(|token| (SECRET_REGISTRATION_TOKEN.to_owned(), token_text(token)));
    secret.into_iter().chain(token).collect()
}

/// The journal of one operation.
pub(crate) struct Journal {
    vault: Arc<Vault>,
    pub(crate) id: Uuid,
    clock: keywright_oauth::time::Clock,
}

/// What an operation is about.
pub(crate) struct JournalSubject<'a> {
    pub(crate) operation: JournalOperation,
    pub(crate) configuration: Uuid,
    pub(crate) application: Option<Uuid>,
    pub(crate) name: &'a str,
    pub(crate) draft: Value,
}

impl Journal {
    /// Writes the intent. Nothing is sent before this returns.
    pub(crate) fn begin(
        vault: Arc<Vault>,
        clock: keywright_oauth::time::Clock,
        subject: JournalSubject<'_>,
    ) -> Result<Self, CoreError> {
        let now = clock.now();
        let id = vault.journal_begin(&JournalEntry {
            id: Uuid::now_v7(),
            operation: subject.operation,
            configuration_id: subject.configuration,
            application_id: subject.application,
            name: subject.name.to_owned(),
            state: JournalState::Intent,
            step: String::new(),
            remote: json!({}),
            draft: subject.draft,
            error: None,
            created_at: now,
            updated_at: now,
        })?;
        failpoint::point("after_intent");
        Ok(Self { vault, id, clock })
    }

    /// Goes on writing an entry that was cut off.
    pub(crate) fn again(vault: Arc<Vault>, clock: keywright_oauth::time::Clock, id: Uuid) -> Self {
        Self { vault, id, clock }
    }

    /// Everything known of what was made so far.
    pub(crate) fn remote(&self) -> Result<RemoteState, CoreError> {
        RemoteState::read(&self.vault.journal_entry(self.id)?.remote)
    }

    /// How far the operation came.
    pub(crate) fn state(&self) -> Result<JournalState, CoreError> {
        Ok(self.vault.journal_entry(self.id)?.state)
    }

    /// Writes a checkpoint of the adapter.
    pub(crate) fn keep(&self, checkpoint: &Checkpoint<'_>) -> Result<(), CheckpointError> {
        let now = self.clock.now();
        let written = match checkpoint {
            Checkpoint::Sending { step } => {
                let written = self.vault.journal_sent(self.id, step, now);
                failpoint::point("after_sending");
                written
            }
            Checkpoint::Answered {
                step,
                information,
                complete,
            } => {
                failpoint::point("before_answer_kept");
                let secrets = secrets_of(
                    information.client_secret.as_ref(),
                    information.registration_access_token.as_ref(),
                );
                let remote = RemoteState::of(information, *complete);
                let written = match self.answered(step, &remote, &secrets, now) {
                    // An answer is given once: a failure of the disk may be over a moment later.
                    Err(error) if error.is_of_the_disk() => {
                        tracing::warn!(%error, "the answer could not be kept yet");
                        std::thread::sleep(ANOTHER_TRY);
                        self.answered(step, &remote, &secrets, now)
                    }
                    written => written,
                };
                failpoint::point("after_answer_kept");
                written
            }
        };
        written.map_err(|source| {
            let unkept = match checkpoint {
                Checkpoint::Sending { .. } => None,
                Checkpoint::Answered { information, .. } => Some(information.client_id.clone()),
            };
            CheckpointError {
                unkept,
                source: Arc::new(source),
            }
        })
    }

    fn answered(
        &self,
        step: &str,
        remote: &RemoteState,
        secrets: &[(String, SecretText)],
        now: i64,
    ) -> Result<(), VaultError> {
        let remote = serde_json::to_value(remote)?;
        self.vault
            .journal_answered(self.id, step, &remote, secrets, now)
    }

    /// The provider refused, nothing was left there, and another form of the same request follows.
    pub(crate) fn refused(&self, error: &Value) -> Result<(), CoreError> {
        Ok(self
            .vault
            .journal_refused(self.id, error, self.clock.now())?)
    }

    /// The provider refused: nothing was left there.
    pub(crate) fn failed(&self, error: &Value) -> Result<(), CoreError> {
        Ok(self
            .vault
            .journal_failed(self.id, error, self.clock.now())?)
    }

    /// Something may have been left there.
    pub(crate) fn unknown(&self, error: &Value) -> Result<(), CoreError> {
        Ok(self
            .vault
            .journal_unknown(self.id, error, self.clock.now())?)
    }
}

/// A secret of a journal entry.
pub(crate) fn journal_secret(
    vault: &Vault,
    id: Uuid,
    name: &str,
) -> Result<Option<SecretText>, CoreError> {
    Ok(vault.secret(Owner::Journal(id), name)?)
}
