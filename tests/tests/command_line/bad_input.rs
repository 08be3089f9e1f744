//! Bad input at the command line: a message that names who refused and what to do next, the exit
//! code of the design, nothing lost and nothing half-written.

use std::time::Duration;

use keywright_tests::{Cli, Misbehaviour, Output, WireServer};
use serde_json::{Value, json};

/// The failure, after the promises that all failures keep.
fn refused(cli: &Cli, output: &Output, code: i32, name: &str) -> Value {
    assert_eq!(output.code, code, "{output:?}");
    let error = output.error();
    for member in ["code", "message", "hint", "status", "provider", "exchange"] {
        assert!(
            error.get(member).is_some(),
            "{member} is missing in {error}"
        );
    }
    assert_eq!(error["code"], name, "{error}");
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|text| text.len() > 10),
        "{error}"
    );
    assert!(
        error["hint"].as_str().is_some_and(|text| text.len() > 5),
        "{error}"
    );
    assert_eq!(
        cli.run(&["app", "list"]).json()["total"],
        0,
        "nothing is half-written"
    );
    error
}

fn pending(cli: &Cli) -> Value {
    cli.run(&["app", "pending"]).json()
}

/// Registers at an issuer and expects a failure that leaves nothing in the journal.
fn registering_fails(issuer: &str, settings: &[&str], code: i32, name: &str) -> Value {
    let cli = Cli::with_vault();
    cli.config("Bad", issuer, settings);
    let error = refused(&cli, &cli.register("x", "Bad", &[]), code, name);
    assert_eq!(pending(&cli)["total"], 0);
    error
}

fn answering(status: &'static str, body: &str) -> Misbehaviour {
    let headers = vec![("Content-Type", "application/json".to_owned())];
    Misbehaviour::Answer {
        status,
        headers,
        body: body.to_owned(),
    }
}

/// The server's refusal with its words kept.
fn refused_with(status: &'static str, body: &str) -> Value {
    refused_after(1, status, body)
}

/// The same after each form of the request was refused: a refusal that may be about `redirect_uris` made nothing, and
/// two more forms are sent.
fn refused_in_each_form(status: &'static str, body: &str) -> Value {
    refused_after(3, status, body)
}

fn refused_after(requests: usize, status: &'static str, body: &str) -> Value {
    let server = WireServer::start(answering(status, body));
    let error = registering_fails(&server.issuer, &[], 5, "provider_refused");
    assert_eq!(server.hits(), requests, "{status}: {body}");
    assert!(
        error["message"].as_str().unwrap().contains("Bad"),
        "{error}"
    );
    assert!(error["exchange"].is_string(), "{error}");
    error
}

/// A registration whose outcome is not known: exit 7, kept in the journal, cleaned up by hand.
fn outcome_unknown(misbehaviour: Misbehaviour) -> Value {
    let server = WireServer::start(misbehaviour);
    let cli = Cli::with_vault();
    cli.config("Bad", &server.issuer, &[]);
    let error = refused(&cli, &cli.register("x", "Bad", &[]), 7, "outcome_unknown");
    assert_eq!(server.hits(), 1, "a creation is never retried by itself");
    let left = pending(&cli);
    assert_eq!(
        (
            &left["total"],
            &left["items"][0]["state"],
            &left["items"][0]["name"]
        ),
        (&json!(1), &json!("unknown"), &json!("x"))
    );
    assert_eq!(cli.run(&["app", "resume", "x"]).code, 2);
    cli.run(&["app", "discard", "x", "--yes"]).json();
    assert_eq!(pending(&cli)["total"], 0);
    error
}

#[test]
fn f13_an_issuer_that_does_not_resolve() {
    let error = registering_fails("https://nobody.invalid", &[], 6, "dns");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("nobody.invalid")
    );
}

#[test]
fn f13_an_issuer_that_refuses_connections() {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    registering_fails(&format!("http://127.0.0.1:{port}"), &[], 6, "connect");
}

