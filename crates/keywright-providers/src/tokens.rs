//! Token requests as the granted metadata says; what a vendor needs beyond that its adapter adds.

use keywright_oauth::{
    assertion::AssertionParams,
    client_key::{KeyAlgorithm, KeyError},
    http::BasicEncoding,
    introspect::ClientAuthentication,
    lenient,
    secret::ClientSecret,
    server_metadata::{ServerMetadata, TOKEN_ENDPOINT},
    token::{ClientAuth, Grant, TokenError, TokenRequest},
};
use uuid::Uuid;

use crate::{
    Capability, ProviderConfig, ProviderError, Registration, TokenWish, WishedGrant,
    client_methods::learned, settings::key,
};

/// Setting: how clients authenticate, as it was learned from what the server accepted.
const CLIENT_AUTH: &str = "adapted.client_auth";
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
    let (grant, scopes, audience) = match wish.grant {
        WishedGrant::ClientCredentials | WishedGrant::User => {
            (Grant::ClientCredentials, scopes, wish.audience)
        }
        // A refresh keeps the scopes of the token before it, unless fewer are asked for.
        WishedGrant::RefreshToken(token) => (Grant::RefreshToken(token), Vec::new(), wish.audience),
        WishedGrant::JwtBearer(assertion) => (Grant::JwtBearer(assertion), scopes, wish.audience),
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
        scopes,
        grant,
        extra: audience
            .map(|audience| ("audience".to_owned(), audience))
            .into_iter()
            .chain(wish.resources.into_iter().map(resource))
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
    })
}

/// The granted way; `client_secret_basic` where the server names none (RFC 7591 §2). Where the server
/// was seen to read Basic credentials in another way, that one.
pub(crate) fn client_auth(
    config: &ProviderConfig,
    at: &Registration,
) -> Result<ClientAuth, ProviderError> {
    let method = chosen_method(config)
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
        (Some(method @ "private_key_jwt"), _) => Err(ProviderError::NoKey {
            method: method.to_owned(),
        }),
        (None | Some("none"), _) => Ok(ClientAuth::None),
        (Some(method), _) => Err(ProviderError::AuthMethod {
            method: method.to_owned(),
        }),
    }
}

/// Key and audience of an assertion: the key signs as it was registered, for the issuer (RFC 7523 §3 as OpenID Connect
/// and FAPI 2.0 §5.3.2.1 read it) unless the user chose the token endpoint.
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
    let issuer = config.metadata.as_ref().map(|one| one.issuer.clone());
    let audience = match (
        config.setting(key::ASSERTION_AUDIENCE),
        config.token_endpoint()?,
    ) {
        (Some("token_endpoint"), Some(endpoint)) => endpoint.to_string(),
        _ => issuer.unwrap_or_else(|| config.issuer.clone()),
    };
    Ok(AssertionParams { key, audience })
}

