//! Sign-ins: the API is named by `audience`, what it does not know of a scope is left out, and a refresh token needs
//! `offline_access`.

use super::{SELF, is_api, management_audience};
use crate::idp::{Claims, Form, RefreshRule, SignInRefused, User, UserScope, words};
use crate::state::Shared;
use crate::state::logins::SignIn;
use crate::state::store::Client;

/// Lifetime of a user's access token in seconds.
const LIFETIME_SECS: i64 = 86_400;
/// Scopes of OpenID Connect that there are.
const LOGIN: [&str; 4] = ["openid", "profile", "email", "offline_access"];
/// Scopes of the example API.
const API: [&str; 2] = ["orders:read", "orders:write"];

/// What a request asks for. Without an audience the token is for `userinfo` alone.
pub(super) fn scope(shared: &Shared, form: &Form) -> Result<UserScope, SignInRefused> {
    let audience = form.get("audience");
    if let Some(audience) = audience
        && (!is_api(shared, audience) || audience == management_audience(shared))
    {
        return Err(("access_denied", "Service not found"));
    }
    let mut scope = words(form);
    let is_known = |name: &str| LOGIN.contains(&name) || audience.is_some() && API.contains(&name);
    scope.retain(|name| is_known(name));
    Ok(UserScope {
        scope,
        audience: audience.map(str::to_owned),
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
    let userinfo = format!("{}/userinfo", SELF.base(shared));
    let audience = sign_in.audience.clone().unwrap_or(userinfo);
    let mut claims = Claims::new(shared, SELF, &client.id, audience, LIFETIME_SECS)
        .with("azp", client.id.as_str())
        .with("scope", scope.join(" "))
        .with_jti("")?;
    user.subject.clone_into(&mut claims.sub);
    Ok(claims)
}

/// By the setting of the client; without `offline_access` there is none.
pub(super) fn refresh_rule(client: &Client, scope: &[String]) -> RefreshRule {
    if !scope.iter().any(|name| name == "offline_access") {
        return RefreshRule::Never;
    }
    let settings = client.vendor.get("refresh_token");
    match settings.and_then(|own| own.get("rotation_type")?.as_str()) {
        Some("rotating") => RefreshRule::Rotates,
        _ => RefreshRule::Stays,
    }
}
