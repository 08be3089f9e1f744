//! The client object of the Management API. [`Client::vendor`] keeps its members under Auth0's own names.

use serde_json::{Map, Value, json};

use super::SELF;
use super::answer::ManagementRefusal;
use super::credentials::{self, CREDENTIALS};
use super::grants::GRANTS;
use super::payload::{Kind, check, needed, texts};
use crate::idp::{AuthMethod, Grant, Metadata};
use crate::state::store::Client;

/// Members that may be set.
const KNOWN: &[(&str, Kind)] = &[
    ("name", Kind::Text),
    ("description", Kind::Text),
    ("app_type", Kind::Text),
    ("logo_uri", Kind::Text),
    ("callbacks", Kind::List),
    ("allowed_logout_urls", Kind::List),
    ("allowed_origins", Kind::List),
    ("web_origins", Kind::List),
    ("allowed_clients", Kind::List),
    ("client_aliases", Kind::List),
    ("grant_types", Kind::List),
    ("token_endpoint_auth_method", Kind::Text),
    ("client_authentication_methods", Kind::Object),
    ("client_metadata", Kind::Object),
    ("client_secret", Kind::Text),
    ("jwt_configuration", Kind::Object),
    ("refresh_token", Kind::Object),
    ("native_social_login", Kind::Object),
    ("mobile", Kind::Object),
    ("token_quota", Kind::Object),
    ("token_exchange", Kind::Object),
    ("default_organization", Kind::Object),
    ("initiate_login_uri", Kind::Text),
    ("cross_origin_loc", Kind::Text),
    ("custom_login_page", Kind::Text),
    ("form_template", Kind::Text),
    ("organization_usage", Kind::Text),
    ("organization_require_behavior", Kind::Text),
    ("resource_server_identifier", Kind::Text),
    ("third_party_security_mode", Kind::Text),
    ("redirection_policy", Kind::Text),
    ("custom_login_page_on", Kind::Switch),
    ("cross_origin_authentication", Kind::Switch),
    ("is_first_party", Kind::Switch),
    ("is_token_endpoint_ip_header_trusted", Kind::Switch),
    ("oidc_conformant", Kind::Switch),
    ("sso", Kind::Switch),
    ("sso_disabled", Kind::Switch),
    ("require_pushed_authorization_requests", Kind::Switch),
    (
        "skip_non_verifiable_callback_uri_confirmation_prompt",
        Kind::Switch,
    ),
];

/// Grants of a client that asks for none: every one that suits it.
const USUAL_GRANTS: [&str; 4] = [
    "authorization_code",
    "implicit",
    "refresh_token",
    "client_credentials",
];
const METHOD: &str = "token_endpoint_auth_method";
pub(super) const BY_KEY: &str = "client_authentication_methods";
const OWN_METADATA: &str = "client_metadata";

/// Holds the members of a new client against what a client can be.
pub(super) fn check_new(asked: &Map<String, Value>) -> Result<(), ManagementRefusal> {
    check(asked, KNOWN, false)?;
    needed(asked, "name").map(|_name| ())
}

/// The members of a new client. `less` leaves out the last grant asked for.
pub(super) fn new(
    asked: Map<String, Value>,
    less: bool,
) -> Result<Map<String, Value>, ManagementRefusal> {
    let mut members = defaults();
    let is_browser = asked.get("app_type") == Some(&json!("spa"));
    members.extend(asked);
    let mut grants = texts(members.get("grant_types"));
    if !members.contains_key("grant_types") {
        let usual = USUAL_GRANTS.into_iter().map(str::to_owned);
        grants = usual
            .filter(|grant| !is_browser || grant != "client_credentials")
            .collect();
    }
    if less && grants.len() > 1 {
        grants.pop();
    }
    members.insert("grant_types".to_owned(), json!(grants));
    if members.get("is_first_party") == Some(&json!(false)) {
        members.insert("oidc_conformant".to_owned(), json!(true));
        members
            .entry("third_party_security_mode")
            .or_insert_with(|| json!("permissive"));
    }
    checked(members)
}

/// A third-party client under the rules of 2026, which its ID shows.
pub(super) fn is_strict(members: &Map<String, Value>) -> bool {
    members.get("third_party_security_mode") == Some(&json!("strict"))
}

/// The members after a PATCH: `null` takes one away, `client_metadata` is merged in the same way.
pub(super) fn patched(
    before: &Map<String, Value>,
    changes: Map<String, Value>,
) -> Result<Map<String, Value>, ManagementRefusal> {
    check(&changes, KNOWN, true)?;
    if changes.contains_key("name") {
        needed(&changes, "name")?;
    }
    let mut members = before.clone();
    for (name, value) in changes {
        match (members.get_mut(&name), value) {
            (_, Value::Null) => {
                members.remove(&name);
            }
            (Some(Value::Object(own)), Value::Object(changes)) if name == OWN_METADATA => {
                merge(own, changes);
            }
            (_, value) => {
                members.insert(name, value);
            }
        }
    }
    checked(members)
}

