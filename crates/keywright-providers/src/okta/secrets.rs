//! A client's secrets. Okta keeps two of them alive at once in the Apps API, so that a new one can be
//! proven before the old one ends; the client API has one, and replaces it.

use std::cmp::Reverse;

use http::Method;
use keywright_oauth::{
    http::Purpose,
    lenient,
    register::{ClientInformation, Handles, RegistrationError},
    secret::ClientSecret,
    token::TokenError,
};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    Okta,
    access::{APPS, Ask, is},
    members,
};
use crate::{Context, ListedSecret, ProviderError, Registration};

/// Handle: since when the secret lives, in Unix seconds.
pub(super) const SECRET_SINCE: &str = "secret_since";
/// Handle: the ids of the secrets that end once the one in use is proven, separated by spaces.
pub(super) const RETIRING: &str = "okta_retiring";

/// A secret as the Apps API shows it.
#[derive(Debug)]
pub(super) struct Kept {
    id: String,
    value: Option<ClientSecret>,
    active: bool,
    /// Unix seconds.
    created: i64,
}

impl Kept {
    fn read(members: &Map<String, Value>) -> Option<Self> {
        Some(Self {
            id: lenient::text(members, "id")?,
            value: members::secret(members),
            active: lenient::text(members, "status").as_deref() != Some("INACTIVE"),
            created: lenient::time(members, "created").unwrap_or_default(),
        })
    }
}

/// How a new secret came about.
enum Added {
    /// Next to the old one.
    Beside(Box<ClientInformation>),
    /// Okta has no list of secrets for us here.
    NotHere,
}

impl Okta {
    /// The secret of a client whose registration was cut off: the newest one that is alive. Where Okta
    /// does not show it, it is replaced: nobody knows it.
    pub(super) async fn recover_secret(
        &self,
        context: Context<'_>,
        made: ClientInformation,
    ) -> Result<ClientInformation, ProviderError> {
        let shown = match self.kept_secrets(&made.client_id, context.flow).await {
            Ok(all) => all
                .into_iter()
                .filter(|kept| kept.active && kept.value.is_some())
                .max_by_key(|kept| kept.created),
            Err(error) if is_not_here(&error) => None,
            Err(error) => return Err(error),
        };
        if let Some(newest) = shown {
            let mut made = made;
            made.client_secret = newest.value;
            context.done("read_secret", &made)?;
            return Ok(made);
        }
        let at = Registration {
            client_id: made.client_id,
            handles: made.handles,
            granted: made.metadata,
            ..Registration::default()
        };
        self.replace_secret(context, &at).await
    }

    async fn kept_secrets(&self, client_id: &str, flow: Uuid) -> Result<Vec<Kept>, ProviderError> {
        let url = self.org()?.app(client_id, &["credentials", "secrets"]);
        let ask = Ask::new(Method::GET, url, Purpose::Admin).of(APPS);
        let answer = self.ask(ask, flow).await?;
        Ok(answer
            .items
            .iter()
            .filter_map(|item| Kept::read(item.as_object()?))
            .collect())
    }

