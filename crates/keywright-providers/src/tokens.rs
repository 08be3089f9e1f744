//! Token requests as the granted metadata says; what a vendor needs beyond that its adapter adds.

mod audience;

use keywright_oauth::{
    assertion::{AssertionParams, KeyReference},
    client_key::{ClientKey, KeyAlgorithm, KeyError},
    http::BasicEncoding,
    introspect::ClientAuthentication,
    lenient, mutual_tls,
    secret::ClientSecret,
    server_metadata::{ServerMetadata, TOKEN_ENDPOINT},
    token::{AUTHORIZATION_DETAILS, ClientAuth, Grant, TokenError, TokenRequest},
};
use uuid::Uuid;

pub use self::audience::{RememberedAudience, audiences_at, other_audience};
use self::audience::{audience_kind, issuer};
use crate::{
    Capability, ProviderConfig, ProviderError, Registration, TokenWish, WishedGrant,
    client_methods::learned, common_settings::AssertionAudience, settings::ADAPTED,
};

/// Learned from what the server accepted: how clients authenticate.
const CLIENT_AUTH: &str = "client_auth";
/// How assertions of a client are signed (OpenID Connect Dynamic Client Registration §2).
const SIGNING_ALG: &str = "token_endpoint_auth_signing_alg";

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
    let certificate = certificate(at);
    let endpoint = config.at_certificate(TOKEN_ENDPOINT, endpoint, certificate.is_some());
    let client_auth = match client_auth(config, at)? {
        ClientAuth::None
            if matches!(wish.grant, WishedGrant::ClientCredentials)
                && is_none_with_secret(config, at) =>
        {
            with_secret(config)
        }
        granted => granted,
    };
    let usual = || match wish.grant {
        WishedGrant::User => scopes_of_users(at),
        // The token that is exchanged says what it is good for.
        WishedGrant::TokenExchange(_) => Vec::new(),
        _ => usual_scopes(at),
    };
    let scopes = wish.scopes.unwrap_or_else(usual);
    // The authorization request has said what a code is for, and a refresh goes on with it.
    let details = match wish.grant {
        WishedGrant::DeviceCode(_)
        | WishedGrant::AuthorizationCode(_)
        | WishedGrant::RefreshToken(_) => None,
        _ => wish.authorization_details,
    };
    let (grant, scopes, audience) = match wish.grant {
        WishedGrant::ClientCredentials | WishedGrant::User => {
            (Grant::ClientCredentials, scopes, wish.audience)
        }
        // A refresh keeps the scopes of the token before it, unless fewer are asked for.
        WishedGrant::RefreshToken(token) => (Grant::RefreshToken(token), Vec::new(), wish.audience),
        WishedGrant::JwtBearer(assertion) => (Grant::JwtBearer(assertion), scopes, wish.audience),
        WishedGrant::SamlBearer(assertion) => (Grant::SamlBearer(assertion), scopes, wish.audience),
        WishedGrant::TokenExchange(exchange) => {
            (Grant::TokenExchange(exchange), scopes, wish.audience)
        }
        // The authorization request has said what the code is for. Resources are named again (RFC 8707 §2.2).
        WishedGrant::DeviceCode(code) => (Grant::DeviceCode(code), Vec::new(), None),
        WishedGrant::AuthorizationCode(code) => (Grant::AuthorizationCode(code), Vec::new(), None),
    };
    Ok(TokenRequest {
        endpoint,
        client_id: at.client_id.clone(),
        client_secret: at.client_secret.clone(),
        client_auth,
        assertion: assertion_params(config, at, client_auth)?,
        dpop: at.dpop_key.clone(),
        certificate,
        scopes,
        grant,
        extra: audience
            .map(|audience| ("audience".to_owned(), audience))
            .into_iter()
            .chain(wish.resources.into_iter().map(resource))
            .chain(details.map(|details| (AUTHORIZATION_DETAILS.to_owned(), details)))
            .collect(),
        flow,
    })
}

/// How the client proves itself for introspection and revocation.
pub(crate) fn client_authentication(
    config: &ProviderConfig,
    at: &Registration,
) -> Result<ClientAuthentication, ProviderError> {
    let client_auth = client_auth(config, at)?;
    Ok(ClientAuthentication {
        client_id: at.client_id.clone(),
        client_secret: at.client_secret.clone(),
        client_auth,
        assertion: assertion_params(config, at, client_auth)?,
        certificate: certificate(at),
        repeats_in_form: false,
    })
}

/// The key whose certificate the client presents: where it proves the client, or tokens are bound to it (RFC 8705 §2 and
/// §3).
fn certificate(at: &Registration) -> Option<ClientKey> {
    let method = at.granted.token_endpoint_auth_method();
    let presents = method.as_deref().is_some_and(mutual_tls::is_method)
        || mutual_tls::binds_tokens_of(&at.granted);
    at.client_key
        .clone()
        .filter(|key| presents && key.certificate().is_some())
}

