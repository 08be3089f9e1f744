//! Client metadata (RFC 7591 §2) and Graph's `application`, both ways.

use keywright_oauth::{
    client_metadata::ClientMetadata, lenient, secret::ClientSecret, token::DEVICE_CODE,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    certificates::{self, KEYS, PRIVATE_KEY_JWT},
    tenant_endpoints::Version,
};
use crate::OwnerTag;

/// Graph insists on a name.
const NAMELESS: &str = "Keywright application";
/// Beginnings of the tags that say who made an application.
const VAULT_TAG: &str = "keywright:vault:";
const ENTRY_TAG: &str = "keywright:entry:";
/// For people who find the application in the portal.
const NOTE: &str = "Registered by Keywright.";

/// Grants that an application of Entra has by what it is, not by a member of its own.
const OWN_GRANT: &str = "client_credentials";
const CODE_GRANT: &str = "authorization_code";
const REFRESH_GRANT: &str = "refresh_token";

/// Ways of authenticating that Entra takes and that Keywright speaks.
pub(super) const METHODS: &[&str] = &[
    "client_secret_post",
    "client_secret_basic",
    PRIVATE_KEY_JWT,
    "none",
];

/// How a new client will authenticate. Entra takes any way from any client; secrets with `~` and the
/// like go through a form unharmed, so that one is chosen where none is named.
pub(super) fn method(wanted: &ClientMetadata) -> String {
    wanted
        .token_endpoint_auth_method()
        .filter(|method| METHODS.contains(&method.as_str()))
        .unwrap_or_else(|| METHODS[0].to_owned())
}

/// A client that proves itself by nothing.
pub(super) fn is_public(wanted: &ClientMetadata) -> bool {
    method(wanted) == "none"
}

/// A client that proves itself by a secret.
pub(super) fn has_secret(wanted: &ClientMetadata) -> bool {
    !matches!(&*method(wanted), "none" | PRIVATE_KEY_JWT)
}

/// The body of `POST /applications`.
pub(super) fn application(
    wanted: &ClientMetadata,
    version: Version,
    owner_tag: OwnerTag,
) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("displayName".into(), json!(display_name(wanted)));
    // Left out, its default was another in 2022 than in 2025.
    body.insert("signInAudience".into(), json!("AzureADMyOrg"));
    if version == Version::Two {
        // Left out, tokens for this application come from the version 1 issuer.
        body.insert("api".into(), json!({ "requestedAccessTokenVersion": 2 }));
    }
    if owner_tag != OwnerTag::default() {
        let tags = [
            format!("{VAULT_TAG}{}", owner_tag.vault),
            format!("{ENTRY_TAG}{}", owner_tag.entry),
        ];
        body.insert("tags".into(), json!(tags));
        body.insert("notes".into(), json!(NOTE));
    }
    let redirects = wanted.redirect_uris().unwrap_or_default();
    let text = |name: &str| lenient::text(wanted.members(), name);
    let mut web = Map::new();
    if is_public(wanted) {
        body.insert("isFallbackPublicClient".into(), json!(true));
        if !redirects.is_empty() {
            body.insert("publicClient".into(), json!({ "redirectUris": redirects }));
        }
    } else if !redirects.is_empty() {
        web.insert("redirectUris".into(), json!(redirects));
    }
    if let Some(uri) = text("client_uri") {
        web.insert("homePageUrl".into(), json!(uri));
    }
    if !web.is_empty() {
        body.insert("web".into(), Value::Object(web));
    }
    let keys = certificates::of_new(wanted);
    if !keys.is_empty() {
        body.insert(KEYS.into(), Value::Array(keys));
    }
    let mut info = Map::new();
    if let Some(uri) = text("tos_uri") {
        info.insert("termsOfServiceUrl".into(), json!(uri));
    }
    if let Some(uri) = text("policy_uri") {
        info.insert("privacyStatementUrl".into(), json!(uri));
    }
    if !info.is_empty() {
        body.insert("info".into(), Value::Object(info));
    }
    body
}

/// The body of `PATCH /applications/{id}`. What is not named any more is emptied (RFC 7592 §2.2).
pub(super) fn changes(metadata: &ClientMetadata) -> Map<String, Value> {
    let text = |name: &str| json!(lenient::text(metadata.members(), name));
    let redirects = json!(metadata.redirect_uris().unwrap_or_default());
    let mut web = Map::new();
    web.insert("homePageUrl".into(), text("client_uri"));
    let mut body = Map::new();
    body.insert("displayName".into(), json!(display_name(metadata)));
    if is_public(metadata) {
        body.insert("publicClient".into(), json!({ "redirectUris": redirects }));
    } else {
        web.insert("redirectUris".into(), redirects);
    }
    body.insert("web".into(), Value::Object(web));
    body.insert(
        "info".into(),
        json!({
            "termsOfServiceUrl": text("tos_uri"),
            "privacyStatementUrl": text("policy_uri"),
        }),
    );
    body
}

fn display_name(metadata: &ClientMetadata) -> String {
    metadata
        .client_name()
        .unwrap_or_else(|| NAMELESS.to_owned())
}

