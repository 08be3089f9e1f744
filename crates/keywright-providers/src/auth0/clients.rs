//! Making a client: the client, then its grant; and going on after a cut between the two.

use http::Method;
use keywright_oauth::{
    client_metadata::ClientMetadata, http::Purpose, register::ClientInformation, register::Handles,
};
use serde_json::Value;

use super::{Auth0, credentials, handle, translate};
use crate::{
    Context, ProviderError, Registration,
    api::{Answer, Call},
};

/// Steps, in the plan and in the journal.
pub(super) mod step {
    pub(in super::super) const CLIENT: &str = crate::auth0::messages::plan::CLIENT.as_str();
    pub(in super::super) const GRANT: &str = crate::auth0::messages::plan::GRANT.as_str();
    pub(in super::super) const SECRET: &str = "auth0_secret";
    pub(in super::super) const KEY: &str = "auth0_key";
    pub(in super::super) const OLD_KEY: &str = "auth0_old_key";
}

impl Auth0 {
    pub(super) async fn create(
        &self,
        context: Context<'_>,
        wanted: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        // Without a token nothing would be sent, and there would be nothing to write down.
        self.admin_token(context.flow).await?;
        let body = translate::creation(wanted, context.owner_tag);
        context.sending(step::CLIENT)?;
        let call = Call {
            body: Some(Value::Object(body)),
            ..self.request(Method::POST, Purpose::Registration, &["clients"])?
        };
        let answer = self.ask(call, context.flow).await?;
        let client_id = answer.needed("client_id")?;
        let mut information = information(&answer, &client_id);
        credentials::carry(wanted, &mut information);
        self.note_secret(&mut information);
        self.open_api(context, wanted, information).await
    }

    /// Opens the API to a client that was just made.
    async fn open_api(
        &self,
        context: Context<'_>,
        wanted: &ClientMetadata,
        mut information: ClientInformation,
    ) -> Result<ClientInformation, ProviderError> {
        let Some(audience) = self.api_for(wanted, &information.metadata, None) else {
            context.done(step::CLIENT, &information)?;
            return Ok(information);
        };
        context.so_far(step::CLIENT, &information)?;
        context.sending(step::GRANT)?;
        let scopes = wanted.scopes().unwrap_or_default();
        let grant = self
            .create_grant(&information.client_id, &audience, &scopes, context.flow)
            .await?;
        grant.note(&mut information);
        context.done(step::GRANT, &information)?;
        Ok(information)
    }

    /// Goes on with a client that was made: looks what is there, and makes what is not. A secret that
    /// was lost with its answer and is not shown again is replaced: nobody can have used it.
    pub(crate) async fn resume(
        &self,
        context: Context<'_>,
        wanted: &ClientMetadata,
        so_far: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        let call = self.request(
            Method::GET,
            Purpose::ReadRegistration,
            &["clients", &so_far.client_id],
        )?;
        let answer = self.ask(call, context.flow).await?;
        let mut information = information(&answer, &so_far.client_id);
        information.handles.clone_from(&so_far.handles);
        credentials::carry(wanted, &mut information);
        if information.client_secret.is_none() {
            information.client_secret.clone_from(&so_far.client_secret);
        }
        if information.client_secret.is_none() && has_secret(&information.metadata) {
            context.sending(step::SECRET)?;
            let rotated = self.new_secret(&so_far.client_id, context.flow).await?;
            information.client_secret = rotated.client_secret;
            self.note_secret(&mut information);
            context.so_far(step::SECRET, &information)?;
        }
        let Some(audience) = self.api_for(wanted, &information.metadata, None) else {
            context.done(step::CLIENT, &information)?;
            return Ok(information);
        };
        let found = self
            .grants_of(&so_far.client_id, Some(&audience), context.flow)
            .await?;
        let Some(grant) = found.first() else {
            return self.open_api(context, wanted, information).await;
        };
        grant.note(&mut information);
        context.done(step::GRANT, &information)?;
        Ok(information)
    }

    /// Notes that the secret was made just now: it may take a while to reach the token endpoint.
    pub(super) fn note_secret(&self, information: &mut ClientInformation) {
        let now = self.http.clock().now().to_string();
        information.handles.insert(handle::SECRET_SINCE.into(), now);
    }
}

/// What an answer tells of a client. `known_id` stands in where it leaves the id out.
pub(super) fn information(answer: &Answer, known_id: &str) -> ClientInformation {
    ClientInformation {
        client_id: answer
            .text("client_id")
            .unwrap_or_else(|| known_id.to_owned()),
        client_secret: answer.secret("client_secret"),
        client_id_issued_at: None,
        client_secret_expires_at: None,
        registration_client_uri: None,
        registration_access_token: None,
        metadata: translate::metadata(&answer.members),
        handles: Handles::new(),
        status: answer.status,
        elapsed_ms: answer.elapsed_ms,
        exchange: answer.exchange,
    }
}

/// Does this client prove itself by a secret? Where Auth0 names no way, it does.
pub(super) fn has_secret(metadata: &ClientMetadata) -> bool {
    matches!(
        metadata.token_endpoint_auth_method().as_deref(),
        None | Some("client_secret_post" | "client_secret_basic")
    )
}
