//! Secrets: each has an end, several live at once, and none is ever shown again.

use keywright_oauth::{
    http::Purpose,
    lenient,
    register::{ClientInformation, Handles, RegistrationError},
};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use super::{
    Entra,
    clients::{keep_time, object_id_of, time_of},
    graph::Ask,
    keys::handle,
    translate,
};
use crate::{Context, ListedSecret, ProviderError, Registration};

/// What the portal shows next to the secret.
const LABEL: &str = "Keywright";

impl Entra {
    /// When a secret that is made now ends, as Graph writes times.
    fn secret_end(&self) -> Option<String> {
        let days = self.settings.secret_lifetime_days?;
        let now = OffsetDateTime::from_unix_timestamp(self.http.clock().now()).ok()?;
        now.checked_add(Duration::days(days))?.format(&Rfc3339).ok()
    }

    /// What a new secret is asked for with; Graph thinks of the secret itself.
    pub(super) fn new_password(&self) -> Value {
        json!({ "displayName": LABEL, "endDateTime": self.secret_end() })
    }

    /// Makes a secret. The one before stays as it is.
    pub(super) async fn give_secret(
        &self,
        made: &mut ClientInformation,
        flow: Uuid,
    ) -> Result<(), ProviderError> {
        let path = format!("applications/{}/addPassword", object_id_of(made)?);
        let body = json!({ "passwordCredential": self.new_password() });
        let ask = Ask::post(path, Purpose::RotateSecret, body);
        let since = time_of(&made.handles, handle::CREATED_AT);
        let answer = self.graph_fresh(ask, since, flow).await?;
        made.client_secret = Some(answer.needed_secret("secretText")?);
        made.client_secret_expires_at = lenient::time(&answer.members, "endDateTime");
        made.status = answer.status;
        made.elapsed_ms = answer.elapsed_ms;
        made.exchange = answer.exchange;
        if let Some(key_id) = answer.text("keyId") {
            made.handles.insert(handle::KEY_ID.to_owned(), key_id);
        }
        keep_time(made, handle::SECRET_SINCE, self.http.clock().now());
        Ok(())
    }

    /// Adds a secret; the old one lives until [`Self::revoke_previous_secret`].
    pub(crate) async fn rotate(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        let mut made = self.known(at, context.flow).await?;
        // A secret that was never proven leaves the one before it alive: both end together.
        let old: Vec<String> = [handle::OLD_KEY_ID, handle::KEY_ID]
            .into_iter()
            .filter_map(|name| made.handles.get(name).cloned())
            .filter(|key_id| !key_id.is_empty())
            .collect();
        context.sending("rotate")?;
        self.give_secret(&mut made, context.flow).await?;
        made.handles
            .insert(handle::OLD_KEY_ID.to_owned(), old.join(" "));
        context.done("rotate", &made)?;
        Ok(made)
    }

    /// Ends what came before the current secret.
    pub(crate) async fn revoke_previous_secret(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<Handles, ProviderError> {
        let Some(old) = at.handle(handle::OLD_KEY_ID) else {
            return Ok(Handles::new());
        };
        let object_id = self.object_id(at, context.flow).await?;
        context.sending("retire")?;
        for key_id in old.split_whitespace() {
            self.remove_password(&object_id, key_id, context.flow)
                .await?;
        }
        Ok(Handles::from([(
            handle::OLD_KEY_ID.to_owned(),
            String::new(),
        )]))
    }

    /// The secrets of the application.
    pub(crate) async fn secrets(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<Vec<ListedSecret>, ProviderError> {
        let known = self.known(at, context.flow).await?;
        let application = self
            .application(object_id_of(&known)?, context.flow)
            .await?;
        let all = translate::passwords(&application.members);
        let named = known.handles.get(handle::KEY_ID).map(String::as_str);
        let current = translate::in_use(&all, named, at.client_secret.as_ref());
        let current = current.map(|password| password.key_id.clone());
        let now = self.http.clock().now();
        Ok(all
            .into_iter()
            .map(|password| ListedSecret {
                is_current: current.as_ref() == Some(&password.key_id),
                is_active: password.ends_at.is_none_or(|end| end > now),
                id: password.key_id,
                label: password.label,
                created_at: password.made_at,
                expires_at: password.ends_at,
            })
            .collect())
    }

    /// Ends one of them.
    pub(crate) async fn remove_secret(
        &self,
        context: Context<'_>,
        at: &Registration,
        id: &str,
    ) -> Result<(), ProviderError> {
        let object_id = self.object_id(at, context.flow).await?;
        context.sending("retire")?;
        self.remove_password(&object_id, id, context.flow).await
    }

    /// Ends one secret. One that is gone already is as good as ended.
    pub(super) async fn remove_password(
        &self,
        object_id: &str,
        key_id: &str,
        flow: Uuid,
    ) -> Result<(), ProviderError> {
        let path = format!("applications/{object_id}/removePassword");
        let ask = Ask::post(path, Purpose::RotateSecret, json!({ "keyId": key_id }));
        match self.graph(ask, flow).await {
            Err(ProviderError::Registration(error)) if may_be_gone(&error) => {
                let application = self.application(object_id, flow).await?;
                let lives = translate::passwords(&application.members)
                    .iter()
                    .any(|password| password.key_id == key_id);
                if lives { Err(error.into()) } else { Ok(()) }
            }
            answer => answer.map(drop),
        }
    }
}

/// Graph refuses to end a secret that it does not have, without a code of its own for it.
fn may_be_gone(error: &RegistrationError) -> bool {
    matches!(error, RegistrationError::Refused { words, .. } if matches!(words.status, 400 | 404))
}