/// The granted way; `client_secret_basic` where the server names none (RFC 7591 §2). Where the server
/// was seen to read Basic credentials in another way, that one.
pub(crate) fn client_auth(
    config: &ProviderConfig,
    at: &Registration,
) -> Result<ClientAuth, ProviderError> {
    let method = config
        .chosen_auth_method()
        .map(str::to_owned)
        .or_else(|| at.granted.token_endpoint_auth_method());
    match (method.as_deref(), &at.client_secret) {
        (
            Some(method @ ("client_secret_basic" | "client_secret_post" | "client_secret_jwt")),
            None,
        ) => Err(ProviderError::NoSecret {
            method: method.to_owned(),
        }),
        (None | Some("client_secret_basic"), Some(secret)) => {
            let usual = ClientAuth::Basic(config.basic_encoding());
            let adapted = adapted(config).filter(|_| Ambiguity::of(config, at, secret).is_some());
            let learned = learned(config, "client_secret_basic");
            Ok(learned.or(adapted).unwrap_or(usual))
        }
        (Some("client_secret_post"), _) => {
            Ok(learned(config, "client_secret_post").unwrap_or(ClientAuth::Post))
        }
        (Some("client_secret_jwt"), _) => Ok(ClientAuth::SecretJwt),
        (Some("private_key_jwt"), _) if at.client_key.is_some() => Ok(ClientAuth::PrivateKeyJwt),
        (Some(method), _) if mutual_tls::is_method(method) => match &at.client_key {
            Some(key) if key.certificate().is_some() => Ok(ClientAuth::Certificate),
            _ => Err(ProviderError::NoKey {
                method: method.to_owned(),
            }),
        },
        (Some(method @ "private_key_jwt"), _) => Err(ProviderError::NoKey {
            method: method.to_owned(),
        }),
        (None | Some("none"), _) => Ok(ClientAuth::None),
        (Some(method), _) => Err(ProviderError::AuthMethod {
            method: method.to_owned(),
        }),
    }
}

/// Key and audience of an assertion: the key signs as it was registered, usually for the issuer (RFC 7523 §3 as FAPI 2.0
/// §5.3.2.1 reads it).
pub(crate) fn assertion_params(
    config: &ProviderConfig,
    at: &Registration,
    client_auth: ClientAuth,
) -> Result<AssertionParams, ProviderError> {
    if !client_auth.is_assertion() {
        return Ok(AssertionParams::default());
    }
    let registered = lenient::text(at.granted.members(), SIGNING_ALG);
    let unknown = |name: &str| {
        TokenError::Assertion(KeyError::Algorithm {
            wanted: name.to_owned(),
        })
    };
    let key = match (client_auth, &at.client_key, registered.as_deref()) {
        (ClientAuth::SecretJwt, _, Some(name)) if name != "HS256" => {
            return Err(unknown(name).into());
        }
        (ClientAuth::PrivateKeyJwt, Some(key), Some(name)) => {
            let algorithm = KeyAlgorithm::named(name).ok_or_else(|| unknown(name))?;
            let key = key.signing_with(algorithm).map_err(TokenError::Assertion)?;
            Some(key)
        }
        (ClientAuth::PrivateKeyJwt, key, None) => key.clone(),
        _ => None,
    };
    let audience = match (audience_kind(config), config.token_endpoint()?) {
        (AssertionAudience::TokenEndpoint | AssertionAudience::Endpoint, Some(endpoint)) => {
            endpoint.to_string()
        }
        _ => issuer(config),
    };
    let key_reference = if config.needs_certified_keys() {
        KeyReference::Certificate
    } else {
        KeyReference::KeyId
    };
    Ok(AssertionParams {
        key,
        key_reference,
        audience,
    })
}

/// The client was granted `none` together with a secret, and the user chose nothing else. Client credentials are
/// for clients that prove themselves (RFC 6749 §4.4), and the server issued what proves this one.
pub(crate) fn is_none_with_secret(config: &ProviderConfig, at: &Registration) -> bool {
    let method = at.granted.token_endpoint_auth_method();
    config.chosen_auth_method().is_none()
        && method.as_deref() == Some("none")
        && at.client_secret.is_some()
}

/// How a secret is sent where the registration does not say: Basic (RFC 6749 §2.3.1), unless the server lists the
/// form alone.
fn with_secret(config: &ProviderConfig) -> ClientAuth {
    let metadata = config.metadata.as_ref();
    let listed = metadata.and_then(|it| it.token_endpoint_auth_methods_supported.as_deref());
    client_auth_at(config, listed, ClientAuth::Basic(config.basic_encoding()))
}

