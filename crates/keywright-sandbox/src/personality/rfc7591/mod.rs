//! The plain provider: RFC 7591, RFC 7592 and RFC 8414.

mod discovery;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};

use super::{Personality, ProviderBehavior, TokenRequest, defaults};
use crate::faults::VendorDial;
use crate::faults::rate_limit::RateWindow;
use crate::idp;
use crate::idp::Claims;
use crate::options::Registration;
use crate::state::Shared;
use crate::state::admin::Admin;
use crate::state::keys::random_text;

const SELF: Personality = Personality::Rfc7591;

/// See [`Personality::Rfc7591`].
pub(super) struct Rfc7591;

impl ProviderBehavior for Rfc7591 {
    fn router(&self) -> Router<Arc<Shared>> {
        Router::new()
            // RFC 8414 section 3: the well-known part goes between host and path …
            .route(
                "/.well-known/oauth-authorization-server/rfc7591",
                get(discovery::document),
            )
            // … and after the path, where many look for it.
            .route(
                "/rfc7591/.well-known/oauth-authorization-server",
                get(discovery::document),
            )
            .route(
                "/rfc7591/.well-known/openid-configuration",
                get(discovery::document),
            )
            .route("/rfc7591/register", post(idp::register))
            .route(
                "/rfc7591/register/{client_id}",
                get(idp::read_client)
                    .put(idp::update_client)
                    .delete(idp::delete_client),
            )
            .route(
                "/rfc7591/authorize",
                get(idp::authorize).post(idp::authorize),
            )
            .route("/rfc7591/consent", post(idp::decide))
            .route("/rfc7591/par", post(idp::par))
            .route(
                "/rfc7591/device_authorization",
                post(idp::device_authorization),
            )
            .route(
                "/rfc7591/device",
                get(idp::device_page).post(idp::device_page),
            )
            .route("/rfc7591/userinfo", get(idp::userinfo).post(idp::userinfo))
            .route(
                "/rfc7591/end_session",
                get(idp::end_session).post(idp::end_session),
            )
            .route("/rfc7591/token", post(idp::token))
            .route("/rfc7591/introspect", post(idp::introspect))
            .route("/rfc7591/revoke", post(idp::revoke))
            .route("/rfc7591/jwks", get(idp::jwks))
    }

    fn issuer(&self, base: &str) -> String {
        base.to_owned()
    }

    fn issuers(&self, shared: &Shared) -> Vec<String> {
        vec![SELF.issuer(shared)]
    }

    // The kind needs no more than its issuer.
    fn settings(&self, _shared: &Shared) -> BTreeMap<String, String> {
        BTreeMap::new()
    }

    fn secrets(&self, shared: &Shared) -> BTreeMap<String, String> {
        let admin = match shared.registration() {
            Registration::Open => None,
            Registration::InitialAccessToken => shared.admins.of(SELF),
        };
        admin
            .map(|admin| ("initial_access_token".to_owned(), admin.secret.clone()))
            .into_iter()
            .collect()
    }

    /// An initial access token (RFC 7591 section 3).
    fn new_admin(&self) -> Result<Admin, getrandom::Error> {
        Ok(Admin {
            id: String::new(),
            secret: random_text()?,
        })
    }

    fn token_request(&self, shared: &Shared) -> TokenRequest {
        TokenRequest {
            endpoint: format!("{}/token", SELF.base(shared)),
            audience: None,
            scope: None,
        }
    }

    fn token_kind(&self) -> Option<&'static str> {
        Some("at+jwt")
    }

    fn client_of<'a>(&self, claims: &'a Claims) -> Option<&'a str> {
        defaults::client_of(claims)
    }

    fn is_for_api(&self, shared: &Shared, claims: &Claims) -> bool {
        claims.aud == SELF.api_url(shared)
    }

    fn has_users(&self) -> bool {
        true
    }

    fn vendor_dials(&self) -> &'static [VendorDial] {
        &idp::DIALS
    }

    fn rate_limited(&self, _shared: &Shared, _path: &str, _window: &RateWindow) -> Response {
        defaults::rate_limited()
    }
}
