//! Auth0: discovery with an issuer that ends in a slash, a Management API that makes clients and client
//! grants, tokens for an audience that the client has a grant for, and open registration.

mod answer;
mod client_grants;
mod clients;
mod credentials;
mod device;
mod discovery;
mod grants;
mod management;
mod object;
mod open;
mod payload;
#[cfg(test)]
mod tests;
mod token;
mod users;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jsonwebtoken::Algorithm;

use self::answer::{ManagementRefusal, TokenRefusal};
use super::provider_behavior::number_headers;
use super::{Personality, ProviderBehavior, TokenRequest};
use crate::faults::rate_limit::RateWindow;
use crate::faults::{DialKind, SandboxFaults, VendorDial};
use crate::idp::{
    self, AssertionRules, Claims, DeviceRules, Form, KeyName, RefreshRule, SignInRefused, User,
    UserScope,
};
use crate::state::Shared;
use crate::state::admin::Admin;
use crate::state::keys::{ALPHANUMERIC, random_of};
use crate::state::logins::SignIn;
use crate::state::store::{Client, Lags};

const SELF: Personality = Personality::Auth0;

/// The replaced secret keeps working for this long: up to 30 s at Auth0.
const ROTATION_LAG: &str = "rotation_lag_ms";

/// A new secret is not accepted for this long: up to 30 s at Auth0.
const SECRET_LAG: &str = "secret_lag_ms";
/// The administrator's client lacks `read:client_keys` and `update:client_keys`.
const NO_KEY_PERMISSION: &str = "no_key_permission";
/// The tenant holds as many applications as it may.
const TENANT_FULL: &str = "tenant_full";
/// Registration without a token is off, as it is at a new tenant.
const OPEN_REGISTRATION_OFF: &str = "open_registration_off";

const DIALS: [VendorDial; 5] = [
    dial(ROTATION_LAG, DialKind::Millis),
    dial(SECRET_LAG, DialKind::Millis),
    dial(NO_KEY_PERMISSION, DialKind::Switch),
    dial(TENANT_FULL, DialKind::Switch),
    dial(OPEN_REGISTRATION_OFF, DialKind::Switch),
];

const fn dial(key: &'static str, kind: DialKind) -> VendorDial {
    VendorDial { key, kind }
}

/// See [`Personality::Auth0`].
pub(super) struct Auth0;

impl ProviderBehavior for Auth0 {
    fn router(&self) -> Router<Arc<Shared>> {
        Router::new()
            .route(
                "/auth0/.well-known/openid-configuration",
                get(discovery::document),
            )
            .route("/auth0/.well-known/jwks.json", get(idp::jwks))
            .route("/auth0/oauth/token", post(token::token))
            .route("/auth0/authorize", get(idp::authorize).post(idp::authorize))
            .route("/auth0/consent", post(idp::decide))
            .route("/auth0/oauth/device/code", post(device::code))
            .route(
                "/auth0/activate",
                get(idp::device_page).post(idp::device_page),
            )
            .route("/auth0/userinfo", get(idp::userinfo).post(idp::userinfo))
            .route("/auth0/oauth/revoke", post(idp::revoke))
            .route("/auth0/oidc/register", post(open::register))
            .route(
                "/auth0/api/v2/clients",
                get(clients::list).post(clients::create),
            )
            .route(
                "/auth0/api/v2/clients/{id}",
                get(clients::read)
                    .patch(clients::update)
                    .delete(clients::delete),
            )
            .route(
                "/auth0/api/v2/clients/{id}/rotate-secret",
                post(clients::rotate),
            )
            .route(
                "/auth0/api/v2/clients/{id}/credentials",
                get(credentials::list).post(credentials::create),
            )
            .route(
                "/auth0/api/v2/clients/{id}/credentials/{credential}",
                get(credentials::read).delete(credentials::delete),
            )
            .route(
                "/auth0/api/v2/client-grants",
                get(client_grants::list).post(client_grants::create),
            )
            .route(
                "/auth0/api/v2/client-grants/{id}",
                get(client_grants::read)
                    .patch(client_grants::update)
                    .delete(client_grants::delete),
            )
    }

