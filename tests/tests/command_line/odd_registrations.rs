//! Registrations whose management is odd: a relative address, reads that say nothing, and administrators in the place of
//! a token.

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

/// WSO2 Identity Server: no token of a registration, and the administrator's Basic for everything.
fn by_administrator() -> (ScriptedServer, Arc<Mutex<Vec<Received>>>) {
    let sent: Arc<Mutex<Vec<Received>>> = Arc::default();
    let kept = Arc::clone(&sent);
    let client = Mutex::new(json!({}));
    let server = ScriptedServer::start(move |issuer, request| {
        kept.lock().unwrap().push(request.clone());
        let mut client = client.lock().unwrap();
        let is_administrator = request.header("authorization") == Some("Basic YWRtaW46YWRtaW4=");
        match (request.method.as_str(), request.path()) {
            (_, path) if path.starts_with("/.well-known/") => {
                ScriptedServer::json(200, &ScriptedServer::metadata(issuer))
            }
            (_, path) if path.starts_with("/register") && !is_administrator => {
                ScriptedServer::reply(401, &[], b"")
            }
            ("POST", "/register") => {
                *client = json!({ "client_id": "c 1", "client_secret": "s3cret-1",
                    "client_secret_expires_at": 0, "redirect_uris": [""],
                    "client_name": request.json()["client_name"] });
                ScriptedServer::json(201, &client)
            }
            ("GET", "/register/c%201") => ScriptedServer::json(200, &client),
            ("PUT", "/register/c%201") => {
                client["client_name"] = request.json()["client_name"].clone();
                ScriptedServer::json(200, &client)
            }
            ("DELETE", "/register/c%201") => ScriptedServer::reply(204, &[], b""),
            ("POST", "/token") => ScriptedServer::json(
                200,
                &json!({ "access_token": "t0ken", "token_type": "Bearer", "expires_in": 300 }),
            ),
            _ => ScriptedServer::json(404, &json!({})),
        }
    });
    (server, sent)
}

#[test]
fn an_administrator_manages_clients_without_a_token() {
    let (server, sent) = by_administrator();
    let admin = ["--secret", "initial_access_token=env:ADMIN"];
    let cli = Cli::with_vault().env("ADMIN", "Basic YWRtaW46YWRtaW4=");
    cli.config("Work", &server.issuer, &admin);
    cli.register("orders", "Work", &[]).json();
    let refused = cli.run(&["app", "delete", "orders", "--yes"]).error();
    assert_eq!(refused["code"], "not_capable", "{refused}");
    let hint = refused["hint"].as_str().unwrap();
    let words = "keywright config edit Work --set management=initial_access_token";
    assert!(hint.contains(words), "{hint}");
    let words: Vec<&str> = words.split(' ').skip(1).collect();
    cli.run(&words).json();

    let read = cli.run(&["app", "refresh", "orders"]).json();
    assert_eq!(read["current"]["client_name"], "orders", "{read}");
    let update = ["app", "update", "orders", "--metadata", "-"];
    let changed = cli.run_stdin(&update, r#"{"client_name":"two"}"#).json();
    assert_eq!(changed["current"]["client_name"], "two", "{changed}");
    // A client that the administrator made comes with what the server has.
    let other = Cli::with_vault().env("ADMIN", "Basic YWRtaW46YWRtaW4=");
    let managed = ["--set", "management=initial_access_token"];
    other.config("Work", &server.issuer, &[&admin[..], &managed].concat());
    let adopt = ["app", "adopt", "found", "--config", "Work", "--client-id"];
    let found = other.run(&[&adopt[..], &["c 1"]].concat()).json();
    assert_eq!(found["granted"]["client_name"], "two", "{found}");

    cli.run(&["app", "delete", "orders", "--yes"]).json();
    let sent = sent.lock().unwrap();
    let managing = sent.iter().filter(|one| one.path() == "/register/c%201");
    assert!(managing.clone().count() >= 4);
    for one in managing {
        let given = one.header("authorization");
        assert_eq!(given, Some("Basic YWRtaW46YWRtaW4="), "{one:?}");
    }
}

#[test]
fn f20_a_refused_administrator_says_nothing_of_the_client() {
    let (server, _) = by_administrator();
    let cli = Cli::with_vault()
        .env("ADMIN", "Basic YWRtaW46YWRtaW4=")
        .env("WRONG", "Basic eDp5");
    let admin = ["--secret", "initial_access_token=env:ADMIN"];
    let managed = ["--set", "management=initial_access_token"];
    cli.config("Work", &server.issuer, &[&admin[..], &managed].concat());
    cli.register("orders", "Work", &[]).json();
    let edit = ["config", "edit", "Work", "--secret"];
    cli.run(&[&edit[..], &["initial_access_token=env:WRONG"]].concat())
        .json();
    let refused = cli.run(&["app", "delete", "orders", "--yes"]).error();
    assert_eq!(refused["status"], 401, "{refused}");
    let hint = refused["hint"].as_str().unwrap();
    assert!(hint.contains("initial access token"), "{hint}");
    assert_eq!(cli.run(&["app", "show", "orders"]).json()["name"], "orders");
}
