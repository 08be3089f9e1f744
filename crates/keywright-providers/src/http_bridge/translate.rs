//! RFC 7591 metadata to the members of the bridge's contract, and what its answer means.

use keywright_oauth::{client_metadata::ClientMetadata, lenient};
use serde_json::{Map, Value, json};

use super::{
    identity::{APPLICATION_ID, DESCRIPTION},
    settings::IDS,
};
use crate::OwnerTag;

/// Members that the bridge's contract has a place for; it allows no others.
const PLACES: [&str; 6] = [
    "client_name",
    "redirect_uris",
    "grant_types",
    "scope",
    "token_endpoint_auth_method",
    DESCRIPTION,
];

/// The description that was asked for; else one that says who made the client.
pub(super) fn description(wanted: &ClientMetadata, owner_tag: OwnerTag) -> String {
    lenient::text(wanted.members(), DESCRIPTION).unwrap_or_else(|| {
        if owner_tag == OwnerTag::default() {
            "Registered by Keywright".to_owned()
        } else {
            format!(
                "Registered by Keywright (vault {}, entry {})",
                owner_tag.vault, owner_tag.entry
            )
        }
    })
}

/// The body of `POST /`: every member is required. `about` knows Konnect's ids and the description.
pub(super) fn registration(wanted: &ClientMetadata, about: impl Fn(&str) -> String) -> Value {
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
    put(
        "redirect_uris",
        json!(wanted.redirect_uris().unwrap_or_default()),
    );
    put(
        "client_name",
        json!(wanted.client_name().unwrap_or_default()),
    );
    put("grant_types", json!(grant_types(wanted)));
    put("scopes", json!(wanted.scopes().unwrap_or_default()));
    put("token_endpoint_auth_method", json!(auth_method(wanted)));
    for name in [DESCRIPTION].into_iter().chain(IDS) {
        put(name, Value::String(about(name)));
    }
    Value::Object(body)
}

/// The body of the event that says that an application has changed.
pub(super) fn update_event(
    client_id: &str,
    metadata: &ClientMetadata,
    about: impl Fn(&str) -> String,
) -> Value {
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
    put("event_type", json!("update_application"));
    put("client_id", json!(client_id));
    put(APPLICATION_ID, Value::String(about(APPLICATION_ID)));
    put(
        "application_name",
        json!(metadata.client_name().unwrap_or_default()),
    );
    for name in [DESCRIPTION].into_iter().chain(IDS) {
        put(name, Value::String(about(name)));
    }
    put(
        "redirect_uris",
        json!(metadata.redirect_uris().unwrap_or_default()),
    );
    Value::Object(body)
}

/// What was granted. The bridge's contract answers with ID and secret alone, so a success grants
/// what the bridge had a place for; a bridge that says more is believed.
pub(super) fn granted(wanted: &ClientMetadata, answer: &Map<String, Value>) -> ClientMetadata {
    let mut granted = ClientMetadata::default();
    for name in PLACES {
        if let Some(value) = wanted.members().get(name) {
            granted.set(name, value.clone());
        }
    }
    granted.set("grant_types", json!(grant_types(wanted)));
    granted.set("token_endpoint_auth_method", auth_method(wanted));
    for (name, value) in ClientMetadata::from_answer(answer.clone()).members() {
        if name != "scopes" {
            granted.set(name, value.clone());
        }
    }
    if let Some(scopes) = lenient::list(answer, "scopes") {
        granted.set("scope", scopes.join(" "));
    }
    granted
}

/// What an event changes: the contract knows a name, a description and redirect addresses.
pub(super) fn changed(before: &ClientMetadata, wanted: &ClientMetadata) -> ClientMetadata {
    let mut after = before.clone();
    for name in ["client_name", DESCRIPTION, "redirect_uris"] {
        let value = wanted.members().get(name).cloned();
        after.set(name, value.unwrap_or(Value::Null));
    }
    after
}

/// Members that the bridge has no place for.
pub(super) fn without_place(wanted: &ClientMetadata) -> Vec<String> {
    wanted
        .members()
        .keys()
        .filter(|name| !PLACES.contains(&name.as_str()))
        .cloned()
        .collect()
}

/// The contract requires grants, and client credentials are what a bridge is for.
fn grant_types(wanted: &ClientMetadata) -> Vec<String> {
    wanted
        .grant_types()
        .unwrap_or_else(|| vec!["client_credentials".to_owned()])
}

/// The contract requires a way of authenticating: the default of RFC 7591 §2.
fn auth_method(wanted: &ClientMetadata) -> String {
    wanted
        .token_endpoint_auth_method()
        .unwrap_or_else(|| "client_secret_basic".to_owned())
}
