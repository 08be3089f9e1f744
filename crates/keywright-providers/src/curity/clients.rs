//! Register, read, update, rotate, delete. Whatever an answer carries is handed over to be kept before
//! anything else: it has ended the token and the secret before it.

use keywright_oauth::{
    client_metadata::ClientMetadata,
    manage::{self, Management},
    register::{self, ClientInformation},
    server_metadata::REGISTRATION_ENDPOINT,
};

use super::{Curity, plan::REGISTER};
use crate::{Capability, Context, ProviderError, Registration};

impl Curity {
    pub(crate) async fn register(
        &self,
        context: Context<'_>,
        wanted: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        let endpoint = self.config.registration_endpoint()?.ok_or_else(|| {
            self.config
                .no_endpoint(REGISTRATION_ENDPOINT, Capability::Register)
        })?;
        let body = self.body(wanted)?;
        // A token changes nothing at the server: it is fetched before the journal speaks of sending.
        let token = self.admission(context.flow).await?;
        context.sending(REGISTER)?;
        let answer =
            register::register(&self.http, &endpoint, &body, token.as_ref(), context.flow).await?;
        let information = self.dated(answer, None);
        context.done(REGISTER, &information)?;
        Ok(information)
    }

    pub(crate) async fn read(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        self.get(context, at, Capability::Read, "read").await
    }

    /// A read rotates the client secret and changes nothing else, where an update could.
    pub(crate) async fn rotate(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        self.get(context, at, Capability::Rotate, "rotate").await
    }

    async fn get(
        &self,
        context: Context<'_>,
        at: &Registration,
        capability: Capability,
        step: &'static str,
    ) -> Result<ClientInformation, ProviderError> {
        let place = self.managed(capability, at)?;
        context.sending(step)?;
        let answer = manage::read(&self.http, &place, context.flow).await?;
        let information = self.dated(answer, Some(at));
        context.done(step, &information)?;
        Ok(information)
    }

    pub(crate) async fn update(
        &self,
        context: Context<'_>,
        at: &Registration,
        metadata: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        let place = self.managed(Capability::Update, at)?;
        context.sending("update")?;
        // The secret is not sent along (RFC 7592 §2.2: to keep it): an update rotates it in any case.
        let answer = manage::update(&self.http, &place, metadata, None, context.flow).await?;
        let information = self.dated(answer, Some(at));
        context.done("update", &information)?;
        Ok(information)
    }

    pub(crate) async fn delete(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<(), ProviderError> {
        let place = self.managed(Capability::Delete, at)?;
        context.sending("delete")?;
        manage::delete(&self.http, &place, context.flow).await?;
        Ok(())
    }

    fn managed(
        &self,
        capability: Capability,
        at: &Registration,
    ) -> Result<Management, ProviderError> {
        self.manageable(capability, at)
            .map_err(|reason| ProviderError::NotCapable { capability, reason })
    }
}
