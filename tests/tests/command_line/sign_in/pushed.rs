//! Servers that want the authorization request before the user comes (RFC 9126), and refuse it.

use keywright_tests::{Cli, ScriptedServer};
use serde_json::{Value, json};

use super::register;

/// A server that requires pushed requests and answers them with this; without an answer it names no endpoint for them.
fn answering(answer: Option<(u16, Value)>) -> ScriptedServer {
    ScriptedServer::start(move |issuer, request| match request.path() {
        "/.well-known/oauth-authorization-server" => {
            let mut metadata = ScriptedServer::metadata(issuer);
            metadata["authorization_endpoint"] = format!("{issuer}/authorize").into();
            metadata["code_challenge_methods_supported"] = json!(["S256"]);
            metadata["require_pushed_authorization_requests"] = true.into();
            if answer.is_some() {
                let endpoint = format!("{issuer}/par");
                metadata["pushed_authorization_request_endpoint"] = endpoint.into();
            }
            ScriptedServer::json(200, &metadata)
        }
        "/register" => {
            let mut client = request.json();
            client["client_id"] = "c-1".into();
            client["client_secret"] = "a secret of this client".into();
            ScriptedServer::json(201, &client)
        }
        "/par" => match &answer {
            Some((status, body)) => ScriptedServer::json(*status, body),
            None => ScriptedServer::json(404, &json!({})),
        },
        _ => ScriptedServer::json(404, &json!({})),
    })
}

#[test]
fn no_browser_opens_for_a_request_that_was_not_taken() {
    let refusal = json!({ "error": "invalid_request", "error_description": "no such policy" });
    for (answer, code, said) in [
        (Some((400, refusal)), 5, "no such policy"),
        (Some((201, json!({ "expires_in": 60 }))), 5, "request_uri"),
        (Some((201, json!({ "request_uri": "" }))), 5, "request_uri"),
        (None, 5, "contains the endpoint"),
    ] {
        let server = answering(answer.clone());
        let cli = Cli::with_vault();
        cli.config("Work", &server.issuer, &[]);
        register(&cli, "login", "http://127.0.0.1/callback", &[]).json();
        let refused = cli.run(&["token", "get", "login", "--timeout", "20s"]);
        assert_eq!(refused.code, code, "{refused:?}");
        assert!(!refused.err.contains("/authorize?"), "{refused:?}");
        assert!(refused.err.contains(said), "{answer:?}: {refused:?}");
    }
}
