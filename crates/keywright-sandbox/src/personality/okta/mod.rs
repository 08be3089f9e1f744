//! Okta: clients belong to the organisation, tokens to its custom authorization server `default`.

mod admission;
mod answer;
mod clients;
mod device;
mod discovery;
mod metadata;
mod secrets;
mod servers;
#[cfg(test)]
mod tests;
mod token;
mod users;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use jsonwebtoken::Algorithm;

use self::answer::ApiRefusal;
use super::provider_behavior::number_headers;
use super::{Personality, ProviderBehavior, TokenRequest};
use crate::faults::rate_limit::RateWindow;
use crate::faults::{DialKind, VendorDial};
use crate::idp::{
    self, AssertionRules, Claims, DeviceRules, Form, RefreshRule, SignInRefused, User, UserScope,
};
use crate::state::Shared;
use crate::state::admin::Admin;
use crate::state::keys::{ALPHANUMERIC, random_of};
use crate::state::logins::SignIn;
use crate::state::store::Client;

const SELF: Personality = Personality::Okta;

/// Audience of the authorization server `default`.
const AUDIENCE: &str = "api://default";

/// The custom scopes of the authorization server `default`.
const SCOPES: [&str; 2] = ["orders:read", "orders:write"];

/// An application must be deactivated before its client is deleted.
const DEACTIVATE_FIRST: &str = "deactivate_before_delete";
/// No access policy admits anyone, as in a new organisation.
const NO_POLICY: &str = "no_access_policy";
/// The administrator may not manage the secrets of applications.
const NO_APPS_API: &str = "no_secrets_api";
/// The administrator may only read.
const READ_ONLY: &str = "read_only_admin";

const DIALS: [VendorDial; 4] = [
    switch(DEACTIVATE_FIRST),
    switch(NO_POLICY),
    switch(NO_APPS_API),
    switch(READ_ONLY),
];

const fn switch(key: &'static str) -> VendorDial {
    VendorDial {
        key,
        kind: DialKind::Switch,
    }
}

/// See [`Personality::Okta`].
pub(super) struct Okta;

impl ProviderBehavior for Okta {
    fn router(&self) -> Router<Arc<Shared>> {
        Router::new()
            .route(
                "/okta/.well-known/openid-configuration",
                get(discovery::organisation_openid),
            )
            .route(
                "/okta/.well-known/oauth-authorization-server",
                get(discovery::organisation_oauth),
            )
            .route(
                "/okta/oauth2/default/.well-known/openid-configuration",
                get(discovery::server_openid),
            )
            .route(
                "/okta/oauth2/default/.well-known/oauth-authorization-server",
                get(discovery::server_oauth),
            )
            .route(
                "/.well-known/oauth-authorization-server/okta/oauth2/default",
                get(discovery::server_oauth),
            )
            .route("/okta/oauth2/v1/keys", get(idp::jwks))
            .route("/okta/oauth2/v1/token", post(token::organisation))
            .route(
                "/okta/oauth2/default/v1/authorize",
                get(idp::authorize).post(idp::authorize),
            )
            .route("/okta/consent", post(idp::decide))
            .route(
                "/okta/oauth2/default/v1/device/authorize",
                post(device::authorize),
            )
            .route(
                "/okta/activate",
                get(idp::device_page).post(idp::device_page),
            )
            .route(
                "/okta/oauth2/default/v1/userinfo",
                get(idp::userinfo).post(idp::userinfo),
            )
            .route("/okta/oauth2/default/v1/logout", get(idp::end_session))
            .route("/okta/oauth2/default/v1/keys", get(idp::jwks))
            .route("/okta/oauth2/default/v1/token", post(token::token))
            .route("/okta/oauth2/default/v1/introspect", post(idp::introspect))
            .route("/okta/oauth2/default/v1/revoke", post(idp::revoke))
            .merge(apis())
    }

    fn issuer(&self, base: &str) -> String {
        format!("{base}/oauth2/default")
    }

    fn issuers(&self, shared: &Shared) -> Vec<String> {
        vec![SELF.issuer(shared), organisation(shared)]
    }

    fn settings(&self, _shared: &Shared) -> BTreeMap<String, String> {
        BTreeMap::from([("okta_custom_scope".to_owned(), SCOPES.join(" "))])
    }

    fn secrets(&self, shared: &Shared) -> BTreeMap<String, String> {
        let token = shared.admins.of(SELF).map(|admin| admin.secret.clone());
        token
            .map(|token| ("dcr_token".to_owned(), token))
            .into_iter()
            .collect()
    }

    /// An API token, sent as `Authorization: SSWS …`.
    fn new_admin(&self) -> Result<Admin, getrandom::Error> {
        Ok(Admin {
            id: String::new(),
            secret: format!("00{}", random_of(ALPHANUMERIC, 40)?),
        })
    }

