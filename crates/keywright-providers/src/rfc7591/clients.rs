//! Register, read, update, rotate, delete.

use keywright_oauth::{
    client_metadata::ClientMetadata,
    manage::{self, Management, ManagementCredential},
    register::{self, ClientInformation, RegistrationError},
    server_metadata::REGISTRATION_ENDPOINT,
};

use super::{BY_ADMINISTRATOR, Rfc7591, plan::STEP};
use crate::{
    Capability, Context, ProviderConfig, ProviderError, Reason, Registration, settings::key,
};

impl Rfc7591 {
    pub(crate) async fn register(
        &self,
        context: Context<'_>,
        wanted: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        let endpoint = self.config.registration_endpoint()?.ok_or_else(|| {
            self.config
                .no_endpoint(REGISTRATION_ENDPOINT, Capability::Register)
        })?;
        let body = self.sent(wanted);
        let token = self.config.initial_access_token();
        context.sending(STEP)?;
        let information =
            register::register(&self.http, &endpoint, &body, token.as_ref(), context.flow).await?;
        context.done(STEP, &information)?;
        Ok(information)
    }

    pub(crate) async fn read(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        let place = self.managed(at, Capability::Read)?;
        context.sending("read")?;
        let information = manage::read(&self.http, &place, context.flow).await?;
        context.done("read", &information)?;
        Ok(information)
    }

    pub(crate) async fn update(
        &self,
        context: Context<'_>,
        at: &Registration,
        metadata: &ClientMetadata,
    ) -> Result<ClientInformation, ProviderError> {
        let place = self.managed(at, Capability::Update)?;
        context.sending("update")?;
        let secret = at.client_secret.as_ref();
        let put = manage::update(&self.http, &place, metadata, secret, context.flow).await;
        let information = match put {
            // A method that is not allowed changed nothing.
            Err(RegistrationError::Refused { words, .. }) if words.wants_patch => {
                manage::patch(&self.http, &place, &at.granted, metadata, context.flow).await?
            }
            Err(RegistrationError::Refused { words, .. })
                if secret.is_some() && words.refuses_secret() =>
            {
                manage::update(&self.http, &place, metadata, None, context.flow).await?
            }
            put => put?,
        };
        context.done("update", &information)?;
        Ok(information)
    }

