//! RFC 7591 metadata and Auth0's own client object, one into the other. What Auth0 has beyond the
//! standard keeps its own name; what it has no place for is not sent.

use keywright_oauth::{client_metadata::ClientMetadata, lenient, token::DEVICE_CODE};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::credentials;
use crate::OwnerTag;

/// The standard's name, and Auth0's.
const RENAMED: &[(&str, &str)] = &[
    ("client_name", "name"),
    ("redirect_uris", "callbacks"),
    ("post_logout_redirect_uris", "allowed_logout_urls"),
];
/// What Auth0 refuses to take on a client, because it says it elsewhere: the scopes and the API belong to
/// the client grant, the response types follow from the grants, the type is `app_type`.
const ELSEWHERE: &[&str] = &["scope", "audience", "response_types", "application_type"];
/// Members of the standards (RFC 7591 §2, OpenID Connect Registration §2) that Auth0 refuses to take.
const NO_PLACE: &[&str] = &[
    "contacts",
    "client_uri",
    "policy_uri",
    "tos_uri",
    "jwks",
    "jwks_uri",
    "software_id",
    "software_version",
    "software_statement",
    "default_max_age",
    "require_auth_time",
    "default_acr_values",
    "request_uris",
    "request_object_signing_alg",
    "subject_type",
    "sector_identifier_uri",
    "id_token_signed_response_alg",
    "userinfo_signed_response_alg",
    "token_endpoint_auth_signing_alg",
];
/// Members of an answer that nobody may set. `signing_keys` holds a private key next to the certificate.
const READ_ONLY: &[&str] = &[
    "tenant",
    "global",
    "owners",
    "signing_keys",
    "encrypted",
    "callback_url_template",
    "cross_origin_auth",
];
/// How a client proves itself by a key or a certificate; excludes `token_endpoint_auth_method`.
pub(super) const BY_KEY: &str = "client_authentication_methods";
const METHOD: &str = "token_endpoint_auth_method";
/// Values of `token_endpoint_auth_method` at Auth0.
const OWN_METHODS: [&str; 3] = ["client_secret_post", "client_secret_basic", "none"];
/// A flat map of texts that Auth0 keeps for whoever made the client.
const OWN_METADATA: &str = "client_metadata";
const MARK_VAULT: &str = "keywright_vault";
const MARK_ENTRY: &str = "keywright_entry";

/// The body that creates a client. What Auth0 would choose by itself is said outright: left out,
/// `grant_types` would mean every grant there is.
pub(super) fn creation(wanted: &ClientMetadata, owner_tag: OwnerTag) -> Map<String, Value> {
    let mut body = renamed(wanted);
    let redirects = wanted.redirect_uris().is_some_and(|uris| !uris.is_empty());
    let grants = wanted.grant_types().unwrap_or_else(|| {
        let usual = if redirects {
            "authorization_code"
        } else {
            "client_credentials"
        };
        vec![usual.to_owned()]
    });
    let app_type = app_type(wanted, &grants);
    body.entry("app_type").or_insert_with(|| json!(app_type));
    body.insert("grant_types".into(), json!(grants));
    credentials::write(wanted, &mut body);
    if !body.contains_key(BY_KEY) {
        body.entry(METHOD)
            .or_insert_with(|| json!("client_secret_post"));
    }
    if owner_tag != OwnerTag::default() {
        let own = body.entry(OWN_METADATA).or_insert_with(|| json!({}));
        if let Some(own) = own.as_object_mut() {
            own.insert(MARK_VAULT.into(), json!(owner_tag.vault));
            own.insert(MARK_ENTRY.into(), json!(owner_tag.entry));
        }
    }
    body
}

/// The kind of application that Auth0 shows it as.
fn app_type(wanted: &ClientMetadata, grants: &[String]) -> &'static str {
    // Codes for other devices are for native applications alone.
    let native = lenient::text(wanted.members(), "application_type").as_deref() == Some("native")
        || grants.iter().any(|grant| grant == DEVICE_CODE);
    let public = wanted.token_endpoint_auth_method().as_deref() == Some("none");
    match (
        grants.iter().all(|grant| grant == "client_credentials"),
        native,
        public,
    ) {
        (true, ..) => "non_interactive",
        (_, true, _) => "native",
        (_, _, true) => "spa",
        _ => "regular_web",
    }
}

fn renamed(metadata: &ClientMetadata) -> Map<String, Value> {
    let mut out = Map::new();
    for (name, value) in metadata.members() {
        let name = name.as_str();
        if ELSEWHERE.contains(&name) || NO_PLACE.contains(&name) {
            continue;
        }
        let theirs = RENAMED
            .iter()
            .find(|(standard, _)| *standard == name)
            .map_or(name, |(_, theirs)| theirs);
        out.insert(theirs.to_owned(), value.clone());
    }
    // Named for the reader; Auth0 takes it from the keys themselves.
    if out.contains_key(BY_KEY)
        && !lenient::text(&out, METHOD).is_some_and(|method| OWN_METHODS.contains(&&*method))
    {
        out.remove(METHOD);
    }
    out
}

