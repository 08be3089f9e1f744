//! Replies that are odd, and what the program says and does about each.

use std::{
    io::Write as _,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use keywright_tests::{Cli, Received, ScriptedServer, program};
use serde_json::{Value, json};

/// A server that keeps to RFC 7591 but for what a test changes, with what it was sent.
struct Odd {
    server: ScriptedServer,
    sent: Arc<Mutex<Vec<Received>>>,
}

impl Odd {
    /// `registered` is merged into the answer to a registration, `token` into that to a token request.
    fn start(registered: Value, token: Value) -> Self {
        Self::with_keys(registered, token, Some(json!({"keys": []})))
    }

    /// With another key set, or none that can be fetched.
    fn with_keys(registered: Value, token: Value, keys: Option<Value>) -> Self {
        let sent: Arc<Mutex<Vec<Received>>> = Arc::default();
        let kept = Arc::clone(&sent);
        let server = ScriptedServer::start(move |issuer, received| {
            kept.lock().unwrap().push(received.clone());
            let merged = |mut base: Value, more: &Value| {
                let members = more.as_object().cloned().unwrap_or_default();
                base.as_object_mut().unwrap().extend(members);
                base
            };
            match received.path() {
                path if path.starts_with("/.well-known/") => {
                    let mut metadata = ScriptedServer::metadata(issuer);
                    metadata["jwks_uri"] = json!(format!("{issuer}/jwks"));
                    ScriptedServer::json(200, &metadata)
                }
                "/register" => {
                    let made = json!({
                        "client_id": "c-1", "client_secret": "plain-secret-of-the-client",
                        "grant_types": ["client_credentials"],
                    });
                    ScriptedServer::json(201, &merged(made, &registered))
                }
                "/token" => {
                    let given = json!({"access_token": "opaque-token", "token_type": "Bearer", "expires_in": 300});
                    ScriptedServer::json(200, &merged(given, &token))
                }
                "/jwks" => match &keys {
                    Some(keys) => ScriptedServer::json(200, keys),
                    None => ScriptedServer::json(404, &json!({})),
                },
                _ => ScriptedServer::reply(200, &[("Content-Type", "text/plain")], b"no line end"),
            }
        });
        Self { server, sent }
    }

    /// A vault with the application `orders` of this server.
    fn registered(&self) -> Cli {
        let cli = Cli::with_vault();
        cli.config("Work", &self.server.issuer, &[]);
        cli.register("orders", "Work", &[]).json();
        cli
    }

    /// The requests to one place.
    fn sent(&self, path: &str) -> Vec<Received> {
        let all = self.sent.lock().unwrap();
        all.iter()
            .filter(|one| one.path() == path)
            .cloned()
            .collect()
    }
}

/// The command as a person starts it: it may ask, and speaks to people.
fn by_hand(cli: &Cli, arguments: &[&str]) -> Command {
    let mut command = Command::new(program("keywright"));
    command
        .args(arguments)
        .env("KEYWRIGHT_HOME", cli.home())
        .env("KEYWRIGHT_PASSPHRASE_FILE", cli.folder().join("passphrase"))
        .env("KEYWRIGHT_KEYRING", "off")
        .env("KEYWRIGHT_TEST_FAST_KDF", "1")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null());
    command
}

fn unsigned(alg: &str) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!(
        "{}.{}.c2lnbmF0dXJl",
        part(json!({"alg": alg, "kid": "k1"})),
        part(json!({"exp": 4_000_000_000_i64}))
    )
}

#[test]
fn verification_of_a_token_that_is_not_valid_exits_with_8() {
    let none_of_them = Some(json!({"keys": []}));
    for (token, keys, code, signature) in [
        (unsigned("none"), none_of_them.clone(), 8, "invalid"),
        (unsigned("HS256"), none_of_them.clone(), 8, "invalid"),
        (unsigned("ES256"), none_of_them.clone(), 8, "invalid"),
        (unsigned("ES256"), None, 1, "not_checked"),
        ("opaque-token".to_owned(), none_of_them, 1, "opaque"),
    ] {
        let odd = Odd::with_keys(json!({}), json!({ "access_token": token }), keys);
        let cli = odd.registered();
        cli.run(&["token", "get", "orders"]).json();
        let verified = cli.run(&["token", "verify", "orders"]);
        assert_eq!(verified.code, code, "{verified:?}");
        let said: Value = serde_json::from_str(&verified.out).unwrap();
        assert_eq!(said["signature"], signature);
    }
}

