//! The token endpoint (RFC 6749 sections 4.4 and 6) and its access tokens (RFC 9068).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::answer::{Refusal, private};
use super::authenticate::{Form, authenticate};
use super::metadata::{AuthMethod, Grant};
use crate::keys::random_text;
use crate::state::{Client, Refresh, Shared};

/// Lifetime of an access token in seconds.
const LIFETIME_SECS: i64 = 900;

/// The claims of an access token (RFC 9068 section 2.2).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) sub: String,
    pub(crate) client_id: String,
    pub(crate) aud: String,
    pub(crate) scope: String,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    pub(crate) jti: String,
}

/// `POST …/token`
pub(crate) async fn token(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let form = Form::parse(&headers, &body)?;
    let client = authenticate(&shared, &headers, &form)?;
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
fn narrowed(granted: &[String], asked: Option<&str>) -> Result<Vec<String>, Refusal> {
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
    if refresh.client_id != client.id {
        return Err(Refusal::InvalidGrant);
    }
    let scope = narrowed(&refresh.scope, form.get("scope"))?;
    state.refresh_tokens.remove(token);
    Ok(scope)
}

fn give(shared: &Shared, client: &Client, scope: &[String]) -> Result<Response, Refusal> {
    let now = shared.now();
    let claims = Claims {
        iss: shared.issuer(),
        sub: client.id.clone(),
        client_id: client.id.clone(),
        aud: shared.api_url(),
        scope: scope.join(" "),
        iat: now,
        exp: now.saturating_add(LIFETIME_SECS),
        jti: Uuid::now_v7().to_string(),
    };
    let access_token = shared.signing_key.sign(&claims).map_err(|error| {
        tracing::error!(%error, "an access token could not be signed");
        Refusal::ServerError
    })?;
    let mut body = json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": LIFETIME_SECS,
        "scope": claims.scope,
    });
    if allowed(client, Grant::RefreshToken).is_ok() {
        let token = random_text()?;
        body["refresh_token"] = json!(token);
        let refresh = Refresh {
            client_id: client.id.clone(),
            scope: scope.to_vec(),
            issued_at: now,
        };
        shared.state().refresh_tokens.insert(token, refresh);
    }
    shared.touch();
    Ok(private(StatusCode::OK, body))
}
