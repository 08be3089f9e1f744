//! The token endpoints: the custom authorization server wants a custom scope, the organisation's
//! own server wants a key and no secret.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;

use super::answer::TokenRefusal;
use super::{AUDIENCE, NO_POLICY, SCOPES, SELF, clients};
use crate::idp::{self, Claims, Form, Grant, Presented, Unrecognised};
use crate::state::Shared;
use crate::state::store::Client;

/// Lifetime of an access token in seconds.
const LIFETIME_SECS: i64 = 3600;

/// The scopes of the organisation's APIs that there are here.
const API_SCOPES: [&str; 5] = [
    "okta.clients.register",
    "okta.clients.manage",
    "okta.clients.read",
    "okta.apps.manage",
    "okta.authorizationServers.read",
];

/// `POST /okta/oauth2/default/v1/token`
pub(super) async fn token(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, TokenRefusal> {
    let form = Form::parse(&headers, &body)?;
    let endpoint = format!("{}/v1/token", SELF.issuer(&shared));
    let presented = idp::presented(&headers, &form)?.at(endpoint);
    let client = recognised(&shared, &presented)?;
    let of_user = match form.get("grant_type") {
        Some("authorization_code") => Some(Grant::AuthorizationCode),
        Some("refresh_token") => Some(Grant::RefreshToken),
        Some("urn:ietf:params:oauth:grant-type:device_code") => Some(Grant::DeviceCode),
        _ => None,
    };
    if let Some(grant) = of_user {
        let body = idp::user_token(&shared, &client, grant, &form)?;
        shared.touch();
        return Ok(idp::private(StatusCode::OK, body));
    }
    match form.get("grant_type") {
        Some("client_credentials") => {}
        Some(_) => return Err(TokenRefusal::UnsupportedGrant),
        None => return Err(TokenRefusal::NoGrantType),
    }
    if !client
        .metadata
        .grant_types
        .contains(&Grant::ClientCredentials)
    {
        return Err(TokenRefusal::GrantNotAllowed);
    }
    let scopes = scopes(form.get("scope"))?;
    if shared.faults(SELF).vendor(NO_POLICY) > 0 {
        return Err(TokenRefusal::NoPolicy);
    }
    let claims = Claims::new(
        &shared,
        SELF,
        &client.id,
        AUDIENCE.to_owned(),
        LIFETIME_SECS,
    )
    .with("ver", 1)
    .with("cid", client.id.as_str())
    .with("scp", scopes.clone())
    .with_jti("AT.")?;
    let access_token = idp::signed(&shared, SELF, &claims)?;
    let mut body = idp::token_answer(&access_token, "Bearer", LIFETIME_SECS);
    body["scope"] = json!(scopes.join(" "));
    shared.touch();
    Ok(idp::private(StatusCode::OK, body))
}

/// `POST /okta/oauth2/v1/token`: tokens for Okta's own APIs are for clients with a key. Each of them
/// has consent to all scopes here.
pub(super) async fn organisation(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, TokenRefusal> {
    let form = Form::parse(&headers, &body)?;
    match form.get("grant_type") {
        Some("client_credentials") => {}
        Some(_) => return Err(TokenRefusal::UnsupportedGrant),
        None => return Err(TokenRefusal::NoGrantType),
    }
    if form.get("client_assertion").is_none() {
        idp::presented(&headers, &form)?;
        return Err(TokenRefusal::OrganisationNeedsKey);
    }
    let org = super::organisation(&shared);
    let endpoint = format!("{org}/oauth2/v1/token");
    let presented = idp::presented(&headers, &form)?.at(endpoint);
    let client = recognised(&shared, &presented)?;
    let scopes: Vec<&str> = form
        .get("scope")
        .ok_or(TokenRefusal::NoScope)?
        .split(' ')
        .collect();
    if scopes.iter().any(|scope| !API_SCOPES.contains(scope)) {
        return Err(TokenRefusal::UnknownScope);
    }
    let mut claims = Claims::new(&shared, SELF, &client.id, org.clone(), LIFETIME_SECS)
        .with("ver", 1)
        .with("cid", client.id.as_str())
        .with("scp", scopes.clone())
        .with_jti("AT.")?;
    claims.iss = org;
    let access_token = idp::signed(&shared, SELF, &claims)?;
    let mut body = idp::token_answer(&access_token, "Bearer", LIFETIME_SECS);
    body["scope"] = json!(scopes.join(" "));
    Ok(idp::private(StatusCode::OK, body))
}

pub(super) fn recognised(shared: &Shared, presented: &Presented) -> Result<Client, TokenRefusal> {
    let client = idp::recognise(shared, SELF, presented).map_err(|why| match why {
        Unrecognised::Unknown => TokenRefusal::UnknownClient,
        Unrecognised::WrongSecret | Unrecognised::SecretOver => TokenRefusal::WrongSecret,
        Unrecognised::Assertion(why) => TokenRefusal::BadAssertion(why),
    })?;
    if clients::is_inactive(&client) {
        return Err(TokenRefusal::UnknownClient);
    }
    if client.metadata.token_endpoint_auth_method == presented.method {
        Ok(client)
    } else {
        Err(TokenRefusal::WrongMethod)
    }
}

/// The custom scopes asked for. Which client may have which is a matter of access policies; the
/// server `default` has one that admits all clients to all its scopes.
fn scopes(asked: Option<&str>) -> Result<Vec<String>, TokenRefusal> {
    let names: Vec<&str> = asked
        .unwrap_or_default()
        .split(' ')
        .filter(|name| !name.is_empty())
        .collect();
    if names.is_empty() {
        return Err(TokenRefusal::NoScope);
    }
    if names.contains(&"openid") {
        return Err(TokenRefusal::OpenidScope);
    }
    if names.iter().any(|name| !SCOPES.contains(name)) {
        return Err(TokenRefusal::UnknownScope);
    }
    Ok(names.into_iter().map(str::to_owned).collect())
}