#[test]
fn a_token_that_needs_a_proof_is_not_sent_as_bearer() {
    let odd = Odd::start(json!({}), json!({"token_type": "DPoP"}));
    let cli = odd.registered();
    let api = format!("{}/api", odd.server.issuer);
    for arguments in [
        &["token", "get", "orders", "--format", "header"][..],
        &["run", "--app", "orders", "--", "true"],
    ] {
        let mut command = by_hand(&cli, arguments);
        let refused = command.output().unwrap();
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(5), "{arguments:?}: {said}");
        assert!(
            said.contains("rejected if sent as a bearer token") && said.contains("DPoP"),
            "{said}"
        );
        assert!(refused.stdout.is_empty(), "{arguments:?}");
    }
    // Nobody asked for such a token: it is asked for again with a proof, and sent with one.
    cli.run(&["call", &api, "--app", "orders"]).json();
    let call = ["call", &api, "--app", "orders", "--auth", "bearer"];
    assert_eq!(cli.run(&call).code, 0);
    let sent = odd.sent("/api");
    assert!(!sent.is_empty());
    for one in &sent {
        assert_eq!(one.header("authorization"), Some("DPoP opaque-token"));
        assert!(one.header("dpop").is_some());
    }
    // The value itself can still be had, with a warning.
    let raw = cli.run(&["token", "get", "orders", "--format", "raw"]);
    assert_eq!(raw.json()["access_token"], "opaque-token");
    assert!(
        raw.err.contains("rejected if sent as a bearer token"),
        "{}",
        raw.err
    );
}

#[test]
fn a_registration_uri_that_is_no_address_is_named() {
    let uri = "id.example/register/c-1";
    let more = json!({"registration_client_uri": uri, "registration_access_token": "rat-of-c-1"});
    let odd = Odd::start(more, json!({}));
    let cli = Cli::with_vault();
    cli.config("Work", &odd.server.issuer, &[]);
    let made = cli.register("orders", "Work", &[]).json();
    assert!(made["warnings"].to_string().contains(uri), "{made}");
    let error = cli.run(&["app", "refresh", "orders"]).error();
    assert_eq!(error["code"], "registration_uri_unreadable", "{error}");
    assert!(error["message"].as_str().unwrap().contains(uri), "{error}");
    assert!(
        error["hint"].as_str().unwrap().contains("orders"),
        "{error}"
    );
}

#[test]
fn t29_a_path_with_the_id_of_another_client_is_refused() {
    let made = Arc::new(Mutex::new(0));
    let server = ScriptedServer::start(move |issuer, received| match received.path() {
        "/register" => {
            // Both clients are said to be managed at the address of the first.
            *made.lock().unwrap() += 1;
            let number = *made.lock().unwrap();
            let made = json!({
                "client_id": format!("c-{number}"), "client_secret": "plain-secret-of-the-client",
                "registration_client_uri": format!("{issuer}/manage/c-1"),
                "registration_access_token": "rat-of-the-client",
            });
            ScriptedServer::json(201, &made)
        }
        "/manage/c-1" => ScriptedServer::json(200, &json!({"client_id": "c-1"})),
        _ => ScriptedServer::json(200, &ScriptedServer::metadata(issuer)),
    });
    let cli = Cli::with_vault();
    cli.config("Work", &server.issuer, &[]);
    cli.config("Work too", &server.issuer, &[]);
    cli.register("first", "Work", &[]).json();
    cli.register("second", "Work", &[]).json();
    cli.register("third", "Work too", &[]).json();
    cli.run(&["app", "refresh", "first"]).json();
    for arguments in [
        &["app", "refresh", "second"][..],
        &["app", "delete", "second", "--yes"],
        &["app", "delete", "third", "--yes"],
    ] {
        let error = cli.run(arguments).error();
        assert_eq!(error["code"], "not_capable", "{error}");
        assert!(error.to_string().contains("another client"), "{error}");
    }
}

