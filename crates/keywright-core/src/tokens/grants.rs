//! The grants by which one client can get a token here, said before one is tried.

use keywright_oauth::token::DEVICE_CODE;
use keywright_providers::{
    Capability, Provider, ProviderConfig, ProviderError, Registration, Verdict,
};
use keywright_vault::{ApplicationRow, ConfigurationRow, Owner};
use uuid::Uuid;

use super::{
    CLIENT_GRANT, CODE_GRANT, REFRESH_TOKEN,
    request::is_of_user,
    types::{GrantView, GrantsView},
};
use crate::{
    CoreError, Keywright, app::registration_record::registration,
    configurations::capabilities::reason_words, i18n::key::Key, tokens::Tokens,
};

/// In the order of the choice.
const GRANTS: [(&str, Capability); 3] = [
    (CLIENT_GRANT, Capability::ClientCredentials),
    (CODE_GRANT, Capability::AuthorizationCode),
    (DEVICE_CODE, Capability::DeviceAuthorization),
];

impl Tokens<'_> {
    /// The grants of an application: which of them the registration and the server allow, and which is usual.
    pub fn grants(self, wanted: &str) -> Result<GrantsView, CoreError> {
        let row = self.app.application_row(wanted)?;
        let vault = self.app.vault()?;
        let configuration = vault.configuration(row.configuration_id)?;
        let policy = GrantPolicy::of(self, &row, &configuration)?;
        let mut grants = Vec::new();
        for (grant, capability) in GRANTS {
            let reason = policy.why_not(grant, capability);
            grants.push(GrantView {
                grant: grant.to_owned(),
                available: reason.is_none(),
                reason,
                of_user: is_of_user(grant),
                refreshable: self.is_refreshable(row.id, grant)?,
            });
        }
        Ok(GrantsView {
            grants,
            usual: policy.usual,
        })
    }

    /// Why no grant is possible: none where one is.
    pub(crate) fn obstacle(
        self,
        row: &ApplicationRow,
        configuration: &ConfigurationRow,
    ) -> Result<Option<String>, CoreError> {
        let policy = GrantPolicy::of(self, row, configuration)?;
        let mut found = None;
        for (grant, capability) in GRANTS {
            let Some(reason) = policy.why_not(grant, capability) else {
                return Ok(None);
            };
            if grant == policy.usual {
                found = Some(reason);
            }
        }
        Ok(found)
    }

    /// A refresh token is kept that came by this grant.
    fn is_refreshable(self, application: Uuid, grant: &str) -> Result<bool, CoreError> {
        let vault = self.app.vault()?;
        for token in vault.tokens(application)? {
            let names = vault.secret_names(Owner::Token(token.id))?;
            if token.grant == grant && names.iter().any(|name| name == REFRESH_TOKEN) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What decides about a grant of one application.
struct GrantPolicy<'a> {
    app: &'a Keywright,
    who: &'a str,
    config: ProviderConfig,
    provider: Provider,
    at: Registration,
    usual: String,
}

impl<'a> GrantPolicy<'a> {
    fn of(
        tokens: Tokens<'a>,
        row: &ApplicationRow,
        configuration: &'a ConfigurationRow,
    ) -> Result<Self, CoreError> {
        let app = tokens.app;
        Ok(Self {
            app,
            who: &configuration.name,
            config: app.configurations().provider_config(configuration)?,
            provider: app.configurations().provider(configuration)?,
            at: registration(&*app.vault()?, row)?,
            usual: tokens.usual_grant(row)?,
        })
    }

    fn why_not(&self, grant: &str, capability: Capability) -> Option<String> {
        let say = |key| Some(self.app.translate(key, &[("who", self.who)]));
        if self.is_endpoint_missing(capability) {
            return say(Key::GrantNoEndpoint);
        }
        let sheet = self.provider.capabilities();
        if sheet
            .line(capability)
            .is_some_and(|line| line.verdict == Verdict::No)
        {
            return say(Key::ActionNotOffered);
        }
        if let Err(ProviderError::NotCapable { reason, .. }) =
            self.provider.can(capability, &self.at)
        {
            return Some(reason_words(self.app.lang(), &reason));
        }
        if !self.is_registered(grant) {
            return say(Key::GrantNotRegistered);
        }
        let redirects = self.at.granted.redirect_uris();
        if grant == CODE_GRANT && redirects.is_some_and(|all| all.is_empty()) {
            return say(Key::GrantNoRedirect);
        }
        None
    }

    /// The registration lists the grant, or lists none: what it allows is not known then. A client without a user is
    /// not held to its list, which some servers answer without `client_credentials`.
    fn is_registered(&self, grant: &str) -> bool {
        let listed = self.at.granted.grant_types().unwrap_or_default();
        listed.is_empty()
            || self.at.granted.has_grant(grant)
            || (grant == CLIENT_GRANT && self.usual == CLIENT_GRANT)
    }

    /// The metadata is known and has no such endpoint. One that may not be opened says so when it is tried.
    fn is_endpoint_missing(&self, capability: Capability) -> bool {
        let endpoint = match capability {
            Capability::AuthorizationCode => self.config.authorization_endpoint(),
            Capability::DeviceAuthorization => self.config.device_authorization_endpoint(),
            _ => return false,
        };
        let missing = matches!(
            endpoint,
            Err(ProviderError::Endpoint { .. } | ProviderError::NotCapable { .. })
        );
        missing && self.config.metadata.is_some()
    }
}
