//! Kong's HTTP bridge: clients are made over the bridge, tokens come from a plain identity
//! provider.

mod answer;
mod routes;
mod schema;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde_json::Value;

use super::{Personality, ProviderBehavior, TokenRequest, defaults};
use crate::faults::rate_limit::RateWindow;
use crate::faults::{DialKind, VendorDial};
use crate::idp;
use crate::idp::Claims;
use crate::state::Shared;
use crate::state::admin::Admin;
use crate::state::keys::{ALPHANUMERIC, random_of};

const SELF: Personality = Personality::HttpBridge;

/// The dates of an answer are texts, as Kong's contract declares them, and not Unix seconds, as
/// Kong's own bridge sends them.
const DATES_AS_TEXT: &str = "dates_as_text";
/// An old secret lives on next to a new one: what Konnect calls `allow_multiple_credentials`.
const KEEPS_OLD_SECRETS: &str = "keeps_old_secrets";
/// The identity provider behind the bridge does not answer it.
const UPSTREAM_DOWN: &str = "upstream_down";

const fn switch(key: &'static str) -> VendorDial {
    VendorDial {
        key,
        kind: DialKind::Switch,
    }
}

const DIALS: [VendorDial; 3] = [
    switch(DATES_AS_TEXT),
    switch(KEEPS_OLD_SECRETS),
    switch(UPSTREAM_DOWN),
];

/// See [`Personality::HttpBridge`].
pub(super) struct HttpBridge;

impl ProviderBehavior for HttpBridge {
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
            .route("/http-bridge/dcr", post(routes::create))
            .route("/http-bridge/dcr/", post(routes::create))
            .route("/http-bridge/dcr/{id}", delete(routes::delete))
            .route("/http-bridge/dcr/{id}/new-secret", post(routes::rotate))
            .route("/http-bridge/dcr/{id}/event-hook", post(routes::event))
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
        defaults::client_of(claims)
    }

    fn is_for_api(&self, shared: &Shared, claims: &Claims) -> bool {
        claims.aud == SELF.api_url(shared)
    }

    fn vendor_dials(&self) -> &'static [VendorDial] {
        &DIALS
    }

    fn rate_limited(&self, _shared: &Shared, _path: &str, _window: &RateWindow) -> Response {
        defaults::rate_limited()
    }
}

/// The identity provider behind the bridge registers nobody itself.
async fn metadata(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(defaults::metadata(&shared, SELF))
}
