//! Sign-ins at the authorization server `default`: scopes that it knows, access policies, and `offline_access` for a
//! refresh token.

use super::clients::shown;
use super::{AUDIENCE, NO_POLICY, SCOPES, SELF};
use crate::idp::{Claims, Form, RefreshRule, SignInRefused, User, UserScope, words};
use crate::state::Shared;
use crate::state::logins::SignIn;
use crate::state::store::Client;

/// Lifetime of a user's access token in seconds.
const LIFETIME_SECS: i64 = 3600;
/// Scopes that each server has.
const LOGIN: [&str; 6] = [
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "offline_access",
];

/// What an authorization request asks for.
pub(super) fn scope(shared: &Shared, form: &Form) -> Result<UserScope, SignInRefused> {
    if form.get("state").is_none() {
        let why = "The authentication request has an invalid 'state' parameter.";
        return Err(("invalid_request", why));
    }
    asked(shared, form)
}

/// What a request asks of a user, in a browser or on a device.
pub(super) fn asked(shared: &Shared, form: &Form) -> Result<UserScope, SignInRefused> {
    let scope = words(form);
    if scope.is_empty() {
        let why = "The authorization server resource does not have any configured default scopes, \
                   'scope' must be provided.";
        return Err(("invalid_scope", why));
    }
    let is_known = |name: &String| LOGIN.contains(&&**name) || SCOPES.contains(&&**name);
    if !scope.iter().all(is_known) {
        let why = "One or more scopes are not configured for the authorization server resource.";
        return Err(("invalid_scope", why));
    }
    if shared.faults(SELF).vendor(NO_POLICY) > 0 {
        let why =
            "Policy evaluation failed for this request, please check the policy configurations.";
        return Err(("access_denied", why));
    }
    Ok(UserScope {
        scope,
        audience: None,
    })
}

/// The claims of an access token.
pub(super) fn claims(
    shared: &Shared,
    client: &Client,
    sign_in: &SignIn,
    user: &User,
    scope: &[String],
) -> Result<Claims, getrandom::Error> {
    let mut claims = Claims::new(shared, SELF, &client.id, AUDIENCE.to_owned(), LIFETIME_SECS)
        .with("ver", 1)
        .with("cid", client.id.as_str())
        .with("uid", user.subject)
        .with("auth_time", sign_in.auth_time)
        .with("scp", scope.to_vec())
        .with_jti("AT.")?;
    claims.sub = user.email();
    Ok(claims)
}

/// A page in a browser has its refresh token replaced; others keep theirs.
pub(super) fn refresh_rule(client: &Client, scope: &[String]) -> RefreshRule {
    if !scope.iter().any(|name| name == "offline_access") {
        return RefreshRule::Never;
    }
    match shown(client, "application_type").and_then(|kind| kind.as_str()) {
        Some("browser") => RefreshRule::Rotates,
        _ => RefreshRule::Stays,
    }
}
