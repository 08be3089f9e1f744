//! What people paste and hand in.

use keywright_tests::{Cli, ScriptedServer};
use serde_json::json;

use super::{SECRET, configured, server};

#[test]
fn a_credential_that_was_copied_with_its_scheme_is_sent_once() {
    for (typed, sent) in [
        ("Bearer iat-1", "Bearer iat-1"),
        ("iat-1", "Bearer iat-1"),
        ("Basic YWRtaW46YWRtaW4=", "Basic YWRtaW46YWRtaW4="),
        ("Authorization: bearer iat-1\r\n", "Bearer iat-1"),
    ] {
        let server = server(move |_, request| {
            let is_other = request.header("authorization") != Some(sent);
            (request.path() == "/register" && is_other)
                .then(|| ScriptedServer::json(401, &json!({ "error": "invalid_token" })))
        });
        let cli = Cli::with_vault();
        let add = ["config", "add", "Work", "--issuer", &server.issuer];
        let secret = ["--secret", "initial_access_token=-"];
        cli.run_stdin(&[&add[..], &secret].concat(), typed).json();
        cli.register("orders", "Work", &[]).json();
        let har = cli.run(&["activity", "export", "--har", "/dev/stdout"]);
        let bare = typed.trim().rsplit(' ').next().unwrap();
        assert!(!har.out.contains(bare), "{har:?}");
    }
}

#[test]
fn a_document_in_the_place_of_a_secret_is_not_sent() {
    let server = server(|_, _| None);
    let cli = configured(&server);
    let adopt = [
        "app",
        "adopt",
        "orders",
        "--config",
        "Work",
        "--client-id",
        "c1",
    ];
    let adopt = [&adopt[..], &["--client-secret", "-"]].concat();
    for text in [
        "client_secret=s3cret-of-c1",
        r#"{"client_secret":"s3cret-of-c1"}"#,
    ] {
        let error = cli.run_stdin(&adopt, text).error();
        assert_eq!(error["code"], "source", "{error}");
        assert!(!error.to_string().contains(SECRET), "{error}");
    }
    cli.run_stdin(&adopt, SECRET).json();
}

#[test]
fn a_document_in_the_place_of_an_initial_token_is_not_sent() {
    let cli = Cli::with_vault();
    let add = ["config", "add", "Work", "--issuer", "http://127.0.0.1:9"];
    let add = [&add[..], &["--secret", "initial_access_token=-"]].concat();
    // Keycloak's administration answers so.
    let error = cli
        .run_stdin(&add, r#"{"id":"1","token":"iat-1","count":1}"#)
        .error();
    assert_eq!(error["code"], "source", "{error}");
    assert!(!error.to_string().contains("iat-1"), "{error}");
}

#[test]
fn t02_a_saved_response_registers_no_secret_of_another_client() {
    let saved = json!({ "client_id": "old-id", "client_secret": "old-s3cret", "client_secret_expires_at": 0,
        "registration_access_token": "old-rat", "registration_client_uri": "https://id.example/old-id",
        "client_uri": "https://app.example" });
    let server = server(|_, request| {
        let sent = request.method == "POST" && request.path() == "/register";
        (sent && (request.body.contains("old-") || !request.body.contains("https://app.example")))
            .then(|| ScriptedServer::json(400, &json!({ "error": "invalid_client_metadata" })))
    });
    let cli = configured(&server);
    let register = ["app", "register", "orders", "--config", "Work"];
    let metadata = ["--metadata", "-", "--grant", "client_credentials"];
    let made = cli
        .run_stdin(&[&register[..], &metadata].concat(), &saved.to_string())
        .json();
    assert!(!made["requested"].to_string().contains("old-"), "{made}");
}

#[test]
fn a_grant_may_be_written_with_a_hyphen() {
    let server = server(|_, _| None);
    let cli = configured(&server);
    let register = ["app", "register", "orders", "--config", "Work", "--dry-run"];
    let given = ["--grant", "client-credentials", "--auth-method", "post"];
    let planned = cli.run(&[&register[..], &given].concat());
    assert!(planned.out.contains("client_credentials"), "{planned:?}");
    assert!(planned.out.contains("client_secret_post"), "{planned:?}");
}

#[test]
fn an_issuer_is_used_without_the_signs_around_it() {
    let server = server(|_, _| None);
    for (before, after) in [("\"", "\""), ("<", ">"), ("", ","), ("“", "”")] {
        let typed = format!("{before}{}{after}", server.issuer);
        let cli = Cli::with_vault();
        let added = cli
            .run(&["config", "add", "Work", "--issuer", &typed])
            .json();
        assert_eq!(added["issuer"], server.issuer, "{typed}");
        cli.register("orders", "Work", &[]).json();
    }
}
