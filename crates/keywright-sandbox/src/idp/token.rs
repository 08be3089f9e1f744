//! The token endpoint (RFC 6749 section 3.2): which grant is asked for, and by whom.

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde_json::Value;

use super::answer::Refusal;
use super::authenticate::authenticate;
use super::form::Form;
use super::issue::{Issue, give, members};
use super::metadata::{AuthMethod, Grant, LOGIN_SCOPES, SCOPES};
use super::{code_grant, device_grant, dpop, exchange_grant, refresh_grant};
use crate::personality::Personality;
use crate::state::Shared;
use crate::state::store::Client;

/// `POST …/token`
pub(crate) async fn token(
    State(shared): State<Arc<Shared>>,
    Extension(personality): Extension<Personality>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let form = Form::parse(&headers, &body)?;
    let client = authenticate(&shared, personality, &headers, &form)?;
    let place = dpop::Place {
        personality,
        method: "POST",
        url: format!("{}{}", shared.idp_origin(), uri.path()),
        access_token: None,
    };
    let jkt = dpop::proved(&shared, &headers, &place)?;
    if client.metadata.dpop_bound_access_tokens && jkt.is_none() {
        return Err(Refusal::InvalidDpopProof("The client has to send a proof"));
    }
    let key = jkt.as_deref();
    let issue = match form.get("grant_type") {
        Some("client_credentials") => {
            allowed(&client, Grant::ClientCredentials)?;
            // RFC 6749 section 4.4: only for a client that can prove who it is.
            if client.metadata.token_endpoint_auth_method == AuthMethod::None {
                return Err(Refusal::UnauthorizedClient);
            }
            let own = without_users(&client.metadata.scope);
            Issue::of_client(narrowed(&own, form.get("scope"))?)
        }
        Some("refresh_token") => {
            allowed(&client, Grant::RefreshToken)?;
            refresh_grant::spend(&shared, &client, &form, key)?
        }
        Some("authorization_code") => {
            allowed(&client, Grant::AuthorizationCode)?;
            code_grant::redeem(&shared, &client, &form, key)?
        }
        Some("urn:ietf:params:oauth:grant-type:device_code") => {
            allowed(&client, Grant::DeviceCode)?;
            device_grant::poll(&shared, &client, &form)?
        }
        Some("urn:ietf:params:oauth:grant-type:token-exchange") => {
            allowed(&client, Grant::TokenExchange)?;
            exchange_grant::exchange(&shared, &client, &form)?
        }
        Some(_) => return Err(Refusal::UnsupportedGrantType),
        None => return Err(Refusal::InvalidRequest("grant_type is missing")),
    };
    let issue = Issue { jkt, ..issue };
    give(&shared, &client, issue)
}

/// The members of the answer to a code, the code of a device or a refresh token, for a personality with a token endpoint of its
/// own.
pub(crate) fn user_token(
    shared: &Shared,
    client: &Client,
    grant: Grant,
    form: &Form,
) -> Result<Value, Refusal> {
    allowed(client, grant)?;
    let issue = match grant {
        Grant::RefreshToken => refresh_grant::spend(shared, client, form, None)?,
        Grant::DeviceCode => device_grant::poll(shared, client, form)?,
        _ => code_grant::redeem(shared, client, form, None)?,
    };
    members(shared, client, issue)
}

pub(super) fn allowed(client: &Client, grant: Grant) -> Result<(), Refusal> {
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
    let mut scope: Vec<String> = Vec::new();
    for name in asked.split(' ').filter(|name| !name.is_empty()) {
        if !granted.iter().any(|known| known == name) {
            return Err(Refusal::InvalidScope);
        }
        if !scope.iter().any(|known| known == name) {
            scope.push(name.to_owned());
        }
    }
    Ok(scope)
}

/// The scope that a user is asked for: what the client registered, or what it asks for now. A user may
/// allow more than the client registered, so that an API can ask for more later (RFC 6750 section 3.1).
pub(super) fn asked_of_user(client: &Client, asked: Option<&str>) -> Result<Vec<String>, Refusal> {
    if asked.is_none() {
        return Ok(client.metadata.scope.clone());
    }
    let there_are = SCOPES.into_iter().chain(LOGIN_SCOPES).map(str::to_owned);
    narrowed(&there_are.collect::<Vec<_>>(), asked)
}

/// A client on its own has no identity of a user to show.
fn without_users(scope: &[String]) -> Vec<String> {
    let of_users = |name: &&String| LOGIN_SCOPES.contains(&name.as_str());
    scope
        .iter()
        .filter(|name| !of_users(name))
        .cloned()
        .collect()
}