    /// The secrets of a client, the newest first.
    pub(crate) async fn secrets(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<Vec<ListedSecret>, ProviderError> {
        let mut all = self.kept_secrets(&at.client_id, context.flow).await?;
        all.sort_by_key(|kept| Reverse(kept.created));
        let is_current = |kept: &Kept| match (&kept.value, &at.client_secret) {
            (Some(value), Some(used)) => value.is_same(used),
            _ => false,
        };
        Ok(all
            .into_iter()
            .map(|kept| ListedSecret {
                is_current: is_current(&kept),
                id: kept.id,
                label: None,
                created_at: Some(kept.created).filter(|time| *time > 0),
                expires_at: None,
                is_active: kept.active,
            })
            .collect())
    }

    pub(crate) async fn rotate(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        if self.settings.keeps_previous_secret
            && let Added::Beside(information) = self.add_secret(context, at).await?
        {
            return Ok(*information);
        }
        self.replace_secret(context, at).await
    }

    /// Adds a secret next to those that are alive.
    async fn add_secret(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<Added, ProviderError> {
        let mut alive = match self.kept_secrets(&at.client_id, context.flow).await {
            Ok(all) => all,
            Err(error) if is_not_here(&error) => return Ok(Added::NotHere),
            Err(error) => return Err(error),
        };
        alive.retain(|kept| kept.active);
        // A secret was added before and its answer was lost: it is no older than the one in use, and no
        // rotation left it behind. It is taken up instead of asking for a third, which Okta does not keep.
        let left = at.handle(RETIRING).unwrap_or_default();
        let used = at.client_secret.as_ref().and_then(|used| {
            alive
                .iter()
                .find(|kept| kept.value.as_ref().is_some_and(|value| value.is_same(used)))
        });
        let used = used.map(|kept| (kept.id.clone(), kept.created));
        let lost = alive.iter().position(|kept| {
            kept.value.is_some()
                && !left.split(' ').any(|id| id == kept.id)
                && used
                    .as_ref()
                    .is_some_and(|(id, since)| kept.id != *id && kept.created >= *since)
        });
        if let Some(lost) = lost {
            let added = alive.swap_remove(lost);
            let information = self.rotated(same(at), added, alive);
            context.done("add_secret", &information)?;
            return Ok(Added::Beside(Box::new(information)));
        }

        let url = self.org()?.app(&at.client_id, &["credentials", "secrets"]);
        let ask = Ask::new(Method::POST, url, Purpose::RotateSecret).of(APPS);
        context.sending("add_secret")?;
        let answer = match self.ask(ask, context.flow).await {
            Ok(answer) => answer,
            Err(error) if is_not_here(&error) => return Ok(Added::NotHere),
            Err(error) => return Err(error),
        };
        let missing = || RegistrationError::NoSecret {
            status: answer.status,
            exchange: answer.exchange,
        };
        let added = Kept::read(&answer.members)
            .filter(|kept| kept.value.is_some())
            .ok_or_else(missing)?;
        let mut information = same(at);
        information.status = answer.status;
        information.elapsed_ms = answer.elapsed_ms;
        information.exchange = answer.exchange;
        let information = self.rotated(information, added, alive);
        context.done("add_secret", &information)?;
        Ok(Added::Beside(Box::new(information)))
    }

    /// Replaces the secret. Okta does not say that the old one lives on: it counts as ended.
    async fn replace_secret(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        let url = self
            .org()?
            .clients(&[&at.client_id, "lifecycle", "newSecret"]);
        let ask = Ask::new(Method::POST, url, Purpose::RotateSecret);
        context.sending("new_secret")?;
        let answer = self.ask(ask, context.flow).await?;
        let mut information = members::read(&answer, Some(&at.client_id))?;
        if information.client_secret.is_none() {
            return Err(ProviderError::NotRotated);
        }
        for (name, value) in &at.handles {
            information
                .handles
                .entry(name.clone())
                .or_insert_with(|| value.clone());
        }
        information
            .handles
            .insert(RETIRING.to_owned(), String::new());
        self.young(&mut information);
        context.done("new_secret", &information)?;
        Ok(information)
    }

    /// Ends the secrets that the one in use took the place of: each is deactivated, then deleted.
    pub(crate) async fn revoke_previous_secret(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<Handles, ProviderError> {
        let old = at.handle(RETIRING).unwrap_or_default();
        for id in old.split(' ').filter(|id| !id.is_empty()) {
            self.end_secret(context, &at.client_id, id).await?;
        }
        Ok(Handles::from([(RETIRING.to_owned(), String::new())]))
    }

    pub(super) async fn end_secret(
        &self,
        context: Context<'_>,
        client_id: &str,
        id: &str,
    ) -> Result<(), ProviderError> {
        let org = self.org()?;
        let path = ["credentials", "secrets", id];
        let url = org.app(
            client_id,
            &[&path[..], &["lifecycle", "deactivate"]].concat(),
        );
        context.sending("deactivate_secret")?;
        let ask = Ask::new(Method::POST, url, Purpose::RotateSecret).of(APPS);
        match self.ask(ask, context.flow).await {
            Ok(_) => {}
            Err(error) if is_gone(&error) => return Ok(()),
            // It may be inactive since a try that was cut off; Okta deletes none that is alive.
            Err(ProviderError::Registration(RegistrationError::Refused { words, .. }))
                if words.status == 400 => {}
            Err(error) => return Err(error),
        }
        context.sending("delete_secret")?;
        let ask = Ask::new(
            Method::DELETE,
            org.app(client_id, &path),
            Purpose::RotateSecret,
        )
        .of(APPS);
        match self.ask(ask, context.flow).await {
            Err(error) if !is_gone(&error) => Err(error),
            _ => Ok(()),
        }
    }

    /// The new secret takes the place of all that were alive.
    fn rotated(
        &self,
        mut information: ClientInformation,
        added: Kept,
        old: Vec<Kept>,
    ) -> ClientInformation {
        let old: Vec<String> = old.into_iter().map(|kept| kept.id).collect();
        information
            .handles
            .insert(RETIRING.to_owned(), old.join(" "));
        information.client_secret = added.value;
        self.young(&mut information);
        information
    }

    fn young(&self, information: &mut ClientInformation) {
        let now = self.http.clock().now().to_string();
        information.handles.insert(SECRET_SINCE.to_owned(), now);
    }
}

/// What is known of a client whose secrets change and nothing else.
fn same(at: &Registration) -> ClientInformation {
    ClientInformation {
        client_id: at.client_id.clone(),
        client_secret: None,
        client_id_issued_at: None,
        client_secret_expires_at: None,
        registration_client_uri: None,
        registration_access_token: None,
        metadata: at.granted.clone(),
        handles: Handles::new(),
        status: 0,
        elapsed_ms: 0,
        exchange: Uuid::nil(),
    }
}

/// The org has no such list, or not for our credential: nothing was carried out.
fn is_not_here(error: &ProviderError) -> bool {
    match error {
        ProviderError::Registration(RegistrationError::Refused { words, .. }) => {
            matches!(words.status, 403..=405)
        }
        // The admin client has no `okta.apps.manage`, or the org not the feature.
        ProviderError::Admin {
            source: TokenError::Refused { words, .. },
        } => is(words, "invalid_scope") || is(words, "E0000015"),
        _ => false,
    }
}

fn is_gone(error: &ProviderError) -> bool {
    matches!(error, ProviderError::Registration(RegistrationError::Refused { words, .. }) if matches!(words.status, 404 | 410))
}