#[test]
fn an_issuer_with_a_self_signed_certificate_unless_its_authority_is_given() {
    let (issuer, pem) = tls_server();
    let error = registering_fails(&issuer, &[], 8, "tls");
    assert!(
        error["message"].as_str().unwrap().contains("certificate"),
        "{error}"
    );
    let cli = Cli::with_vault();
    let file = cli.folder().join("ca.pem");
    std::fs::write(&file, pem).unwrap();
    cli.config(
        "Own",
        &issuer,
        &["--set", &format!("ca_file={}", file.display())],
    );
    let steps = cli.run(&["config", "verify", "Own"]);
    let report: Value = serde_json::from_str(&steps.out).unwrap();
    assert_eq!(report["steps"][0]["state"], "passed", "{report}");
}

#[test]
fn plain_http_to_another_host_than_loopback() {
    registering_fails("http://id.example.test", &[], 8, "plain_http");
    // Allowed by hand, it is tried, and fails for another reason.
    registering_fails(
        "http://id.example.test",
        &["--set", "allow_plain_http=true"],
        6,
        "dns",
    );
}

#[test]
fn f15_an_issuer_that_answers_html() {
    let server = page_server(
        "<!DOCTYPE html><html><head><title>Sign in</title></head></html>",
        "text/html",
    );
    let error = registering_fails(&server, &[], 5, "not_metadata");
    assert!(
        error["message"].as_str().unwrap().contains("Sign in"),
        "{error}"
    );
}

#[test]
fn t03_metadata_of_another_issuer() {
    let body = r#"{"issuer":"https://id.example.com","registration_endpoint":"https://id.example.com/reg"}"#;
    let server = page_server(body, "application/json");
    let error = registering_fails(&server, &[], 8, "issuer_mismatch");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("https://id.example.com"),
        "{error}"
    );
}

#[test]
fn metadata_without_a_registration_endpoint() {
    let server = no_registration();
    let error = registering_fails(&server, &[], 5, "not_capable");
    assert!(
        error["message"].as_str().unwrap().contains("Bad"),
        "{error}"
    );
    let cli = Cli::with_vault();
    cli.config("Bad", &server, &[]);
    let verified = cli.run(&["config", "verify", "Bad"]);
    assert_eq!(verified.code, 5);
    let report: Value = serde_json::from_str(&verified.out).unwrap();
    let step = report["steps"]
        .as_array()
        .unwrap()
        .iter()
        .find(|step| step["name"] == "registration_endpoint")
        .unwrap();
    assert_eq!(step["state"], "failed");
    assert!(step["fix"].as_str().unwrap().len() > 10);
}

