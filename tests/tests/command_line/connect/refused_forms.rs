//! Servers that refuse a registration for what Keywright chose.

use std::sync::{Arc, Mutex};

use keywright_tests::{Cli, ScriptedServer, SignIn};
use serde_json::{Value, json};

use crate::sign_in::provider::visit;

/// What the server refuses of a registration, in its words.
type Refusal = fn(&Value) -> Option<(u16, Value)>;

fn refusal(text: &str) -> (u16, Value) {
    let body = json!({ "error": "invalid_client_metadata", "error_description": text });
    (400, body)
}

/// The registrations that were sent until one was accepted and its client got a token.
fn accepted(metadata: &Value, refuses: Refusal) -> Vec<Value> {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let (kept, more) = (Arc::clone(&sent), metadata.clone());
    let server = ScriptedServer::start(move |origin, request| match request.path() {
        "/.well-known/oauth-authorization-server" => {
            let mut metadata = ScriptedServer::metadata(origin);
            metadata["authorization_endpoint"] = format!("{origin}/authorize").into();
            metadata["code_challenge_methods_supported"] = json!(["S256"]);
            metadata["grant_types_supported"] = json!(null);
            for (name, value) in more.as_object().unwrap() {
                metadata[name] = value.clone();
            }
            ScriptedServer::json(200, &metadata)
        }
        "/register" => {
            let mut client = request.json();
            kept.lock().unwrap().push(client.clone());
            if let Some((status, body)) = refuses(&client) {
                return ScriptedServer::json(status, &body);
            }
            client["client_id"] = "c1".into();
            if client["token_endpoint_auth_method"] != "none" {
                client["client_secret"] = "s3cret-of-c1".into();
            }
            ScriptedServer::json(201, &client)
        }
        "/token" => {
            let token = json!({ "access_token": "t0ken", "token_type": "Bearer" });
            ScriptedServer::json(200, &token)
        }
        _ => ScriptedServer::json(404, &json!({})),
    });
    let cli = Cli::with_vault();
    let connect = ["connect", &server.issuer, "--yes", "--scope", "groups"];
    let waiting = SignIn::of(&mut cli.command(&connect));
    assert!(
        waiting.parameter("scope").contains("groups"),
        "the sign-in asks for it"
    );
    let answer = waiting.answer(&[("code", "c0de")]);
    assert_eq!(visit(&answer).0, 200);
    waiting.finish().json();
    // A refused registration leaves nothing behind.
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
    sent.lock().unwrap().clone()
}

#[test]
fn a_scope_that_is_refused_is_left_to_the_sign_in() {
    let in_words: Refusal = |client| {
        let asks = client.get("scope").is_some();
        asks.then(|| refusal("Requested scopes are not valid: groups"))
    };
    let by_policy: Refusal = |client| {
        let text =
            "Policy 'Allowed Client Scopes' rejected request to client-registration service.";
        let body = json!({ "error": "insufficient_scope", "error_description": text });
        client.get("scope").map(|_| (403, body))
    };
    for refuses in [in_words, by_policy] {
        let sent = accepted(&json!({}), refuses);
        assert_eq!(sent.len(), 2);
        assert!(sent[1].get("scope").is_none(), "{sent:?}");
    }
}

#[test]
fn a_method_that_the_refusal_names_is_registered() {
    let sent = accepted(&json!({}), |client| {
        let method = client["token_endpoint_auth_method"].as_str();
        let text = "unsupported token_endpoint_auth_method: client_secret_basic. \
                    Supported methods: [none client_secret_post]";
        (!matches!(method, Some("none" | "client_secret_post"))).then(|| refusal(text))
    });
    assert_eq!(sent[1]["token_endpoint_auth_method"], "none");
    let listed = json!({ "token_endpoint_auth_methods_supported": ["none"] });
    let sent = accepted(&listed, |client| {
        let text = "token_endpoint_auth_method is expected to be client_secret_post";
        (client["token_endpoint_auth_method"] != "client_secret_post").then(|| refusal(text))
    });
    assert_eq!(sent[1]["token_endpoint_auth_method"], "client_secret_post");
}

#[test]
fn the_refresh_grant_is_left_out_or_added() {
    let refreshes = |client: &Value| {
        let grants = client["grant_types"].as_array().unwrap();
        grants.contains(&json!("refresh_token"))
    };
    let refused: Refusal = |client| {
        let grants = client["grant_types"].as_array().unwrap();
        let asks = grants.contains(&json!("refresh_token"));
        asks.then(|| refusal("unsupported grant_types: refresh_token"))
    };
    assert!(!refreshes(accepted(&json!({}), refused).last().unwrap()));
    let required: Refusal = |client| {
        let grants = client["grant_types"].as_array().unwrap();
        let asks = grants.contains(&json!("refresh_token"));
        (!asks).then(|| refusal("grant_types must be authorization_code and refresh_token"))
    };
    let listed = json!({ "grant_types_supported": ["authorization_code"] });
    assert!(refreshes(accepted(&listed, required).last().unwrap()));
}

#[test]
fn a_server_that_knows_localhost_alone_gets_it() {
    let sent = accepted(&json!({}), |client| {
        let uri = client["redirect_uris"][0].as_str().unwrap();
        let body = json!({ "error": "invalid_redirect_uri" });
        (!uri.starts_with("http://localhost:")).then_some((400, body))
    });
    assert_eq!(sent.len(), 2);
}

#[test]
fn a_refusal_of_something_else_is_reported_at_once() {
    let server = ScriptedServer::start(|origin, request| match request.path() {
        "/.well-known/oauth-authorization-server" => {
            let mut metadata = ScriptedServer::metadata(origin);
            metadata["authorization_endpoint"] = format!("{origin}/authorize").into();
            metadata["grant_types_supported"] = json!(null);
            ScriptedServer::json(200, &metadata)
        }
        "/register" => ScriptedServer::json(403, &json!({ "error": "access_denied" })),
        _ => ScriptedServer::json(404, &json!({})),
    });
    let cli = Cli::with_vault();
    let refused = cli.run(&["connect", &server.issuer, "--yes"]);
    assert_eq!(refused.code, 5, "{refused:?}");
    assert_eq!(refused.error()["provider"]["error"], "access_denied");
    let sent = cli.run(&["activity", "list"]).json();
    let all = sent["items"].as_array().unwrap().iter();
    let registrations = all.filter(|one| one["path"] == "/register");
    assert_eq!(registrations.count(), 1, "{sent}");
}
