//! Kong's HTTP bridge: clients are made over the bridge, tokens come from a plain identity
//! provider.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::Value;

use super::{Habits, Personality, TokenRequest, plain};
use crate::admin::Admin;
use crate::idp;
use crate::idp::Claims;
use crate::keys::{ALPHANUMERIC, random_of};
use crate::rate::RateWindow;
use crate::state::Shared;

const SELF: Personality = Personality::HttpBridge;

/// See [`Personality::HttpBridge`].
pub(super) struct HttpBridge;

impl Habits for HttpBridge {
    fn router(&self) -> Router<Arc<Shared>> {
        Router::new()
            .route(
                "/.well-known/oauth-authorization-server/http-bridge",
                get(metadata),
            )
            .route(
                "/http-bridge/.well-known/openid-configuration",
                get(metadata),
            )
            .route("/http-bridge/token", post(idp::token))
            .route("/http-bridge/introspect", post(idp::introspect))
            .route("/http-bridge/revoke", post(idp::revoke))
            .route("/http-bridge/jwks", get(idp::jwks))
    }

    fn issuer(&self, base: &str) -> String {
        base.to_owned()
    }

    fn issuers(&self, shared: &Shared) -> Vec<String> {
        vec![SELF.issuer(shared)]
    }

    fn settings(&self, shared: &Shared) -> BTreeMap<String, String> {
        let base = format!("{}/dcr", SELF.base(shared));
        BTreeMap::from([("dcr_base_url".to_owned(), base)])
    }

    fn secrets(&self, shared: &Shared) -> BTreeMap<String, String> {
        let admin = shared.admins.of(SELF);
        admin
            .map(|admin| ("api_key".to_owned(), admin.secret.clone()))
            .into_iter()
            .collect()
    }

    /// An API key: 12 to 256 letters, digits and underscores.
    fn new_admin(&self) -> Result<Admin, getrandom::Error> {
        Ok(Admin {
            id: String::new(),
            secret: random_of(ALPHANUMERIC, 40)?,
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
        plain::client_of(claims)
    }

    fn is_for_api(&self, shared: &Shared, claims: &Claims) -> bool {
        claims.aud == SELF.api_url(shared)
    }

    fn rate_limited(&self, _shared: &Shared, _path: &str, _window: &RateWindow) -> Response {
        plain::rate_limited()
    }
}

/// The identity provider behind the bridge registers nobody itself.
async fn metadata(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(plain::metadata(&shared, SELF))
}
