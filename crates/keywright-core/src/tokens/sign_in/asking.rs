//! What the client sends about a user before the token request: for a device code, or a pushed request.

use std::vec;

use keywright_oauth::{
    http::HttpClient,
    token::{TokenError, TokenRequest},
};
use keywright_providers::{
    ProviderConfig, ProviderError, Registration, RememberedAudience, TokenWish as ProviderWish,
    WishedGrant, audiences_at,
};
use url::Url;

use super::plan::Plan;
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

/// Audiences of the client's assertion that are left to try at an endpoint.
pub(super) struct Audiences {
    left: vec::IntoIter<RememberedAudience>,
    /// The setting that remembers the one that is tried.
    pub(super) adapted: Option<(String, String)>,
}

impl Audiences {
    /// The usual one is set.
    pub(super) fn of(asking: &mut Asking, endpoint: &Url) -> Self {
        let way = asking.request.client_auth;
        let mut left = audiences_at(&asking.config, way, endpoint).into_iter();
        if let Some((audience, _)) = left.next() {
            asking.request.assertion.audience = audience;
        }
        Self {
            left,
            adapted: None,
        }
    }

    /// Sets the next one after a refusal of the client. False where the refusal is another, or none is left.
    pub(super) fn next(&mut self, asking: &mut Asking, error: &TokenError) -> bool {
        let next = error.may_refuse_assertion().then(|| self.left.next());
        let Some((audience, setting)) = next.flatten() else {
            return false;
        };
        asking.request.assertion.audience = audience;
        self.adapted = Some(setting);
        true
    }
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
            authorization_details: plan.question.details.clone(),
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
