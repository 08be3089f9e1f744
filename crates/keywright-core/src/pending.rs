//! What was cut off: finish it or clean it up.

use keywright_oauth::{
    manage::{self, Management},
    secret::RegistrationAccessToken,
};
use keywright_vault::{
    JournalEntry, JournalOperation, JournalState, SECRET_REGISTRATION_TOKEN, VaultError,
};
use serde_json::json;
use url::Url;
use uuid::Uuid;

use crate::{
    CoreError, Doing, Keywright,
    convert::id,
    journal::{Remote, Wanted, journal_secret},
    keywright::FlowSubject,
    view::{ApplicationView, PendingView},
};

impl Keywright {
    /// Everything that is neither done nor given up.
    pub fn pending(&self) -> Result<Vec<PendingView>, CoreError> {
        let vault = self.vault()?;
        let mut all = Vec::new();
        for entry in vault.journal_pending()? {
            let remote = Remote::read(&entry.remote)?;
            let config = vault
                .configuration(entry.configuration_id)
                .map(|row| row.name)
                .unwrap_or_default();
            let can_resume = can_resume(&entry);
            let has_token = journal_secret(&vault, entry.id, SECRET_REGISTRATION_TOKEN)?.is_some();
            let registering = entry.operation == JournalOperation::Register;
            let state = state_name(entry.state);
            let key = format!(
                "pending.{}.{state}",
                if registering { "register" } else { "change" }
            );
            let blanks = [
                ("name", entry.name.as_str()),
                ("who", config.as_str()),
                ("client_id", remote.client_id.as_deref().unwrap_or_default()),
            ];
            all.push(PendingView {
                message: self.say(&key, &blanks),
                id: entry.id.to_string(),
                operation: operation_name(entry.operation).to_owned(),
                name: entry.name,
                config,
                state: state.to_owned(),
                discard_deletes_remote: registering
                    && has_token
                    && remote.registration_client_uri.is_some(),
                client_id: remote.client_id,
                registration_client_uri: remote.registration_client_uri,
                can_resume,
                created_at: entry.created_at,
            });
        }
        Ok(all)
    }

    /// Finishes what was cut off: takes the client that was created into the vault, or reads the
    /// application anew to see what became of a change.
    pub async fn pending_resume(&self, wanted: &str) -> Result<ApplicationView, CoreError> {
        let vault = self.vault()?;
        let entry = self.pending_entry(wanted)?;
        if !can_resume(&entry) {
            return Err(CoreError::Input {
                what: "cannot_resume",
                detail: entry.name,
            });
        }
        if entry.operation == JournalOperation::Register {
            let configuration = vault.configuration(entry.configuration_id)?;
            let remote = Remote::read(&entry.remote)?;
            let wanted: Wanted = serde_json::from_value(entry.draft.clone())?;
            let application = Uuid::now_v7();
            self.finish_registration(
                &configuration,
                entry.id,
                application,
                &entry.name,
                &wanted,
                &remote,
            )?;
            return self.application(&application.to_string());
        }
        let application = entry.application_id.unwrap_or_default().to_string();
        if entry.state == JournalState::Answered {
            self.finish_change(&entry)?;
            return self.application(&application);
        }
        let view = self.application_read(&application).await?;
        vault.journal_discard(entry.id, self.now())?;
        Ok(view)
    }

    /// Gives up what was cut off. A client that was created is deleted at the provider first; when
    /// that fails, the entry stays.
    pub async fn pending_discard(&self, wanted: &str) -> Result<(), CoreError> {
        let vault = self.vault()?;
        let entry = self.pending_entry(wanted)?;
        let remote = Remote::read(&entry.remote)?;
        if entry.operation == JournalOperation::Register
            && let (Some(uri), Some(token)) = (
                remote
                    .registration_client_uri
                    .as_deref()
                    .and_then(|text| Url::parse(text).ok()),
                journal_secret(&vault, entry.id, SECRET_REGISTRATION_TOKEN)?,
            )
        {
            let row = vault.configuration(entry.configuration_id)?;
            let policy = self.provider_config(&row)?.http_policy();
            let http = self.client(policy).map_err(|source| CoreError::Api {
                who: row.name.clone(),
                source,
            })?;
            let flow = self.flow(FlowSubject {
                configuration: Some(row.id),
                application: None,
            });
            let place = Management {
                uri,
                token: RegistrationAccessToken::new(token.expose()),
                client_id: remote.client_id.unwrap_or_default(),
            };
            match manage::delete(&http, &place, flow.id).await {
                Ok(_) => {}
                // Gone already is what was wanted.
                Err(error) if error.is_unknown_client() => {}
                Err(source) => {
                    return Err(CoreError::Provider {
                        who: row.name,
                        doing: Doing::Delete,
                        source: source.into(),
                    });
                }
            }
        }
        vault.journal_discard(entry.id, self.now())?;
        self.audit("pending_discarded", "", json!({ "name": entry.name }))
    }

    fn pending_entry(&self, wanted: &str) -> Result<JournalEntry, CoreError> {
        let vault = self.vault()?;
        let missing = || CoreError::NotFound {
            what: "journal",
            name: wanted.to_owned(),
            nearest: None,
        };
        let pending = vault.journal_pending()?;
        if let Some(entry) = pending.iter().find(|entry| entry.name == wanted) {
            return Ok(entry.clone());
        }
        let id = id("journal", wanted)?;
        match vault.journal_entry(id) {
            Ok(entry) if matches!(entry.state, JournalState::Done | JournalState::Discarded) => {
                Err(missing())
            }
            Err(VaultError::NotFound { .. }) => Err(missing()),
            other => Ok(other?),
        }
    }
}

/// A registration can be finished once its answer is kept; a change can always be looked at.
fn can_resume(entry: &JournalEntry) -> bool {
    match entry.operation {
        JournalOperation::Register => entry.state == JournalState::Answered,
        JournalOperation::Update | JournalOperation::Rotate | JournalOperation::Delete => {
            entry.application_id.is_some()
        }
    }
}

fn state_name(state: JournalState) -> &'static str {
    match state {
        JournalState::Intent => "intent",
        JournalState::Sent => "sent",
        JournalState::Answered => "answered",
        JournalState::Unknown => "unknown",
        JournalState::Done => "done",
        JournalState::Discarded => "discarded",
    }
}

fn operation_name(operation: JournalOperation) -> &'static str {
    match operation {
        JournalOperation::Register => "register",
        JournalOperation::Update => "update",
        JournalOperation::Rotate => "rotate",
        JournalOperation::Delete => "delete",
    }
}
