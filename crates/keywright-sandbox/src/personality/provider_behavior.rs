//! What one personality does in its own way.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;

use crate::faults::rate_limit::RateWindow;
use crate::faults::{SandboxFaults, VendorDial};
use crate::idp::Claims;
use crate::state::Shared;
use crate::state::admin::Admin;
use crate::state::store::Lags;

/// How a gateway asks this personality for a token with a client's credentials.
pub(crate) struct TokenRequest {
    pub(crate) endpoint: String,
    pub(crate) audience: Option<String>,
    pub(crate) scope: Option<String>,
}

/// What one personality does in its own way. The engine asks; [`super::Personality`] chooses whom.
pub(crate) trait ProviderBehavior: Sync {
    /// Its routes at the identity provider, with their whole paths. Handlers may take the
    /// [`super::Personality`] as an `Extension`.
    fn router(&self) -> Router<Arc<Shared>>;

    /// Its issuer, to the letter. `base` is where its paths begin, without a slash at the end.
    fn issuer(&self, base: &str) -> String;

    /// All issuers its tokens may name.
    fn issuers(&self, shared: &Shared) -> Vec<String>;

    /// Settings for a configuration, as `config add --set` takes them.
    fn settings(&self, shared: &Shared) -> BTreeMap<String, String>;

    /// Secrets for a configuration, as `config add --secret` takes them.
    fn secrets(&self, shared: &Shared) -> BTreeMap<String, String>;

    /// Credentials for a new administrator, in the provider's form.
    fn new_admin(&self) -> Result<Admin, getrandom::Error>;

    /// How the gateway before the example API gets its tokens.
    fn token_request(&self, shared: &Shared) -> TokenRequest;

    /// The `typ` of its access tokens.
    fn token_kind(&self) -> Option<&'static str>;

    /// The client that a token was given to.
    fn client_of<'a>(&self, claims: &'a Claims) -> Option<&'a str>;

    /// The token is for the example API behind the gateway.
    fn is_for_api(&self, shared: &Shared, claims: &Claims) -> bool;

    /// How far its token endpoint is behind, beside the delay of new clients that all have.
    fn lags(&self, _faults: &SandboxFaults) -> Lags {
        Lags::default()
    }

    /// The dials that only it has.
    fn vendor_dials(&self) -> &'static [VendorDial] {
        &[]
    }

    /// Its answer to one request too many at this path.
    fn rate_limited(&self, shared: &Shared, path: &str, window: &RateWindow) -> Response;

    /// The rate limit headers of an answer that was not refused.
    fn rate_headers(&self, _window: &RateWindow) -> HeaderMap {
        HeaderMap::new()
    }
}

/// Headers whose values are numbers.
pub(super) fn number_headers<const N: usize>(values: [(&'static str, i64); N]) -> HeaderMap {
    values
        .into_iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from(value)))
        .collect()
}