#[test]
fn t02_a_secret_for_a_host_that_only_the_metadata_names() {
    let elsewhere = WireServer::start(answering("201 Created", r#"{"client_id":"stolen"}"#));
    let body = json!({"issuer": "ISSUER", "registration_endpoint": format!("{}/register", elsewhere.issuer), "token_endpoint": "ISSUER/token"});
    let issuer = issuer_in(&body.to_string());
    let cli = Cli::with_vault().env("IAT", "an-initial-access-token");
    cli.config(
        "Bad",
        &issuer,
        &["--secret", "initial_access_token=env:IAT"],
    );
    refused(&cli, &cli.register("x", "Bad", &[]), 8, "unconfirmed_host");
    assert_eq!(elsewhere.hits(), 0, "nothing was sent there");
    let host = elsewhere.issuer.trim_start_matches("http://").to_owned();
    cli.run(&[
        "config",
        "edit",
        "Bad",
        "--set",
        &format!("confirmed_hosts={host}"),
    ])
    .json();
    assert_eq!(cli.register("x", "Bad", &[]).json()["client_id"], "stolen");
}

#[test]
fn registration_refused_400_invalid_client_metadata() {
    let error = refused_with(
        "400 Bad Request",
        r#"{"error":"invalid_client_metadata","error_description":"grant_types: no"}"#,
    );
    assert_eq!(
        error["provider"],
        json!({
            "status": 400, "error": "invalid_client_metadata", "description": "grant_types: no",
            "scope": null, "resource_metadata": null,
        })
    );
}

#[test]
fn registration_refused_400_invalid_redirect_uri() {
    let error = refused_in_each_form("400 Bad Request", r#"{"error":"invalid_redirect_uri"}"#);
    assert!(
        error["hint"].as_str().unwrap().contains("redirect"),
        "{error}"
    );
}

#[test]
fn registration_refused_401_403_404() {
    for (status, number) in [
        ("401 Unauthorized", 401),
        ("403 Forbidden", 403),
        ("404 Not Found", 404),
    ] {
        let error = refused_with(status, r#"{"error":"invalid_token"}"#);
        assert_eq!(error["status"], number);
    }
}

#[test]
fn f14_registration_refused_429_with_and_without_retry_after() {
    let mut headers = vec![
        ("Content-Type", "application/json".to_owned()),
        ("Retry-After", "17".to_owned()),
    ];
    for wanted in ["17", "minute"] {
        let server = WireServer::start(Misbehaviour::Answer {
            status: "429 Too Many Requests",
            headers: headers.clone(),
            body: "{}".into(),
        });
        let error = registering_fails(&server.issuer, &[], 5, "provider_refused");
        assert!(error["hint"].as_str().unwrap().contains(wanted), "{error}");
        assert_eq!(server.hits(), 1);
        headers.pop();
    }
}

#[test]
fn f15_registration_answered_with_a_server_error() {
    for status in [
        "500 Internal Server Error",
        "503 Service Unavailable",
        "524 A Timeout Occurred",
        "408 Request Timeout",
        "499 Client Closed Request",
    ] {
        let error = outcome_unknown(answering(status, "<html><title>Oops</title></html>"));
        assert_eq!(error["provider"]["description"], "Oops", "{status}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(&status[..3]), "{message}");
    }
}

#[test]
fn f15_registration_answered_with_a_redirect() {
    for status in ["303 See Other", "308 Moved"] {
        let error = outcome_unknown(Misbehaviour::Answer {
            status,
            headers: vec![("Location", "/clients/c-1".to_owned())],
            body: String::new(),
        });
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("/clients/c-1"), "{message}");
    }
}

#[test]
fn f15_registration_refused_with_a_client_error() {
    for status in ["400 Bad Request", "422 Unprocessable"] {
        refused_in_each_form(status, r#"{"error":"invalid_client_metadata"}"#);
    }
    for status in ["409 Conflict", "429 Slow"] {
        refused_with(status, r#"{"error":"invalid_client_metadata"}"#);
    }
}

#[test]
fn an_error_inside_a_200_is_a_refusal() {
    refused_with("200 OK", r#"{"error":"invalid_client_metadata"}"#);
}

#[test]
fn f16_a_200_without_a_client_id() {
    outcome_unknown(answering("200 OK", r#"{"hello":"world"}"#));
}

#[test]
fn f16_truncated_json() {
    outcome_unknown(answering(
        "201 Created",
        r#"{"client_id":"abc","client_secr"#,
    ));
}

#[test]
fn f16_a_body_of_10_mib() {
    let body = format!(
        r#"{{"client_id":"abc","pad":"{}"}}"#,
        "x".repeat(10 * 1024 * 1024)
    );
    outcome_unknown(answering("201 Created", &body));
}

#[test]
fn f12_a_connection_closed_before_the_answer() {
    outcome_unknown(Misbehaviour::Close);
}

#[test]
fn f12_a_connection_closed_within_the_answer() {
    outcome_unknown(Misbehaviour::HalfBody);
}

#[test]
fn f12_no_answer_in_time() {
    // The limit is 30 s, as the design says.
    outcome_unknown(Misbehaviour::Silence(Duration::from_secs(40)));
}

#[test]
fn a_201_with_members_of_the_wrong_type_is_read_as_far_as_it_goes() {
    let body = r#"{"client_id":"odd","client_secret":12345678,"redirect_uris":"https://a.example/cb","grant_types":5,
        "scope":["a","b"],"client_secret_expires_at":"0","registration_client_uri":7,"extra":{"x":[1]}}"#;
    let server = WireServer::start(answering("201 Created", body));
    let cli = Cli::with_vault();
    cli.config("Odd", &server.issuer, &[]);
    let made = cli.register("odd", "Odd", &[]).json();
    assert_eq!(
        (&made["client_id"], &made["client_secret_expires_at"]),
        (&json!("odd"), &json!(0))
    );
    assert_eq!(made["registration"]["uri"], Value::Null);
    assert_eq!(
        cli.run(&["app", "show", "odd", "--reveal"]).json()["client_secret"],
        "12345678"
    );
    assert_eq!(made["granted"]["extra"], json!({"x": [1]}));
}

#[test]
fn less_granted_than_requested_is_no_error_and_is_shown() {
    let body = r#"{"client_id":"less","client_secret":"s-e-c-r-e-t","grant_types":["client_credentials"],"scope":"orders:read"}"#;
    let server = WireServer::start(answering("201 Created", body));
    let cli = Cli::with_vault();
    cli.config("Less", &server.issuer, &[]);
    let arguments = [
        "app",
        "register",
        "less",
        "--config",
        "Less",
        "--grant",
        "client_credentials",
        "--grant",
        "refresh_token",
        "--scope",
        "orders:read",
        "--scope",
        "orders:write",
    ];
    let output = cli.run(&arguments);
    let made = output.json();
    let dropped: Vec<&Value> = made["differences"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["kind"] == "dropped")
        .collect();
    assert!(
        dropped
            .iter()
            .any(|line| line["field"] == "grant_types"
                && line["dropped"] == json!(["refresh_token"])),
        "{made}"
    );
    assert!(
        dropped
            .iter()
            .any(|line| line["field"] == "scope" && line["dropped"] == json!(["orders:write"])),
        "{made}"
    );
    assert!(output.err.contains("orders:write"), "{}", output.err);
}

#[test]
fn client_secret_expires_at_zero_past_and_absent() {
    for (member, wanted) in [
        (r#","client_secret_expires_at":0"#, json!(0)),
        (
            r#","client_secret_expires_at":1500000000"#,
            json!(1_500_000_000),
        ),
        ("", Value::Null),
    ] {
        let server = WireServer::start(answering(
            "201 Created",
            &format!(r#"{{"client_id":"c","client_secret":"s-e-c-r-e-t"{member}}}"#),
        ));
        let cli = Cli::with_vault();
        cli.config("Bad", &server.issuer, &[]);
        assert_eq!(
            cli.register("x", "Bad", &[]).json()["client_secret_expires_at"],
            wanted
        );
    }
}

/// Takes a public client in: without a secret there is nothing to prove by a token call.
fn adopt_public(cli: &Cli) {
    cli.run(&["app", "adopt", "x", "--config", "Bad", "--client-id", "c"])
        .json();
}

#[test]
fn a_client_that_needs_its_secret_is_not_adopted_without_it() {
    let server = WireServer::start(answering("200 OK", "{}"));
    let cli = Cli::with_vault();
    cli.config("Bad", &server.issuer, &[]);
    let adopt = ["app", "adopt", "x", "--config", "Bad", "--client-id", "c"];
    for method in ["client_secret_basic", "client_secret_post"] {
        let output = cli.run(&[&adopt[..], &["--auth-method", method]].concat());
        let error = refused(&cli, &output, 2, "adopt_without_secret");
        assert!(
            error["message"]
                .as_str()
                .is_some_and(|text| text.contains(method))
        );
        assert!(
            error["hint"]
                .as_str()
                .is_some_and(|text| text.contains("--client-secret prompt"))
        );
    }
}

/// An application whose token endpoint answers `body`.
fn token_answer(status: &'static str, body: &str) -> Output {
    let server = WireServer::start(answering(status, body));
    let cli = Cli::with_vault();
    cli.config("Bad", &server.issuer, &[]);
    adopt_public(&cli);
    cli.run(&["token", "get", "x"])
}

#[test]
fn expires_in_as_text_or_absent() {
    let token = token_answer(
        "200 OK",
        r#"{"access_token":"opaque-token-value","token_type":"bearer","expires_in":"120"}"#,
    )
    .json();
    assert!(
        (115..=120).contains(&token["expires_in"].as_i64().unwrap()),
        "{token}"
    );
    let token = token_answer("200 OK", r#"{"access_token":"opaque-token-value"}"#).json();
    assert_eq!(
        (&token["expires_in"], &token["token_type"]),
        (&Value::Null, &json!("Bearer"))
    );
}

#[test]
fn a_token_answer_without_a_token() {
    for body in [
        r#"{"token_type":"Bearer"}"#,
        "<html><title>Portal</title></html>",
        "{",
        "[]",
    ] {
        let output = token_answer("200 OK", body);
        assert_eq!(
            (output.code, output.error()["code"].as_str()),
            (5, Some("no_token")),
            "{body}"
        );
    }
}

/// Applications that are shown as rejected.
fn rejected(cli: &Cli) -> Value {
    cli.run(&["app", "list", "--health", "rejected"]).json()["total"].clone()
}

#[test]
fn a_client_that_never_worked_is_not_rejected() {
    for (status, body) in [
        ("401 Unauthorized", r#"{"error":"invalid_client"}"#),
        ("401 Unauthorized", ""),
        ("401 Unauthorized", "<html><title>Sign in</title></html>"),
    ] {
        let server = WireServer::start(answering(status, body));
        let cli = Cli::with_vault();
        cli.config("Bad", &server.issuer, &[]);
        adopt_public(&cli);
        let refused = cli.run(&["token", "get", "x"]);
        assert_eq!(refused.code, 5, "{refused:?}");
        let error = refused.error();
        assert!(error["cause"]["facts"][0].is_object(), "{error}");
        let hint = error["hint"].as_str().unwrap();
        assert!(!hint.contains("forget"), "{hint}");
        assert_eq!(rejected(&cli), 0, "{body}");
    }
}

#[test]
fn a_client_that_the_provider_refuses_is_not_adopted() {
    let server = WireServer::start(answering(
        "401 Unauthorized",
        r#"{"error":"invalid_client"}"#,
    ));
    let cli = Cli::with_vault();
    cli.config("Bad", &server.issuer, &[]);
    std::fs::write(cli.folder().join("secret"), "a-client-secret").unwrap();
    let file = format!("file:{}", cli.folder().join("secret").display());
    let refused = cli.run(&[
        "app",
        "adopt",
        "x",
        "--config",
        "Bad",
        "--client-id",
        "c",
        "--client-secret",
        &file,
    ]);
    assert_eq!(refused.code, 5, "{refused:?}");
    assert_eq!(refused.error()["provider"]["error"], "invalid_client");
    assert_eq!(cli.run(&["app", "list"]).json()["total"], 0);
}

#[test]
fn metadata_json_that_does_not_parse() {
    let cli = Cli::with_vault();
    cli.config("Any", "https://nobody.invalid", &[]);
    let output = cli.run_stdin(
        &["app", "register", "x", "--config", "Any", "--metadata", "-"],
        "{\"a\":",
    );
    refused(&cli, &output, 2, "metadata_json");
}

#[test]
fn names_that_are_empty_long_broken_or_taken() {
    let server = WireServer::start(answering(
        "201 Created",
        r#"{"client_id":"c","client_secret":"s-e-c-r-e-t"}"#,
    ));
    let cli = Cli::with_vault();
    cli.config("Any", &server.issuer, &[]);
    refused(&cli, &cli.register("  ", "Any", &[]), 2, "name_empty");
    refused(
        &cli,
        &cli.register(&"n".repeat(10 * 1024), "Any", &[]),
        2,
        "name_long",
    );
    refused(
        &cli,
        &cli.register("two\nlines", "Any", &[]),
        2,
        "name_control",
    );
    assert_eq!(server.hits(), 0, "nothing was sent");
    for name in ["🔑 emoji", "مفتاح الطلبات", "注文バッチ"] {
        assert_eq!(cli.register(name, "Any", &[]).json()["name"], name);
        assert_eq!(cli.run(&["app", "show", name]).json()["name"], name);
    }
    let taken = cli.register("注文バッチ", "Any", &[]);
    assert_eq!(
        (taken.code, taken.error()["code"].as_str()),
        (2, Some("name_taken"))
    );
    assert_eq!(
        server.hits(),
        3,
        "a taken name is refused before anything is sent"
    );
}

#[test]
fn a_wrong_passphrase() {
    let cli = Cli::with_vault();
    let wrong = cli.folder().join("wrong");
    std::fs::write(&wrong, "not the passphrase").unwrap();
    let output = cli.run_env(
        &["app", "list"],
        "KEYWRIGHT_PASSPHRASE_FILE",
        &wrong.display().to_string(),
    );
    assert_eq!(
        (output.code, output.error()["code"].as_str()),
        (4, Some("wrong_passphrase"))
    );
}

#[test]
fn no_keyring_and_no_passphrase_makes_no_vault() {
    let cli = Cli::new();
    let output = cli.run_env(
        &["init", "--keyring", "off"],
        "KEYWRIGHT_PASSPHRASE_FILE",
        "",
    );
    let code = output.error()["code"].as_str().unwrap().to_owned();
    assert!(output.code == 4 || output.code == 2, "{output:?}");
    assert!(matches!(code.as_str(), "no_slot" | "no_input"), "{code}");
    assert!(!cli.home().join("vault.db").exists());
}

#[test]
fn no_vault_at_all() {
    let cli = Cli::new();
    let output = cli.run(&["app", "list"]);
    assert_eq!(
        (output.code, output.error()["code"].as_str()),
        (4, Some("no_vault"))
    );
}

#[test]
fn a_vault_of_a_newer_version() {
    let cli = Cli::with_vault();
    let header = cli.home().join("vault.json");
    let text = std::fs::read_to_string(&header).unwrap();
    let mut document: Value = serde_json::from_str(&text).unwrap();
    document["version"] = json!(99);
    std::fs::write(&header, document.to_string()).unwrap();
    let output = cli.run(&["app", "list"]);
    assert_eq!(
        (output.code, output.error()["code"].as_str()),
        (4, Some("newer_vault"))
    );
    std::fs::write(&header, text).unwrap();
    assert_eq!(
        cli.run(&["app", "list"]).json()["total"],
        0,
        "nothing was changed"
    );
}

#[test]
fn t37_a_secret_given_as_an_argument() {
    let cli = Cli::with_vault();
    let arguments = [
        "config",
        "add",
        "X",
        "--issuer",
        "https://id.example.com",
        "--secret",
        "initial_access_token=TYPED-SECRET-7731",
    ];
    let output = cli.run(&arguments);
    assert_eq!(
        (output.code, output.error()["code"].as_str()),
        (2, Some("secret_argument"))
    );
    assert!(!output.err.contains("TYPED-SECRET"), "{}", output.err);
    assert_eq!(cli.run(&["config", "list"]).json()["total"], 0);
    let plain = cli.run(&[
        "config",
        "add",
        "X",
        "--issuer",
        "https://id.example.com",
        "--set",
        "initial_access_token=TYPED-SECRET-7731",
    ]);
    assert_eq!(plain.code, 2);
    assert!(!plain.err.contains("TYPED-SECRET"), "{}", plain.err);
}

#[test]
fn wrong_usage_is_told_as_json_too() {
    let output = Cli::new().run(&["app", "fly"]);
    assert_eq!(
        (output.code, output.error()["code"].as_str()),
        (2, Some("usage"))
    );
}

#[test]
fn japanese_messages() {
    let output = Cli::new().run(&["--lang", "ja", "app", "list"]);
    assert!(
        output.error()["message"]
            .as_str()
            .unwrap()
            .contains("保管庫"),
        "{output:?}"
    );
}

/// A server whose every answer is this body.
fn page_server(body: &str, content_type: &'static str) -> String {
    every_answer(content_type, body)
}

fn no_registration() -> String {
    issuer_in(r#"{"issuer":"ISSUER","token_endpoint":"ISSUER/token"}"#)
}

/// A metadata document in which `ISSUER` stands for the server's own address.
fn issuer_in(document: &str) -> String {
    every_answer("application/json", document)
}

fn every_answer(kind: &'static str, body: &str) -> String {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let body = body.replace("ISSUER", &issuer);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut buffer = [0; 8192];
            let _ = stream.read(&mut buffer);
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    issuer
}

/// An https server with a certificate of its own; answers metadata.
fn tls_server() -> (String, String) {
    use std::sync::Arc;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio_rustls::{TlsAcceptor, rustls};
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let pem = certified.cert.pem();
    let key =
        rustls::pki_types::PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(
        rustls::crypto::aws_lc_rs::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_no_client_auth()
    .with_single_cert(vec![certified.cert.der().clone()], key)
    .unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let issuer = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    let body = format!(
        r#"{{"issuer":"{issuer}","registration_endpoint":"{issuer}/register","token_endpoint":"{issuer}/token"}}"#
    );
    std::thread::spawn(move || {
        tokio::runtime::Runtime::new().unwrap().block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let acceptor = TlsAcceptor::from(Arc::new(config));
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut buffer = [0; 8192];
                let _ = stream.read(&mut buffer).await;
                let answer = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
    });
    (issuer, pem)
}
