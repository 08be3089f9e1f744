//! The main job by the command line, against the Sandbox and against an independent server.

use keywright_tests::{Cli, OidcProvider, SandboxProcess};
use serde_json::{Value, json};

const MEMBERS: [&str; 13] = [
    "id",
    "name",
    "config",
    "provider",
    "client_id",
    "client_secret",
    "health",
    "requested",
    "granted",
    "registration",
    "created_at",
    "client_secret_expires_at",
    "labels",
];

fn has(document: &Value, members: &[&str]) {
    for member in members {
        assert!(
            document.get(member).is_some(),
            "{member} is missing in {document}"
        );
    }
}

#[test]
fn the_main_job_at_the_sandbox() {
    let sandbox = SandboxProcess::start(&[]);
    let cli = Cli::with_vault();
    cli.config("Sandbox", &sandbox.issuer(), &[]);
    let verified = cli.run(&["config", "verify", "Sandbox"]).json();
    assert_eq!(verified["ok"], true, "{verified}");
    for step in verified["steps"].as_array().unwrap() {
        has(step, &["name", "state", "elapsed_ms", "message", "fix"]);
    }

    let made = cli
        .register("orders", "Sandbox", &["--scope", "orders:read"])
        .json();
    has(&made, &MEMBERS);
    assert_eq!(made["client_secret"], Value::Null);
    assert_eq!(made["registration"]["access_token"], Value::Null);
    let shown = cli.run(&["app", "show", "orders", "--reveal"]).json();
    has(&shown, &MEMBERS);
    assert!(shown["client_secret"].as_str().unwrap().len() >= 16);
    assert!(
        shown["registration"]["access_token"]
            .as_str()
            .unwrap()
            .len()
            >= 16
    );

    let token = cli.run(&["token", "get", "orders"]).json();
    has(
        &token,
        &[
            "access_token",
            "token_type",
            "expires_in",
            "scope",
            "from_cache",
        ],
    );
    assert_eq!(
        (&token["access_token"], &token["from_cache"]),
        (&Value::Null, &json!(false))
    );
    let again = cli
        .run(&["token", "get", "orders", "--format", "raw"])
        .json();
    assert_eq!(again["from_cache"], true);
    assert!(again["access_token"].as_str().unwrap().starts_with("eyJ"));
    assert_eq!(
        cli.run(&["token", "verify", "orders"]).json()["signature"],
        "verified"
    );
    assert_eq!(
        cli.run(&["token", "introspect", "orders"]).json()["active"],
        true
    );

    for way in ["client-credentials", "bearer", "session"] {
        let answer = cli
            .run(&[
                "call",
                "GET",
                &sandbox.api(),
                "--app",
                "orders",
                "--auth",
                way,
                "--fail",
            ])
            .json();
        has(
            &answer,
            &["status", "headers", "body", "auth", "elapsed_ms", "session"],
        );
        assert_eq!(
            (&answer["status"], &answer["auth"]),
            (&json!(200), &json!(way)),
            "{answer}"
        );
        assert!(answer["session"]["id"].is_string(), "{answer}");
    }
    let compared = cli
        .run(&["call", &sandbox.api(), "--app", "orders", "--compare"])
        .json();
    assert_eq!(compared["results"].as_array().unwrap().len(), 3);
    assert!(
        compared["results"]
            .as_array()
            .unwrap()
            .iter()
            .all(|one| one["status"] == 200),
        "{compared}"
    );
    assert!(compared["differs"].is_array());

    let sessions = cli.run(&["session", "list"]).json();
    has(&sessions, &["items", "total"]);
    assert_eq!(sessions["total"], 1);
    assert_eq!(sessions["items"][0]["live"], true);
    assert_eq!(sessions["items"][0]["cookies"][0]["name"], "session");

    cli.run(&["app", "delete", "orders", "--yes"]).json();
    assert_eq!(cli.run(&["app", "show", "orders"]).code, 3);
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
}

