//! What to know before and after a registration: a server that gives no token without a login, and a
//! client that came without the secret that it needs.

use std::time::Duration;

use keywright_oauth::{client_metadata::ClientMetadata, register::UNUSABLE_ADDRESS};
use keywright_providers::OtherGrants;
use keywright_vault::{
    ConfigurationRow, JournalEntry, JournalOperation, JournalState, SECRET_CLIENT, SecretChange,
};
use uuid::Uuid;

use crate::{
    CoreError,
    applications::types::{RegisterWarning, RegisterWarningCode},
    i18n::key::{Family, Key},
    registration::{
        Registrar,
        journal::{RegistrationRequest, RemoteState},
        types::Draft,
    },
};

/// How often another registration of the same name is waited for, and the pause between.
const WAITS: u32 = 450;
const PAUSE: Duration = Duration::from_millis(100);
const CLIENT_CREDENTIALS: &str = "client_credentials";

impl Registrar<'_> {
    /// The question to ask before this draft is registered; none where there is nothing to ask. Finds the
    /// server's metadata first where it is not known yet.
    pub async fn question(self, draft: &Draft) -> Result<Option<String>, CoreError> {
        let row = self.app.configurations().row(&draft.configuration_id)?;
        let (_, problems) = self.metadata_of(draft);
        let name = draft.name.trim();
        // What is wrong with the draft itself is said by the registration, before anything is asked.
        if !problems.is_empty() || self.app.vault()?.application_by_name(name)?.is_some() {
            return Ok(None);
        }
        let (row, _) = self.app.configurations().discovered(row).await?;
        let filled = self.filled(&row, draft.clone())?;
        let (metadata, _) = self.metadata_of(&filled.draft);
        self.question_about(&row, &metadata)
    }

    /// The question for a configuration whose metadata is known.
    pub(crate) fn question_about(
        self,
        row: &ConfigurationRow,
        wanted: &ClientMetadata,
    ) -> Result<Option<String>, CoreError> {
        let other = self
            .app
            .configurations()
            .provider_config(row)?
            .other_grants();
        let about_grants = other
            .filter(|other| gets_no_token(wanted, other))
            .map(|other| self.about_grants(Family::RegisterAsk, row, &other));
        match (
            about_grants,
            self.app.applications().method_not_spoken(row, wanted)?,
        ) {
            (Some(question), _) => Ok(Some(question)),
            (None, Some(method)) => {
                let blanks = [("who", row.name.as_str()), ("method", &method)];
                Ok(Some(
                    self.app.translate(Key::RegisterAskMethodNotSpoken, &blanks),
                ))
            }
            (None, None) => Ok(None),
        }
    }

    /// What to know of a server that gives this client no token without a login, where the client wants one.
    pub(crate) fn grants_warning(
        self,
        row: &ConfigurationRow,
        wanted: &ClientMetadata,
    ) -> Result<Option<RegisterWarning>, CoreError> {
        let other = self
            .app
            .configurations()
            .provider_config(row)?
            .other_grants();
        let other = other.filter(|other| gets_no_token(wanted, other));
        Ok(other.map(|other| RegisterWarning {
            code: code(&other),
            message: self.about_grants(Family::RegisterNote, row, &other),
        }))
    }

    fn about_grants(self, use_as: Family, row: &ConfigurationRow, other: &OtherGrants) -> String {
        let key = use_as.key(code(other).as_str());
        let grants = other.grants.join(", ");
        self.app
            .translate(key, &[("who", &row.name), ("grants", &grants)])
    }

    /// An earlier registration of this name whose outcome is open: its client may exist, and another one is made now. One
    /// that is under way is waited for, and takes the name.
    pub(crate) async fn interrupted(
        self,
        row: &ConfigurationRow,
        name: &str,
    ) -> Result<Option<RegisterWarning>, CoreError> {
        let vault = self.app.vault()?;
        let is_earlier = |entry: &JournalEntry| {
            entry.operation == JournalOperation::Register
                && entry.configuration_id == row.id
                && entry.name == name
        };
        let mut is_left = false;
        for entry in vault.journal_pending()?.into_iter().filter(is_earlier) {
            // Longer than a request may take: what is under way ends by itself.
            for _ in 0..WAITS {
                if self.app.try_open_change(entry.id)?.is_some() {
                    break;
                }
                tokio::time::sleep(PAUSE).await;
            }
            // It may have ended meanwhile.
            let state = vault.journal_entry(entry.id)?.state;
            is_left |= matches!(
                state,
                JournalState::Sent | JournalState::Answered | JournalState::Unknown
            );
        }
        self.check_free(name)?;
        let blanks = [("who", &*row.name), ("name", name)];
        let key = Key::RegisterNoteInterruptedBefore.into();
        Ok(is_left.then(|| RegisterWarning {
            code: RegisterWarningCode::InterruptedBefore,
            message: self.app.try_say_here(&key, &blanks).unwrap_or_default(),
        }))
    }

    /// The server answered with a client that another application has: some give the same client for the same name.
    pub(crate) fn shared_client_warning(
        self,
        row: &ConfigurationRow,
        application: Uuid,
        remote: &RemoteState,
    ) -> Result<Option<RegisterWarning>, CoreError> {
        let client: Vec<String> = remote.client_id.iter().cloned().collect();
        let vault = self.app.vault()?;
        let known = vault.clients_among(&[row.id], Some(application), &client)?;
        Ok((!known.is_empty()).then(|| RegisterWarning {
            code: RegisterWarningCode::SharedClient,
            message: self
                .app
                .translate(Key::RegisterNoteSharedClient, &[("who", &row.name)]),
        }))
    }

    pub(crate) fn registered_warnings(
        self,
        row: &ConfigurationRow,
        wanted: &RegistrationRequest,
        remote: &RemoteState,
        secrets: &[SecretChange],
    ) -> Result<Vec<RegisterWarning>, CoreError> {
        let mut all: Vec<RegisterWarning> = self
            .grants_warning(row, &wanted.metadata)?
            .into_iter()
            .collect();
        all.extend(
            self.app
                .applications()
                .no_token_warnings(row, &remote.granted)?,
        );
        let has_secret = secrets.iter().any(|(name, _)| name == SECRET_CLIENT);
        if has_secret && remote.granted.token_endpoint_auth_method().as_deref() == Some("none") {
            all.push(RegisterWarning {
                code: RegisterWarningCode::NoneWithSecret,
                message: self
                    .app
                    .translate(Key::RegisterNoteNoneWithSecret, &[("who", &row.name)]),
            });
        }
        if let Some(text) = remote.handles.get(UNUSABLE_ADDRESS) {
            all.push(RegisterWarning {
                code: RegisterWarningCode::RegistrationUriUnreadable,
                message: self.app.translate(
                    Key::RegisterNoteRegistrationUriUnreadable,
                    &[("who", &row.name), ("detail", text)],
                ),
            });
        }
        if let Some(method) = method_with_secret(&wanted.metadata, &remote.granted)
            && !has_secret
        {
            all.push(RegisterWarning {
                code: RegisterWarningCode::NoClientSecret,
                message: self.app.translate(
                    Key::RegisterNoteNoClientSecret,
                    &[("who", &row.name), ("method", &method)],
                ),
            });
        }
        Ok(all)
    }
}