/// The client was granted `none` together with a secret, and the user chose nothing else. Client credentials are
/// for clients that prove themselves (RFC 6749 §4.4), and the server issued what proves this one.
pub(crate) fn is_none_with_secret(config: &ProviderConfig, at: &Registration) -> bool {
    let method = at.granted.token_endpoint_auth_method();
    chosen_method(config).is_none()
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

/// The way that the user chose against what the server granted.
pub(crate) fn chosen_method(config: &ProviderConfig) -> Option<&str> {
    config
        .setting(key::TOKEN_AUTH_METHOD)
        .filter(|method| *method != "as_granted")
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
        let of_id = BasicEncoding::matters_for(&at.client_id);
        let chosen = config.setting(key::BASIC_ENCODING).is_some();
        let ambiguous = of_id || BasicEncoding::matters_for(secret.expose());
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
    let offered = chosen_method(config).is_none() && config.metadata.as_ref().is_some_and(listed);
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
        _ if chosen_method(config).is_some() => usual,
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
    (CLIENT_AUTH.to_owned(), value.to_owned())
}

fn adapted(config: &ProviderConfig) -> Option<ClientAuth> {
    match config.setting(CLIENT_AUTH)? {
        "raw" => Some(ClientAuth::Basic(BasicEncoding::Raw)),
        "client_secret_post" if chosen_method(config).is_none() => Some(ClientAuth::Post),
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
fn scopes_of_users(at: &Registration) -> Vec<String> {
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

    fn config(settings: &[(&str, &str)], methods: &[&str]) -> ProviderConfig {
        let document = serde_json::json!({
            "issuer": "https://id.example", "token_endpoint": "https://id.example/token",
            "token_endpoint_auth_methods_supported": methods,
        });
        let members = document.as_object().cloned().unwrap_or_default();
        let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        ProviderConfig {
            kind: crate::ProviderKind::Rfc7591,
            issuer: "https://id.example".into(),
            settings: settings.iter().map(own).collect(),
            secrets: std::collections::BTreeMap::new(),
            metadata: "https://id.example"
                .parse()
                .ok()
                .and_then(|source| ServerMetadata::read(members, source)),
        }
    }

    fn client(id: &str, secret: &str) -> Registration {
        Registration {
            client_id: id.to_owned(),
            client_secret: Some(ClientSecret::new(secret)),
            ..Registration::default()
        }
    }

    const RFC: ClientAuth = ClientAuth::Basic(BasicEncoding::Rfc6749);
    const RAW: ClientAuth = ClientAuth::Basic(BasicEncoding::Raw);
    const BOTH: &[&str] = &["client_secret_basic", "client_secret_post"];

    #[test]
    fn a_misread_identifier_is_tried_in_each_way() {
        let ways =
            |id: &str, methods| other_client_auth(&config(&[], methods), &client(id, "s"), RFC);
        assert_eq!(ways("a/b", BOTH), [RAW, ClientAuth::Post]);
        assert_eq!(ways("a/b", &["client_secret_basic"]), [RAW]);
        assert_eq!(ways("a/b", &[]), [RAW]);
        // A colon ends the identifier of raw credentials.
        assert_eq!(ways("a:b", BOTH), [ClientAuth::Post]);
        assert_eq!(ways("a:b", &[]), []);
        assert_eq!(ways("plain", BOTH), []);
    }

    #[test]
    fn a_secret_that_may_be_misread_is_sent_once_more() {
        let ways = |settings, methods, refused| {
            other_client_auth(
                &config(settings, methods),
                &client("c-1", "a+b/c=="),
                refused,
            )
        };
        assert_eq!(ways(&[], BOTH, RFC), [ClientAuth::Post]);
        assert_eq!(ways(&[], &["client_secret_basic"], RFC), [RAW]);
        assert_eq!(ways(&[], &["client_secret_basic"], RAW), [RFC]);
        assert_eq!(ways(&[], BOTH, ClientAuth::Post), []);
        // What the user chose is not tried in another way.
        assert_eq!(ways(&[("basic_encoding", "rfc6749")], BOTH, RFC), []);
        assert_eq!(ways(&[("basic_encoding", "raw")], BOTH, RAW), []);
        let basic = [("token_endpoint_auth_method", "client_secret_basic")];
        assert_eq!(ways(&basic, BOTH, RFC), [RAW]);
    }

    #[test]
    fn t27_a_secret_with_none_is_sent_for_client_credentials() {
        let mut odd = client("c-1", "s");
        odd.granted.set("token_endpoint_auth_method", "none");
        let asked = |settings: &[(&str, &str)], methods: &[&str], refresh: Option<&str>| {
            let wish = TokenWish {
                grant: refresh.map_or(WishedGrant::ClientCredentials, |token| {
                    WishedGrant::RefreshToken(keywright_oauth::secret::RefreshToken::new(token))
                }),
                ..TokenWish::default()
            };
            token_request(&config(settings, methods), &odd, wish, Uuid::nil())
                .ok()
                .map(|request| request.client_auth)
        };
        assert_eq!(asked(&[], &[], None), Some(RFC));
        assert_eq!(asked(&[], BOTH, None), Some(RFC));
        let post = ["none", "client_secret_post"];
        assert_eq!(asked(&[], &post, None), Some(ClientAuth::Post));
        assert_eq!(asked(&[], BOTH, Some("r")), Some(ClientAuth::None));
        let chosen = [("token_endpoint_auth_method", "none")];
        assert_eq!(asked(&chosen, BOTH, None), Some(ClientAuth::None));
        assert_eq!(
            other_client_auth(&config(&[], BOTH), &odd, RFC),
            [ClientAuth::None]
        );
        odd.client_secret = None;
        let public = token_request(&config(&[], BOTH), &odd, TokenWish::default(), Uuid::nil());
        assert_eq!(
            public.ok().map(|request| request.client_auth),
            Some(ClientAuth::None)
        );
    }

    #[test]
    fn what_worked_is_used_where_it_makes_a_difference() {
        let used = |settings: &[(&str, &str)], id: &str| {
            client_auth(&config(settings, BOTH), &client(id, "s"))
        };
        let raw = [("adapted.client_auth", "raw")];
        assert_eq!(used(&raw, "a/b").ok(), Some(RAW));
        assert_eq!(used(&raw, "plain").ok(), Some(RFC));
        let post = [("adapted.client_auth", "client_secret_post")];
        assert_eq!(used(&post, "a/b").ok(), Some(ClientAuth::Post));
        let chosen = [
            ("adapted.client_auth", "raw"),
            ("basic_encoding", "rfc6749"),
        ];
        assert_eq!(used(&chosen, "a/b").ok(), Some(RFC));
        let (key, value) = client_auth_setting(RAW);
        assert_eq!((key.as_str(), value.as_str()), raw[0]);
    }

    #[test]
    fn an_endpoint_with_its_own_list_of_methods_gets_one_of_them() {
        let at = |settings: &[(&str, &str)], listed: &[&str], usual| {
            let listed: Vec<String> = listed.iter().map(|one| (*one).to_owned()).collect();
            client_auth_at(&config(settings, BOTH), Some(&listed), usual)
        };
        let (basic, post) = (&["client_secret_basic"][..], &["client_secret_post"][..]);
        assert_eq!(at(&[], post, RFC), ClientAuth::Post);
        assert_eq!(at(&[], basic, ClientAuth::Post), RFC);
        let raw = [("basic_encoding", "raw")];
        assert_eq!(at(&raw, basic, ClientAuth::Post), RAW);
        assert_eq!(at(&[], BOTH, ClientAuth::Post), ClientAuth::Post);
        assert_eq!(at(&[], basic, RAW), RAW);
        assert_eq!(at(&[], &["private_key_jwt", "none"], RFC), RFC);
        assert_eq!(at(&[], post, ClientAuth::None), ClientAuth::None);
        let chosen = [("token_endpoint_auth_method", "client_secret_basic")];
        assert_eq!(at(&chosen, post, RFC), RFC);
        assert_eq!(client_auth_at(&config(&[], BOTH), None, RFC), RFC);
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
