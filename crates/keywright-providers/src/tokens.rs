//! Token requests as the granted metadata says; what a vendor needs beyond that its adapter adds.

use keywright_oauth::{
    introspect::Asker,
    server_metadata::TOKEN_ENDPOINT,
    token::{ClientAuth, Grant, TokenRequest},
};
use uuid::Uuid;

use crate::{Capability, ProviderConfig, ProviderError, Registration, TokenWish, settings::key};

/// The request for the granted scopes, or those that are wished for.
pub(crate) fn token_request(
    config: &ProviderConfig,
    at: &Registration,
    wish: TokenWish,
    flow: Uuid,
) -> Result<TokenRequest, ProviderError> {
    let endpoint = config
        .token_endpoint()?
        .ok_or_else(|| config.no_endpoint(TOKEN_ENDPOINT, Capability::ClientCredentials))?;
    let scopes = wish.scopes.unwrap_or_else(|| granted_scopes(at));
    Ok(TokenRequest {
        endpoint,
        client_id: at.client_id.clone(),
        client_secret: at.client_secret.clone(),
        client_auth: client_auth(config, at)?,
        // A refresh keeps the scopes of the token before it, unless fewer are asked for.
        scopes: if wish.refresh_token.is_some() {
            Vec::new()
        } else {
            scopes
        },
        grant: wish
            .refresh_token
            .map_or(Grant::ClientCredentials, Grant::RefreshToken),
        extra: wish
            .audience
            .map(|audience| ("audience".to_owned(), audience))
            .into_iter()
            .collect(),
        flow,
    })
}

/// How the client proves itself for introspection and revocation.
pub(crate) fn asker(config: &ProviderConfig, at: &Registration) -> Result<Asker, ProviderError> {
    Ok(Asker {
        client_id: at.client_id.clone(),
        client_secret: at.client_secret.clone(),
        client_auth: client_auth(config, at)?,
    })
}

/// The granted way; `client_secret_basic` where the server names none (RFC 7591 §2).
pub(crate) fn client_auth(
    config: &ProviderConfig,
    at: &Registration,
) -> Result<ClientAuth, ProviderError> {
    let forced = config
        .setting(key::TOKEN_AUTH_METHOD)
        .filter(|method| *method != "as_granted");
    let method = forced
        .map(str::to_owned)
        .or_else(|| at.granted.token_endpoint_auth_method());
    match method.as_deref() {
        None | Some("client_secret_basic") if at.client_secret.is_some() => {
            Ok(ClientAuth::Basic(config.basic_encoding()))
        }
        Some("client_secret_post") => Ok(ClientAuth::Post),
        None | Some("none" | "client_secret_basic") => Ok(ClientAuth::None),
        Some(method) => Err(ProviderError::AuthMethod {
            method: method.to_owned(),
        }),
    }
}

/// `openid` and `offline_access` speak of a user, and client credentials have none.
pub(crate) fn granted_scopes(at: &Registration) -> Vec<String> {
    let mut scopes = at.granted.scopes().unwrap_or_default();
    scopes.retain(|scope| scope != "openid" && scope != "offline_access");
    scopes
}
