//! What one personality does in its own way.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;

use crate::faults::rate_limit::RateWindow;
use crate::faults::{SandboxFaults, VendorDial};
use crate::idp::{
    self, AssertionRules, Claims, DeviceRules, Form, RefreshRule, SignInRefused, User, UserScope,
};
use crate::state::Shared;
use crate::state::admin::Admin;
use crate::state::logins::SignIn;
use crate::state::store::{Client, Lags};

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

    /// How far its token endpoint is behind, in addition to the delay of new clients that all have.
    fn lags(&self, _faults: &SandboxFaults) -> Lags {
        Lags::default()
    }

    /// What it takes for the assertion of a client, at this address where that is known.
    fn assertion_rules(&self, shared: &Shared, _endpoint: Option<&str>) -> AssertionRules {
        let request = self.token_request(shared);
        AssertionRules {
            algorithms: idp::USUAL,
            audiences: self
                .issuers(shared)
                .into_iter()
                .chain([request.endpoint])
                .collect(),
            longest_secs: 300,
            key_name: idp::KeyName::Optional,
            once: false,
        }
    }

    /// Users sign in to it. Its API then says who issues its tokens (RFC 9728), and holds the tokens of
    /// users to their scope.
    fn has_users(&self) -> bool {
        false
    }

    /// What a request of a client asks its user for; none where it is as at the plain provider.
    fn user_scope(
        &self,
        _shared: &Shared,
        _client: &Client,
        _form: &Form,
    ) -> Option<Result<UserScope, SignInRefused>> {
        None
    }

    /// The claims of a user's access token; none where they are those of RFC 9068.
    fn user_claims(
        &self,
        _shared: &Shared,
        _client: &Client,
        _sign_in: &SignIn,
        _user: &User,
        _scope: &[String],
    ) -> Result<Option<Claims>, getrandom::Error> {
        Ok(None)
    }

    /// What becomes of refresh tokens of a user's sign-in with these scopes.
    fn refresh_rule(&self, _client: &Client, _scope: &[String]) -> RefreshRule {
        RefreshRule::Rotates
    }

    /// How its users enter the code of a device.
    fn device_rules(&self) -> DeviceRules {
        DeviceRules::PLAIN
    }

    /// Authorization responses have `iss` (RFC 9207).
    fn names_issuer_in_answers(&self) -> bool {
        true
    }

    /// PKCE with `plain` is accepted like S256 (RFC 7636 section 4.2).
    fn takes_plain_challenges(&self) -> bool {
        false
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
