//! Registration: a token with the scope `dcr` that is good once, and a client that is granted what the
//! server thinks right, or what a template says.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value, json};
use url::Url;

use super::answer::{ECHOED, Refused, information};
use super::management::begin_token;
use super::{OPEN_REGISTRATION, SELF, TEMPLATE};
use crate::idp::{self, AuthMethod, Metadata, Refusal};
use crate::state::Shared;
use crate::state::keys::random_uuid;
use crate::state::store::Client;

/// The scope of a token that registers.
const DCR: &str = "dcr";

/// Member of [`Client::vendor`]: the template that the client is a copy of.
pub(super) const SOFTWARE_ID: &str = "software_id";

/// Grants that the profile gives no dynamic client: they are left out without a word. Refresh tokens go with the code
/// of a user.
const DROPPED_GRANTS: [&str; 2] = ["refresh_token", "https://curity.se/grant/assisted-token"];
const OF_CODE: &str = "authorization_code";

/// Addresses of a client, which must share their origin with a redirect URI.
const ADDRESSES: [&str; 4] = ["client_uri", "logo_uri", "tos_uri", "policy_uri"];

/// `POST /curity/oauth/v2/oauth-registration`
pub(super) async fn register(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    if shared.faults(SELF).vendor(OPEN_REGISTRATION) == 0 {
        admit(&shared, &headers)?;
    }
    let asked = idp::json_object(&headers, &body)?;
    let template = asked.get(SOFTWARE_ID).filter(|id| !id.is_null());
    let granted = match template {
        Some(id) if id == TEMPLATE => template_metadata()?,
        Some(_) => return Err(Refusal::metadata("software_id names no template").into()),
        None => grant(&shared, &asked)?,
    };
    let secret = idp::new_secret(&shared, SELF, &granted)?;
    let mut client = Client::new(SELF, random_uuid()?, granted, shared.now());
    client.replace_secrets(secret);
    if let Some(id) = template {
        client.vendor.insert(SOFTWARE_ID.to_owned(), id.clone());
    }
    let unknown = echoed(&client, &asked);
    client.vendor.insert(ECHOED.to_owned(), unknown);
    begin_token(&shared, &mut client)?;
    let answer = information(&shared, &client);
    shared.state().insert(client);
    shared.touch();
    Ok(idp::private(StatusCode::CREATED, answer))
}

/// The token is spent by the attempt, whatever comes of it.
fn admit(shared: &Shared, headers: &HeaderMap) -> Result<(), Refused> {
    let token = idp::bearer(headers).ok_or(Refusal::InvalidToken)?;
    let claims = idp::live_token(shared, SELF, token).ok_or(Refusal::InvalidToken)?;
    // A token of any other client is a good token, and has not this scope.
    let registers = idp::admin_token(shared, SELF, token, &SELF.issuer(shared))
        .is_some_and(|claims| claims.scope().contains(&DCR));
    if !registers {
        return Err(Refused::InsufficientScope);
    }
    if !idp::spend(shared, &claims) {
        return Err(Refusal::InvalidToken.into());
    }
    Ok(())
}

/// What is granted of a request without a template. The server does not answer a wish that it has
/// other ideas about with a refusal: it grants something else.
pub(super) fn grant(shared: &Shared, asked: &Map<String, Value>) -> Result<Metadata, Refusal> {
    let mut asked = asked.clone();
    if asked.get("token_endpoint_auth_method") == Some(&json!("none")) {
        asked.insert(
            "token_endpoint_auth_method".to_owned(),
            json!("client_secret_basic"),
        );
    }
    let by_key = asked.get("token_endpoint_auth_method") == Some(&json!("private_key_jwt"));
    let jwks = asked
        .get("jwks")
        .filter(|set| set["keys"].is_array())
        .cloned();
    if by_key {
        asked.remove("token_endpoint_auth_method");
        if jwks.is_none() {
            return Err(Refusal::metadata("private_key_jwt needs jwks"));
        }
    }
    if let Some(Value::Array(grants)) = asked.get_mut("grant_types") {
        let has_code = grants.iter().any(|grant| grant == OF_CODE);
        let dropped = if has_code {
            &DROPPED_GRANTS[1..]
        } else {
            &DROPPED_GRANTS[..]
        };
        grants.retain(|grant| !dropped.iter().any(|dropped| grant == dropped));
    }
    let mut granted = Metadata::grant(&asked, shared.faults(SELF).grant_less)?;
    if by_key {
        granted.token_endpoint_auth_method = AuthMethod::PrivateKeyJwt;
        granted.jwks = jwks;
    }
    let origin = |text: &str| Url::parse(text).ok().map(|url| url.origin());
    let own: Vec<_> = granted
        .redirect_uris
        .iter()
        .filter_map(|uri| origin(uri))
        .collect();
    let stranger = ADDRESSES.iter().find(|name| {
        let address = granted.texts.get(**name).and_then(Value::as_str);
        address
            .and_then(origin)
            .is_some_and(|origin| !own.is_empty() && !own.contains(&origin))
    });
    match stranger {
        Some(name) => Err(Refusal::metadata(format!(
            "{name} must be at the origin of a redirect URI"
        ))),
        None => Ok(granted),
    }
}

/// The settings of the one template.
fn template_metadata() -> Result<Metadata, Refusal> {
    let settings = json!({
        "client_name": "Orders template", "grant_types": ["client_credentials"],
        "scope": "orders:read", "token_endpoint_auth_method": "client_secret_basic",
    });
    let nothing = Map::new();
    Metadata::grant(settings.as_object().unwrap_or(&nothing), false)
}

/// Members that were asked for and have no place in the metadata.
pub(super) fn echoed(client: &Client, asked: &Map<String, Value>) -> Value {
    let known = client.metadata.to_members();
    let is_own = |name: &str| name.starts_with("client_") || name.starts_with("registration_");
    let members = asked
        .iter()
        .filter(|(name, value)| {
            !known.contains_key(*name)
                && !is_own(name)
                && *name != "redirect_uris"
                && !value.is_null()
        })
        .map(|(name, value)| (name.clone(), value.clone()));
    Value::Object(members.collect())
}
