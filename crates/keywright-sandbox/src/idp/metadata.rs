//! Client metadata: what a client asks for and what it is granted (RFC 7591 section 2).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use url::Url;

use super::answer::Refusal;

/// The scopes there are.
pub(crate) const SCOPES: [&str; 3] = ["orders:read", "orders:write", "profile"];
/// The scopes that say something of a user, next to `profile`.
pub(crate) const LOGIN_SCOPES: [&str; 2] = ["openid", "email"];

/// Grants that exist but are not given here: asking for them grants less.
const KNOWN_GRANTS: [&str; 5] = [
    "implicit",
    "password",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:saml2-bearer",
    "urn:openid:params:grant-type:ciba",
];

const TEXTS: [&str; 8] = [
    "client_name",
    "client_uri",
    "logo_uri",
    "tos_uri",
    "policy_uri",
    "software_id",
    "software_version",
    "software_statement",
];

/// A grant a client can be registered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Grant {
    ClientCredentials,
    RefreshToken,
    AuthorizationCode,
    /// RFC 8628.
    #[serde(rename = "urn:ietf:params:oauth:grant-type:device_code")]
    DeviceCode,
    /// RFC 8693.
    #[serde(rename = "urn:ietf:params:oauth:grant-type:token-exchange")]
    TokenExchange,
}

impl Grant {
    /// Those with which a user signs in.
    const OF_USERS: [Self; 2] = [Self::AuthorizationCode, Self::DeviceCode];
    /// Those of a server at which users sign in.
    pub(crate) const WITH_USERS: [Self; 5] = [
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::DeviceCode,
        Self::TokenExchange,
        Self::ClientCredentials,
    ];
    pub(crate) const SUPPORTED: [Self; 3] = [
        Self::ClientCredentials,
        Self::RefreshToken,
        Self::AuthorizationCode,
    ];
}

const DPOP_BOUND: &str = "dpop_bound_access_tokens";

/// How a client authenticates at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AuthMethod {
    ClientSecretBasic,
    ClientSecretPost,
    /// An assertion, signed by a key of the client (OpenID Connect Core section 9).
    PrivateKeyJwt,
    /// A public client: it has no secret.
    None,
}

impl AuthMethod {
    /// The client has a secret.
    pub(crate) fn has_secret(self) -> bool {
        Self::WITH_SECRET.contains(&self)
    }

    pub(crate) const SUPPORTED: [Self; 3] =
        [Self::ClientSecretBasic, Self::ClientSecretPost, Self::None];
    /// Those that prove who the client is, as introspection needs (RFC 7662 section 2.1).
    pub(crate) const WITH_SECRET: [Self; 2] = [Self::ClientSecretBasic, Self::ClientSecretPost];
}

/// What a client was granted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) redirect_uris: Vec<String>,
    /// OpenID Connect RP-Initiated Logout 1.0 section 3.1.
    #[serde(default)]
    pub(crate) post_logout_redirect_uris: Vec<String>,
    pub(crate) grant_types: Vec<Grant>,
    pub(crate) token_endpoint_auth_method: AuthMethod,
    /// The public keys of a client that proves itself by one.
    #[serde(default)]
    pub(crate) jwks: Option<Value>,
    pub(crate) scope: Vec<String>,
    /// Its tokens are bound to a key (RFC 9449 section 5.2).
    #[serde(default)]
    pub(crate) dpop_bound_access_tokens: bool,
    /// Texts and contacts, kept as they came.
    pub(crate) texts: Map<String, Value>,
}

impl Metadata {
    /// Grants what can be granted of a request. `less` leaves out the last scope and grant.
    pub(crate) fn grant(asked: &Map<String, Value>, less: bool) -> Result<Self, Refusal> {
        let redirect_uris = uris(asked, "redirect_uris")?;
        let grant_types = grant_types(asked, less)?;
        // RFC 7591 section 2: a flow with redirects needs them registered.
        if grant_types.contains(&Grant::AuthorizationCode) && redirect_uris.is_empty() {
            let text = "authorization_code needs redirect_uris".to_owned();
            return Err(Refusal::InvalidRedirectUri(text));
        }
        Ok(Self {
            redirect_uris,
            post_logout_redirect_uris: uris(asked, "post_logout_redirect_uris")?,
            token_endpoint_auth_method: auth_method(asked)?,
            jwks: None,
            scope: scope(asked, &grant_types, less)?,
            grant_types,
            dpop_bound_access_tokens: asked.get(DPOP_BOUND).is_some_and(|it| it == true),
            texts: texts(asked)?,
        })
    }

