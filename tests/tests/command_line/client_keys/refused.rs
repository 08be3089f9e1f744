//! Changes of keys that are refused: by Keywright before anything is sent, and by the server.

use std::sync::{Arc, Mutex};

use keywright_tests::{Cli, Received, ScriptedServer};
use serde_json::{Value, json};

use super::{file, kid, register, states};

/// A server whose answer to an update is a status with a code, which the test changes.
fn server(update: &Arc<Mutex<(u16, &'static str)>>) -> ScriptedServer {
    let update = Arc::clone(update);
    ScriptedServer::start(move |issuer, request: &Received| {
        match (request.method.as_str(), request.path()) {
            (_, "/.well-known/oauth-authorization-server") => {
                let mut metadata = ScriptedServer::metadata(issuer);
                metadata["token_endpoint_auth_methods_supported"] =
                    json!(["client_secret_basic", "private_key_jwt"]);
                ScriptedServer::json(200, &metadata)
            }
            ("POST", "/register") => {
                let mut client = request.json();
                client["client_id"] = "c-1".into();
                if client["token_endpoint_auth_method"] != "private_key_jwt" {
                    client["client_secret"] = "secret-of-c-1".into();
                }
                client["registration_client_uri"] = format!("{issuer}/manage/c-1").into();
                client["registration_access_token"] = "registration-token-1".into();
                ScriptedServer::json(201, &client)
            }
            ("PUT", _) => {
                let (status, code) = *update.lock().unwrap();
                if status == 200 {
                    return ScriptedServer::json(200, &request.json());
                }
                ScriptedServer::json(status, &json!({ "error": code }))
            }
            ("GET", _) => ScriptedServer::reply(405, &[], b""),
            _ => ScriptedServer::json(200, &json!({ "access_token": "t", "token_type": "Bearer" })),
        }
    })
}

fn listed(cli: &Cli) -> Value {
    cli.run(&["key", "list", "orders"]).json()
}

#[test]
fn a_secret_is_not_replaced_by_rotating_a_key() {
    let answer = Arc::new(Mutex::new((200, "")));
    let server = server(&answer);
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    cli.register("orders of May", "Work", &[]).json();
    let shown = cli.run(&["app", "show", "orders of May"]).json();
    for more in [&[][..], &["--published"]] {
        let refused = cli.run(&[&["key", "rotate", "orders of May"], more].concat());
        let error = refused.error();
        assert_eq!(
            (refused.code, &error["code"]),
            (2, &json!("rotate_without_key")),
            "{error}"
        );
        let hint = error["hint"].as_str().unwrap();
        let command = "keywright key make 'orders of May'";
        assert!(hint.contains(command), "{hint}");
        assert!(hint.contains("key authentication"), "{hint}");
    }
    let after = cli.run(&["app", "show", "orders of May"]).json();
    assert_eq!(after["granted"], shown["granted"]);
    assert_eq!(
        states(&cli.run(&["key", "list", "orders of May"]).json()),
        [""; 0]
    );
    // Said where people look at an application.
    let text = cli.run_text(&["app", "show", "orders of May"], "C.UTF-8");
    let method = "auth method    client_secret_basic";
    assert!(text.out.lines().any(|line| line == method), "{text:?}");
    // Where it is asked for, it is done.
    let made = cli.run(&["key", "make", "orders of May"]).json();
    assert_eq!(states(&made), ["current ES256"]);
    let rotated = cli.run(&["key", "rotate", "orders of May"]).json();
    assert_eq!(states(&rotated), ["current ES256", "old ES256"]);
}

#[test]
fn a_key_that_the_server_refuses_is_not_kept() {
    let answer = Arc::new(Mutex::new((400, "invalid_client_metadata")));
    let server = server(&answer);
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    register(&cli, "orders", &[]).json();
    let before = listed(&cli);
    let pem = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let source = file(&cli, "own.pem", &pem);
    for status in [400, 403, 422] {
        *answer.lock().unwrap() = (status, "invalid_client_metadata");
        for command in [
            &["key", "rotate", "orders"][..],
            &["key", "import", "orders", "--key", &source],
        ] {
            let refused = cli.run(command);
            let error = refused.error();
            assert_eq!(refused.code, 5, "{error}");
            assert!(refused.err.contains("invalid_client_metadata"), "{error}");
            assert_eq!(listed(&cli), before, "{status}");
        }
    }
}

#[test]
fn a_key_of_an_unknown_outcome_is_kept() {
    let answer = Arc::new(Mutex::new((500, "server_error")));
    let server = server(&answer);
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    register(&cli, "orders", &[]).json();
    let before = listed(&cli);
    for status in [500, 408, 429] {
        *answer.lock().unwrap() = (status, "server_error");
        assert_ne!(cli.run(&["key", "rotate", "orders"]).code, 0);
        let after = listed(&cli);
        assert_eq!(states(&after), ["pending ES256", "current ES256"]);
        assert_eq!(kid(&after, "current"), kid(&before, "current"));
    }
    // A server may know it from the first time: the refusal of the second says nothing about that.
    let pending = kid(&listed(&cli), "pending");
    *answer.lock().unwrap() = (400, "invalid_client_metadata");
    assert_ne!(cli.run(&["key", "rotate", "orders"]).code, 0);
    assert_eq!(kid(&listed(&cli), "pending"), pending);
    // The same key is offered again.
    *answer.lock().unwrap() = (200, "");
    let rotated = cli.run(&["key", "rotate", "orders"]).json();
    assert_eq!(kid(&rotated, "current"), pending);
}