/// What an application is, in the words of RFC 7591. `method` is how it was agreed that the client
/// authenticates; `scope` what it asks tokens for: Graph keeps neither.
pub(super) fn metadata(
    application: &Map<String, Value>,
    method: Option<String>,
    scope: Option<String>,
) -> ClientMetadata {
    let method = method.unwrap_or_else(|| {
        let secrets = !passwords(application).is_empty();
        match (secrets, certificates::has_keys(application)) {
            (false, true) => PRIVATE_KEY_JWT.to_owned(),
            (false, false) if says_public(application) => "none".to_owned(),
            _ => METHODS[0].to_owned(),
        }
    });
    let redirects = redirects(application);
    let mut grants = Vec::new();
    if method != "none" {
        grants.push(OWN_GRANT);
    }
    if !redirects.is_empty() {
        grants.push(CODE_GRANT);
    }
    // "Allow public client flows": codes for other devices are among them.
    let has_devices = method == "none" && says_public(application);
    if has_devices {
        grants.push(DEVICE_CODE);
    }
    let has_users = has_devices || !redirects.is_empty();
    if has_users {
        grants.push(REFRESH_GRANT);
    }
    let web = |name: &str| inner(application, "web").and_then(|web| lenient::text(web, name));
    let info = |name: &str| inner(application, "info").and_then(|info| lenient::text(info, name));
    let mut metadata = ClientMetadata::default();
    metadata.set("client_name", lenient::text(application, "displayName"));
    metadata.set("redirect_uris", json!(redirects));
    metadata.set("grant_types", json!(grants));
    metadata.set("token_endpoint_auth_method", json!(method));
    metadata.set("client_uri", web("homePageUrl"));
    metadata.set("tos_uri", info("termsOfServiceUrl"));
    metadata.set("policy_uri", info("privacyStatementUrl"));
    // A client without a proof asks for users alone.
    metadata.set("scope", scope.filter(|_| method != "none" || has_users));
    metadata
}

/// Redirects of the client itself. Those of a page in a browser (`spa`) belong to a client without a
/// secret next to it and are left as they are.
fn redirects(application: &Map<String, Value>) -> Vec<String> {
    let mut all: Vec<String> = ["web", "publicClient"]
        .into_iter()
        .filter_map(|name| inner(application, name))
        .filter_map(|part| lenient::list(part, "redirectUris"))
        .flatten()
        .collect();
    // Graph answers in another order than it was told.
    all.sort();
    all.dedup();
    all
}

fn inner<'a>(application: &'a Map<String, Value>, name: &str) -> Option<&'a Map<String, Value>> {
    application.get(name)?.as_object()
}

fn says_public(application: &Map<String, Value>) -> bool {
    lenient::flag(application, "isFallbackPublicClient") == Some(true)
}

/// One secret, as a read shows it: never with its value.
#[derive(Debug, Clone)]
pub(super) struct Password {
    pub(super) key_id: String,
    /// What the portal shows with it.
    pub(super) label: Option<String>,
    /// Unix seconds.
    pub(super) made_at: Option<i64>,
    /// Unix seconds.
    pub(super) ends_at: Option<i64>,
    /// The beginning of the secret; it stays here.
    hint: Option<ClientSecret>,
}

impl Password {
    /// Graph shows the beginning of this secret with it; not known where it shows none.
    fn is_of(&self, secret: &ClientSecret) -> Option<bool> {
        let hint = self.hint.as_ref()?;
        Some(secret.begins_with(hint))
    }
}

/// The secret that is in use: of those that begin as it does the one that was named when it was made, or else the only
/// one; where none begins so, the only one that the application has.
pub(super) fn in_use<'a>(
    passwords: &'a [Password],
    key_id: Option<&str>,
    secret: Option<&ClientSecret>,
) -> Option<&'a Password> {
    let could_be = |password: &&Password| {
        secret
            .and_then(|secret| password.is_of(secret))
            .unwrap_or(true)
    };
    let alike: Vec<&Password> = passwords.iter().filter(could_be).collect();
    let named = alike
        .iter()
        .find(|password| Some(password.key_id.as_str()) == key_id);
    match (named, alike.as_slice(), passwords) {
        (Some(named), ..) => Some(*named),
        (None, [only], _) => Some(*only),
        (None, [], [only]) => Some(only),
        _ => None,
    }
}

/// The secrets of an application.
pub(super) fn passwords(application: &Map<String, Value>) -> Vec<Password> {
    let Some(Value::Array(items)) = application.get("passwordCredentials") else {
        return Vec::new();
    };
    items
        .iter()
        .filter_map(Value::as_object)
        .filter_map(|item| {
            Some(Password {
                key_id: lenient::text(item, "keyId")?,
                hint: lenient::text(item, "hint").map(ClientSecret::new),
                label: lenient::text(item, "displayName"),
                made_at: lenient::time(item, "startDateTime"),
                ends_at: lenient::time(item, "endDateTime"),
            })
        })
        .collect()
}

/// Who made an application, where its tags say so.
pub(super) fn owner_tag(application: &Map<String, Value>) -> Option<OwnerTag> {
    let tags = lenient::list(application, "tags")?;
    let id = |beginning: &str| {
        let tag = tags.iter().find_map(|tag| tag.strip_prefix(beginning))?;
        Uuid::try_parse(tag).ok()
    };
    Some(OwnerTag {
        vault: id(VAULT_TAG)?,
        entry: id(ENTRY_TAG)?,
    })
}
