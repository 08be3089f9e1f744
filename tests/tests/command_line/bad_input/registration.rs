//! Answers to a registration.

use std::time::Duration;

use keywright_tests::{Cli, Misbehaviour, WireServer};
use serde_json::{Value, json};

use super::*;

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
    // Nothing but the redirect URI is refused: its two other forms are sent, and no registration for users.
    let error = refused_after(3, "400 Bad Request", r#"{"error":"invalid_redirect_uri"}"#);
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
        // It may be about any member, so that a registration for users is the last form.
        refused_after(4, status, r#"{"error":"invalid_client_metadata"}"#);
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
