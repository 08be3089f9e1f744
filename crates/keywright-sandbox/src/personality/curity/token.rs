//! The token endpoint: `bearer` in lower case, JWTs (the gateway could not read opaque tokens), and
//! single-use tokens with the scope `dcr` for the administrator's client.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;

use super::SELF;
use crate::idp::{self, AuthMethod, Claims, Form, Grant, Presented, Refusal};
use crate::state::Shared;
use crate::state::keys::random_uuid;
use crate::state::store::Client;

/// Lifetime of an access token in seconds.
const LIFETIME_SECS: i64 = 900;

/// The scopes of the administrator's client: to register, and to manage any dynamic client.
const ADMIN_SCOPES: [&str; 2] = ["dcr", "dcrm"];

/// `POST /curity/oauth/v2/oauth-token`
pub(super) async fn token(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let form = Form::parse(&headers, &body)?;
    let presented = idp::presented(&headers, &form)?;
    if let Some(of_user) = of_user(&shared, &presented, &form)? {
        return Ok(of_user);
    }
    let (audience, granted) = if idp::is_admin(&shared, SELF, &presented) {
        let scopes = ADMIN_SCOPES.map(str::to_owned).to_vec();
        (SELF.issuer(&shared), scopes)
    } else {
        let client = recognised(&shared, &presented)?;
        if !client
            .metadata
            .grant_types
            .contains(&Grant::ClientCredentials)
        {
            return Err(Refusal::UnauthorizedClient);
        }
        (SELF.api_url(&shared), client.metadata.scope)
    };
    match form.get("grant_type") {
        Some("client_credentials") => {}
        Some(_) => return Err(Refusal::UnsupportedGrantType),
        None => return Err(Refusal::InvalidRequest("grant_type is missing")),
    }
    let scope = idp::narrowed(&granted, form.get("scope"))?.join(" ");
    let claims = claims(&shared, &presented.id, audience, &scope)?;
    let access_token = idp::signed(&shared, SELF, &claims)?;
    let mut body = idp::token_answer(&access_token, "bearer", LIFETIME_SECS);
    body["scope"] = json!(scope);
    shared.touch();
    Ok(idp::private(StatusCode::OK, body))
}

/// A token of a user, where a code or a refresh token is shown.
fn of_user(
    shared: &Shared,
    presented: &Presented,
    form: &Form,
) -> Result<Option<Response>, Refusal> {
    let grant = match form.get("grant_type") {
        Some("authorization_code") => Grant::AuthorizationCode,
        Some("refresh_token") => Grant::RefreshToken,
        _ => return Ok(None),
    };
    let client = recognised(shared, presented)?;
    let mut body = idp::user_token(shared, &client, grant, form)?;
    body["token_type"] = json!("bearer");
    shared.touch();
    Ok(Some(idp::private(StatusCode::OK, body)))
}

/// Both ways to send a secret are open to each client that has one, whichever it is registered for.
fn recognised(shared: &Shared, presented: &Presented) -> Result<Client, Refusal> {
    idp::recognise(shared, SELF, presented)
        .ok()
        .filter(|client| {
            let signs = client.metadata.token_endpoint_auth_method == AuthMethod::PrivateKeyJwt;
            presented.method != AuthMethod::None
                && signs == (presented.method == AuthMethod::PrivateKeyJwt)
        })
        .ok_or(Refusal::InvalidClient)
}

fn claims(
    shared: &Shared,
    client_id: &str,
    audience: String,
    scope: &str,
) -> Result<Claims, Refusal> {
    let claims = Claims::new(shared, SELF, client_id, audience, LIFETIME_SECS);
    let begins = claims.iat;
    Ok(claims
        .with("nbf", begins)
        .with("scope", scope)
        .with("purpose", "access_token")
        .with("delegationId", random_uuid()?)
        .with_jti("")?)
}
