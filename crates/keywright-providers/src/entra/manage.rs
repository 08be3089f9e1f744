//! Read, update, delete and list.

use http::Method;
use keywright_oauth::{
    client_metadata::ClientMetadata,
    error_response::ErrorResponse,
    http::Purpose,
    lenient,
    refusal::RefusedMembers,
    register::{ClientInformation, Handles, RegistrationError},
};
use serde_json::{Map, Value};
use url::Url;
use uuid::Uuid;

use super::{
    Entra,
    certificates::{self, KEYS},
    clients::{Agreed, information, keep_time, time_of},
    graph::{Ask, REQUEST_NOT_FOUND, by_app_id, is_lag, listed},
    keys::{handle, step},
    translate,
};
use crate::{Context, Listed, ProviderError, Registration, api::Answer};

/// What a list needs of each application, and how many come at once (the most that Graph gives).
const LIST: &str = "$select=id,appId,displayName,createdDateTime,tags&$top=999";
/// A list is read up to this many pages: more than a tenant may hold.
const MOST_PAGES: usize = 400;

impl Entra {
    pub(super) async fn application(
        &self,
        object_id: &str,
        flow: Uuid,
    ) -> Result<Answer, ProviderError> {
        let path = format!("applications/{object_id}");
        self.graph(Ask::get(path, Purpose::ReadRegistration), flow)
            .await
    }

    /// An application by its `client_id`. An empty list is how Graph says that there is none.
    pub(super) async fn find(
        &self,
        client_id: &str,
        flow: Uuid,
    ) -> Result<(Map<String, Value>, Answer), ProviderError> {
        let ask = Ask::get("applications", Purpose::ReadRegistration).query(by_app_id(client_id));
        let answer = self.graph(ask, flow).await?;
        match listed(&answer).into_iter().next() {
            Some(application) => Ok((application, answer)),
            None => Err(RegistrationError::Refused {
                words: ErrorResponse {
                    error: Some(REQUEST_NOT_FOUND.to_owned()),
                    ..ErrorResponse::read(404, b"")
                },
                retry_after: None,
                about: RefusedMembers::default(),
                exchange: answer.exchange,
            }
            .into()),
        }
    }

    /// The application as it is now, by the best handle there is.
    async fn seen(
        &self,
        at: &Registration,
        flow: Uuid,
    ) -> Result<(Map<String, Value>, Answer), ProviderError> {
        match at.handle(handle::OBJECT_ID) {
            Some(object_id) => {
                let answer = self.application(object_id, flow).await?;
                Ok((answer.members.clone(), answer))
            }
            None => self.find(&at.client_id, flow).await,
        }
    }

    pub(super) async fn current(
        &self,
        at: &Registration,
        flow: Uuid,
    ) -> Result<ClientInformation, ProviderError> {
        let (application, answer) = self.seen(at, flow).await?;
        let mut read = information(&application, &answer, Agreed::of(self, at))?;
        self.note_keys(&application, &mut read, &at.granted, flow)
            .await?;
        let passwords = translate::passwords(&application);
        let named = at.handle(handle::KEY_ID);
        let current = translate::in_use(&passwords, named, at.client_secret.as_ref());
        if let Some(current) = current {
            read.client_secret_expires_at = current.ends_at;
            read.handles
                .insert(handle::KEY_ID.to_owned(), current.key_id.clone());
        }
        Ok(read)
    }

    /// What is known of a registration, filled up from Graph where its handles are not all known.
    pub(super) async fn known(
        &self,
        at: &Registration,
        flow: Uuid,
    ) -> Result<ClientInformation, ProviderError> {
        let complete =
            at.handle(handle::OBJECT_ID).is_some() && at.handle(handle::KEY_ID).is_some();
        if complete {
            return Ok(ClientInformation {
                client_id: at.client_id.clone(),
                client_secret: None,
                client_id_issued_at: None,
                client_secret_expires_at: None,
                registration_client_uri: None,
                registration_access_token: None,
                metadata: at.granted.clone(),
                handles: at.handles.clone(),
                status: 0,
                elapsed_ms: 0,
                exchange: Uuid::nil(),
            });
        }
        let mut read = self.current(at, flow).await?;
        let mut handles = at.handles.clone();
        handles.append(&mut read.handles);
        read.handles = handles;
        Ok(read)
    }

    pub(crate) async fn read(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        context.sending("read")?;
        let read = self.current(at, context.flow).await?;
        context.done("read", &read)?;
        Ok(read)
    }

