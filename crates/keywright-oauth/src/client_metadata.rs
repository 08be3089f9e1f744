//! Client metadata (RFC 7591 §2): the JSON object as it is, with lenient readers for its members.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{grant_name::is_same_grant, lenient, member_types};

/// Members of a registration response that are not client metadata (RFC 7591 §3.2.1, RFC 7592 §3).
pub(crate) const NOT_METADATA: &[&str] = &[
    "client_id",
    "client_secret",
    "client_id_issued_at",
    "client_secret_expires_at",
    "registration_access_token",
    "registration_client_uri",
];

/// Members that only a server sets. An object with one of them is a registration response, not a request.
const SET_BY_SERVERS: &[&str] = &[
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

    /// What an object of the user asks for. A saved registration response is asked for without its identifiers, secrets and
    /// times: they belong to another client, and RFC 7592 §2.2 has them in no request. An identifier or a secret of the user's own choice
    /// stays, because some servers take them.
    pub fn asked_in(mut members: Map<String, Value>) -> Map<String, Value> {
        if SET_BY_SERVERS
            .iter()
            .any(|name| members.contains_key(*name))
        {
            members.retain(|name, _| !NOT_METADATA.contains(&name.as_str()));
        }
        members
    }

    /// The answer has a member of a registration, whatever else is in it (RFC 7591 §2 and §3.2.1).
    pub(crate) fn is_in(answer: &Map<String, Value>) -> bool {
        answer
            .keys()
            .any(|name| NOT_METADATA.contains(&name.as_str()) || member_types::is_known(name))
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

    /// Asks for a member to be emptied: it is sent as an empty text. A server that keeps what a request
    /// leaves out (against RFC 7592 section 2.2) can be told so.
    pub fn clear(&mut self, name: &str) {
        self.0.insert(name.to_owned(), Value::String(String::new()));
    }

    /// Without the members that are to be emptied.
    #[must_use]
    pub fn without_cleared(&self) -> Self {
        Self::from_answer(self.0.clone())
    }

    /// What a server answered, as it can be used and sent back: each member in its type. A member whose
    /// type is wrong and whose meaning is not plain comes from the first of `known` that has it, and so
    /// does one that says how the client is used and is absent: that says nothing about it.
    #[must_use]
    pub fn completed(&self, known: &[&Self]) -> Self {
        let from_known = |name: &str| {
            known
                .iter()
                .find_map(|known| member_types::typed(name, known.0.get(name)?))
        };
        let mut members = Map::new();
        for (name, value) in &self.0 {
            let value = member_types::typed(name, value).or_else(|| from_known(name));
            if let Some(value) = value {
                members.insert(name.clone(), value);
            }
        }
        let has_keys = member_types::KEYS
            .iter()
            .any(|name| members.contains_key(*name));
        let keys = member_types::KEYS.iter().filter(|_| !has_keys);
        for name in member_types::ESSENTIAL.iter().chain(keys) {
            if !members.contains_key(*name)
                && let Some(value) = from_known(name)
            {
                members.insert((*name).to_owned(), value);
            }
        }
        Self::from_answer(members)
    }

    /// Without the members that no standard defines, but for those that are named.
    #[must_use]
    pub fn of_standards(&self, named: &[String]) -> Self {
        let mut members = self.0.clone();
        members.retain(|name, _| member_types::is_known(name) || named.contains(name));
        Self(members)
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

    /// The grant is among `grant_types`, by any of its names.
    pub fn has_grant(&self, grant: &str) -> bool {
        let listed = self.grant_types().unwrap_or_default();
        listed.iter().any(|one| is_same_grant(one, grant))
    }

    /// `redirect_uris`.
    pub fn redirect_uris(&self) -> Option<Vec<String>> {
        lenient::list(&self.0, "redirect_uris")
    }

    /// `scope`, each one.
    pub fn scopes(&self) -> Option<Vec<String>> {
        lenient::scopes(&self.0, "scope")
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn metadata(value: &Value) -> ClientMetadata {
        ClientMetadata::from_answer(value.as_object().cloned().unwrap_or_default())
    }

    #[test]
    fn f16_a_member_of_another_type_is_read_where_it_is_plain() {
        let answer = metadata(&json!({
            "token_endpoint_auth_method": ["client_secret_basic"],
            "grant_types": "client_credentials refresh_token",
            "response_types": "code id_token",
            "redirect_uris": "https://a.example/cb",
            "scope": ["a", "b"],
            "client_uri": ["https://a.example"],
            "require_auth_time": "true",
            "default_max_age": "60",
            "own": {"x": [1]},
        }));
        let wanted = json!({
            "token_endpoint_auth_method": "client_secret_basic",
            "grant_types": ["client_credentials", "refresh_token"],
            "response_types": ["code id_token"],
            "redirect_uris": ["https://a.example/cb"],
            "scope": "a b",
            "client_uri": "https://a.example",
            "require_auth_time": true,
            "default_max_age": 60,
            "own": {"x": [1]},
        });
        assert_eq!(answer.completed(&[]).to_value(), wanted);
    }

    #[test]
    fn f16_a_member_without_meaning_comes_from_what_was_granted() {
        let granted = metadata(&json!({
            "token_endpoint_auth_method": "client_secret_post",
            "grant_types": ["client_credentials"],
            "client_name": "orders",
            "scope": "a",
        }));
        let answer = metadata(&json!({
            "token_endpoint_auth_method": {"name": "post"},
            "grant_types": [1],
            "client_name": ["a", "b"],
            "logo_uri": {"href": "x"},
        }));
        assert_eq!(answer.completed(&[&granted]), granted);
    }

    #[test]
    fn a_saved_response_is_asked_for_without_what_a_server_sets() {
        let asked = |value: Value| {
            Value::Object(ClientMetadata::asked_in(
                value.as_object().cloned().unwrap_or_default(),
            ))
        };
        for name in SET_BY_SERVERS {
            let mut saved = json!({ "client_name": "a", "client_id": "c", "client_secret": "s" });
            saved[name] = json!(0);
            assert_eq!(asked(saved), json!({ "client_name": "a" }), "{name}");
        }
        let chosen = json!({ "client_name": "a", "client_id": "c", "client_secret": "s" });
        assert_eq!(asked(chosen.clone()), chosen);
    }

    #[test]
    fn a_member_that_is_absent_is_not_brought_back() {
        let granted = metadata(&json!({"client_uri": "https://a.example", "scope": "a"}));
        let answer = metadata(&json!({"scope": "b"}));
        assert_eq!(answer.completed(&[&granted]), answer);
    }

    /// idpyoidc keeps neither and answers without them; a client may send proofs anyway (RFC 9449 §5.2).
    #[test]
    fn what_binds_tokens_stays_as_asked_after_a_silent_answer() {
        let requested = metadata(&json!({
            "dpop_bound_access_tokens": true,
            "require_pushed_authorization_requests": true,
        }));
        let silent = metadata(&json!({"scope": "a"})).completed(&[&requested]);
        let flag = |metadata: &ClientMetadata, name: &str| metadata.members().get(name).cloned();
        assert_eq!(flag(&silent, "dpop_bound_access_tokens"), Some(json!(true)));
        assert_eq!(
            flag(&silent, "require_pushed_authorization_requests"),
            Some(json!(true))
        );
        let refused = metadata(&json!({"dpop_bound_access_tokens": false}));
        let refused = refused.completed(&[&requested]);
        assert_eq!(
            flag(&refused, "dpop_bound_access_tokens"),
            Some(json!(false))
        );
    }

    #[test]
    fn a_cleared_member_is_sent_as_an_empty_text() {
        let mut wanted = metadata(&json!({"client_uri": "https://a.example", "scope": "a"}));
        wanted.clear("client_uri");
        assert_eq!(wanted.to_value(), json!({"client_uri": "", "scope": "a"}));
        assert_eq!(wanted.without_cleared().to_value(), json!({"scope": "a"}));
    }
}
