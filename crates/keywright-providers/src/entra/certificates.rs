//! The keys of an application (`private_key_jwt`). Entra knows a key by its certificate, and keeps all of them in one
//! list that a change replaces as a whole.

use keywright_oauth::{
    client_key::{certificate_of, certified_jwk, thumbprint_of},
    client_metadata::ClientMetadata,
    http::Purpose,
    lenient,
    register::ClientInformation,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Entra, graph::Ask};
use crate::{ProviderError, Registration};

pub(super) const PRIVATE_KEY_JWT: &str = "private_key_jwt";
pub(super) const KEYS: &str = "keyCredentials";
const JWKS: &str = "jwks";
const SIGNING_ALG: &str = "token_endpoint_auth_signing_alg";
/// The list with the certificates themselves: without `$select`, Graph answers `null` in their place.
const WITH_KEYS: &str = "$select=id,appId,keyCredentials";
/// What the portal shows next to the certificate.
const LABEL: &str = "Keywright";
/// Entra signs nothing with it; it checks with it (`usage`).
const CHECKS: &str = "Verify";
const CERTIFICATE: &str = "AsymmetricX509Cert";

/// The client proves itself by a key.
pub(super) fn proves_by_key(metadata: &ClientMetadata) -> bool {
    metadata.token_endpoint_auth_method().as_deref() == Some(PRIVATE_KEY_JWT)
}

/// The keys of `jwks`. In a plan a text stands for a key that is still to be made.
fn keys(metadata: &ClientMetadata) -> &[Value] {
    let set = metadata.members().get(JWKS).and_then(|set| set.get("keys"));
    set.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// What tells one key from another: its thumbprint (RFC 7638).
fn identity(key: &Value) -> Option<String> {
    thumbprint_of(key.as_object()?)
}

/// A new entry of the list. None for a key without a certificate.
fn entry(key: &Value) -> Option<Value> {
    let certificate = match key {
        Value::String(stands_for) => stands_for.as_str(),
        key => key.get("x5c")?.get(0)?.as_str()?,
    };
    Some(json!({
        "type": CERTIFICATE,
        "usage": CHECKS,
        "key": certificate,
        "displayName": LABEL,
    }))
}

/// The list of a new application.
pub(super) fn of_new(wanted: &ClientMetadata) -> Vec<Value> {
    if proves_by_key(wanted) {
        keys(wanted).iter().filter_map(entry).collect()
    } else {
        Vec::new()
    }
}

/// The public key of an entry; none where its key is of another kind than RSA, or the certificate was not asked for.
fn key_of(entry: &Map<String, Value>) -> Option<Value> {
    if lenient::text(entry, "type").as_deref() != Some(CERTIFICATE)
        || lenient::text(entry, "usage").as_deref() != Some(CHECKS)
    {
        return None;
    }
    let x5c = json!([lenient::text(entry, "key")?]);
    let der = certificate_of(&Map::from_iter([("x5c".to_owned(), x5c)]))?;
    certified_jwk(&der).map(Value::Object)
}

fn entries(application: &Map<String, Value>) -> Vec<Map<String, Value>> {
    let all = application.get(KEYS).and_then(Value::as_array);
    let all = all.into_iter().flatten().filter_map(Value::as_object);
    all.cloned().collect()
}

/// The application has a certificate or a key.
pub(super) fn has_keys(application: &Map<String, Value>) -> bool {
    !entries(application).is_empty()
}

/// Takes the keys over that are known of a client.
pub(super) fn carry(from: &ClientMetadata, information: &mut ClientInformation) {
    if proves_by_key(&information.metadata) {
        for name in [JWKS, SIGNING_ALG] {
            if let Some(value) = from.members().get(name) {
                information.metadata.set(name, value.clone());
            }
        }
    }
}

impl Entra {
    async fn key_entries(
        &self,
        object_id: &str,
        flow: Uuid,
    ) -> Result<Vec<Map<String, Value>>, ProviderError> {
        let path = format!("applications/{object_id}");
        let ask = Ask::get(path, Purpose::ReadRegistration).query(WITH_KEYS);
        let answer = self.graph(ask, flow).await?;
        Ok(entries(&answer.members))
    }

    /// Reads which keys an application has. One that is known here keeps its name.
    pub(super) async fn note_keys(
        &self,
        application: &Map<String, Value>,
        information: &mut ClientInformation,
        known: &ClientMetadata,
        flow: Uuid,
    ) -> Result<(), ProviderError> {
        carry(known, information);
        let (true, true, Some(object_id)) = (
            proves_by_key(&information.metadata),
            has_keys(application),
            lenient::text(application, "id"),
        ) else {
            return Ok(());
        };
        let entries = self.key_entries(&object_id, flow).await?;
        let found = entries.iter().filter_map(key_of).map(|key| {
            let is_same = |known: &&Value| identity(known) == identity(&key);
            let known = keys(known).iter().find(is_same).cloned();
            known.unwrap_or(key)
        });
        let found: Vec<Value> = found.collect();
        information.metadata.set(JWKS, json!({ "keys": found }));
        Ok(())
    }

    /// The list that a change has to send for the application to have the keys of `metadata`: all entries that nobody
    /// here takes away, to the letter, and new ones. None where the keys stay as they are.
    pub(super) async fn keys_after(
        &self,
        object_id: &str,
        at: &Registration,
        metadata: &ClientMetadata,
        flow: Uuid,
    ) -> Result<Option<Vec<Value>>, ProviderError> {
        let is_same = proves_by_key(&at.granted) && keys(&at.granted) == keys(metadata);
        if !proves_by_key(metadata) || keys(metadata).is_empty() || is_same {
            return Ok(None);
        }
        let identities = |metadata: &ClientMetadata| -> Vec<String> {
            keys(metadata).iter().filter_map(identity).collect()
        };
        let (before, wanted) = (identities(&at.granted), identities(metadata));
        let mut there = Vec::new();
        let mut after: Vec<Value> = Vec::new();
        for entry in self.key_entries(object_id, flow).await? {
            let own = key_of(&entry).as_ref().and_then(identity);
            let is_retired = own
                .as_ref()
                .is_some_and(|own| before.contains(own) && !wanted.contains(own));
            if !is_retired {
                after.push(Value::Object(entry));
                there.extend(own);
            }
        }
        let is_new = |key: &&Value| identity(key).is_none_or(|own| !there.contains(&own));
        after.extend(keys(metadata).iter().filter(is_new).filter_map(entry));
        Ok(Some(after))
    }
}