    /// The members of the answer of a registration or read.
    pub(crate) fn to_members(&self) -> Map<String, Value> {
        let mut members = self.texts.clone();
        if !self.redirect_uris.is_empty() {
            members.insert("redirect_uris".into(), json!(self.redirect_uris));
        }
        if !self.post_logout_redirect_uris.is_empty() {
            let uris = json!(self.post_logout_redirect_uris);
            members.insert("post_logout_redirect_uris".into(), uris);
        }
        if self.dpop_bound_access_tokens {
            members.insert(DPOP_BOUND.into(), json!(true));
        }
        members.insert("grant_types".into(), json!(self.grant_types));
        // RFC 7591 section 2.1: the code belongs to its grant.
        let response_types: &[&str] = if self.grant_types.contains(&Grant::AuthorizationCode) {
            &["code"]
        } else {
            &[]
        };
        members.insert("response_types".into(), json!(response_types));
        members.insert(
            "token_endpoint_auth_method".into(),
            json!(self.token_endpoint_auth_method),
        );
        if let Some(jwks) = &self.jwks {
            members.insert("jwks".into(), jwks.clone());
        }
        members.insert("scope".into(), json!(self.scope.join(" ")));
        members
    }
}

/// A list of texts; none when it was not sent (`null` counts as not sent, RFC 7592 section 2.2).
fn list(asked: &Map<String, Value>, name: &str) -> Result<Option<Vec<String>>, Refusal> {
    let wrong = || Refusal::metadata(format!("{name} must be an array of strings"));
    match asked.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong))
            .collect::<Result<_, _>>()
            .map(Some),
        Some(_) => Err(wrong()),
    }
}

fn text<'a>(asked: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Refusal> {
    match asked.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refusal::metadata(format!("{name} must be a string"))),
    }
}

/// Schemes whose addresses a browser runs or opens itself instead of going there.
const NOT_A_PLACE: [&str; 6] = ["javascript", "data", "vbscript", "file", "blob", "about"];

fn uris(asked: &Map<String, Value>, name: &str) -> Result<Vec<String>, Refusal> {
    let uris = list(asked, name)?.unwrap_or_default();
    for uri in &uris {
        // RFC 6749 section 3.1.2: absolute, without a fragment.
        let is_place = |url: Url| url.fragment().is_none() && !NOT_A_PLACE.contains(&url.scheme());
        if !Url::parse(uri).is_ok_and(is_place) {
            let text = format!("{uri} is not an absolute URI without a fragment");
            return Err(Refusal::InvalidRedirectUri(text));
        }
    }
    Ok(uris)
}

fn grant_types(asked: &Map<String, Value>, less: bool) -> Result<Vec<Grant>, Refusal> {
    let Some(mut names) = list(asked, "grant_types")? else {
        return Ok(vec![Grant::ClientCredentials]);
    };
    if less && names.len() > 1 {
        names.pop();
    }
    let mut granted = Vec::new();
    for name in names {
        match serde_json::from_value::<Grant>(json!(name)) {
            Ok(grant) if granted.contains(&grant) => {}
            Ok(grant) => granted.push(grant),
            Err(_) if KNOWN_GRANTS.contains(&name.as_str()) => {}
            Err(_) => return Err(Refusal::metadata(format!("unknown grant type {name}"))),
        }
    }
    if granted.is_empty() {
        return Err(Refusal::metadata("none of the grant types is supported"));
    }
    Ok(granted)
}

