//! Sign-ins at the endpoint of version 2: scopes name one resource, `offline_access` brings a refresh token, and a used
//! one goes on next to the new one.

use serde_json::{Value, json};

use super::resource::{self, Resource};
use super::{SELF, TENANT, first_issuer};
use crate::idp::{
    AuthMethod, Claims, Form, Grant, RefreshRule, SignInRefused, User, UserScope, words,
};
use crate::state::Shared;
use crate::state::logins::SignIn;
use crate::state::store::Client;

/// Lifetime of an access token in seconds.
const LIFETIME_SECS: i64 = 3599;
/// Scopes that do not belong to a resource.
const LOGIN: [&str; 4] = ["openid", "profile", "email", "offline_access"];
/// What `/.default` stands for at the example API.
const USUAL: &str = "orders:read orders:write";

/// The resource of a scope, and what is asked of it.
fn split(scope: &str) -> Option<(&str, &str)> {
    scope.rsplit_once('/')
}

/// What a request asks for.
pub(super) fn scope(client: &Client, form: &Form) -> Result<UserScope, SignInRefused> {
    if !form.resources().is_empty() {
        let why = "AADSTS901002: The 'resource' request parameter is not supported.";
        return Err(("invalid_request", why));
    }
    let scope = words(form);
    if scope.is_empty() {
        let why = "AADSTS900144: The request body must contain the following parameter: 'scope'.";
        return Err(("invalid_request", why));
    }
    let mut audience: Option<&str> = None;
    for name in scope.iter().filter(|name| !LOGIN.contains(&&***name)) {
        let (named, _) = split(name).ok_or((
            "invalid_scope",
            "AADSTS70011: The provided value for the input parameter 'scope' is not valid.",
        ))?;
        if audience.is_some_and(|other| other != named) {
            let why = "AADSTS28000: Provided value for the input parameter scope is not valid \\
                       because it contains more than one resource.";
            return Err(("invalid_request", why));
        }
        resource::named(named, &client.id, Some(client)).ok_or((
            "invalid_resource",
            "AADSTS500011: The resource principal was not found in the tenant.",
        ))?;
        audience = Some(named);
    }
    let audience = audience.map(str::to_owned);
    Ok(UserScope { scope, audience })
}

/// The claims of an access token. Without a resource it is for Microsoft Graph, where the user is asked about.
pub(super) fn claims(
    shared: &Shared,
    client: &Client,
    sign_in: &SignIn,
    user: &User,
    scope: &[String],
) -> Claims {
    let identifier = sign_in.audience.as_deref().unwrap_or(resource::GRAPH);
    let found = resource::named(identifier, &client.id, Some(client));
    let found = found.unwrap_or(Resource::Graph);
    let is_second = resource::has_second_version(&found, Some(client));
    let audience = match identifier.strip_prefix("api://") {
        Some(id) if is_second => id,
        _ => identifier,
    };
    let of_resource = scope.iter().filter_map(|name| split(name));
    let mut scp: Vec<&str> = of_resource
        .map(|(_, asked)| if asked == ".default" { USUAL } else { asked })
        .collect();
    if sign_in.audience.is_none() {
        let of_user = scope.iter().map(String::as_str);
        scp.extend(of_user.filter(|name| *name != "offline_access"));
    }
    let mut claims = Claims::new(shared, SELF, &client.id, audience.to_owned(), LIFETIME_SECS)
        .with("scp", scp.join(" "))
        .with("oid", user.subject)
        .with("tid", TENANT)
        .with("name", user.full_name)
        .with("preferred_username", user.email());
    user.subject.clone_into(&mut claims.sub);
    if is_second {
        return claims.with("azp", client.id.as_str()).with("ver", "2.0");
    }
    claims.iss = first_issuer(shared);
    claims.with("appid", client.id.as_str()).with("ver", "1.0")
}

/// "Refresh tokens replace themselves with a fresh token upon every use"; the old one is not revoked.
pub(super) fn refresh_rule(scope: &[String]) -> RefreshRule {
    if scope.iter().any(|name| name == "offline_access") {
        RefreshRule::Adds
    } else {
        RefreshRule::Never
    }
}

/// Tells the token service what an application may do: with a redirect of any kind it signs users in, and as a
/// fallback public client it proves itself by nothing.
pub(super) fn publish(client: &mut Client) {
    let redirects = ["web", "spa", "publicClient"].into_iter().flat_map(|part| {
        let uris = client
            .vendor
            .get(part)
            .and_then(|part| part.get("redirectUris"));
        let uris = uris.and_then(Value::as_array).into_iter().flatten();
        uris.filter_map(Value::as_str)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    });
    let redirects: Vec<String> = redirects.collect();
    let is_public = client.vendor.get("isFallbackPublicClient") == Some(&json!(true));
    client.metadata.token_endpoint_auth_method = if is_public {
        AuthMethod::None
    } else {
        AuthMethod::ClientSecretPost
    };
    client.metadata.grant_types = vec![Grant::ClientCredentials];
    if !redirects.is_empty() {
        client.metadata.grant_types.push(Grant::AuthorizationCode);
    }
    // "Allow public client flows": codes for devices among them.
    if is_public {
        client.metadata.grant_types.push(Grant::DeviceCode);
    }
    if is_public || !redirects.is_empty() {
        client.metadata.grant_types.push(Grant::RefreshToken);
    }
    client.metadata.redirect_uris = redirects;
}
