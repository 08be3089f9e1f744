//! Servers that take assertions for the issuer alone, or for the token endpoint alone.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use keywright_tests::{Cli, Received, ScriptedServer};
use serde_json::{Value, json};

use super::register;

/// `aud` of the assertion of a token request.
fn audience(request: &Received) -> String {
    let assertion = request.field("client_assertion").unwrap();
    let claims = assertion.split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    claims["aud"].as_str().unwrap().to_owned()
}

/// Registers a client with a key and gives tokens for assertions whose audience ends so.
fn taking(end: &'static str) -> ScriptedServer {
    ScriptedServer::start(move |origin, request| match request.path() {
        "/.well-known/oauth-authorization-server" => {
            let mut metadata = ScriptedServer::metadata(origin);
            metadata["token_endpoint_auth_methods_supported"] = json!(["private_key_jwt"]);
            ScriptedServer::json(200, &metadata)
        }
        "/register" => {
            let mut client = request.json();
            client["client_id"] = "c1".into();
            ScriptedServer::json(201, &client)
        }
        "/token" if audience(request) == format!("{origin}{end}") => {
            let token =
                json!({ "access_token": "t0ken", "token_type": "Bearer", "expires_in": 60 });
            ScriptedServer::json(200, &token)
        }
        "/token" => {
            let said = "The audience claim for client_assertion must be the endpoint invoked for the request.";
            let refused = json!({ "error": "invalid_client", "error_description": said });
            ScriptedServer::json(401, &refused)
        }
        _ => ScriptedServer::json(404, &json!({})),
    })
}

fn requests(cli: &Cli) -> usize {
    let sent = cli.run(&["activity", "list"]).json();
    let all = sent["items"].as_array().unwrap().iter();
    all.filter(|one| one["path"] == "/token").count()
}

#[test]
fn an_assertion_is_made_for_the_audience_that_the_server_takes() {
    let server = taking("/token");
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    register(&cli, "orders", &[]).json();
    cli.run(&["token", "get", "orders"]).json();
    assert_eq!(requests(&cli), 2);
    // What worked is kept, and asked with at once.
    cli.run(&["token", "get", "orders", "--refresh"]).json();
    assert_eq!(requests(&cli), 3);
    let shown = cli.run(&["config", "show", "Work"]).json();
    assert_eq!(shown["adapted"][0]["key"], "assertion_audience", "{shown}");
    assert_eq!(shown["adapted"][0]["value"], "token_endpoint");
    assert!(
        shown["adapted"][0]["message"]
            .as_str()
            .unwrap()
            .contains("token endpoint")
    );
}

#[test]
fn an_audience_that_the_user_chose_stays() {
    let server = taking("");
    let cli = Cli::with_vault();
    cli.config(
        "Work",
        &server.issuer,
        &["--set", "assertion_audience=token_endpoint"],
    );
    register(&cli, "orders", &[]).json();
    let refused = cli.run(&["token", "get", "orders"]);
    assert_eq!(refused.error()["cause"]["kind"], "assertion", "{refused:?}");
    assert_eq!(requests(&cli), 1);
}

/// Takes assertions for the issuer at the token endpoint, and at introspection and revocation for the endpoint that is
/// asked alone.
fn own_audience_at_each_endpoint() -> ScriptedServer {
    ScriptedServer::start(|origin, request| {
        let path = request.path();
        let wanted = match path {
            "/token" => origin.to_owned(),
            _ => format!("{origin}{path}"),
        };
        match path {
            "/.well-known/oauth-authorization-server" => {
                let mut metadata = ScriptedServer::metadata(origin);
                metadata["token_endpoint_auth_methods_supported"] = json!(["private_key_jwt"]);
                metadata["introspection_endpoint"] = format!("{origin}/introspect").into();
                metadata["revocation_endpoint"] = format!("{origin}/revoke").into();
                ScriptedServer::json(200, &metadata)
            }
            "/register" => {
                let mut client = request.json();
                client["client_id"] = "c1".into();
                ScriptedServer::json(201, &client)
            }
            "/token" | "/introspect" | "/revoke" if audience(request) != wanted => {
                ScriptedServer::json(401, &json!({ "error": "invalid_client" }))
            }
            "/token" => {
                let token =
                    json!({ "access_token": "t0ken", "token_type": "Bearer", "expires_in": 60 });
                ScriptedServer::json(200, &token)
            }
            "/introspect" => ScriptedServer::json(200, &json!({ "active": true })),
            "/revoke" => ScriptedServer::json(200, &json!({})),
            _ => ScriptedServer::json(404, &json!({})),
        }
    })
}

#[test]
fn an_assertion_for_another_endpoint_has_its_own_audience() {
    let server = own_audience_at_each_endpoint();
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    register(&cli, "orders", &[]).json();
    cli.run(&["token", "get", "orders"]).json();
    let shown = cli.run(&["token", "introspect", "orders"]).json();
    assert_eq!(shown["active"], true, "{shown}");
    cli.run(&["token", "revoke", "orders"]).json();
    let learned = cli.run(&["config", "show", "Work"]).json()["settings"].clone();
    assert_eq!(
        learned["adapted.endpoint_audience"], "endpoint",
        "{learned}"
    );
    assert_eq!(learned.get("adapted.assertion_audience"), None);
    // What was learned at the first of them is sent at once to the second.
    let sent = cli.run(&["activity", "list"]).json();
    let to = |path: &str| {
        let all = sent["items"].as_array().unwrap().iter();
        all.filter(|one| one["path"] == path).count()
    };
    assert_eq!((to("/introspect"), to("/revoke")), (3, 1));
}

#[test]
fn an_audience_that_the_user_chose_is_sent_everywhere() {
    let server = own_audience_at_each_endpoint();
    let cli = Cli::with_vault();
    let chosen = ["--set", "assertion_audience=issuer"];
    cli.config("Work", &server.issuer, &chosen);
    register(&cli, "orders", &[]).json();
    cli.run(&["token", "get", "orders"]).json();
    let refused = cli.run(&["token", "introspect", "orders"]).error();
    assert_eq!(refused["provider"]["error"], "invalid_client", "{refused}");
}
