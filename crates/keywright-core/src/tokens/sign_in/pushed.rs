//! Authorization requests that the server wants to have before the user comes (RFC 9126).

use keywright_oauth::{authorize::PendingAuthorization, pushed};
use keywright_providers::{TokenWish as ProviderWish, WishedGrant};

use super::Plan;
use crate::{
    CoreError, Operation,
    app::{FlowSubject, registration_record::registration},
    tokens::Tokens,
};

impl Tokens<'_> {
    /// Pushes the request where the server or the registration demands it; the browser gets its name then.
    pub(super) async fn push(
        self,
        plan: &Plan,
        pending: &mut PendingAuthorization,
    ) -> Result<(), CoreError> {
        let vault = self.app.vault()?;
        let configuration = vault.configuration(plan.row.configuration_id)?;
        let configurations = self.app.configurations();
        let config = configurations.provider_config(&configuration)?;
        let failed = |source| CoreError::Provider {
            who: plan.who.clone(),
            doing: Operation::SignIn,
            source,
        };
        let at = registration(&vault, &plan.row)?;
        let endpoint = config
            .pushed_request_endpoint(&at.granted)
            .map_err(failed)?;
        let Some(endpoint) = endpoint else {
            return Ok(());
        };
        let http = configurations.http(&config, &plan.who.name)?;
        let flow = self.app.flow(FlowSubject {
            configuration: Some(configuration.id),
            application: Some(plan.row.id),
        });
        let wish = ProviderWish {
            grant: WishedGrant::User,
            scopes: Some(plan.scopes.clone()),
            audience: plan.question.audience.clone(),
            resources: plan.question.resources.clone(),
        };
        let provider = configurations.provider(&configuration)?;
        let wanted = provider.token_request(&at, wish, flow.id).map_err(failed)?;
        pushed::push(&http, &endpoint, &wanted, &plan.endpoint, pending)
            .await
            .map_err(|error| failed(error.into()))
    }
}