#[test]
fn oidc_provider_registers_with_an_initial_access_token_and_lets_the_client_be_managed() {
    let server = OidcProvider::closed();
    let cli = Cli::with_vault().env("IAT", OidcProvider::INITIAL_ACCESS_TOKEN);
    cli.config(
        "Work",
        &server.issuer,
        &["--secret", "initial_access_token=env:IAT"],
    );
    let verified = cli.run(&["config", "verify", "Work"]).json();
    assert_eq!(verified["ok"], true, "{verified}");

    let made = cli
        .register("batch", "Work", &["--scope", "orders:read"])
        .json();
    assert_eq!(
        made["granted"]["grant_types"],
        json!(["client_credentials"])
    );
    let reveal = || cli.run(&["app", "show", "batch", "--reveal"]).json();
    let first = reveal()["registration"]["access_token"].clone();

    let token = cli.run(&["token", "get", "batch"]).json();
    assert_eq!(
        token["token_type"].as_str().unwrap().to_lowercase(),
        "bearer"
    );
    assert_eq!(
        cli.run(&["token", "introspect", "batch"]).json()["active"],
        true
    );
    cli.run(&["token", "revoke", "batch"]).json();
    assert_eq!(
        cli.run(&["token", "introspect", "batch"]).json()["active"],
        false
    );

    let read = cli.run(&["app", "refresh", "batch"]).json();
    assert_eq!(read["current"]["client_name"], "batch");
    let updated = cli
        .run_stdin(
            &["app", "update", "batch", "--metadata", "-"],
            r#"{"client_name":"batch two"}"#,
        )
        .json();
    assert_eq!(updated["granted"]["client_name"], "batch two");
    let second = reveal()["registration"]["access_token"].clone();
    assert_ne!(
        first, second,
        "the server replaces the registration token on update"
    );
    // The new one works.
    cli.run(&["app", "refresh", "batch"]).json();
    // The secret was kept.
    assert_eq!(
        cli.run(&["token", "get", "batch", "--refresh"]).json()["from_cache"],
        false
    );

    cli.run(&["app", "delete", "batch", "--yes"]).json();
    assert_eq!(cli.run(&["app", "list"]).json()["total"], 0);
}

#[test]
fn oidc_provider_signs_tokens_that_are_verified() {
    let server = OidcProvider::with_jwt();
    let cli = Cli::with_vault();
    cli.config("Open", &server.issuer, &[]);
    cli.register("signed", "Open", &["--scope", "orders:read"])
        .json();
    cli.run(&["token", "get", "signed"]).json();
    let verified = cli.run(&["token", "verify", "signed"]).json();
    assert_eq!(verified["signature"], "verified", "{verified}");
    assert_eq!(
        verified["claims_json"]["client_id"],
        cli.run(&["app", "show", "signed"]).json()["client_id"]
    );
}

#[test]
fn a_wrong_or_missing_initial_access_token_is_refused_in_the_servers_words() {
    let server = OidcProvider::closed();
    let cli = Cli::with_vault().env("IAT", "not-the-token-of-this-server");
    cli.config("Without", &server.issuer, &[]);
    cli.config(
        "Wrong",
        &server.issuer,
        &["--secret", "initial_access_token=env:IAT"],
    );
    for config in ["Without", "Wrong"] {
        let refused = cli.register("x", config, &[]);
        assert_eq!(refused.code, 5, "{refused:?}");
        let error = refused.error();
        assert_eq!(error["code"], "provider_refused");
        assert!(
            matches!(error["status"].as_u64(), Some(400 | 401)),
            "{error}"
        );
        assert!(
            error["provider"]["error"].is_string() && error["hint"].is_string(),
            "{error}"
        );
        assert!(
            error["message"].as_str().unwrap().contains(config),
            "{error}"
        );
    }
    assert_eq!(cli.run(&["app", "list"]).json()["total"], 0);
    assert_eq!(cli.run(&["app", "pending"]).json()["total"], 0);
}
