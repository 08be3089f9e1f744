//! Curity: RFC 7591 behind a single-use access token with the scope `dcr`, and RFC 7592 in which every
//! look at a client rotates its secret.

mod answer;
mod discovery;
mod management;
mod registration;
#[cfg(test)]
mod tests;
mod token;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};

use super::{Personality, ProviderBehavior, TokenRequest, defaults};
use crate::faults::rate_limit::RateWindow;
use crate::faults::{DialKind, SandboxFaults, VendorDial};
use crate::idp::{self, Claims};
use crate::state::Shared;
use crate::state::admin::Admin;
use crate::state::keys::{random_text, random_uuid};
use crate::state::store::Lags;

const SELF: Personality = Personality::Curity;

/// The replaced secret keeps working for this long: `rotated-secret-ttl`, by default not at all.
const ROTATED_SECRET_TTL: &str = "rotated_secret_ttl_ms";
/// Everyone may register: the authentication method `no-authentication`.
const OPEN_REGISTRATION: &str = "open_registration";
/// Dynamic client management is off: clients are told no place to manage them at.
const MANAGEMENT_OFF: &str = "management_off";
/// A registration access token is used again: `reuse`, by default off.
const REUSE_TOKEN: &str = "reuse_registration_token";

/// `ttl` of a registration access token: 365 days.
const TOKEN_TTL_SECS: i64 = 365 * 86_400;
/// `read-write-ttl`: 28 days, after which the token only deletes.
const READ_WRITE_TTL_SECS: i64 = 28 * 86_400;

/// The one template that clients can be copies of.
const TEMPLATE: &str = "orders-template";

const DIALS: [VendorDial; 4] = [
    VendorDial {
        key: ROTATED_SECRET_TTL,
        kind: DialKind::Millis,
    },
    VendorDial {
        key: OPEN_REGISTRATION,
        kind: DialKind::Switch,
    },
    VendorDial {
        key: MANAGEMENT_OFF,
        kind: DialKind::Switch,
    },
    VendorDial {
        key: REUSE_TOKEN,
        kind: DialKind::Switch,
    },
];

/// See [`Personality::Curity`].
pub(super) struct Curity;

impl ProviderBehavior for Curity {
    fn router(&self) -> Router<Arc<Shared>> {
        Router::new()
            // The metadata lies below the anonymous endpoint, whose address is the issuer.
            .route(
                "/curity/oauth/v2/oauth-anonymous/.well-known/openid-configuration",
                get(discovery::document),
            )
            .route("/curity/oauth/v2/oauth-anonymous/jwks", get(idp::jwks))
            .route(
                "/curity/oauth/v2/oauth-authorize",
                get(idp::authorize).post(idp::authorize),
            )
            .route("/curity/consent", post(idp::decide))
            .route(
                "/curity/oauth/v2/oauth-userinfo",
                get(idp::userinfo).post(idp::userinfo),
            )
            .route("/curity/oauth/v2/oauth-token", post(token::token))
            .route("/curity/oauth/v2/oauth-introspect", post(idp::introspect))
            .route("/curity/oauth/v2/oauth-revoke", post(idp::revoke))
            .route(
                "/curity/oauth/v2/oauth-registration",
                post(registration::register),
            )
            .route(
                "/curity/oauth/v2/oauth-registration/{client_id}",
                get(management::read)
                    .put(management::update)
                    .delete(management::delete),
            )
    }

    fn issuer(&self, base: &str) -> String {
        format!("{base}/oauth/v2/oauth-anonymous")
    }

    fn issuers(&self, shared: &Shared) -> Vec<String> {
        vec![SELF.issuer(shared)]
    }

    fn settings(&self, shared: &Shared) -> BTreeMap<String, String> {
        let id = shared.admins.of(SELF).map(|admin| admin.id.clone());
        let template = ("software_id".to_owned(), TEMPLATE.to_owned());
        id.map(|id| ("initial_client_id".to_owned(), id))
            .into_iter()
            .chain([template])
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
            secret: random_text()?,
        })
    }

    /// As Kong is told: the scopes are left empty.
    fn token_request(&self, shared: &Shared) -> TokenRequest {
        TokenRequest {
            endpoint: format!("{}/oauth-token", profile(shared)),
            audience: None,
            scope: None,
        }
    }

    fn token_kind(&self) -> Option<&'static str> {
        Some("JWT")
    }

    fn client_of<'a>(&self, claims: &'a Claims) -> Option<&'a str> {
        // A token of a user names both; of a client on its own, `sub` is the client.
        claims.text("client_id").or(Some(&claims.sub))
    }

    fn takes_plain_challenges(&self) -> bool {
        true
    }

    fn is_for_api(&self, shared: &Shared, claims: &Claims) -> bool {
        claims.aud == SELF.api_url(shared)
    }

    fn lags(&self, faults: &SandboxFaults) -> Lags {
        Lags {
            former_secret: faults.vendor_time(ROTATED_SECRET_TTL),
            ..Lags::default()
        }
    }

    fn vendor_dials(&self) -> &'static [VendorDial] {
        &DIALS
    }

    fn rate_limited(&self, _shared: &Shared, _path: &str, _window: &RateWindow) -> Response {
        defaults::rate_limited()
    }
}

/// Where the endpoints of the token profile begin.
fn profile(shared: &Shared) -> String {
    format!("{}/oauth/v2", SELF.base(shared))
}