    fn issuer(&self, base: &str) -> String {
        format!("{base}/")
    }

    fn issuers(&self, shared: &Shared) -> Vec<String> {
        vec![SELF.issuer(shared)]
    }

    fn settings(&self, shared: &Shared) -> BTreeMap<String, String> {
        let id = shared.admins.of(SELF).map(|admin| admin.id.clone());
        id.map(|id| ("initial_client_id".to_owned(), id))
            .into_iter()
            .chain([
                (
                    "initial_client_audience".to_owned(),
                    management_audience(shared),
                ),
                ("audience".to_owned(), SELF.api_url(shared)),
            ])
            .collect()
    }

    fn secrets(&self, shared: &Shared) -> BTreeMap<String, String> {
        let secret = shared.admins.of(SELF).map(|admin| admin.secret.clone());
        secret
            .map(|secret| ("initial_client_secret".to_owned(), secret))
            .into_iter()
            .collect()
    }

    fn new_admin(&self) -> Result<Admin, getrandom::Error> {
        Ok(Admin {
            id: new_client_id()?,
            secret: new_secret()?,
        })
    }

    /// As Kong is told with `token_post_args_names` and `token_post_args_values`.
    fn token_request(&self, shared: &Shared) -> TokenRequest {
        TokenRequest {
            endpoint: format!("{}/oauth/token", SELF.base(shared)),
            audience: Some(SELF.api_url(shared)),
            scope: None,
        }
    }

    fn token_kind(&self) -> Option<&'static str> {
        Some("JWT")
    }

    fn client_of<'a>(&self, claims: &'a Claims) -> Option<&'a str> {
        claims.text("azp")
    }

    fn is_for_api(&self, shared: &Shared, claims: &Claims) -> bool {
        claims.aud == SELF.api_url(shared)
    }

    fn lags(&self, faults: &SandboxFaults) -> Lags {
        Lags {
            former_secret: faults.vendor_time(ROTATION_LAG),
            new_secret: faults.vendor_time(SECRET_LAG),
            ..Lags::default()
        }
    }

    /// The tenant by its address, with the slash; community answers name the endpoint as well. Good for five minutes,
    /// and once.
    fn assertion_rules(&self, shared: &Shared, _endpoint: Option<&str>) -> AssertionRules {
        AssertionRules {
            algorithms: &[Algorithm::RS256, Algorithm::RS384, Algorithm::PS256],
            audiences: vec![SELF.issuer(shared), self.token_request(shared).endpoint],
            longest_secs: 300,
            key_name: KeyName::Optional,
            once: true,
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

    fn rate_limited(&self, shared: &Shared, path: &str, window: &RateWindow) -> Response {
        let mut response = if path.starts_with("/auth0/api/v2/") {
            ManagementRefusal::TooManyRequests.into_response()
        } else {
            TokenRefusal::QuotaExceeded.into_response()
        };
        let headers = response.headers_mut();
        headers.extend(self.rate_headers(window));
        headers.extend(number_headers([(
            "retry-after",
            window.reset_at.saturating_sub(shared.now()),
        )]));
        response
    }

    fn rate_headers(&self, window: &RateWindow) -> HeaderMap {
        number_headers([
            ("x-ratelimit-limit", window.limit.into()),
            ("x-ratelimit-remaining", window.remaining.into()),
            ("x-ratelimit-reset", window.reset_at),
        ])
    }
}

/// The audience of the Management API.
fn management_audience(shared: &Shared) -> String {
    format!("{}/api/v2/", SELF.base(shared))
}

/// An API of the tenant has this identifier.
fn is_api(shared: &Shared, audience: &str) -> bool {
    audience == SELF.api_url(shared) || audience == management_audience(shared)
}

/// A client ID in Auth0's form.
fn new_client_id() -> Result<String, getrandom::Error> {
    random_of(ALPHANUMERIC, 32)
}

/// A client ID of a third party in Auth0's form.
fn new_third_party_id() -> Result<String, getrandom::Error> {
    Ok(format!("tpc_{}", random_of(ALPHANUMERIC, 32)?))
}

/// A client secret in Auth0's form.
fn new_secret() -> Result<String, getrandom::Error> {
    random_of(
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        64,
    )
}
