//! Register, update by event, rotate, delete.

use http::Method;
use keywright_oauth::{
    client_metadata::ClientMetadata,
    http::Purpose,
    lenient,
    register::{self, ClientInformation, Handles},
};

use super::{HttpBridge, identity, plan::STEP, routes::gone, translate};
use crate::{Capability, Context, ProviderError, Registration, api::Answer};

impl HttpBridge {
    pub(crate) async fn register(
        &self,
        context: Context<'_>,
        wanted: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        let description = translate::description(wanted, context.owner_tag);
        let handles = identity::handles(&self.settings, context.owner_tag, &description);
        let body = translate::registration(wanted, |name| {
            handles.get(name).cloned().unwrap_or_default()
        });
        let to = (Method::POST, self.root()?, Purpose::Registration);
        self.api_key()?;
        context.sending(STEP)?;
        let answer = self.ask(context, to, Some(body)).await?;
        let information = ClientInformation {
            metadata: translate::granted(wanted, &answer.members),
            handles,
            ..information(&answer, answer.needed("client_id")?)
        };
        context.done(STEP, &information)?;
        Ok(information)
    }

    /// The bridge hears of the change by an event and answers nothing about it.
    pub(crate) async fn update(
        &self,
        context: Context<'_>,
        at: &Registration,
        metadata: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        self.require(Capability::Update)?;
        let asked = lenient::text(metadata.members(), identity::DESCRIPTION);
        let description = asked
            .or_else(|| at.handle(identity::DESCRIPTION).map(str::to_owned))
            .unwrap_or_else(|| translate::description(metadata, context.owner_tag));
        let body = translate::update_event(&at.client_id, metadata, |name| {
            if name == identity::DESCRIPTION {
                description.clone()
            } else {
                identity::known(&self.settings, at, name)
            }
        });
        let url = self.client(&at.client_id, &["event-hook"], Capability::Update)?;
        let to = (Method::POST, url, Purpose::UpdateRegistration);
        self.api_key()?;
        context.sending("update")?;
        let answer = self.ask(context, to, Some(body)).await.map_err(gone)?;
        let information = ClientInformation {
            metadata: translate::changed(&at.granted, metadata),
            handles: Handles::from([(identity::DESCRIPTION.to_owned(), description)]),
            ..information(&answer, at.client_id.clone())
        };
        context.done("update", &information)?;
        Ok(information)
    }

    pub(crate) async fn rotate(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        self.require(Capability::Rotate)?;
        let url = self.client(&at.client_id, &["new-secret"], Capability::Rotate)?;
        let to = (Method::POST, url, Purpose::RotateSecret);
        self.api_key()?;
        context.sending("rotate")?;
        let answer = self.ask(context, to, None).await.map_err(gone)?;
        answer.needed_secret("client_secret")?;
        let information = ClientInformation {
            metadata: at.granted.clone(),
            ..information(&answer, at.client_id.clone())
        };
        context.done("rotate", &information)?;
        Ok(information)
    }

    pub(crate) async fn delete(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<(), ProviderError> {
        let url = self.client(&at.client_id, &[], Capability::Delete)?;
        let to = (Method::DELETE, url, Purpose::DeleteRegistration);
        self.api_key()?;
        context.sending("delete")?;
        self.ask(context, to, None).await.map_err(gone)?;
        Ok(())
    }
}

/// What an answer says of a client. The two dates are declared as text, and Kong's own bridge sends
/// Unix seconds.
fn information(answer: &Answer, client_id: String) -> ClientInformation {
    ClientInformation {
        client_id,
        client_secret: answer.secret("client_secret"),
        client_id_issued_at: lenient::time(&answer.members, "client_id_issued_at"),
        client_secret_expires_at: register::end_of_secret(&answer.members),
        registration_client_uri: None,
        registration_access_token: None,
        metadata: ClientMetadata::default(),
        handles: Handles::new(),
        status: answer.status,
        elapsed_ms: answer.elapsed_ms,
        exchange: answer.exchange,
    }
}
