//! Another method of proving a client than the registered one: some servers register a method that their token
//! endpoint does not read, or look for the client identifier in the form alone.

use keywright_oauth::token::ClientAuth;

use crate::{ProviderConfig, ProviderKind, Registration, settings::ADAPTED};

/// Ways to prove a client whose registered method was refused, each as often as the server offers it (RFC 8414 §2). None
/// where the user chose the method. `unidentified`: the server saw no client identifier.
pub fn other_client_methods(
    config: &ProviderConfig,
    at: &Registration,
    refused: ClientAuth,
    unidentified: bool,
) -> Vec<ClientAuth> {
    let is_ours = config.kind == ProviderKind::Rfc7591 && at.client_secret.is_some();
    if !is_ours || config.chosen_auth_method().is_some() {
        return Vec::new();
    }
    let metadata = config.metadata.as_ref();
    let listed = metadata.and_then(|one| one.token_endpoint_auth_methods_supported.as_ref());
    let offers = |method: &str| {
        listed.is_none_or(|all| all.is_empty() || all.iter().any(|one| one == method))
    };
    let post = offers("client_secret_post").then_some(ClientAuth::Post);
    match refused {
        ClientAuth::Basic(encoding) => {
            let with_id = unidentified.then_some(ClientAuth::BasicWithId(encoding));
            with_id.into_iter().chain(post).collect()
        }
        ClientAuth::BasicWithId(encoding) => std::iter::once(ClientAuth::Basic(encoding))
            .chain(post)
            .collect(),
        ClientAuth::Post if offers("client_secret_basic") => {
            vec![ClientAuth::Basic(config.basic_encoding())]
        }
        _ => Vec::new(),
    }
}

/// The setting that remembers what worked in the place of a registered method; an empty value removes it.
pub fn client_method_setting(registered: ClientAuth, worked: ClientAuth) -> (String, String) {
    let method = match registered {
        ClientAuth::Post => "client_secret_post",
        _ => "client_secret_basic",
    };
    let value = match worked {
        ClientAuth::BasicWithId(_) => "basic_with_id",
        ClientAuth::Post if method != "client_secret_post" => "client_secret_post",
        ClientAuth::Basic(_) if method != "client_secret_basic" => "client_secret_basic",
        _ => "",
    };
    (format!("{ADAPTED}{method}"), value.to_owned())
}

/// What was learned to work in the place of a registered method.
pub(crate) fn learned(config: &ProviderConfig, registered: &str) -> Option<ClientAuth> {
    if config.chosen_auth_method().is_some() {
        return None;
    }
    match config.learned(registered)? {
        "basic_with_id" => Some(ClientAuth::BasicWithId(config.basic_encoding())),
        "client_secret_post" => Some(ClientAuth::Post),
        "client_secret_basic" => Some(ClientAuth::Basic(config.basic_encoding())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use keywright_oauth::{
        http::BasicEncoding, secret::ClientSecret, server_metadata::ServerMetadata,
    };
    use serde_json::json;

    use super::*;
    use crate::settings::key;

    const BASIC: ClientAuth = ClientAuth::Basic(BasicEncoding::Rfc6749);
    const WITH_ID: ClientAuth = ClientAuth::BasicWithId(BasicEncoding::Rfc6749);

    fn config(settings: &[(&str, &str)], methods: &serde_json::Value) -> ProviderConfig {
        let document = json!({
            "issuer": "https://id.example", "token_endpoint_auth_methods_supported": methods,
        });
        let members = document.as_object().cloned().unwrap_or_default();
        ProviderConfig {
            kind: ProviderKind::Rfc7591,
            issuer: "https://id.example".into(),
            settings: settings
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
            secrets: BTreeMap::new(),
            metadata: "https://id.example"
                .parse()
                .ok()
                .and_then(|source| ServerMetadata::read(members, source)),
        }
    }

    fn client() -> Registration {
        Registration {
            client_id: "c1".to_owned(),
            client_secret: Some(ClientSecret::new("s")),
            ..Registration::default()
        }
    }

    #[test]
    fn a_method_that_is_offered_is_tried_in_the_place_of_another() {
        let both = json!(["client_secret_basic", "client_secret_post"]);
        let ways = |methods: &serde_json::Value, refused, unidentified| {
            other_client_methods(&config(&[], methods), &client(), refused, unidentified)
        };
        assert_eq!(ways(&both, BASIC, false), [ClientAuth::Post]);
        assert_eq!(ways(&both, BASIC, true), [WITH_ID, ClientAuth::Post]);
        assert_eq!(ways(&both, ClientAuth::Post, false), [BASIC]);
        assert_eq!(ways(&json!(null), ClientAuth::Post, false), [BASIC]);
        assert_eq!(
            ways(&json!(["client_secret_basic"]), BASIC, true),
            [WITH_ID]
        );
        assert_eq!(ways(&both, ClientAuth::None, true), []);
        let chosen = config(&[(key::TOKEN_AUTH_METHOD, "client_secret_basic")], &both);
        assert_eq!(other_client_methods(&chosen, &client(), BASIC, true), []);
    }

    #[test]
    fn what_worked_is_used_for_clients_of_the_same_method() {
        let (name, value) = client_method_setting(BASIC, WITH_ID);
        let kept = config(&[(name.as_str(), value.as_str())], &json!(null));
        assert_eq!(learned(&kept, "client_secret_basic"), Some(WITH_ID));
        assert_eq!(learned(&kept, "client_secret_post"), None);
        assert_eq!(client_method_setting(WITH_ID, BASIC).1, "");
        assert_eq!(
            client_method_setting(ClientAuth::Post, BASIC).1,
            "client_secret_basic"
        );
    }
}
