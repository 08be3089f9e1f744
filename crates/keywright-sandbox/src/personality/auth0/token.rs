//! The token endpoint: form or JSON, an audience in each request, a client grant for it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::answer::TokenRefusal;
use super::{NO_KEY_PERMISSION, SELF, device, grants, is_api, management_audience};
use crate::idp::{self, AuthMethod, Claims, Form, Grant, Presented, Unrecognised};
use crate::state::Shared;
use crate::state::store::Client;

/// Lifetime of an access token in seconds, unless the API says otherwise.
const LIFETIME_SECS: i64 = 86_400;

/// What the administrator's client may do at the Management API.
const ADMIN_SCOPES: [&str; 14] = [
    "read:client_grants",
    "create:client_grants",
    "delete:client_grants",
    "update:client_grants",
    "read:clients",
    "update:clients",
    "delete:clients",
    "create:clients",
    "read:client_keys",
    "update:client_keys",
    "read:client_credentials",
    "create:client_credentials",
    "update:client_credentials",
    "delete:client_credentials",
];

/// `POST /auth0/oauth/token`
pub(super) async fn token(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, TokenRefusal> {
    let form = Form::parse_or_json(&headers, &body)?;
    let grant = form
        .get("grant_type")
        .ok_or(TokenRefusal::Missing("grant_type"))?;
    let presented = idp::presented(&headers, &form)?;
    // None is the administrator's client.
    let client = if idp::is_admin(&shared, SELF, &presented) {
        None
    } else {
        Some(recognised(&shared, &presented)?)
    };
    if let Some(client) = &client
        && let Some(of_user) = of_user(grant)
    {
        let body = idp::user_token(&shared, client, of_user, &form)
            .map_err(|why| TokenRefusal::of(&why, grant))?;
        shared.touch();
        return Ok(idp::private(StatusCode::OK, body));
    }
    supported(grant, client.as_ref())?;
    let audience = form.get("audience").ok_or(TokenRefusal::NoAudience)?;
    let scopes =
        scopes(&shared, client.as_ref(), audience).ok_or_else(|| no_grant(&shared, audience))?;
    give(&shared, &presented.id, audience, &scopes)
}

/// A grant with which a user signed in.
fn of_user(name: &str) -> Option<Grant> {
    match name {
        "authorization_code" => Some(Grant::AuthorizationCode),
        "refresh_token" => Some(Grant::RefreshToken),
        device::GRANT => Some(Grant::DeviceCode),
        _ => None,
    }
}

pub(super) fn recognised(shared: &Shared, presented: &Presented) -> Result<Client, TokenRefusal> {
    match idp::recognise(shared, SELF, presented) {
        Ok(client) if may_present(&client, presented.method) => Ok(client),
        Err(Unrecognised::Assertion(why)) => Err(TokenRefusal::BadAssertion(why)),
        _ => Err(TokenRefusal::Unauthorized),
    }
}

/// A client without a `token_endpoint_auth_method` authenticates in either way.
fn may_present(client: &Client, method: AuthMethod) -> bool {
    let signs = client.metadata.token_endpoint_auth_method == AuthMethod::PrivateKeyJwt;
    match client.vendor.get("token_endpoint_auth_method") {
        _ if signs || method == AuthMethod::PrivateKeyJwt => {
            signs && method == AuthMethod::PrivateKeyJwt
        }
        None | Some(Value::Null) => method != AuthMethod::None,
        Some(name) => *name == json!(method),
    }
}

fn supported(grant: &str, client: Option<&Client>) -> Result<(), TokenRefusal> {
    if grant != "client_credentials" {
        return Err(TokenRefusal::UnsupportedGrant(grant.to_owned()));
    }
    let granted = client.map(|client| &client.metadata.grant_types);
    if granted.is_some_and(|granted| !granted.contains(&Grant::ClientCredentials)) {
        return Err(TokenRefusal::GrantNotAllowed(grant.to_owned()));
    }
    Ok(())
}

/// The scopes that the client is granted for the API; none without a grant.
fn scopes(shared: &Shared, client: Option<&Client>, audience: &str) -> Option<String> {
    match client {
        None => (audience == management_audience(shared)).then(|| admin_scopes(shared)),
        Some(client) => grants::of(client)
            .into_iter()
            .find(|grant| grant.audience == audience)
            .map(|grant| grant.scope.join(" ")),
    }
}

fn admin_scopes(shared: &Shared) -> String {
    let lacks_keys = shared.faults(SELF).vendor(NO_KEY_PERMISSION) > 0;
    let scopes = ADMIN_SCOPES
        .into_iter()
        .filter(|scope| !lacks_keys || !scope.ends_with(":client_keys"));
    scopes.collect::<Vec<_>>().join(" ")
}

/// There is no grant for this audience: because nobody made one, or because there is no such API.
fn no_grant(shared: &Shared, audience: &str) -> TokenRefusal {
    if is_api(shared, audience) {
        TokenRefusal::NoClientGrant(audience.to_owned())
    } else {
        TokenRefusal::UnknownAudience(audience.to_owned())
    }
}

fn give(
    shared: &Shared,
    client_id: &str,
    audience: &str,
    scopes: &str,
) -> Result<Response, TokenRefusal> {
    let mut claims = Claims::new(shared, SELF, client_id, audience.to_owned(), LIFETIME_SECS)
        .with("gty", "client-credentials")
        .with("azp", client_id);
    claims.sub = format!("{client_id}@clients");
    if !scopes.is_empty() {
        claims = claims.with("scope", scopes);
    }
    let access_token = idp::signed(shared, SELF, &claims)?;
    let mut body = idp::token_answer(&access_token, "Bearer", LIFETIME_SECS);
    if !scopes.is_empty() {
        body["scope"] = json!(scopes);
    }
    shared.touch();
    Ok(idp::private(StatusCode::OK, body))
}
