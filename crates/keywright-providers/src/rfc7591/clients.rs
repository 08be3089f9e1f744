//! Register, read, update, rotate, delete.

use keywright_oauth::{
    client_metadata::ClientMetadata,
    manage::{self, Management},
    register::{self, ClientInformation},
};

use super::{Rfc7591, plan::STEP};
use crate::{Capability, Checkpoint, Context, ProviderError, Reason, Registration};

impl Rfc7591 {
    pub(crate) async fn register(
        &self,
        context: Context<'_>,
        wanted: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        let endpoint = self
            .config
            .registration_endpoint()?
            .ok_or(ProviderError::NotCapable {
                capability: Capability::Register,
                reason: Reason::EndpointMissing,
            })?;
        let body = self.prepared(wanted);
        let token = self.config.initial_access_token();
        (context.keep)(Checkpoint::Sending { step: STEP })?;
        let information =
            register::register(&self.http, &endpoint, &body, token.as_ref(), context.flow).await?;
        (context.keep)(Checkpoint::Answered {
            step: STEP,
            information: &information,
        })?;
        Ok(information)
    }

    pub(crate) async fn read(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        let place = management(at, Capability::Read)?;
        (context.keep)(Checkpoint::Sending { step: "read" })?;
        let information = manage::read(&self.http, &place, context.flow).await?;
        (context.keep)(Checkpoint::Answered {
            step: "read",
            information: &information,
        })?;
        Ok(information)
    }

    pub(crate) async fn update(
        &self,
        context: Context<'_>,
        at: &Registration,
        metadata: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        let place = management(at, Capability::Update)?;
        (context.keep)(Checkpoint::Sending { step: "update" })?;
        let information = manage::update(
            &self.http,
            &place,
            metadata,
            at.client_secret.as_ref(),
            context.flow,
        )
        .await?;
        (context.keep)(Checkpoint::Answered {
            step: "update",
            information: &information,
        })?;
        Ok(information)
    }

    /// RFC 7592 §2.2: a server may issue a new secret when an update leaves the secret out.
    pub(crate) async fn rotate(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        let place = management(at, Capability::Rotate)?;
        (context.keep)(Checkpoint::Sending { step: "rotate" })?;
        let information =
            manage::update(&self.http, &place, &at.granted, None, context.flow).await?;
        (context.keep)(Checkpoint::Answered {
            step: "rotate",
            information: &information,
        })?;
        Ok(information)
    }

    pub(crate) async fn delete(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<(), ProviderError> {
        let place = management(at, Capability::Delete)?;
        (context.keep)(Checkpoint::Sending { step: "delete" })?;
        manage::delete(&self.http, &place, context.flow).await?;
        Ok(())
    }
}

fn management(at: &Registration, capability: Capability) -> Result<Management, ProviderError> {
    match (&at.registration_client_uri, &at.registration_access_token) {
        (Some(uri), Some(token)) => Ok(Management {
            uri: uri.clone(),
            token: token.clone(),
            client_id: at.client_id.clone(),
        }),
        _ => Err(ProviderError::NotCapable {
            capability,
            reason: Reason::PerRegistration,
        }),
    }
}