#[test]
fn the_hint_for_a_missing_secret_names_the_application() {
    let more = json!({"client_secret": null, "token_endpoint_auth_method": "none"});
    let odd = Odd::start(more, json!({}));
    let cli = odd.registered();
    let call = [
        "call",
        &odd.server.issuer,
        "--app",
        "orders",
        "--auth",
        "client-credentials",
    ];
    let refresh = ["token", "get", "orders", "--grant", "refresh_token"];
    for arguments in [&call[..], &refresh] {
        let error = cli.run(arguments).error();
        assert_eq!(error["code"], "no_secret", "{error}");
        let hint = error["hint"].as_str().unwrap();
        assert!(hint.contains(" orders") && !hint.contains("NAME"), "{hint}");
    }
}

#[test]
fn t27_a_secret_with_the_method_none_is_sent() {
    let odd = Odd::start(json!({"token_endpoint_auth_method": "none"}), json!({}));
    let cli = Cli::with_vault();
    cli.config("Work", &odd.server.issuer, &[]);
    let made = cli.register("orders", "Work", &[]).json();
    assert!(
        made["warnings"].to_string().contains("none_with_secret"),
        "{made}"
    );
    cli.run(&["token", "get", "orders"]).json();
    let basic = STANDARD.encode("c-1:plain-secret-of-the-client");
    let wanted = format!("Basic {basic}");
    assert_eq!(
        odd.sent("/token")[0].header("authorization"),
        Some(&*wanted)
    );
}

#[test]
fn entries_of_an_archive_are_in_the_order_of_their_times() {
    let odd = Odd::start(json!({}), json!({}));
    let cli = odd.registered();
    for _ in 0..5 {
        cli.run(&["token", "get", "orders", "--refresh"]).json();
    }
    let file = cli.folder().join("all.har");
    let path = file.to_str().unwrap();
    cli.run(&["activity", "export", "--har", path]).json();
    let archive: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let entries = archive["log"]["entries"].as_array().unwrap();
    let times: Vec<&str> = entries
        .iter()
        .map(|entry| entry["startedDateTime"].as_str().unwrap())
        .collect();
    assert!(times.len() > 6 && times.is_sorted(), "{times:?}");
    assert!(times.iter().all(|time| time.len() == 24), "{times:?}");
}

#[test]
fn a_no_to_a_question_is_answered_without_advice() {
    let odd = Odd::start(json!({}), json!({}));
    let cli = odd.registered();
    let mut child = by_hand(&cli, &["app", "forget", "orders"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"n\n").unwrap();
    let ended = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(2), "{said}");
    assert!(said.contains("Nothing was changed."), "{said}");
    assert!(!said.contains("--help"), "{said}");
    assert_eq!(cli.run(&["app", "list"]).json()["total"], 1);
}

