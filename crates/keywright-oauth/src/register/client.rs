//! Where answers have the members of a client, and under which names.

use serde_json::{Map, Value};

use crate::{client_metadata::NOT_METADATA, lenient};

/// The members of the client, wherever an answer has them: in an envelope, under the names of WSO2 and of Keycloak's own
/// representation (`clientId`, `secret`), or with the secret in an object of its own.
pub(super) fn members(answer: Map<String, Value>) -> Map<String, Value> {
    const SECRET: &str = "client_secret";
    let has = |map: &Map<String, Value>, name: &str| lenient::text(map, name).is_some();
    let around: Vec<(String, Value)> = NOT_METADATA
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), answer.get(*name)?.clone())))
        .collect();
    let mut client = lenient::holding(answer, "client_id");
    if !has(&client, "client_id") {
        client = lenient::holding(client, "clientId");
    }
    lenient::with_standard_names(&mut client, NOT_METADATA);
    if !has(&client, "client_id") {
        return client;
    }
    for (name, value) in around {
        client.entry(name).or_insert(value);
    }
    if lenient::present(&client, SECRET).is_none() {
        let own = lenient::present(&client, "secret").filter(|one| one.is_string());
        let nested = client.values().filter_map(Value::as_object);
        let mut nested = nested.filter_map(|one| lenient::present(one, SECRET));
        let found = match (own, nested.next(), nested.next()) {
            (Some(own), ..) => Some(own.clone()),
            (None, Some(only), None) => Some(only.clone()),
            _ => None,
        };
        if let Some(secret) = found {
            client.remove("secret");
            for one in client.values_mut().filter_map(Value::as_object_mut) {
                one.remove(SECRET);
            }
            client.insert(SECRET.to_owned(), secret);
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn client(answer: &Value) -> Value {
        Value::Object(members(answer.as_object().cloned().unwrap_or_default()))
    }

    #[test]
    fn a_client_is_read_under_the_names_that_servers_have_for_it() {
        let wso2 = client(&json!({ "clientId": "c", "clientSecret": "s", "callBackURL": "" }));
        assert_eq!(
            wso2,
            json!({ "client_id": "c", "client_secret": "s", "callBackURL": "" })
        );
        let keycloak = client(&json!({
            "id": "u", "clientId": "c", "secret": "s", "registrationAccessToken": "t",
        }));
        assert_eq!(
            keycloak,
            json!({
                "id": "u", "client_id": "c", "client_secret": "s", "registration_access_token": "t",
            })
        );
        let nested = client(&json!({ "client_id": "c", "credentials": { "client_secret": "s" } }));
        assert_eq!(
            nested,
            json!({ "client_id": "c", "client_secret": "s", "credentials": {} })
        );
        let outside = client(&json!({
            "client": { "client_id": "c", "client_secret": "s" }, "registration_access_token": "t",
        }));
        assert_eq!(
            outside,
            json!({ "client_id": "c", "client_secret": "s", "registration_access_token": "t" })
        );
    }

    #[test]
    fn other_members_than_names_of_a_client_stay() {
        for other in [
            json!({ "client_id": "c", "clientId": "d", "client_secret": "s", "secret": "x" }),
            json!({ "client_id": "c", "secret": ["x"] }),
            json!({ "client_id": "c", "a": { "client_secret": "s" }, "b": { "client_secret": "t" } }),
            json!({ "id": "c", "secret": "s" }),
        ] {
            assert_eq!(client(&other), other);
        }
    }
}
