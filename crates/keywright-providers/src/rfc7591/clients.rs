//! Register, read, update, rotate, delete.

use keywright_oauth::{
    client_metadata::ClientMetadata,
    manage::{self, Management},
    register::{self, ClientInformation},
    server_metadata::REGISTRATION_ENDPOINT,
};

use super::{Rfc7591, plan::STEP};
use crate::{Capability, Context, ProviderError, Reason, Registration};

impl Rfc7591 {
    pub(super) async fn send_registration(
        &self,
        context: Context<'_>,
        wanted: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        let endpoint = self.config.registration_endpoint()?.ok_or_else(|| {
            self.config
                .no_endpoint(REGISTRATION_ENDPOINT, Capability::Register)
        })?;
        let body = self.prepared(wanted);
        let token = self.config.initial_access_token();
        context.sending(STEP)?;
        let information =
            register::register(&self.http, &endpoint, &body, token.as_ref(), context.flow).await?;
        context.done(STEP, &information)?;
        Ok(information)
    }

    pub(super) async fn send_read(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        let place = managed(at, Capability::Read)?;
        context.sending("read")?;
        let information = manage::read(&self.http, &place, context.flow).await?;
        context.done("read", &information)?;
        Ok(information)
    }

    pub(super) async fn send_update(
        &self,
        context: Context<'_>,
        at: &Registration,
        metadata: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        let place = managed(at, Capability::Update)?;
        context.sending("update")?;
        let information = manage::update(
            &self.http,
            &place,
            metadata,
            at.client_secret.as_ref(),
            context.flow,
        )
        .await?;
        context.done("update", &information)?;
        Ok(information)
    }

    /// RFC 7592 §2.2: a server may issue a new secret when an update leaves the secret out.
    pub(super) async fn send_rotation(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        let place = managed(at, Capability::Rotate)?;
        context.sending("rotate")?;
        let information =
            manage::update(&self.http, &place, &at.granted, None, context.flow).await?;
        context.done("rotate", &information)?;
        Ok(information)
    }

    pub(super) async fn send_deletion(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<(), ProviderError> {
        let place = managed(at, Capability::Delete)?;
        context.sending("delete")?;
        manage::delete(&self.http, &place, context.flow).await?;
        Ok(())
    }
}

fn managed(at: &Registration, capability: Capability) -> Result<Management, ProviderError> {
    management(at).map_err(|reason| ProviderError::NotCapable { capability, reason })
}

/// Where and with what a registration is managed, if it came with both.
pub(super) fn management(at: &Registration) -> Result<Management, Reason> {
    match (&at.registration_client_uri, &at.registration_access_token) {
        (Some(_), _) if at.names_other_client() => Err(Reason::OTHER_CLIENTS_ADDRESS),
        (Some(uri), Some(token)) => Ok(Management {
            uri: uri.clone(),
            token: token.clone(),
            client_id: at.client_id.clone(),
        }),
        _ => Err(Reason::PER_REGISTRATION),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use keywright_oauth::secret::RegistrationAccessToken;
    use url::Url;

    use super::*;

    #[test]
    fn t29_nothing_is_managed_at_the_address_of_another_client() {
        let at = |uri: &str| Registration {
            client_id: "c1".into(),
            registration_client_uri: Some(Url::parse(uri).unwrap()),
            registration_access_token: Some(RegistrationAccessToken::new("token")),
            other_clients: vec!["c2".into(), "c/3".into()],
            ..Registration::default()
        };
        for own in [
            "https://id.example/manage/c1",
            "https://id.example/m?client_id=c1",
            // An identifier of its own, as some servers have, is another client's only if the vault knows that one.
            "https://id.example/manage/0f3c",
            "https://id.example/c2/clients/c1",
        ] {
            assert!(management(&at(own)).is_ok(), "{own}");
        }
        for other in [
            "https://id.example/m?client_id=c2",
            "https://id.example/m?client_id=c1&client_id=c2",
            "https://id.example/manage/c2",
            "https://id.example/manage/c2/",
            "https://id.example/manage/c%2F3",
            "https://id.example/manage?id=c2",
        ] {
            let refused = management(&at(other)).map(|_| ()).unwrap_err();
            assert_eq!(refused, Reason::OTHER_CLIENTS_ADDRESS, "{other}");
        }
    }
}