fn code(other: &OtherGrants) -> RegisterWarningCode {
    if other.login_only {
        RegisterWarningCode::LoginOnly
    } else {
        RegisterWarningCode::NoClientCredentials
    }
}

/// The client asks for client credentials, or for nothing that the server lists.
fn gets_no_token(wanted: &ClientMetadata, other: &OtherGrants) -> bool {
    wanted.grant_types().is_some()
        && (wanted.has_grant(CLIENT_CREDENTIALS)
            || !other.grants.iter().any(|grant| wanted.has_grant(grant)))
}

/// The way of authenticating that the client was granted, where it needs a secret. Its default is
/// `client_secret_basic` (RFC 7591 §2).
fn method_with_secret(wanted: &ClientMetadata, granted: &ClientMetadata) -> Option<String> {
    let method = granted
        .token_endpoint_auth_method()
        .or_else(|| wanted.token_endpoint_auth_method())
        .unwrap_or_else(|| "client_secret_basic".to_owned());
    method.starts_with("client_secret").then_some(method)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use serde_json::json;

    use super::*;

    fn metadata(value: &serde_json::Value) -> ClientMetadata {
        ClientMetadata::from_answer(value.as_object().unwrap().clone())
    }

    #[test]
    fn only_a_client_that_gets_no_token_is_asked_about() {
        let other = OtherGrants {
            grants: vec!["authorization_code".into()],
            login_only: true,
        };
        let asks = |grants: &serde_json::Value| {
            gets_no_token(&metadata(&json!({ "grant_types": grants })), &other)
        };
        assert!(asks(&json!(["client_credentials"])));
        assert!(asks(&json!(["authorization_code", "client_credentials"])));
        assert!(asks(&json!(["password"])));
        assert!(!asks(&json!(["authorization_code"])));
    }

    #[test]
    fn the_granted_method_says_whether_a_secret_is_missing() {
        let method = |wanted: &serde_json::Value, granted: &serde_json::Value| {
            method_with_secret(&metadata(wanted), &metadata(granted))
        };
        let post = json!({ "token_endpoint_auth_method": "client_secret_post" });
        let none = json!({ "token_endpoint_auth_method": "none" });
        assert_eq!(
            method(&json!({}), &post).as_deref(),
            Some("client_secret_post")
        );
        assert_eq!(method(&post, &none), None);
        assert_eq!(method(&none, &json!({})), None);
        assert_eq!(
            method(&json!({}), &json!({})).as_deref(),
            Some("client_secret_basic")
        );
    }
}