#[test]
fn messages_after_a_body_begin_on_their_own_line() {
    let odd = Odd::start(json!({}), json!({}));
    let cli = odd.registered();
    let api = format!("{}/api", odd.server.issuer);
    let arguments = ["call", &api, "--app", "orders"];
    let (mut reader, writer) = std::io::pipe().unwrap();
    let mut together = by_hand(&cli, &arguments);
    let mut child = together
        .stdout(writer.try_clone().unwrap())
        .stderr(writer)
        .spawn()
        .unwrap();
    drop(together);
    let mut said = String::new();
    std::io::Read::read_to_string(&mut reader, &mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{said}");
    assert!(said.starts_with("no line end\n200 in "), "{said}");
    // A body that goes elsewhere stays as it came.
    let apart = by_hand(&cli, &arguments).output().unwrap();
    assert_eq!(apart.stdout, b"no line end");
}

#[test]
fn a_mistyped_issuer_is_called_not_found() {
    let server = ScriptedServer::start(|_, _| ScriptedServer::json(404, &json!({})));
    let cli = Cli::with_vault();
    let typed = format!("{}/tenatn", server.issuer);
    cli.config("Work", &typed, &[]);
    let verified = cli.run(&["config", "verify", "Work"]);
    assert_eq!(verified.code, 5, "{verified:?}");
    let said: Value = serde_json::from_str(&verified.out).unwrap();
    let message = said["steps"][0]["message"].as_str().unwrap();
    assert!(message.ends_with("was not found (404)."), "{message}");
}

#[test]
fn a_plain_wrong_secret_gets_no_advice_on_encodings() {
    let server = ScriptedServer::start(|issuer, received| match received.path() {
        "/register" => {
            ScriptedServer::json(201, &json!({"client_id": "c-1", "client_secret": "plain"}))
        }
        "/token" => ScriptedServer::json(401, &json!({"error": "invalid_client"})),
        _ => ScriptedServer::json(200, &ScriptedServer::metadata(issuer)),
    });
    let cli = Cli::with_vault()
        .env("PLAIN", "wrong-secret")
        .env("ODD", "wrong+secret/");
    cli.config("Work", &server.issuer, &[]);
    cli.register("orders", "Work", &[]).json();
    for (source, advised) in [("env:PLAIN", false), ("env:ODD", true)] {
        let arguments = ["app", "set-secret", "orders", "--client-secret", source];
        let error = cli.run(&arguments).error();
        let hint = error["hint"].as_str().unwrap();
        assert_eq!(hint.contains("basic_encoding"), advised, "{hint}");
    }
}

/// An Entra ID whose Graph refuses every deletion with 401: the token of the administrator is of another cloud, or a
/// gateway answers in its place.
fn entra_without_deletion() -> ScriptedServer {
    ScriptedServer::start(|issuer, received| {
        let json = ScriptedServer::json;
        match (received.method.as_str(), received.path()) {
            (_, path) if path.ends_with("/.well-known/openid-configuration") => json(
                200,
                &json!({
                    "issuer": format!("{issuer}/{TENANT}/v2.0"),
                    "token_endpoint": format!("{issuer}/{TENANT}/oauth2/v2.0/token"),
                    "jwks_uri": format!("{issuer}/{TENANT}/discovery/v2.0/keys"),
                }),
            ),
            (_, path) if path.ends_with("/token") => json(
                200,
                &json!({ "access_token": "opaque", "token_type": "Bearer", "expires_in": 3599 }),
            ),
            ("DELETE", _) => json(
                401,
                &json!({ "error": { "code": "InvalidAuthenticationToken", "message": "Wrong cloud." } }),
            ),
            (_, path) if path.ends_with("/addPassword") => json(
                200,
                &json!({ "keyId": "key-1", "secretText": "q~W8Q_secret-of-entra", "hint": "q~W" }),
            ),
            ("POST", path) if path.ends_with("/servicePrincipals") => {
                json(201, &json!({ "id": "principal-1" }))
            }
            ("POST", path) if path.ends_with("/applications") => json(
                201,
                &json!({ "id": "object-1", "appId": "0610a4a7-3535-4eb5-89ef-7935b1818f2d", "displayName": "orders" }),
            ),
            ("PATCH", _) => ScriptedServer::reply(204, &[], b""),
            _ => json(
                404,
                &json!({ "error": { "code": "Request_ResourceNotFound", "message": "No." } }),
            ),
        }
    })
}

const TENANT: &str = "54826b22-38d6-4fb2-bad9-b7b93a3e9c5a";

#[test]
fn deletion_that_entra_refuses_twice_keeps_the_secret() {
    let server = entra_without_deletion();
    let cli = Cli::with_vault();
    let secret = cli.folder().join("admin-secret");
    std::fs::write(&secret, "admin-secret-0001").unwrap();
    let of = |key: &str, value: &str| format!("{key}={value}");
    cli.run(&[
        "config",
        "add",
        "Entra",
        "--provider",
        "entra",
        "--issuer",
        &format!("{}/{TENANT}/v2.0", server.issuer),
        "--set",
        &of("login_endpoint", &server.issuer),
        "--set",
        &of("graph_endpoint", &format!("{}/graph", server.issuer)),
        "--set",
        "initial_client_id=admin-client",
        "--secret",
        &of(
            "initial_client_secret",
            &format!("file:{}", secret.display()),
        ),
    ])
    .json();
    cli.register("orders", "Entra", &[]).json();
    for command in [
        &["app", "delete", "orders", "--yes"][..],
        &["app", "delete", "orders", "--yes"],
    ] {
        let error = cli.run(command).error();
        assert_eq!(error["provider"]["status"], 401, "{error}");
    }
    let shown = cli.run(&["app", "show", "orders", "--reveal"]).json();
    assert_eq!(shown["client_secret"], "q~W8Q_secret-of-entra");
}
