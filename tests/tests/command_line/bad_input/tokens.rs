//! Answers to a token request, and clients that the provider refuses.

use keywright_tests::{Cli, Output, WireServer};
use serde_json::{Value, json};

use super::*;

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