/// A method that Auth0 has, and that Keywright speaks there.
pub(super) fn has_method(method: &str) -> bool {
    method == credentials::PRIVATE_KEY_JWT || OWN_METHODS.contains(&method)
}

/// What of the wanted metadata Auth0 has no place for.
pub(super) fn without_place(wanted: &ClientMetadata) -> Vec<String> {
    let members = wanted.members().keys();
    members
        .filter(|name| NO_PLACE.contains(&name.as_str()) && !credentials::has_place(wanted, name))
        .cloned()
        .collect()
}

/// The metadata of an answer, under the standard's names.
pub(super) fn metadata(answer: &Map<String, Value>) -> ClientMetadata {
    let mut out = Map::new();
    for (name, value) in answer {
        if READ_ONLY.contains(&name.as_str()) {
            continue;
        }
        let standard = RENAMED
            .iter()
            .find(|(_, theirs)| theirs == name)
            .map_or(name.as_str(), |(standard, _)| standard);
        out.insert(standard.to_owned(), value.clone());
    }
    if let Some(own) = out.get_mut(OWN_METADATA).and_then(Value::as_object_mut) {
        own.retain(|name, _| name != MARK_VAULT && name != MARK_ENTRY);
    }
    if lenient::text(&out, METHOD).is_none()
        && let Some(methods) = answer.get(BY_KEY).and_then(Value::as_object)
        && let Some(method) = methods.keys().next()
    {
        out.insert(METHOD.into(), json!(method));
    }
    if let Some(methods) = out.get_mut(BY_KEY) {
        credentials::only_ids(methods);
    }
    match lenient::text(&out, "app_type").as_deref() {
        Some("native") => out.insert("application_type".into(), json!("native")),
        Some("spa" | "regular_web") => out.insert("application_type".into(), json!("web")),
        _ => None,
    };
    ClientMetadata::from_answer(out)
}

/// Who made the client of an answer, where we did.
pub(super) fn owner_tag(answer: &Map<String, Value>) -> Option<OwnerTag> {
    let own = answer.get(OWN_METADATA)?.as_object()?;
    let id = |name: &str| Uuid::parse_str(&lenient::text(own, name)?).ok();
    Some(OwnerTag {
        vault: id(MARK_VAULT)?,
        entry: id(MARK_ENTRY)?,
    })
}

/// The body of a PATCH from one state of the metadata to another: only what differs, so that what others
/// changed meanwhile stays, and what must not be set is not sent back.
pub(super) fn change(before: &ClientMetadata, after: &ClientMetadata) -> Map<String, Value> {
    let (old, new) = (renamed(before), renamed(after));
    let mut body = Map::new();
    for (name, value) in &new {
        let was = old.get(name);
        match (was.and_then(Value::as_object), value.as_object()) {
            _ if was == Some(value) => {}
            // Auth0 merges this one map; a member goes by null.
            (Some(was), Some(is)) if name == OWN_METADATA => {
                body.insert(name.clone(), Value::Object(merged(was, is)));
            }
            _ => {
                body.insert(name.clone(), value.clone());
            }
        }
    }
    for (name, value) in old.iter().filter(|(name, _)| !new.contains_key(*name)) {
        let cleared = match value {
            Value::Object(was) if name == OWN_METADATA => Value::Object(merged(was, &Map::new())),
            Value::String(_) if name == METHOD => Value::Null,
            Value::Object(_) => Value::Null,
            Value::String(_) => json!(""),
            Value::Array(_) => json!([]),
            // A switch has no state "not set".
            _ => continue,
        };
        body.insert(name.clone(), cleared);
    }
    exclude(&mut body, &old);
    let kind = |metadata: &ClientMetadata| lenient::text(metadata.members(), "application_type");
    if kind(after).is_some() && kind(after) != kind(before) && !body.contains_key("app_type") {
        let grants = after.grant_types().unwrap_or_default();
        body.insert("app_type".into(), json!(app_type(after, &grants)));
    }
    body
}

/// A secret and a key exclude each other: setting one takes the other away.
fn exclude(body: &mut Map<String, Value>, old: &Map<String, Value>) {
    let sets = |body: &Map<String, Value>, name: &str| body.get(name).is_some_and(|v| !v.is_null());
    if sets(body, BY_KEY) {
        body.insert(METHOD.into(), Value::Null);
    } else if sets(body, METHOD) && old.contains_key(BY_KEY) {
        body.insert(BY_KEY.into(), Value::Null);
    }
}