fn auth_method(asked: &Map<String, Value>) -> Result<AuthMethod, Refusal> {
    match text(asked, "token_endpoint_auth_method")? {
        None | Some("client_secret_basic") => Ok(AuthMethod::ClientSecretBasic),
        Some("client_secret_post") => Ok(AuthMethod::ClientSecretPost),
        Some("none") => Ok(AuthMethod::None),
        Some(name) => Err(Refusal::metadata(format!("{name} is not supported"))),
    }
}

fn scope(asked: &Map<String, Value>, grants: &[Grant], less: bool) -> Result<Vec<String>, Refusal> {
    let has_users = grants.iter().any(|grant| Grant::OF_USERS.contains(grant));
    let mut there_are = SCOPES.to_vec();
    if has_users {
        there_are.extend(LOGIN_SCOPES);
    }
    let mut names: Vec<&str> = match text(asked, "scope")? {
        Some(text) => text.split(' ').filter(|name| !name.is_empty()).collect(),
        None => there_are.clone(),
    };
    if less {
        names.pop();
    }
    let mut granted: Vec<String> = Vec::new();
    for name in names {
        if there_are.contains(&name) && !granted.iter().any(|other| other == name) {
            granted.push(name.to_owned());
        }
    }
    Ok(granted)
}

fn texts(asked: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let mut kept = Map::new();
    for name in TEXTS {
        if let Some(value) = text(asked, name)? {
            kept.insert(name.to_owned(), json!(value));
        }
    }
    if let Some(contacts) = list(asked, "contacts")? {
        kept.insert("contacts".to_owned(), json!(contacts));
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;

    fn grant(asked: &Value, less: bool) -> Result<Metadata, Refusal> {
        Metadata::grant(asked.as_object().unwrap(), less)
    }

    #[test]
    fn nothing_asked_for_gives_the_defaults() {
        let granted = grant(&json!({}), false).unwrap();
        assert_eq!(granted.grant_types, [Grant::ClientCredentials]);
        assert_eq!(
            granted.token_endpoint_auth_method,
            AuthMethod::ClientSecretBasic
        );
        assert_eq!(granted.scope, SCOPES);
    }

    #[test]
    fn what_is_not_supported_is_left_out() {
        let asked = json!({
            "grant_types": ["password", "implicit", "refresh_token", "client_credentials"],
            "scope": "profile admin  orders:read profile",
        });
        let granted = grant(&asked, false).unwrap();
        assert_eq!(
            granted.grant_types,
            [Grant::RefreshToken, Grant::ClientCredentials]
        );
        assert_eq!(granted.scope, ["profile", "orders:read"]);
    }

    #[test]
    fn the_dial_takes_the_last_scope_and_grant_but_leaves_one_grant() {
        let asked = json!({ "grant_types": ["client_credentials", "refresh_token"],
            "scope": "orders:read orders:write" });
        let granted = grant(&asked, true).unwrap();
        assert_eq!(granted.grant_types, [Grant::ClientCredentials]);
        assert_eq!(granted.scope, ["orders:read"]);
        let granted = grant(&json!({ "grant_types": ["client_credentials"] }), true).unwrap();
        assert_eq!(granted.grant_types, [Grant::ClientCredentials]);
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        for asked in [
            json!({ "grant_types": ["magic"] }),
            json!({ "grant_types": ["password"] }),
            json!({ "grant_types": "client_credentials" }),
            json!({ "token_endpoint_auth_method": "private_key_jwt" }),
            json!({ "client_name": 5 }),
        ] {
            match grant(&asked, false) {
                Err(Refusal::InvalidClientMetadata(_)) => {}
                other => panic!("{asked}: {other:?}"),
            }
        }
        for grants in [
            json!(["authorization_code"]),
            json!(["client_credentials", "authorization_code"]),
        ] {
            match grant(&json!({ "grant_types": grants }), false) {
                Err(Refusal::InvalidRedirectUri(_)) => {}
                other => panic!("{grants}: {other:?}"),
            }
        }
        for uri in ["/callback", "https://a.example/cb#part", ""] {
            match grant(&json!({ "redirect_uris": [uri] }), false) {
                Err(Refusal::InvalidRedirectUri(_)) => {}
                other => panic!("{uri}: {other:?}"),
            }
        }
    }
}