    /// RFC 7592 §2.2: a server may issue a new secret when an update leaves the secret out.
    pub(crate) async fn rotate(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<ClientInformation, ProviderError> {
        let place = self.managed(at, Capability::Rotate)?;
        context.sending("rotate")?;
        let information =
            manage::update(&self.http, &place, &at.granted, None, context.flow).await?;
        context.done("rotate", &information)?;
        Ok(information)
    }

    pub(crate) async fn delete(
        &self,
        context: Context<'_>,
        at: &Registration,
    ) -> Result<(), ProviderError> {
        let place = self.managed(at, Capability::Delete)?;
        context.sending("delete")?;
        manage::delete(&self.http, &place, context.flow).await?;
        Ok(())
    }

    fn managed(
        &self,
        at: &Registration,
        capability: Capability,
    ) -> Result<Management, ProviderError> {
        management(&self.config, at)
            .map_err(|reason| ProviderError::NotCapable { capability, reason })
    }
}

/// Where and with what a registration is managed: by what came with it, else by the administrator where the configuration
/// says so.
pub(super) fn management(config: &ProviderConfig, at: &Registration) -> Result<Management, Reason> {
    let client_id = at.client_id.clone();
    match (&at.registration_client_uri, &at.registration_access_token) {
        (Some(_), _) if at.names_other_client() => Err(Reason::OTHER_CLIENTS_ADDRESS),
        (Some(uri), Some(token)) => Ok(Management {
            uri: uri.clone(),
            credential: ManagementCredential::Registration(token.clone()),
            client_id,
        }),
        _ if is_by_administrator(config) => {
            let token = config
                .initial_access_token()
                .ok_or(Reason::ADMINISTRATOR_NOT_SET)?;
            let endpoint = config.registration_endpoint().ok().flatten();
            let endpoint = endpoint.ok_or(Reason::ENDPOINT_MISSING)?;
            // An administrator's credential goes nowhere else than the one who registers.
            let named = at.registration_client_uri.clone();
            let named = named.filter(|uri| uri.origin() == endpoint.origin());
            let uri = named.or_else(|| manage::below(&endpoint, &client_id));
            Ok(Management {
                uri: uri.ok_or(Reason::PER_REGISTRATION)?,
                credential: ManagementCredential::Administrator(token),
                client_id,
            })
        }
        _ => Err(Reason::PER_REGISTRATION),
    }
}

/// Clients that came without a token of their own are managed with what opens registration.
pub(super) fn is_by_administrator(config: &ProviderConfig) -> bool {
    config.setting(key::MANAGEMENT) == Some(BY_ADMINISTRATOR)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use keywright_oauth::secret::{AdminSecret, RegistrationAccessToken};
    use url::Url;

    use super::*;

    fn config(settings: &[(&str, &str)], secrets: &[(&str, &str)]) -> ProviderConfig {
        ProviderConfig {
            kind: crate::ProviderKind::Rfc7591,
            issuer: "https://id.example".into(),
            settings: settings
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            secrets: secrets
                .iter()
                .map(|(name, value)| ((*name).to_owned(), AdminSecret::new(*value)))
                .collect(),
            metadata: None,
        }
    }

    #[test]
    fn t02_an_administrator_is_sent_to_the_registration_endpoint_alone() {
        let settings = [
            (key::MANAGEMENT, BY_ADMINISTRATOR),
            (key::REGISTRATION_ENDPOINT, "https://id.example/register"),
        ];
        let secrets = [(key::INITIAL_ACCESS_TOKEN, "Basic YWRtaW46YWRtaW4=")];
        let by_administrator = config(&settings, &secrets);
        let at = |uri: Option<&str>, token: Option<&str>| Registration {
            client_id: "c1".into(),
            registration_client_uri: uri.map(|uri| Url::parse(uri).unwrap()),
            registration_access_token: token.map(RegistrationAccessToken::new),
            ..Registration::default()
        };
        for (uri, wanted) in [
            (None, "https://id.example/register/c1"),
            (
                Some("https://id.example/clients/7"),
                "https://id.example/clients/7",
            ),
            (
                Some("https://evil.example/register/c1"),
                "https://id.example/register/c1",
            ),
            (
                Some("http://id.example/register/c1"),
                "https://id.example/register/c1",
            ),
        ] {
            let got = management(&by_administrator, &at(uri, None)).unwrap();
            assert_eq!(got.uri.as_str(), wanted);
            let is_administrator = matches!(got.credential, ManagementCredential::Administrator(_));
            assert!(is_administrator, "{wanted}");
        }
        // What a registration came with is its own.
        let own = at(Some("https://id.example/clients/7"), Some("token"));
        let own = management(&by_administrator, &own).unwrap();
        assert!(matches!(
            own.credential,
            ManagementCredential::Registration(_)
        ));
        let refused = |config: &ProviderConfig| management(config, &at(None, None)).unwrap_err();
        assert_eq!(
            refused(&config(&settings[1..], &secrets)),
            Reason::PER_REGISTRATION
        );
        assert_eq!(
            refused(&config(&settings, &[])),
            Reason::ADMINISTRATOR_NOT_SET
        );
        assert_eq!(
            refused(&config(&settings[..1], &secrets)),
            Reason::ENDPOINT_MISSING
        );
    }

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
            assert!(management(&config(&[], &[]), &at(own)).is_ok(), "{own}");
        }
        for other in [
            "https://id.example/m?client_id=c2",
            "https://id.example/m?client_id=c1&client_id=c2",
            "https://id.example/manage/c2",
            "https://id.example/manage/c2/",
            "https://id.example/manage/c%2F3",
            "https://id.example/manage?id=c2",
        ] {
            let refused = management(&config(&[], &[]), &at(other))
                .map(|_| ())
                .unwrap_err();
            assert_eq!(refused, Reason::OTHER_CLIENTS_ADDRESS, "{other}");
        }
    }
}