fn merged(was: &Map<String, Value>, is: &Map<String, Value>) -> Map<String, Value> {
    let gone = was.keys().filter(|name| !is.contains_key(*name));
    let mut out: Map<String, Value> = gone.map(|name| (name.clone(), Value::Null)).collect();
    let changed = is
        .iter()
        .filter(|(name, value)| was.get(*name) != Some(value));
    out.extend(changed.map(|(name, value)| (name.clone(), value.clone())));
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn metadata_of(value: &Value) -> ClientMetadata {
        ClientMetadata::from_answer(value.as_object().unwrap().clone())
    }

    #[test]
    fn a_machine_client_says_its_one_grant_and_how_it_authenticates() {
        let wanted = metadata_of(&json!({
            "client_name": "Orders", "grant_types": ["client_credentials"], "scope": "read",
            "response_types": [], "tos_uri": "https://a.example/tos",
        }));
        assert_eq!(
            Value::Object(creation(&wanted, OwnerTag::default())),
            json!({
                "name": "Orders", "grant_types": ["client_credentials"],
                "app_type": "non_interactive", "token_endpoint_auth_method": "client_secret_post",
            })
        );
        assert_eq!(without_place(&wanted), ["tos_uri"]);
    }

    #[test]
    fn the_kind_of_application_follows_from_grants_and_method() {
        for (wanted, kind) in [
            (
                json!({"redirect_uris": ["https://a.example/cb"]}),
                "regular_web",
            ),
            (
                json!({"grant_types": ["authorization_code"], "token_endpoint_auth_method": "none"}),
                "spa",
            ),
            (
                json!({"grant_types": ["authorization_code"], "application_type": "native"}),
                "native",
            ),
            (
                json!({"grant_types": [DEVICE_CODE, "refresh_token"], "token_endpoint_auth_method": "none"}),
                "native",
            ),
            (json!({}), "non_interactive"),
            (json!({"app_type": "resource_server"}), "resource_server"),
        ] {
            let body = creation(&metadata_of(&wanted), OwnerTag::default());
            assert_eq!(body["app_type"], kind, "{wanted}");
        }
    }

    #[test]
    fn the_mark_is_written_read_back_and_no_part_of_the_metadata() {
        let made_by = OwnerTag {
            vault: Uuid::from_u128(1),
            entry: Uuid::from_u128(2),
        };
        let wanted = metadata_of(&json!({"client_metadata": {"team": "a"}}));
        let body = creation(&wanted, made_by);
        assert_eq!(owner_tag(&body), Some(made_by));
        assert_eq!(
            metadata(&body).members()["client_metadata"],
            json!({"team": "a"})
        );
        assert_eq!(owner_tag(&creation(&wanted, OwnerTag::default())), None);
    }

    #[test]
    fn an_answer_gives_the_standard_names_and_no_private_key() {
        let answer = json!({
            "tenant": "t", "name": "Orders", "callbacks": ["https://a.example/cb"], "client_id": "c",
            "client_secret": "s", "signing_keys": [{"key": "PRIVATE"}], "app_type": "native",
            "client_authentication_methods": {"private_key_jwt": {"credentials": [{"id": "cred_1"}]}},
        });
        let read = metadata(answer.as_object().unwrap());
        assert_eq!(read.client_name().unwrap(), "Orders");
        assert_eq!(read.redirect_uris().unwrap(), ["https://a.example/cb"]);
        assert_eq!(
            read.token_endpoint_auth_method().unwrap(),
            "private_key_jwt"
        );
        assert_eq!(read.members()["application_type"], "native");
        assert!(!read.to_value().to_string().contains("PRIVATE"));
        assert!(!read.members().contains_key("client_secret"));
    }

    #[test]
    fn a_change_sends_what_differs_and_clears_what_is_gone() {
        let before = metadata_of(&json!({
            "client_name": "A", "redirect_uris": ["https://a.example"], "description": "d",
            "token_endpoint_auth_method": "client_secret_post", "sso_disabled": true,
            "default_organization": {"organization_id": "org_1"},
            "client_metadata": {"bar": "baz", "foo": "zoo", "same": "same"},
        }));
        let after = metadata_of(&json!({
            "client_name": "B", "token_endpoint_auth_method": "client_secret_post",
            "client_metadata": {"foo": "new", "same": "same"},
        }));
        assert_eq!(
            Value::Object(change(&before, &after)),
            json!({
                "name": "B", "callbacks": [], "description": "", "default_organization": null,
                "client_metadata": {"bar": null, "foo": "new"},
            })
        );
        assert!(change(&after, &after).is_empty());
    }

    #[test]
    fn a_key_takes_the_place_of_a_secret_and_back() {
        let by_secret = metadata_of(&json!({"token_endpoint_auth_method": "client_secret_post"}));
        let key = json!({"private_key_jwt": {"credentials": [{"id": "cred_1"}]}});
        let by_key = metadata_of(&json!({
            "token_endpoint_auth_method": "private_key_jwt", "client_authentication_methods": key,
        }));
        assert_eq!(
            Value::Object(change(&by_secret, &by_key)),
            json!({"client_authentication_methods": key, "token_endpoint_auth_method": null})
        );
        assert_eq!(
            Value::Object(change(&by_key, &by_secret)),
            json!({"client_authentication_methods": null,
                "token_endpoint_auth_method": "client_secret_post"})
        );
    }

    #[test]
    fn another_application_type_changes_the_kind() {
        let before = metadata_of(&json!({
            "application_type": "web", "app_type": "regular_web", "grant_types": ["authorization_code"],
        }));
        let mut after = before.clone();
        after.set("application_type", "native");
        assert_eq!(
            Value::Object(change(&before, &after)),
            json!({"app_type": "native"})
        );
    }
}
