//! The token endpoint (RFC 6749 sections 4.4 and 6) and its access tokens (RFC 9068).

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;

use super::access_token::{Claims, signed, token_answer};
use super::answer::{Refusal, private};
use super::authenticate::authenticate;
use super::form::Form;
use super::metadata::{AuthMethod, Grant};
use crate::personality::Personality;
use crate::state::Shared;
use crate::state::keys::random_text;
use crate::state::store::{Client, Refresh};

/// Lifetime of an access token in seconds.
const LIFETIME_SECS: i64 = 900;

/// `POST …/token`
pub(crate) async fn token(
    State(shared): State<Arc<Shared>>,
    Extension(personality): Extension<Personality>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let form = Form::parse(&headers, &body)?;
    let client = authenticate(&shared, personality, &headers, &form)?;
    match form.get("grant_type") {
        Some("client_credentials") => {
            allowed(&client, Grant::ClientCredentials)?;
            // RFC 6749 section 4.4: only for a client that can prove who it is.
            if client.metadata.token_endpoint_auth_method == AuthMethod::None {
                return Err(Refusal::UnauthorizedClient);
            }
            let scope = narrowed(&client.metadata.scope, form.get("scope"))?;
            give(&shared, &client, &scope)
        }
        Some("refresh_token") => {
            allowed(&client, Grant::RefreshToken)?;
            let scope = spend(&shared, &client, &form)?;
            give(&shared, &client, &scope)
        }
        Some("authorization_code") => {
            allowed(&client, Grant::AuthorizationCode)?;
            Err(Refusal::InvalidGrant)
        }
        Some(_) => Err(Refusal::UnsupportedGrantType),
        None => Err(Refusal::InvalidRequest("grant_type is missing")),
    }
}

fn allowed(client: &Client, grant: Grant) -> Result<(), Refusal> {
    if client.metadata.grant_types.contains(&grant) {
        Ok(())
    } else {
        Err(Refusal::UnauthorizedClient)
    }
}

/// The scope asked for, if it is within the granted one; all of it when none was asked for.
pub(crate) fn narrowed(granted: &[String], asked: Option<&str>) -> Result<Vec<String>, Refusal> {
    let Some(asked) = asked else {
        return Ok(granted.to_vec());
    };
    asked
        .split(' ')
        .filter(|name| !name.is_empty())
        .map(|name| {
            let known = granted.iter().find(|other| *other == name);
            known.cloned().ok_or(Refusal::InvalidScope)
        })
        .collect()
}

/// Takes a refresh token out of the world, for it may be used once (RFC 9700 section 4.14.2).
fn spend(shared: &Shared, client: &Client, form: &Form) -> Result<Vec<String>, Refusal> {
    let Some(token) = form.get("refresh_token") else {
        return Err(Refusal::InvalidRequest("refresh_token is missing"));
    };
    let mut state = shared.state();
    let Some(refresh) = state.refresh_tokens.get(token) else {
        return Err(Refusal::InvalidGrant);
    };
    if (refresh.personality, &refresh.client_id) != (client.personality, &client.id) {
        return Err(Refusal::InvalidGrant);
    }
    let scope = narrowed(&refresh.scope, form.get("scope"))?;
    state.refresh_tokens.remove(token);
    Ok(scope)
}

fn give(shared: &Shared, client: &Client, scope: &[String]) -> Result<Response, Refusal> {
    let personality = client.personality;
    let audience = personality.api_url(shared);
    let scopes = scope.join(" ");
    let claims = Claims::new(shared, personality, &client.id, audience, LIFETIME_SECS)
        .with("client_id", client.id.as_str())
        .with("scope", scopes.as_str())
        .with_jti("")?;
    let access_token = signed(shared, personality, &claims)?;
    let mut body = token_answer(&access_token, "Bearer", LIFETIME_SECS);
    body["scope"] = json!(scopes);
    if allowed(client, Grant::RefreshToken).is_ok() {
        let token = random_text()?;
        body["refresh_token"] = json!(token);
        let refresh = Refresh {
            personality,
            client_id: client.id.clone(),
            scope: scope.to_vec(),
            issued_at: claims.iat,
        };
        shared.state().refresh_tokens.insert(token, refresh);
    }
    shared.touch();
    Ok(private(StatusCode::OK, body))
}
