//! What is known of a sign-in before the user is asked.

use keywright_oauth::{
    authorize::ExpectedIssuer,
    device::DEVICE_AUTHORIZATION_ENDPOINT,
    token::{ClientAuth, DEVICE_CODE},
};
use keywright_providers::{TokenWish as ProviderWish, WishedGrant};
use keywright_vault::ApplicationRow;
use url::Url;
use uuid::Uuid;

use super::scopes;
use crate::{
    CoreError, Operation, ProviderLabel,
    app::registration_record::{metadata, registration},
    tokens::{CODE_GRANT, REFRESH_GRANT, Tokens, request::Question, types::TokenWish},
};

/// What the vault and the server say of a sign-in, before the user is asked and again after the answer.
pub(super) struct Plan {
    pub(super) row: ApplicationRow,
    pub(super) question: Question,
    pub(super) who: ProviderLabel,
    pub(super) endpoint: Url,
    pub(super) token_endpoint: Url,
    pub(super) from: ExpectedIssuer,
    pub(super) scopes: Vec<String>,
    /// Neither the user nor the registration names a scope.
    pub(super) names_no_scope: bool,
    pub(super) extra: Vec<(String, String)>,
    pub(super) redirect_uris: Vec<String>,
    /// The client has no secret, and the server does not list S256.
    pub(super) rests_on_unlisted_pkce: bool,
}

impl Tokens<'_> {
    pub(super) async fn sign_in_plan(self, wish: &TokenWish) -> Result<Plan, CoreError> {
        let row = self.app.application_row(&wish.application_id)?;
        let mut question = self.question_of(&row, wish)?;
        if question.grant == REFRESH_GRANT {
            CODE_GRANT.clone_into(&mut question.grant);
        }
        let vault = self.app.vault()?;
        let (configuration, provider) = self
            .app
            .configurations()
            .discovered(vault.configuration(row.configuration_id)?)
            .await?;
        let at = registration(&vault, &row)?;
        let config = self.app.configurations().provider_config(&configuration)?;
        let who = ProviderLabel::of(&configuration).about(&row.name);
        let wish = ProviderWish {
            grant: WishedGrant::User,
            scopes: question.scopes.clone(),
            audience: question.audience.clone(),
            resources: question.resources.clone(),
            authorization_details: question.details.clone(),
        };
        let failed = |source| CoreError::Provider {
            who: who.clone(),
            doing: Operation::Token,
            source,
        };
        let endpoint = if question.grant == DEVICE_CODE {
            config.device_authorization_endpoint()
        } else {
            config.authorization_endpoint()
        };
        let endpoint = endpoint.map_err(failed)?;
        let request = provider
            .token_request(&at, wish, Uuid::nil())
            .map_err(failed)?;
        let endpoint = if question.grant == DEVICE_CODE {
            let presents = request.certificate.is_some();
            config.at_certificate(DEVICE_AUTHORIZATION_ENDPOINT, endpoint, presents)
        } else {
            endpoint
        };
        // An answer without any does not take away those that were asked for (RFC 7591 §3.2.1).
        let answered = at.granted.redirect_uris().filter(|all| !all.is_empty());
        let redirect_uris = answered
            .or_else(|| metadata(&row.requested).redirect_uris())
            .unwrap_or_default();
        let lists_s256 = config.takes_s256();
        let allowed = at.granted.scopes().filter(|all| !all.is_empty());
        let may_refresh = at.granted.has_grant(REFRESH_GRANT);
        let names_no_scope = request.scopes.is_empty();
        let scopes = if question.scopes.is_some() {
            request.scopes
        } else {
            let is_for_api = !question.resources.is_empty();
            let allowed = allowed.as_deref();
            scopes::usual(request.scopes, &config, may_refresh, allowed, is_for_api)
        };
        Ok(Plan {
            names_no_scope,
            who: ProviderLabel {
                asks_no_scope: scopes.is_empty(),
                ..who
            },
            scopes,
            rests_on_unlisted_pkce: request.client_auth == ClientAuth::None && !lists_s256,
            from: config.expected_issuer(),
            token_endpoint: request.endpoint,
            extra: request.extra,
            row,
            question,
            endpoint,
            redirect_uris,
        })
    }
}
