//! Endpoints that the user enters, because the server has no metadata or its metadata does not name them.

use std::sync::{Arc, Mutex};

use keywright_tests::{Cli, Received, ScriptedServer};
use serde_json::{Value, json};

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A server whose metadata is `metadata`, or that has none; and what it was asked.
fn server(metadata: Option<&'static [&'static str]>) -> (ScriptedServer, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&asked);
    let server = ScriptedServer::start(move |origin, request| {
        let path = request.path();
        if !path.starts_with("/.well-known/") {
            kept.lock().unwrap().push(path.to_owned());
        }
        match (path, metadata) {
            ("/.well-known/oauth-authorization-server", Some(names)) => {
                let mut document = json!({ "issuer": origin });
                for name in names {
                    let path = name.trim_end_matches("_endpoint");
                    document[name] = format!("{origin}/{path}").into();
                }
                ScriptedServer::json(200, &document)
            }
            ("/registration", _) => registered(request),
            ("/token", _) => {
                let token =
                    json!({ "access_token": "t0ken", "token_type": "Bearer", "expires_in": 60 });
                ScriptedServer::json(200, &token)
            }
            ("/introspection", _) => ScriptedServer::json(200, &json!({ "active": true })),
            ("/revocation", _) => ScriptedServer::json(200, &json!({})),
            ("/device", _) => {
                let code = json!({
                    "device_code": "d3vice", "user_code": "WDJB", "expires_in": 60, "interval": 1,
                    "verification_uri": format!("{origin}/enter"),
                });
                ScriptedServer::json(200, &code)
            }
            _ => ScriptedServer::json(404, &json!({})),
        }
    });
    (server, asked)
}

fn registered(request: &Received) -> Vec<u8> {
    let mut client = request.json();
    client["client_id"] = "c1".into();
    client["client_secret"] = "s3cret-of-c1".into();
    ScriptedServer::json(201, &client)
}

fn set(server: &ScriptedServer, names: &[(&str, &str)]) -> Vec<String> {
    let issuer = &server.issuer;
    let each = names
        .iter()
        .map(|(name, path)| format!("{name}={issuer}{path}"));
    each.flat_map(|one| ["--set".to_owned(), one]).collect()
}

/// Registers a client for this grant alone.
fn registered_for(cli: &Cli, name: &str, grant: &[&str]) {
    let words = ["app", "register", name, "--config", "Work", "--grant"];
    cli.run(&[&words[..], grant].concat()).json();
}

fn configured(server: &ScriptedServer, names: &[(&str, &str)]) -> Cli {
    let cli = Cli::with_vault();
    let set = set(server, names);
    let set: Vec<&str> = set.iter().map(String::as_str).collect();
    cli.config("Work", &server.issuer, &set);
    cli
}

#[test]
fn a_server_without_metadata_is_used_by_its_addresses() {
    let (server, asked) = server(None);
    let cli = configured(
        &server,
        &[
            ("registration_endpoint", "/registration"),
            ("token_endpoint", "/token"),
            ("introspection_endpoint", "/introspection"),
            ("revocation_endpoint", "/revocation"),
            ("device_authorization_endpoint", "/device"),
        ],
    );
    cli.register("orders", "Work", &[]).json();
    cli.run(&["token", "get", "orders"]).json();
    let seen = cli.run(&["token", "introspect", "orders"]).json();
    assert_eq!(seen["active"], true, "{seen}");
    cli.run(&["token", "revoke", "orders"]).json();
    registered_for(&cli, "tv", &["device_code"]);
    cli.run(&["token", "get", "tv"]).json();
    let asked = asked.lock().unwrap();
    let each = ["/introspection", "/revocation", "/device"];
    assert!(
        each.iter().all(|path| asked.iter().any(|one| one == path)),
        "{asked:?}"
    );
}

#[test]
fn an_endpoint_that_the_metadata_lacks_can_be_set() {
    let (server, asked) = server(Some(&["registration_endpoint", "token_endpoint"]));
    let cli = configured(&server, &[]);
    registered_for(&cli, "tv", &["device_code"]);
    let missing = cli.run(&["token", "get", "tv"]).error();
    let hint = missing["hint"].as_str().unwrap();
    let named = "keywright config edit Work --set device_authorization_endpoint=URL";
    assert!(hint.contains(named), "{hint}");
    let set = set(&server, &[("device_authorization_endpoint", "/device")]);
    cli.run(&["config", "edit", "Work", &set[0], &set[1]])
        .json();
    let token = cli.run(&["token", "get", "tv"]).json();
    assert_eq!(token["token_type"], "Bearer");
    let requests = asked
        .lock()
        .unwrap()
        .iter()
        .filter(|path| *path == "/device")
        .count();
    assert_eq!(requests, 1);
}

#[test]
fn an_error_about_an_unknown_endpoint_names_its_setting() {
    let (server, _) = server(Some(&["registration_endpoint", "token_endpoint"]));
    let cli = configured(&server, &[]);
    cli.register("orders", "Work", &[]).json();
    let redirect = [
        "authorization_code",
        "--redirect-uri",
        "http://127.0.0.1/callback",
    ];
    registered_for(&cli, "login", &redirect);
    cli.run(&["token", "get", "orders"]).json();
    let each: [(&[&str], &str); 5] = [
        (&["token", "introspect", "orders"], "introspection_endpoint"),
        (&["token", "revoke", "orders"], "revocation_endpoint"),
        (&["token", "userinfo", "orders"], "userinfo_endpoint"),
        (&["token", "get", "login"], "authorization_endpoint"),
        (
            &["token", "get", "orders", "--grant", DEVICE],
            "device_authorization_endpoint",
        ),
    ];
    for (command, setting) in each {
        let error: Value = cli.run(command).error();
        assert_eq!(error["code"], "not_capable", "{error}");
        let hint = error["hint"].as_str().unwrap();
        assert!(
            hint.contains(&format!("--set {setting}=URL")),
            "{setting}: {hint}"
        );
    }
}

#[test]
fn an_endpoint_in_the_settings_has_to_be_an_address() {
    let (server, _) = server(None);
    let cli = Cli::with_vault();
    let words = ["config", "add", "Work", "--issuer", &server.issuer];
    let bad = ["--set", "introspection_endpoint=id.example/told"];
    let refused = cli.run(&[&words[..], &bad[..]].concat());
    assert_eq!(refused.code, 2, "{refused:?}");
}

/// draft-ietf-oauth-client-id-metadata-document §5.
#[test]
fn a_server_that_takes_documents_only_leads_to_connect() {
    let with = |takes_documents: bool| {
        let server = ScriptedServer::start(move |origin, _| {
            let mut metadata = ScriptedServer::metadata(origin);
            metadata["registration_endpoint"].take();
            metadata["client_id_metadata_document_supported"] = takes_documents.into();
            ScriptedServer::json(200, &metadata)
        });
        let cli = Cli::with_vault();
        cli.config("Work", &server.issuer, &[]);
        let connect = format!("keywright connect {} --client-document URL", server.issuer);
        (cli.run(&["config", "verify", "Work"]).out, connect)
    };
    let (seen, connect) = with(true);
    assert!(seen.contains(&connect), "{seen}");
    assert!(!seen.contains("app adopt"), "{seen}");
    let (seen, connect) = with(false);
    assert!(!seen.contains(&connect), "{seen}");
    assert!(seen.contains("app adopt"), "{seen}");
}