fn merge(own: &mut Map<String, Value>, changes: Map<String, Value>) {
    for (name, value) in changes {
        if value.is_null() {
            own.remove(&name);
        } else {
            own.insert(name, value);
        }
    }
}

/// A secret and a key exclude each other, and both are known kinds.
fn checked(members: Map<String, Value>) -> Result<Map<String, Value>, ManagementRefusal> {
    if members.contains_key(METHOD) && members.contains_key(BY_KEY) {
        return Err(ManagementRefusal::Validation(
            "Cannot set both token_endpoint_auth_method and client_authentication_methods",
        ));
    }
    let method = members.get(METHOD).and_then(Value::as_str);
    if !matches!(
        method,
        None | Some("none" | "client_secret_post" | "client_secret_basic")
    ) {
        return Err(ManagementRefusal::InvalidBody(format!(
            "'No enum match for: {}' on property token_endpoint_auth_method.",
            method.unwrap_or_default()
        )));
    }
    if members.contains_key(BY_KEY) {
        let signs = members
            .get("jwt_configuration")
            .and_then(|own| own.get("alg"));
        // "Auth0 does not support use of HS256 as the application's JWT signing algorithm."
        if signs
            .and_then(Value::as_str)
            .is_none_or(|alg| alg.starts_with("HS"))
        {
            return Err(ManagementRefusal::Validation(
                "jwt_configuration.alg must be RS256 for private_key_jwt",
            ));
        }
        credentials::check_ids(&members)?;
    }
    Ok(members)
}

/// What Auth0 answers of a client that set none of it.
fn defaults() -> Map<String, Value> {
    let all = json!({
        "is_token_endpoint_ip_header_trusted": false,
        "is_first_party": true,
        "oidc_conformant": false,
        "sso_disabled": false,
        "cross_origin_auth": false,
        "encrypted": true,
        "callback_url_template": false,
        "custom_login_page_on": true,
        "jwt_configuration": { "lifetime_in_seconds": 36_000, "secret_encoded": false },
        "refresh_token": {
            "expiration_type": "non-expiring",
            "leeway": 0,
            "infinite_token_lifetime": true,
            "infinite_idle_token_lifetime": true,
            "token_lifetime": 31_557_600,
            "idle_token_lifetime": 2_592_000,
            "rotation_type": "non-rotating",
        },
    });
    match all {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// What the token endpoint has to know of these members.
pub(super) fn metadata(members: &Map<String, Value>) -> Metadata {
    let grants = texts(members.get("grant_types"));
    let method = members.get(METHOD).and_then(Value::as_str);
    Metadata {
        dpop_bound_access_tokens: false,
        post_logout_redirect_uris: Vec::new(),
        redirect_uris: texts(members.get("callbacks")),
        grant_types: grants
            .iter()
            .filter_map(|grant| serde_json::from_value::<Grant>(json!(grant)).ok())
            .collect(),
        token_endpoint_auth_method: match method {
            Some("client_secret_basic") => AuthMethod::ClientSecretBasic,
            Some("none") => AuthMethod::None,
            _ if members.contains_key(BY_KEY) => AuthMethod::PrivateKeyJwt,
            _ => AuthMethod::ClientSecretPost,
        },
        jwks: credentials::jwks(members),
        scope: Vec::new(),
        texts: Map::new(),
    }
}

/// The members of a client, without what the API keeps apart.
pub(super) fn of(client: &Client) -> Map<String, Value> {
    let mut members = client.vendor.clone();
    members.remove(GRANTS);
    members.remove(CREDENTIALS);
    members
}

/// The object as it is answered. The real one holds the tenant's signing key too; here it is none.
pub(super) fn answer(client: &Client, with_secret: bool) -> Value {
    let mut body = of(client);
    body.insert("tenant".into(), json!("keywright-sandbox"));
    body.insert("global".into(), json!(false));
    body.insert("client_id".into(), json!(client.id));
    body.insert(
        "signing_keys".into(),
        json!([{
            "cert": "-----BEGIN CERTIFICATE-----\nno certificate\n-----END CERTIFICATE-----\n",
            "key": "-----BEGIN RSA PRIVATE KEY-----\nno key\n-----END RSA PRIVATE KEY-----\n",
            "pkcs7": "-----BEGIN PKCS7-----\nno certificate\n-----END PKCS7-----\n",
            "subject": format!("/CN={}.example", SELF.name()),
        }]),
    );
    // A client that proves itself by a key has none to show.
    if let Some(secret) = client
        .secret()
        .filter(|_| with_secret && !body.contains_key(BY_KEY))
    {
        body.insert("client_secret".into(), json!(secret.value));
    }
    Value::Object(body)
}
