//! What the client sends about a user before the token request: for a device code, or a pushed request.

use keywright_oauth::{http::HttpClient, token::TokenRequest};
use keywright_providers::{
    ProviderConfig, ProviderError, Registration, TokenWish as ProviderWish, WishedGrant,
};

use super::Plan;
use crate::{
    CoreError, Operation,
    app::{FlowSubject, http_clients::Flow, registration_record::registration},
    tokens::Tokens,
};

/// A client that asks, as the vault has it now.
pub(super) struct Asking {
    pub(super) config: ProviderConfig,
    pub(super) at: Registration,
    pub(super) http: HttpClient,
    pub(super) request: TokenRequest,
    /// Exchanges are filed under it while it lives.
    _flow: Flow,
}

impl Plan {
    /// A failure of the sign-in at the provider.
    pub(super) fn failed(&self, source: ProviderError) -> CoreError {
        CoreError::Provider {
            who: self.who.clone(),
            doing: Operation::SignIn,
            source,
        }
    }
}

impl Tokens<'_> {
    /// Who asks, with the scopes and parameters of the plan.
    pub(super) fn asking(self, plan: &Plan) -> Result<Asking, CoreError> {
        let vault = self.app.vault()?;
        let configuration = vault.configuration(plan.row.configuration_id)?;
        let configurations = self.app.configurations();
        let config = configurations.provider_config(&configuration)?;
        let http = configurations.http(&config, &plan.who.name)?;
        let flow = self.app.flow(FlowSubject {
            configuration: Some(configuration.id),
            application: Some(plan.row.id),
        });
        let at = registration(&vault, &plan.row)?;
        let wish = ProviderWish {
            grant: WishedGrant::User,
            scopes: Some(plan.scopes.clone()),
            audience: plan.question.audience.clone(),
            resources: plan.question.resources.clone(),
        };
        let provider = configurations.provider(&configuration)?;
        let request = provider.token_request(&at, wish, flow.id);
        Ok(Asking {
            request: request.map_err(|source| plan.failed(source))?,
            config,
            at,
            http,
            _flow: flow,
        })
    }
}