    /// As Kong is told with `scopes`: its default, `openid`, is refused for client credentials.
    fn token_request(&self, shared: &Shared) -> TokenRequest {
        TokenRequest {
            endpoint: format!("{}/v1/token", SELF.issuer(shared)),
            audience: None,
            scope: Some(SCOPES.join(" ")),
        }
    }

    fn token_kind(&self) -> Option<&'static str> {
        None
    }

    fn client_of<'a>(&self, claims: &'a Claims) -> Option<&'a str> {
        claims.text("cid")
    }

    fn is_for_api(&self, _shared: &Shared, claims: &Claims) -> bool {
        claims.aud == AUDIENCE
    }

    /// "The audience must be the endpoint invoked"; a client with several keys has to name one.
    fn assertion_rules(&self, shared: &Shared, endpoint: Option<&str>) -> AssertionRules {
        let asked = endpoint.map_or_else(|| self.token_request(shared).endpoint, str::to_owned);
        AssertionRules {
            algorithms: &[
                Algorithm::RS256,
                Algorithm::RS384,
                Algorithm::RS512,
                Algorithm::ES256,
                Algorithm::ES384,
            ],
            audiences: vec![asked],
            longest_secs: 3600,
            key_name: idp::KeyName::AmongSeveral,
            once: false,
        }
    }

    fn user_scope(
        &self,
        shared: &Shared,
        _client: &Client,
        form: &Form,
    ) -> Option<Result<UserScope, SignInRefused>> {
        Some(users::scope(shared, form))
    }

    fn user_claims(
        &self,
        shared: &Shared,
        client: &Client,
        sign_in: &SignIn,
        user: &User,
        scope: &[String],
    ) -> Result<Option<Claims>, getrandom::Error> {
        users::claims(shared, client, sign_in, user, scope).map(Some)
    }

    fn refresh_rule(&self, client: &Client, scope: &[String]) -> RefreshRule {
        users::refresh_rule(client, scope)
    }

    fn device_rules(&self) -> DeviceRules {
        device::RULES
    }

    fn names_issuer_in_answers(&self) -> bool {
        false
    }

    fn vendor_dials(&self) -> &'static [VendorDial] {
        &DIALS
    }

    /// Okta sends no `Retry-After`: the reset is to be held against the `Date` of the same clock.
    fn rate_limited(&self, shared: &Shared, _path: &str, window: &RateWindow) -> Response {
        let mut response = ApiRefusal::TooManyRequests.into_response();
        let headers = response.headers_mut();
        headers.extend(self.rate_headers(window));
        if let Ok(date) = HeaderValue::try_from(answer::http_date(shared.now())) {
            headers.insert(header::DATE, date);
        }
        response
    }

    fn rate_headers(&self, window: &RateWindow) -> HeaderMap {
        number_headers([
            ("x-rate-limit-limit", window.limit.into()),
            ("x-rate-limit-remaining", window.remaining.into()),
            ("x-rate-limit-reset", window.reset_at),
        ])
    }
}

/// The organisation's issuer, whose tokens are for Okta's own APIs.
fn organisation(shared: &Shared) -> String {
    SELF.base(shared)
}

/// The organisation's APIs for its administrators.
fn apis() -> Router<Arc<Shared>> {
    Router::new()
        .route(
            "/okta/.well-known/okta-organization",
            get(servers::organization),
        )
        .route(
            "/okta/oauth2/v1/clients",
            get(clients::list).post(clients::create),
        )
        .route(
            "/okta/oauth2/v1/clients/{id}",
            get(clients::read)
                .put(clients::replace)
                .delete(clients::delete),
        )
        .route(
            "/okta/oauth2/v1/clients/{id}/lifecycle/newSecret",
            post(clients::new_secret),
        )
        .route(
            "/okta/api/v1/apps/{id}/lifecycle/deactivate",
            post(clients::deactivate),
        )
        .route(
            "/okta/api/v1/apps/{id}/lifecycle/activate",
            post(clients::activate),
        )
        .route(
            "/okta/api/v1/apps/{id}/credentials/secrets",
            get(secrets::list).post(secrets::add),
        )
        .route(
            "/okta/api/v1/apps/{id}/credentials/secrets/{secret}",
            delete(secrets::delete),
        )
        .route(
            "/okta/api/v1/apps/{id}/credentials/secrets/{secret}/lifecycle/deactivate",
            post(secrets::deactivate),
        )
        .route(
            "/okta/api/v1/authorizationServers/{server}",
            get(servers::server),
        )
        .route(
            "/okta/api/v1/authorizationServers/{server}/policies",
            get(servers::policies),
        )
        .route(
            "/okta/api/v1/authorizationServers/{server}/policies/{policy}/rules",
            get(servers::rules),
        )
        .method_not_allowed_fallback(answer::bad_method)
}