/// After `invalid_client` to Basic credentials that the server accepts in one encoding alone: the other
/// encoding is tried as well where the server takes the secret in the form. Each wrong secret counts
/// against its client at a server that locks clients, so that only one more is sent; a server that
/// misread the identifier saw no client of ours at all.
const BOTH_FOR_A_KNOWN_CLIENT: bool = false;

/// Identifier or secret are written in different ways by the two encodings of Basic, and the user chose
/// none.
struct Ambiguity {
    /// The identifier is.
    of_id: bool,
}

impl Ambiguity {
    fn of(config: &ProviderConfig, at: &Registration, secret: &ClientSecret) -> Option<Self> {
        let of_id = BasicEncoding::matters_for(&at.client_id, None);
        let chosen = config.chosen_basic_encoding().is_some();
        let ambiguous = BasicEncoding::matters_for(&at.client_id, Some(secret));
        (ambiguous && !chosen).then_some(Self { of_id })
    }
}

/// Further ways to prove a client that was refused with Basic credentials: some servers read them without
/// decoding. None where both encodings write the same, or where the user chose one.
pub fn other_client_auth(
    config: &ProviderConfig,
    at: &Registration,
    refused: ClientAuth,
) -> Vec<ClientAuth> {
    if is_none_with_secret(config, at) && refused != ClientAuth::None {
        return vec![ClientAuth::None];
    }
    let (ClientAuth::Basic(encoding), Some(secret)) = (refused, &at.client_secret) else {
        return Vec::new();
    };
    let Some(ambiguity) = Ambiguity::of(config, at, secret) else {
        return Vec::new();
    };
    let other = encoding.other();
    // RFC 7617 §2: an identifier with a colon cannot be written raw.
    let writable = other != BasicEncoding::Raw || !at.client_id.contains(':');
    let other = writable.then_some(ClientAuth::Basic(other));
    let listed = |metadata: &ServerMetadata| {
        let methods = metadata.token_endpoint_auth_methods_supported.as_ref();
        methods.is_some_and(|all| all.iter().any(|one| one == "client_secret_post"))
    };
    let offered =
        config.chosen_auth_method().is_none() && config.metadata.as_ref().is_some_and(listed);
    let post = offered.then_some(ClientAuth::Post);
    if ambiguity.of_id || BOTH_FOR_A_KNOWN_CLIENT {
        other.into_iter().chain(post).collect()
    } else {
        post.or(other).into_iter().collect()
    }
}

/// How the client proves itself at an endpoint that has a list of its own (RFC 8414 §2:
/// `introspection_endpoint_auth_methods_supported` and that of revocation): as at the token endpoint,
/// unless the list has only the other way to send a secret, or the user chose one.
pub fn client_auth_at(
    config: &ProviderConfig,
    listed: Option<&[String]>,
    usual: ClientAuth,
) -> ClientAuth {
    let has = |method: &str| listed.is_some_and(|all| all.iter().any(|one| one == method));
    let (basic, post) = (has("client_secret_basic"), has("client_secret_post"));
    match usual {
        _ if config.chosen_auth_method().is_some() => usual,
        ClientAuth::Basic(_) if post && !basic => ClientAuth::Post,
        ClientAuth::Post if basic && !post => ClientAuth::Basic(config.basic_encoding()),
        _ => usual,
    }
}

/// The way that is remembered as a setting; empty for the usual one.
pub fn client_auth_setting(way: ClientAuth) -> (String, String) {
    let value = match way {
        ClientAuth::Basic(BasicEncoding::Raw) => "raw",
        ClientAuth::Post => "client_secret_post",
        _ => "",
    };
    (format!("{ADAPTED}{CLIENT_AUTH}"), value.to_owned())
}

fn adapted(config: &ProviderConfig) -> Option<ClientAuth> {
    match config.learned(CLIENT_AUTH)? {
        "raw" => Some(ClientAuth::Basic(BasicEncoding::Raw)),
        "client_secret_post" if config.chosen_auth_method().is_none() => Some(ClientAuth::Post),
        _ => None,
    }
}

fn resource(uri: String) -> (String, String) {
    ("resource".to_owned(), uri)
}

/// The scopes to ask for without a wish: those that the user asked for at registration, without those
/// that the provider's answer leaves out. An answer that names no scopes says nothing about them, and a
/// server that grants all it has is not asked for all.
pub(crate) fn usual_scopes(at: &Registration) -> Vec<String> {
    for_clients(scopes_of_users(at))
}

/// The same for a token of a user.
pub(crate) fn scopes_of_users(at: &Registration) -> Vec<String> {
    let granted = at.granted.scopes();
    let Some(asked) = &at.asked_scopes else {
        return granted.unwrap_or_default();
    };
    let is_granted = |scope: &&String| granted.as_ref().is_none_or(|all| all.contains(scope));
    asked.iter().filter(is_granted).cloned().collect()
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
mod tests;
