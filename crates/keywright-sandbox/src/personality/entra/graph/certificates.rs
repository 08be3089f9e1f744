//! `keyCredentials`: the certificates of an application. A change replaces the whole list; an entry that is named by its
//! `keyId` stays as it is.

use serde_json::{Map, Value, json};

use super::answer::GraphError;
use super::object::date;
use crate::idp;
use crate::personality::entra::users;
use crate::state::keys::random_uuid;
use crate::state::store::Client;

pub(super) const KEYS: &str = "keyCredentials";

const BAD: GraphError = GraphError::BadProperty {
    name: KEYS,
    of: "Application",
};

/// Completes the list of a request with what Graph knows of each entry. `before` is the list until now.
pub(super) fn complete(
    asked: &mut Map<String, Value>,
    before: Option<&Value>,
) -> Result<(), GraphError> {
    let Some(list) = asked.get_mut(KEYS) else {
        return Ok(());
    };
    let list = list.as_array_mut().ok_or(BAD)?;
    let before = before.and_then(Value::as_array);
    for entry in list {
        let known = before
            .into_iter()
            .flatten()
            .find(|known| entry["keyId"].is_string() && known["keyId"] == entry["keyId"]);
        *entry = match known {
            Some(known) => known.clone(),
            None => made(entry)?,
        };
    }
    Ok(())
}

fn made(asked: &Value) -> Result<Value, GraphError> {
    if asked["type"] != "AsymmetricX509Cert" || asked["usage"] != "Verify" {
        return Err(BAD);
    }
    let key = asked["key"].as_str().ok_or(BAD)?;
    let certificate = idp::certificate(key).ok_or(BAD)?;
    Ok(json!({
        "customKeyIdentifier": certificate.fingerprint,
        "displayName": asked["displayName"],
        "endDateTime": date(certificate.until),
        "key": key,
        "keyId": random_uuid()?,
        "startDateTime": date(certificate.from),
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    }))
}

/// Tells the token service which certificates the application has, and what it may do.
pub(super) fn publish(client: &mut Client) {
    let list = client.vendor.get(KEYS).and_then(Value::as_array);
    let certificates = list.into_iter().flatten();
    let keys: Vec<Value> = certificates
        .filter_map(|entry| idp::certificate(entry["key"].as_str()?))
        .map(|certificate| certificate.jwk)
        .collect();
    users::publish(client);
    client.metadata.jwks = Some(json!({ "keys": keys }));
}

/// The list as it is answered: without the certificates, unless they were asked for by name.
pub(super) fn hide(application: &mut Value) {
    let list = application.get_mut(KEYS).and_then(Value::as_array_mut);
    for entry in list.into_iter().flatten() {
        entry["key"] = Value::Null;
    }
}