    /// Graph answers a change with nothing, so that the application is read after it.
    pub(crate) async fn update(
        &self,
        context: Context<'_>,
        at: &Registration,
        metadata: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        let object_id = self.object_id(at, context.flow).await?;
        let mut changes = translate::changes(metadata);
        let keys = self
            .keys_after(&object_id, at, metadata, context.flow)
            .await?;
        let brings_keys = keys.is_some();
        if let Some(keys) = keys {
            changes.insert(KEYS.to_owned(), Value::Array(keys));
        }
        let ask = Ask::patch(
            format!("applications/{object_id}"),
            Purpose::UpdateRegistration,
            changes,
        );
        context.sending("update")?;
        self.graph(ask, context.flow).await?;
        let mut updated = at.clone();
        updated
            .handles
            .insert(handle::OBJECT_ID.to_owned(), object_id);
        updated.granted = self.agreed_after(at, metadata);
        let mut read = self.current(&updated, context.flow).await?;
        if brings_keys {
            // A read may not know of them yet.
            certificates::carry(metadata, &mut read);
            keep_time(&mut read, handle::SECRET_SINCE, self.http.clock().now());
        }
        context.done("update", &read)?;
        Ok(read)
    }

    /// Scope and way of authenticating are kept by us alone, so they change here.
    fn agreed_after(&self, at: &Registration, metadata: &ClientMetadata) -> ClientMetadata {
        let mut granted = at.granted.clone();
        granted.set("token_endpoint_auth_method", translate::method(metadata));
        for name in ["jwks", "token_endpoint_auth_signing_alg"] {
            let kept = metadata.members().get(name).cloned();
            granted.set(name, kept.unwrap_or_default());
        }
        granted.set("scope", super::scope::wanted(&self.settings, metadata));
        granted
    }

    pub(crate) async fn delete(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<(), ProviderError> {
        let object_id = self.object_id(at, context.flow).await?;
        context.sending("delete")?;
        if !self.settings.purges_on_delete {
            let since = time_of(&at.handles, handle::CREATED_AT);
            return self.soft_delete(&object_id, since, context.flow).await;
        }
        match self.graph(deletion(&object_id), context.flow).await {
            Ok(_) => {
                // It may not be among the deleted ones yet.
                let now = self.http.clock().now();
                self.purge(context, &object_id, Some(now)).await
            }
            // Deleted before, and perhaps not purged.
            Err(ProviderError::Registration(error)) if is_gone(&error) => {
                self.purge(context, &object_id, None).await
            }
            Err(error) => Err(error),
        }
    }

    /// The application can be restored for 30 days. A new one that is not found may only not have
    /// arrived everywhere, unless it is among the deleted ones.
    async fn soft_delete(
        &self,
        object_id: &str,
        since: Option<i64>,
        flow: Uuid,
    ) -> Result<(), ProviderError> {
        match self.graph(deletion(object_id), flow).await {
            Err(ProviderError::Registration(error)) if is_lag(&error) => {
                let path = format!("directory/deletedItems/{object_id}");
                let deleted = Ask::get(path, Purpose::ReadRegistration);
                if self.graph(deleted, flow).await.is_ok() {
                    return Err(error.into());
                }
                let again = self.graph_fresh(deletion(object_id), since, flow).await;
                again.map(drop)
            }
            answer => answer.map(drop),
        }
    }

    /// Takes a deleted application away for good.
    async fn purge(
        &self,
        context: Context<'_>,
        object_id: &str,
        since: Option<i64>,
    ) -> Result<(), ProviderError> {
        context.sending(step::PURGE)?;
        let ask = Ask::new(
            Method::DELETE,
            format!("directory/deletedItems/{object_id}"),
            Purpose::DeleteRegistration,
        );
        self.graph_fresh(ask, since, context.flow).await?;
        Ok(())
    }

    pub(crate) async fn list(&self, context: Context<'_>) -> Result<Vec<Listed>, ProviderError> {
        let mut found = Vec::new();
        let mut ask = Ask::get("applications", Purpose::Admin).query(LIST);
        for _ in 0..MOST_PAGES {
            let answer = self.graph(ask, context.flow).await?;
            found.extend(listed(&answer).iter().filter_map(entry));
            match answer.text("@odata.nextLink").map(|next| Url::parse(&next)) {
                Some(Ok(next)) => ask = Ask::at(next, Purpose::Admin),
                _ => break,
            }
        }
        Ok(found)
    }
}

fn entry(application: &Map<String, Value>) -> Option<Listed> {
    let mut handles = Handles::new();
    if let Some(id) = lenient::text(application, "id") {
        handles.insert(handle::OBJECT_ID.to_owned(), id);
    }
    Some(Listed {
        client_id: lenient::text(application, "appId")?,
        name: lenient::text(application, "displayName"),
        created_at: lenient::time(application, "createdDateTime"),
        owner_tag: translate::owner_tag(application),
        handles,
    })
}

fn deletion(object_id: &str) -> Ask {
    Ask::new(
        Method::DELETE,
        format!("applications/{object_id}"),
        Purpose::DeleteRegistration,
    )
}

fn is_gone(error: &RegistrationError) -> bool {
    matches!(error, RegistrationError::Refused { words, .. } if matches!(words.status, 404 | 410))
}
