//! Read, update, rotate and delete a client.

use http::Method;
use keywright_oauth::{
    client_metadata::ClientMetadata, http::Purpose, register::ClientInformation,
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    Auth0,
    clients::{information, step},
    credentials, grants, handle, translate,
};
use crate::{Context, ProviderError, Registration, api::Call};

impl Auth0 {
    pub(crate) async fn read(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        context.sending("read")?;
        let information = self.current(at, context.flow).await?;
        context.done("read", &information)?;
        Ok(information)
    }

    /// The client and, where it has one for a known API, its grant.
    async fn current(
        &self,
        at: &Registration,
        flow: Uuid,
    ) -> Result<ClientInformation, ProviderError> {
        let call = self.request(
            Method::GET,
            Purpose::ReadRegistration,
            &["clients", &at.client_id],
        )?;
        let answer = self.ask(call, flow).await?;
        let mut information = information(&answer, &at.client_id);
        self.note_keys(&mut information, &at.granted, flow).await?;
        let known = at.handle(handle::GRANT_AUDIENCE);
        let api = self.api_for(&ClientMetadata::default(), &information.metadata, known);
        if let Some(audience) = api {
            let found = self.grants_of(&at.client_id, Some(&audience), flow).await?;
            match found.first() {
                Some(grant) => grant.note(&mut information),
                // Someone ended it there: it is not ours any more to change.
                None => {
                    information
                        .handles
                        .insert(handle::GRANT_ID.into(), String::new());
                }
            }
        }
        Ok(information)
    }

    /// Changes the keys of the client, the client, then the scopes of its grant; each only where something differs. A key
    /// that is not wanted any more ends after the client lists it no longer.
    pub(crate) async fn update(
        &self,
        context: Context<'_>,
        at: &Registration,
        metadata: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        self.admin_token(context.flow).await?;
        let provided = self.provide_keys(context, at, metadata).await?;
        let body = translate::change(&at.granted, &provided.metadata);
        let mut information = if body.is_empty() {
            self.current(at, context.flow).await?
        } else {
            context.sending("update")?;
            let call = Call {
                body: Some(Value::Object(body)),
                ..self.request(
                    Method::PATCH,
                    Purpose::UpdateRegistration,
                    &["clients", &at.client_id],
                )?
            };
            let answer = self.ask(call, context.flow).await?;
            let mut information = information(&answer, &at.client_id);
            grants::carry(at, &mut information);
            credentials::carry(&provided.metadata, &mut information);
            if provided.is_new {
                self.note_secret(&mut information);
            }
            information
        };
        if !provided.retired.is_empty() {
            context.so_far("update", &information)?;
            context.sending(step::OLD_KEY)?;
            for id in &provided.retired {
                self.delete_credential(&at.client_id, id, context.flow)
                    .await?;
            }
        }
        let scopes = metadata.scopes().unwrap_or_default();
        let known = at.handle(handle::GRANT_AUDIENCE);
        let api = self.api_for(metadata, &information.metadata, known);
        if let Some(audience) = api
            && !same(&scopes, &information.metadata.scopes().unwrap_or_default())
        {
            context.so_far("update", &information)?;
            context.sending(step::GRANT)?;
            let id = at.handle(handle::GRANT_ID);
            let grant = match id.filter(|_| known == Some(audience.as_str())) {
                Some(id) => self.change_grant(id, &scopes, context.flow).await?,
                None => {
                    self.create_grant(&at.client_id, &audience, &scopes, context.flow)
                        .await?
                }
            };
            grant.note(&mut information);
        }
        context.done("update", &information)?;
        Ok(information)
    }

    pub(crate) async fn rotate(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        self.admin_token(context.flow).await?;
        context.sending("rotate")?;
        let mut information = self.new_secret(&at.client_id, context.flow).await?;
        grants::carry(at, &mut information);
        self.note_secret(&mut information);
        context.done("rotate", &information)?;
        Ok(information)
    }

    /// Replaces the secret. The old one ends by itself, within half a minute.
    pub(super) async fn new_secret(
        &self,
        client_id: &str,
        flow: Uuid,
    ) -> Result<ClientInformation, ProviderError> {
        let call = self.request(
            Method::POST,
            Purpose::RotateSecret,
            &["clients", client_id, "rotate-secret"],
        )?;
        let answer = self.ask(call, flow).await?;
        answer.needed_secret("client_secret")?;
        Ok(information(&answer, client_id))
    }

    /// Deletes the grants, then the client: the other way round, a cut would leave grants of nobody.
    pub(crate) async fn delete(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<(), ProviderError> {
        self.admin_token(context.flow).await?;
        context.sending("delete")?;
        self.delete_grants(at, context.flow).await?;
        let call = self.request(
            Method::DELETE,
            Purpose::DeleteRegistration,
            &["clients", &at.client_id],
        )?;
        self.ask(call, context.flow).await?;
        Ok(())
    }
}

/// The same scopes, in whatever order.
fn same(one: &[String], other: &[String]) -> bool {
    one.iter().all(|scope| other.contains(scope)) && other.iter().all(|scope| one.contains(scope))
}
