//! Registrations whose management is odd: a relative address, and reads that say nothing.

use std::sync::{Arc, Mutex};

use keywright_tests::{Cli, Received, ScriptedServer};
use serde_json::{Value, json};

/// A server whose management address is relative, with its answer to a read. An update is answered with what was sent.
fn managed(read: &Value) -> (ScriptedServer, Arc<Mutex<Vec<Received>>>) {
    let sent: Arc<Mutex<Vec<Received>>> = Arc::default();
    let (kept, read) = (Arc::clone(&sent), read.clone());
    let server = ScriptedServer::start(move |issuer, request| {
        kept.lock().unwrap().push(request.clone());
        match (request.method.as_str(), request.path()) {
            ("POST", "/register") => {
                let mut made = request.json();
                made["client_id"] = "c-1".into();
                made["client_secret"] = "s3cret-of-c-1".into();
                made["logo_uri"] = "https://app.example/logo.png".into();
                made["registration_client_uri"] = "/register/c-1".into();
                made["registration_access_token"] = "rat-of-c-1".into();
                ScriptedServer::json(201, &made)
            }
            ("GET", "/register/c-1") => ScriptedServer::json(200, &read),
            ("PUT", "/register/c-1") => ScriptedServer::json(200, &request.json()),
            ("DELETE", "/register/c-1") => ScriptedServer::reply(204, &[], b""),
            (_, path) if path.starts_with("/.well-known/") => {
                ScriptedServer::json(200, &ScriptedServer::metadata(issuer))
            }
            _ => ScriptedServer::json(404, &json!({})),
        }
    });
    (server, sent)
}

fn registered(server: &ScriptedServer) -> Cli {
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    cli.register("orders", "Work", &[]).json();
    cli
}

#[test]
fn a_relative_management_address_is_used() {
    let (server, sent) = managed(&json!({"client_id": "c-1", "client_name": "renamed"}));
    let cli = registered(&server);
    let read = cli.run(&["app", "refresh", "orders"]).json();
    assert_eq!(read["current"]["client_name"], "renamed");
    cli.run(&["app", "delete", "orders", "--yes"]).json();
    let sent = sent.lock().unwrap();
    let deleted = sent.iter().find(|one| one.method == "DELETE").unwrap();
    assert_eq!(deleted.header("authorization"), Some("Bearer rat-of-c-1"));
}

#[test]
fn a_read_that_says_nothing_changes_nothing() {
    for nothing in [json!({}), json!({"status": "ok"})] {
        let (server, sent) = managed(&nothing);
        let cli = registered(&server);
        let before = cli.run(&["app", "show", "orders"]).json();
        let error = cli.run(&["app", "refresh", "orders"]).error();
        assert_eq!(error["code"], "says_nothing", "{error}");
        let hint = error["hint"].as_str().unwrap();
        assert!(hint.contains("gateway"), "{hint}");
        let after = cli.run(&["app", "show", "orders"]).json();
        assert_eq!(before["granted"], after["granted"]);
        assert_eq!(before["current"], after["current"]);
        assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
        // An update goes on from what is known.
        let update = ["app", "update", "orders", "--metadata", "-"];
        cli.run_stdin(&update, r#"{"client_name":"two"}"#).json();
        let sent = sent.lock().unwrap();
        let body = sent.iter().find(|one| one.method == "PUT").unwrap().json();
        assert_eq!(body["client_name"], "two");
        assert_eq!(body["logo_uri"], "https://app.example/logo.png");
    }
}

#[test]
fn an_identifier_alone_leaves_the_metadata() {
    let (server, _) = managed(&json!({"client_id": "c-1"}));
    let cli = registered(&server);
    cli.run(&["app", "refresh", "orders"]).json();
    let shown = cli.run(&["app", "show", "orders"]).json();
    assert_eq!(shown["granted"]["logo_uri"], "https://app.example/logo.png");
}
