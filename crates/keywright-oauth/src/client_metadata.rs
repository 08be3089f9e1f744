//! Client metadata (RFC 7591 §2): the JSON object as it is, with lenient readers for its members.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::lenient;

/// Members of a registration answer that are no metadata.
const NOT_METADATA: &[&str] = &[
    "client_id",
    "client_secret",
    "client_id_issued_at",
    "client_secret_expires_at",
    "registration_access_token",
    "registration_client_uri",
];

/// A metadata object. Members that say nothing (`null`, `""`) are dropped when it is made.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientMetadata(Map<String, Value>);

impl ClientMetadata {
    /// From any object, without identifiers and secrets.
    pub fn from_answer(mut answer: Map<String, Value>) -> Self {
        answer.retain(|name, value| {
            !NOT_METADATA.contains(&name.as_str()) && !value.is_null() && value.as_str() != Some("")
        });
        Self(answer)
    }

    /// The object.
    pub fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The object, for storing.
    pub fn to_value(&self) -> Value {
        Value::Object(self.0.clone())
    }

    /// Sets a member, or removes it when it says nothing.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        let value = value.into();
        if value.is_null() || value.as_str() == Some("") {
            self.0.remove(name);
        } else {
            self.0.insert(name.to_owned(), value);
        }
    }

    /// Removes a member.
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// `client_name`.
    pub fn client_name(&self) -> Option<String> {
        lenient::text(&self.0, "client_name")
    }

    /// `grant_types`; none when the server did not say.
    pub fn grant_types(&self) -> Option<Vec<String>> {
        lenient::list(&self.0, "grant_types")
    }

    /// `redirect_uris`.
    pub fn redirect_uris(&self) -> Option<Vec<String>> {
        lenient::list(&self.0, "redirect_uris")
    }

    /// `scope`, each one.
    pub fn scopes(&self) -> Option<Vec<String>> {
        lenient::list(&self.0, "scope")
    }

    /// `token_endpoint_auth_method`.
    pub fn token_endpoint_auth_method(&self) -> Option<String> {
        lenient::text(&self.0, "token_endpoint_auth_method")
    }
}

impl From<Map<String, Value>> for ClientMetadata {
    fn from(map: Map<String, Value>) -> Self {
        Self::from_answer(map)
    }
}
