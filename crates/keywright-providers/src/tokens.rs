//! Token requests as the granted metadata says; what a vendor needs beyond that its adapter adds.

use keywright_oauth::{
    introspect::Asker,
    server_metadata::TOKEN_ENDPOINT,
    token::{ClientAuth, Grant, TokenRequest},
};
use uuid::Uuid;

use crate::{Capability, ProviderConfig, ProviderError, Registration, TokenWish, settings::key};

/// The request for the scopes of the registration, or those that are wished for.
pub(crate) fn token_request(
    config: &ProviderConfig,
    at: &Registration,
    wish: TokenWish,
    flow: Uuid,
) -> Result<TokenRequest, ProviderError> {
    let endpoint = config
        .token_endpoint()?
        .ok_or_else(|| config.no_endpoint(TOKEN_ENDPOINT, Capability::ClientCredentials))?;
    let scopes = wish.scopes.unwrap_or_else(|| usual_scopes(at));
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
            .chain(wish.resources.into_iter().map(resource))
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

fn resource(uri: String) -> (String, String) {
    ("resource".to_owned(), uri)
}

/// The scopes to ask for without a wish: those that the user asked for at registration, without those
/// that the provider's answer leaves out. An answer that names no scopes says nothing about them, and a
/// server that grants all it has is not asked for all.
pub(crate) fn usual_scopes(at: &Registration) -> Vec<String> {
    let Some(asked) = &at.asked_scopes else {
        return granted_scopes(at);
    };
    let granted = at.granted.scopes();
    let is_granted = |scope: &&String| granted.as_ref().is_none_or(|all| all.contains(scope));
    for_clients(asked.iter().filter(is_granted).cloned().collect())
}

/// The scopes that the provider's answer names.
pub(crate) fn granted_scopes(at: &Registration) -> Vec<String> {
    for_clients(at.granted.scopes().unwrap_or_default())
}

/// `openid` and `offline_access` speak of a user, and client credentials have none.
fn for_clients(mut scopes: Vec<String>) -> Vec<String> {
    scopes.retain(|scope| scope != "openid" && scope != "offline_access");
    scopes
}

#[cfg(test)]
mod tests {
    use super::*;
    use keywright_oauth::client_metadata::ClientMetadata;

    fn at(asked: Option<&[&str]>, granted: Option<&str>) -> Registration {
        let mut metadata = ClientMetadata::default();
        if let Some(granted) = granted {
            metadata.set("scope", granted);
        }
        Registration {
            granted: metadata,
            asked_scopes: asked.map(|all| all.iter().map(|one| (*one).to_owned()).collect()),
            ..Registration::default()
        }
    }

    #[test]
    fn the_scopes_of_a_token_are_those_asked_for_and_granted() {
        type Case<'a> = (Option<&'a [&'a str]>, Option<&'a str>, &'a [&'a str]);
        let cases: [Case<'_>; 7] = [
            (Some(&["a", "b"]), Some("b c"), &["b"]),
            (Some(&["a", "b"]), Some("b a"), &["a", "b"]),
            // Not said is not refused.
            (Some(&["a", "b"]), None, &["a", "b"]),
            // A server that grants all it has is not asked for all.
            (Some(&[]), Some("a b admin"), &[]),
            (Some(&["openid", "a"]), None, &["a"]),
            (Some(&["a"]), Some("b"), &[]),
            (None, Some("a openid"), &["a"]),
        ];
        for (asked, granted, wanted) in cases {
            assert_eq!(
                usual_scopes(&at(asked, granted)),
                wanted,
                "{asked:?} {granted:?}"
            );
        }
    }
}
