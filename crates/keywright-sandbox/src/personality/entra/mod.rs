//! Microsoft Entra ID: tokens of a tenant for a resource, and the words of its token service.
//! Applications are made in Microsoft Graph.

mod answer;
mod device;
mod discovery;
mod graph;
mod resource;
#[cfg(test)]
mod tests;
mod token;
mod users;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::Response;
use axum::routing::{get, post};
use jsonwebtoken::Algorithm;

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
use crate::state::keys::{random_of, random_uuid};
use crate::state::logins::SignIn;
use crate::state::store::{Client, Lags};

const SELF: Personality = Personality::Entra;

/// The one tenant there is.
const TENANT: &str = "5a2d0bc6-3f1e-4c59-9a77-6b7c1e0f4d21";

/// A new secret is not known to the token service for this long: seconds at Entra, with no promise.
const SECRET_LAG: &str = "secret_lag_ms";

/// An object that was just made is not known to the next request for this long.
const GRAPH_LAG: &str = "graph_lag_ms";

/// The administrator's client has no permission at Microsoft Graph.
const PERMISSION_MISSING: &str = "permission_missing";

/// A policy of the tenant forbids client secrets.
const SECRETS_FORBIDDEN: &str = "secrets_forbidden";

/// A policy of the tenant lets client secrets live for 90 days at most.
const LIFETIME_CAPPED: &str = "secret_lifetime_capped";

const DIALS: [VendorDial; 5] = [
    VendorDial {
        key: GRAPH_LAG,
        kind: DialKind::Millis,
    },
    VendorDial {
        key: SECRET_LAG,
        kind: DialKind::Millis,
    },
    VendorDial {
        key: PERMISSION_MISSING,
        kind: DialKind::Switch,
    },
    VendorDial {
        key: SECRETS_FORBIDDEN,
        kind: DialKind::Switch,
    },
    VendorDial {
        key: LIFETIME_CAPPED,
        kind: DialKind::Switch,
    },
];

/// See [`Personality::Entra`].
pub(super) struct Entra;

impl ProviderBehavior for Entra {
    fn router(&self) -> Router<Arc<Shared>> {
        Router::new()
            .route(
                "/entra/{tenant}/v2.0/.well-known/openid-configuration",
                get(discovery::document),
            )
            .route(
                "/entra/{tenant}/.well-known/openid-configuration",
                get(discovery::first_document),
            )
            .route("/entra/{tenant}/discovery/v2.0/keys", get(idp::jwks))
            .route("/entra/{tenant}/discovery/keys", get(idp::jwks))
            .route("/entra/{tenant}/oauth2/v2.0/token", post(token::token))
            .route("/entra/{tenant}/oauth2/token", post(token::first_token))
            .route(
                &format!("/entra/{TENANT}/oauth2/v2.0/authorize"),
                get(idp::authorize).post(idp::authorize),
            )
            .route("/entra/consent", post(idp::decide))
            .route("/entra/{tenant}/oauth2/v2.0/devicecode", post(device::code))
            .route(
                "/entra/devicelogin",
                get(idp::device_page).post(idp::device_page),
            )
            .route(
                &format!("/entra/{TENANT}/oauth2/v2.0/logout"),
                get(idp::end_session),
            )
            .route(
                "/entra/graph/oidc/userinfo",
                get(idp::userinfo).post(idp::userinfo),
            )
            .merge(graph::router())
    }

    fn issuer(&self, base: &str) -> String {
        format!("{base}/{TENANT}/v2.0")
    }

    /// The second is that of tokens in version 1, `https://sts.windows.net/{tenant}/` at Entra.
    fn issuers(&self, shared: &Shared) -> Vec<String> {
        vec![SELF.issuer(shared), first_issuer(shared)]
    }

    fn settings(&self, shared: &Shared) -> BTreeMap<String, String> {
        let id = shared.admins.of(SELF).map(|admin| admin.id.clone());
        id.map(|id| ("initial_client_id".to_owned(), id))
            .into_iter()
            .chain([
                ("login_endpoint".to_owned(), SELF.base(shared)),
                ("graph_endpoint".to_owned(), resource::graph(shared)),
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
            id: random_uuid()?,
            secret: new_secret()?,
        })
    }

    /// As Kong is told with `scopes`.
    fn token_request(&self, shared: &Shared) -> TokenRequest {
        TokenRequest {
            endpoint: format!("{}/{TENANT}/oauth2/v2.0/token", SELF.base(shared)),
            audience: None,
            scope: Some(format!("api://{}/.default", resource::ORDERS)),
        }
    }

    fn token_kind(&self) -> Option<&'static str> {
        Some("JWT")
    }

    /// `azp` in version 2, `appid` in version 1.
    fn client_of<'a>(&self, claims: &'a Claims) -> Option<&'a str> {
        claims.text("azp").or_else(|| claims.text("appid"))
    }

    fn is_for_api(&self, _shared: &Shared, claims: &Claims) -> bool {
        let client_id = self.client_of(claims).unwrap_or_default();
        resource::is_for_api(&claims.aud, client_id)
    }

    /// The endpoint, or the tenant by its issuer; the certificate by its thumbprint.
    fn assertion_rules(&self, shared: &Shared, _endpoint: Option<&str>) -> AssertionRules {
        AssertionRules {
            algorithms: &[Algorithm::PS256, Algorithm::RS256],
            audiences: vec![self.token_request(shared).endpoint, SELF.issuer(shared)],
            longest_secs: 86_400,
            key_name: KeyName::Always,
            once: false,
        }
    }

    fn lags(&self, faults: &SandboxFaults) -> Lags {
        Lags {
            new_secret: faults.vendor_time(SECRET_LAG),
            ..Lags::default()
        }
    }

    fn user_scope(
        &self,
        _shared: &Shared,
        client: &Client,
        form: &Form,
    ) -> Option<Result<UserScope, SignInRefused>> {
        Some(users::scope(client, form))
    }

    fn user_claims(
        &self,
        shared: &Shared,
        client: &Client,
        sign_in: &SignIn,
        user: &User,
        scope: &[String],
    ) -> Result<Option<Claims>, getrandom::Error> {
        Ok(Some(users::claims(shared, client, sign_in, user, scope)))
    }

    fn refresh_rule(&self, _client: &Client, scope: &[String]) -> RefreshRule {
        users::refresh_rule(scope)
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

    /// Seconds to wait in `Retry-After`, and no other rate limit header.
    fn rate_limited(&self, shared: &Shared, _path: &str, window: &RateWindow) -> Response {
        let mut response = graph::too_many_requests(shared.now());
        let wait = window.reset_at.saturating_sub(shared.now()).max(1);
        response
            .headers_mut()
            .extend(number_headers([(header::RETRY_AFTER.as_str(), wait)]));
        response
    }
}

/// The issuer of tokens in version 1.
fn first_issuer(shared: &Shared) -> String {
    format!("{}/{TENANT}/", SELF.base(shared))
}

/// A client secret in Entra's form: 40 characters, three of them before `8Q~`.
fn new_secret() -> Result<String, getrandom::Error> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    Ok(format!(
        "{}8Q~{}",
        random_of(ALPHABET, 3)?,
        random_of(ALPHABET, 34)?
    ))
}
